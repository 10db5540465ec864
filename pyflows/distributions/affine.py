"""Vectors of independent variables, seen through an affine map; TFP dropped these classes in 2020."""

from __future__ import annotations

from ..backend import tf, tfb, tfd


class AffineVector(tfd.TransformedDistribution):
    """`x = loc + A z` with independent standard variables z_i, and its moments.

    Args:
        base: "exponential" or "laplace": the distribution of z_i.
        loc: `[..., k]` or None.
        scale: linear operator A, `[..., k, k]`, or None for the identity.
        validate_args: check arguments when they are used.
        name: name of the distribution.
    """

    def __init__(self, base, loc, scale, validate_args=False, name="AffineVector"):
        parameters = dict(locals())
        like = loc if scale is None else scale
        one = tf.ones([], tf.float32 if like is None else like.dtype)
        size = 1 if like is None else like.shape[-1]
        part = (
            tfd.Exponential(one, force_probs_to_zero_outside_support=True)
            if base == "exponential"
            else tfd.Laplace(tf.zeros_like(one), one)
        )
        self._loc, self._scale = loc, scale
        steps = [] if loc is None else [tfb.Shift(loc)]
        steps += [] if scale is None else [tfb.ScaleMatvecLinearOperator(scale)]
        super().__init__(
            tfd.Sample(part, [size]),
            tfb.Chain(steps),
            validate_args=validate_args,
            parameters=parameters,
            name=name,
        )

    def _mode(self):
        # Both densities are greatest at z = 0.
        zero = tf.zeros(tf.concat([self.batch_shape_tensor(), self.event_shape_tensor()], 0), self.dtype)
        return self.bijector.forward(zero)

    def _covariance(self):
        scale = self._scale
        if scale is None:
            scale = tf.linalg.LinearOperatorIdentity(self.event_shape[-1], dtype=self.dtype)
        product = scale.matmul(scale.to_dense(), adjoint_arg=True)
        shape = tf.concat([self.batch_shape_tensor(), tf.shape(product)[-2:]], 0)
        return tf.broadcast_to(product, shape) * self.distribution.distribution.variance()

    def _variance(self):
        return tf.linalg.diag_part(self._covariance())

    def _stddev(self):
        return tf.sqrt(self._variance())
