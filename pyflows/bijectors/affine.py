"""The affine map of vectors with a matrix given in parts, which TFP dropped in 2020."""

from __future__ import annotations

from ..backend import tf, tfb, tfp_util


class Affine(tfb.Bijector):
    """`y = A x + shift` with `A = c I + diag(d) + tril(L) + V diag(e) V^T`, made of the parts that are given.

    With none of c, d and L, the identity takes their place. Variables stay live: A is put together anew at each use.

    Args:
        shift: `[..., k]` or None.
        scale_identity_multiplier: the number c, or None.
        scale_diag: d, `[..., k]`, or None.
        scale_tril: L, `[..., k, k]`, of which what is above the diagonal is ignored, or None.
        scale_perturb_factor: V, `[..., k, r]`, or None.
        scale_perturb_diag: e, `[..., r]`; None: ones.
        adjoint: use the transpose of A.
        validate_args: check that A has an inverse, at run time.
        name: name of the bijector.
    """

    def __init__(
        self,
        shift=None,
        scale_identity_multiplier=None,
        scale_diag=None,
        scale_tril=None,
        scale_perturb_factor=None,
        scale_perturb_diag=None,
        adjoint=False,
        validate_args=False,
        name="affine",
    ):
        parameters = dict(locals())
        self._shift, self._adjoint = shift, adjoint
        self._multiplier, self._diag, self._tril = scale_identity_multiplier, scale_diag, scale_tril
        self._factor, self._factor_diag = scale_perturb_factor, scale_perturb_diag
        parts = (shift, scale_identity_multiplier, scale_diag, scale_tril, scale_perturb_factor, scale_perturb_diag)
        given = [part for part in parts if part is not None]
        with tf.name_scope(name) as scope:
            super().__init__(
                forward_min_event_ndims=1,
                is_constant_jacobian=True,
                dtype=given[0].dtype if given else None,
                validate_args=validate_args,
                parameters=parameters,
                name=scope,
            )

    @classmethod
    def _parameter_properties(cls, dtype):
        ndims = {"shift": 1, "scale_identity_multiplier": 0, "scale_diag": 1, "scale_tril": 2}
        ndims |= {"scale_perturb_factor": 2, "scale_perturb_diag": 1}
        return {key: tfp_util.ParameterProperties(event_ndims=value) for key, value in ndims.items()}

    def scale(self, size: int, dtype):
        """The matrix A, `[size, size]`, as a linear operator (before it is transposed by `adjoint`)."""
        diag = self._multiplier if self._diag is None else tf.convert_to_tensor(self._diag)
        if self._multiplier is not None:
            diag = (0.0 if self._diag is None else diag) + tf.convert_to_tensor(self._multiplier)[..., None]
        if self._tril is not None:
            lower = tf.convert_to_tensor(self._tril)
            if diag is not None:
                lower = tf.linalg.set_diag(lower, tf.linalg.diag_part(lower) + diag)
            base = tf.linalg.LinearOperatorLowerTriangular(lower, is_non_singular=True)
        elif diag is not None:
            diag = tf.broadcast_to(diag, tf.concat([tf.shape(diag)[:-1], [size]], 0))
            base = tf.linalg.LinearOperatorDiag(diag, is_non_singular=True)
        else:
            base = tf.linalg.LinearOperatorDiag(tf.ones([size], dtype), is_non_singular=True)
        if self._factor is None:
            return base
        factor = tf.convert_to_tensor(self._factor)
        factor_diag = None if self._factor_diag is None else tf.convert_to_tensor(self._factor_diag)
        return tf.linalg.LinearOperatorLowRankUpdate(base, factor, diag_update=factor_diag, is_non_singular=True)

    def _operator(self, value):
        size = value.shape[-1] if value.shape[-1] is not None else tf.shape(value)[-1]
        operator = self.scale(size, value.dtype)
        with tf.control_dependencies([operator.assert_non_singular()] if self.validate_args else []):
            return operator

    def _forward(self, x):
        y = self._operator(x).matvec(x, adjoint=self._adjoint)
        return y if self._shift is None else y + self._shift

    def _inverse(self, y):
        y = y if self._shift is None else y - self._shift
        return self._operator(y).solvevec(y, adjoint=self._adjoint)

    def _forward_log_det_jacobian(self, x):
        return self._operator(x).log_abs_determinant()
