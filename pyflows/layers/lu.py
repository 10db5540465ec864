"""The invertible linear map of Glow, by its triangular factors."""

from __future__ import annotations

from ..backend import tf
from ..maps import Map, Size, column, constant, softplus_inverse
from ..spec import register
from .linear import SMALLEST_DIAGONAL, strictly_lower


class LuMap(Map):
    """`x = L U z + b`, by products in one direction and triangular solves in the other."""

    def __init__(self, size: Size):
        d = size.event
        self.weights = {
            "shift": constant(0.0, (d,)),
            "diagonal": constant(softplus_inverse(1.0 - SMALLEST_DIAGONAL), (d,)),
        }
        if d > 1:
            self.weights["lower"] = constant(0.0, (d * (d - 1) // 2,))
            self.weights["upper"] = constant(0.0, (d * (d - 1) // 2,))

    def _factors(self, weights):
        diagonal = tf.math.softplus(weights["diagonal"]) + SMALLEST_DIAGONAL
        d = diagonal.shape[0]
        lower, upper = tf.eye(d, dtype=diagonal.dtype), tf.linalg.diag(diagonal)
        if d > 1:
            lower = lower + strictly_lower(weights["lower"], d)
            upper = upper + tf.transpose(strictly_lower(weights["upper"], d))
        return lower, upper, tf.reduce_sum(tf.math.log(diagonal))

    def forward(self, weights, z, context=None):
        lower, upper, log_det = self._factors(weights)
        return tf.matmul(tf.matmul(lower, upper), z) + column(weights["shift"]), log_det

    def inverse(self, weights, x, context=None):
        lower, upper, log_det = self._factors(weights)
        z = tf.linalg.triangular_solve(lower, x - column(weights["shift"]))
        return tf.linalg.triangular_solve(upper, z, lower=False), -log_det


@register()
def lu(size: Size):
    """Learnable invertible linear map, mixing all dimensions in all directions.

    `x = L U z + b`, with L lower-triangular with ones on the diagonal and U upper-triangular with a positive diagonal,
    so that the log-determinant is the sum of the logs of that diagonal. Where `affine` lets each dimension see only
    those before it, this lets each see all; as a mixing step it is the learned form of `permute`. One direction costs a
    product with a d x d matrix, the other two triangular solves. It starts at the identity: the fixed permutation
    that Glow puts in front, P L U, is a layer of its own here (`reverse`, `permute`, `random_permute`).

    Shapes:
        x `[n, d]`, any d >= 1; the log-determinant is the same for all rows.

    References:
        Kingma & Dhariwal (2018), Glow, arXiv:1807.03039, section 3.2.

    Example:
        >>> flow(coupling(), lu(), coupling(), lu(), coupling())
    """
    return LuMap(size)
