"""Vectors of independent variables, seen through an affine map; TFP dropped these classes in 2020."""

from __future__ import annotations

from ..backend import tf, tfb, tfd


def affine_vector(base, loc, scale, validate_args=False, name="AffineVector"):
    """The distribution of `x = loc + A z` with independent standard variables z_i.

    Args:
        base: "exponential" or "laplace": the distribution of z_i.
        loc: `[..., k]` or None.
        scale: linear operator A, `[..., k, k]`, or None for the identity.
        validate_args: check arguments when they are used.
        name: name of the distribution.

    Returns:
        An `AffineVector`.
    """
    dtype = next((part.dtype for part in (loc, scale) if part is not None), tf.float32)
    if scale is None:
        scale = tf.linalg.LinearOperatorIdentity(1 if loc is None else loc.shape[-1], dtype=dtype)
    one = tf.ones([], dtype)
    if base == "exponential":
        part = tfd.Exponential(one, force_probs_to_zero_outside_support=True)
    else:
        part = tfd.Laplace(tf.zeros_like(one), one)
    steps = [tfb.Shift(loc)] * (loc is not None) + [tfb.ScaleMatvecLinearOperator(scale)]
    return AffineVector(tfd.Sample(part, [scale.shape[-1]]), tfb.Chain(steps), validate_args=validate_args, name=name)


class AffineVector(tfd.TransformedDistribution):
    """What `affine_vector` makes: a sample of a standard variable through a chain that begins with a matrix."""

    def _mode(self):
        # Both densities are greatest at z = 0.
        zero = tf.zeros(tf.concat([self.batch_shape_tensor(), self.event_shape_tensor()], 0), self.dtype)
        return self.bijector.forward(zero)

    def _covariance(self):
        scale = self.bijector.bijectors[-1].scale
        product = scale.matmul(scale.to_dense(), adjoint_arg=True)
        shape = tf.concat([self.batch_shape_tensor(), tf.shape(product)[-2:]], 0)
        return tf.broadcast_to(product, shape) * self.distribution.distribution.variance()

    def _variance(self):
        return tf.linalg.diag_part(self._covariance())

    def _stddev(self):
        return tf.sqrt(self._variance())
