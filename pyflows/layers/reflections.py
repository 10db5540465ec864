"""Orthogonal matrices as products of reflections."""

from __future__ import annotations

import numpy as np

from ..backend import tf
from ..maps import Weight

TINY = 1e-30


def orthogonal(vectors):
    """The product of the Householder reflections along some vectors `[k, d]`, a matrix `[d, d]`.

    Of each vector only the direction matters. The matrix is orthogonal to rounding, whatever the vectors.
    """
    count, d = vectors.shape
    matrix = tf.eye(d, dtype=vectors.dtype)
    for i in range(count):
        vector = vectors[i][:, None]
        unit = vector * tf.math.rsqrt(tf.maximum(tf.reduce_sum(tf.square(vector)), TINY))
        matrix = matrix - 2.0 * tf.matmul(unit, tf.matmul(unit, matrix, transpose_a=True))
    return matrix


def reflections(count: int, d: int) -> Weight:
    """Vectors that start at random."""
    return Weight((count, d), lambda rng: rng.standard_normal((count, d)))


def rotations(count: int, d: int) -> Weight:
    """Vectors in pairs, which are rotations of a plane; both of a pair start as the same, which gives the identity."""
    return Weight((2 * count, d), lambda rng: np.repeat(rng.standard_normal((count, d)), 2, axis=0))
