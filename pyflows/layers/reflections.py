"""Products of Householder reflections: applied to values, as matrices, and the weights they come from."""

from __future__ import annotations

import numpy as np

from ..backend import tf
from ..maps import Weight

TINY = 1e-30


def reflected(vectors, value, back: bool = False):
    """`H_1 ... H_k value` for the reflections along k vectors, or the inverse of that.

    Of each vector only the direction matters; a vector of zeros reflects nothing. With unit vectors V the product is
    `I - V S^-1 V^T`, S upper-triangular (Joffrain et al. 2006), orthogonal to rounding whatever the vectors.

    Args:
        vectors: `[k, d]`.
        value: `[d, n]`.
        back: the transposed product `H_k ... H_1`.
    """
    lengths = tf.sqrt(tf.maximum(tf.reduce_sum(tf.square(vectors), 1, keepdims=True), TINY))
    units = vectors / lengths
    products = tf.linalg.band_part(tf.matmul(units, units, transpose_b=True), 0, -1)
    triangle = tf.linalg.set_diag(products, tf.fill(products.shape[:1], tf.constant(0.5, products.dtype)))
    inner = tf.linalg.triangular_solve(triangle, tf.matmul(units, value), lower=False, adjoint=back)
    return value - tf.matmul(units, inner, transpose_a=True)


def orthogonal(vectors):
    """The product `H_k ... H_1` of the reflections along some vectors `[k, d]`, a matrix `[d, d]`."""
    return reflected(vectors, tf.eye(vectors.shape[1], dtype=vectors.dtype), back=True)


def freedom(count: int, d: int) -> int:
    """Free parameters of a product of `count` reflections: its dimension among the orthogonal matrices.

    Lengths have no effect, and reflections within the plane of two vectors can be shared out between them in many ways.
    """
    count = min(count, d - 1)
    return count * d - count * (count + 1) // 2


def reflections(count: int, d: int) -> Weight:
    """Vectors that start at random."""
    return Weight((count, d), lambda rng: rng.standard_normal((count, d)), dimension=freedom(count, d))


def rotations(count: int, d: int) -> Weight:
    """Vectors in pairs, which are rotations of a plane; both of a pair start as the same, which gives the identity."""
    return Weight(
        (2 * count, d),
        lambda rng: np.repeat(rng.standard_normal((count, d)), 2, axis=0),
        dimension=freedom(2 * count, d),
    )
