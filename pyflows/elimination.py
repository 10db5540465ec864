"""Many small systems of linear equations at once, one for each observation, by elimination without pivoting.

It is for matrices `I + J` with |J| < 1: every leading block of them is as far from singular as they are, so pivots are
at least 1 - |J| and no rows need to change places. Matrices are `[d, d, n]`, so that every step is a few long vector
operations; XLA has no factorisation that does this.
"""

from __future__ import annotations

from .backend import tf


def log_determinant(matrix):
    """The log-determinant of each matrix `[d, d, n]`, `[n]`."""
    total = tf.zeros_like(matrix[0, 0])
    while matrix.shape[0]:
        total = total + tf.math.log(matrix[0, 0])
        matrix = _smaller(matrix)[0]
    return total


def solve_systems(matrix, right):
    """The solution of `matrix x = right` for each matrix `[d, d, n]` and right side `[d, n]`."""
    rows, sides = [], []
    while matrix.shape[0]:
        rows.append(matrix[0])
        sides.append(right[0])
        matrix, ratio = _smaller(matrix)
        right = right[1:] - ratio * right[0]
    solution = right  # no rows
    for row, side in zip(reversed(rows), reversed(sides), strict=True):
        here = (side - tf.reduce_sum(row[1:] * solution, 0)) / row[0]
        solution = tf.concat([here[None], solution], 0)
    return solution


def _smaller(matrix):
    """What is left after the first row and column are eliminated, and by which multiples of the first row."""
    ratio = matrix[1:, 0] / matrix[0, 0]
    return matrix[1:, 1:] - ratio[:, None] * matrix[0, 1:], ratio
