"""Linear maps that mix the dimensions."""

from __future__ import annotations

import numpy as np

from ..backend import tf
from ..checks import Whole
from ..maps import Map, Size, Weight, column, constant, softplus_inverse
from ..spec import register

SMALLEST_DIAGONAL = 1e-5


def strictly_lower(entries, d: int):
    """The d x d matrix with these entries below the diagonal, row by row, and zeros elsewhere."""
    where = np.stack(np.tril_indices(d, -1), 1).astype("int32")
    return tf.scatter_nd(where, entries, [d, d])


class AffineMap(Map):
    """`x = (L + V V^T) z + b` by triangular solves; V by the matrix determinant lemma and Woodbury's identity."""

    def __init__(self, size: Size, rank: int):
        d, self.rank = size.event, rank
        self.weights = {
            "shift": constant(0.0, (d,)),
            "diagonal": constant(softplus_inverse(1.0 - SMALLEST_DIAGONAL), (d,)),
        }
        if d > 1:
            self.weights["lower"] = constant(0.0, (d * (d - 1) // 2,))
        if rank:
            # V = 0 would be a stationary point, at which nothing is ever learned.
            self.weights["factor"] = Weight((d, rank), lambda rng: 0.01 * rng.standard_normal((d, rank)))

    def _triangle(self, weights):
        diagonal = tf.math.softplus(weights["diagonal"]) + SMALLEST_DIAGONAL
        matrix = tf.linalg.diag(diagonal)
        if "lower" in weights:
            matrix = matrix + strictly_lower(weights["lower"], matrix.shape[0])
        return matrix, tf.reduce_sum(tf.math.log(diagonal))

    def _small(self, weights, triangle):
        """`L^-1 V`, the factors Q and R of `I + V^T L^-1 V`, and the log |det| of the latter (XLA has no slogdet)."""
        factor = weights["factor"]
        solved = tf.linalg.triangular_solve(triangle, factor)
        small = tf.eye(self.rank, dtype=factor.dtype) + tf.matmul(factor, solved, transpose_a=True)
        q, r = tf.linalg.qr(small)
        return solved, q, r, tf.reduce_sum(tf.math.log(tf.abs(tf.linalg.diag_part(r))))

    def forward(self, weights, z, context=None):
        triangle, log_det = self._triangle(weights)
        x = tf.matmul(triangle, z) + column(weights["shift"])
        if self.rank:
            factor = weights["factor"]
            x = x + tf.matmul(factor, tf.matmul(factor, z, transpose_a=True))
            log_det = log_det + self._small(weights, triangle)[-1]
        return x, log_det

    def inverse(self, weights, x, context=None):
        triangle, log_det = self._triangle(weights)
        z = tf.linalg.triangular_solve(triangle, x - column(weights["shift"]))
        if self.rank:
            solved, q, r, log_det_small = self._small(weights, triangle)
            inner = tf.matmul(q, tf.matmul(weights["factor"], z, transpose_a=True), transpose_a=True)
            z = z - tf.matmul(solved, tf.linalg.triangular_solve(r, inner, lower=False))
            log_det = log_det + log_det_small
        return z, -log_det


@register(rank=Whole(min=0))
def affine(size: Size, rank=0):
    """Learnable affine map, mixing all dimensions.

    `x = (L + V V^T) z + b`, with L lower-triangular with positive diagonal and V of size d x rank. With a normal
    base it is the multivariate normal distribution. Both directions cost one product or solve with a d x d matrix.
    It starts at the identity (V slightly off zero, where its gradient would vanish).

    Args:
        rank: columns of the low-rank update V (0: none); it lets the map turn, which L alone cannot.

    Shapes:
        x `[n, d]`, any d >= 1; the log-determinant is the same for all rows.

    Raises:
        ArgumentError: `rank` is not a whole number >= 0.

    References:
        Petersen & Pedersen (2012), The Matrix Cookbook, section 3.2 (Woodbury's identity).

    Example:
        >>> affine(rank=2)
    """
    return AffineMap(size, rank)
