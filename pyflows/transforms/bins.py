"""The bins of splines: their sizes, which one a value lies in, and what belongs to that one.

Written for speed: the bin is found by comparisons instead of gathers, and gradients are written by hand, for the
search is where automatic differentiation wastes most memory traffic. Arrays of one entry a bin are `[bins, d, n]`.
"""

from __future__ import annotations

from ..backend import tf
from ..maps import materialized

# Smallest size of a bin, as a share of the box.
SMALLEST_BIN = 5e-4


def bin_sizes(raw, box: float):
    """Positive sizes that add up to the length of [-box, box], equal where `raw` is: `[bins, d, n]` both."""
    bins = raw.shape[0]
    smallest = 2.0 * box * SMALLEST_BIN
    spread = 2.0 * box - bins * smallest

    @tf.custom_gradient
    def sizes(raw):
        e = tf.exp(raw - tf.reduce_max(raw, 0))
        share = e * (1.0 / tf.reduce_sum(e, 0))
        return share * spread + smallest, lambda up: spread * share * (up - tf.reduce_sum(up * share, 0))

    return sizes(raw)


def find(sizes, value, box: float):
    """Which bin each value lies in, `[d, n]`, as numbers of the dtype; the first bin begins at -box."""
    k, knot = tf.zeros_like(value), -box
    for i in range(sizes.shape[0] - 1):
        knot = knot + sizes[i]
        k = k + tf.cast(value >= knot, value.dtype)
    return materialized(k)


def begin_and_size(k, sizes, box: float):
    """Where bin k begins, and its size."""

    @tf.custom_gradient
    def pick(sizes):
        row = _rows(sizes)
        before, here = row < k, tf.equal(row, k)

        def gradient(up_begin, up_size):
            up_begin, up_size = materialized(up_begin), materialized(up_size)
            return tf.where(before, up_begin, tf.where(here, up_size, tf.zeros_like(up_size)))

        return (_sum_where(before, sizes) - box, _sum_where(here, sizes)), gradient

    return pick(sizes)


def at_ends(k, knots, first: int):
    """The values that belong to the knots at both ends of bin k; 0 at knots that have none.

    `knots` are those of the knots from number `first` on: 0 if the border is among them, 1 if it is not.
    """

    @tf.custom_gradient
    def pick(knots):
        row = _rows(knots) + float(first)
        left, right = tf.equal(row, k), tf.equal(row, k + 1.0)

        def gradient(up_left, up_right):
            up_left, up_right = materialized(up_left), materialized(up_right)
            return tf.where(left, up_left, tf.where(right, up_right, tf.zeros_like(up_right)))

        return (_sum_where(left, knots), _sum_where(right, knots)), gradient

    return pick(knots)


def in_bin(k, values):
    """The value that belongs to bin k."""

    @tf.custom_gradient
    def pick(values):
        here = tf.equal(_rows(values), k)

        def gradient(up):
            up = materialized(up)
            return tf.where(here, up, tf.zeros_like(up))

        return _sum_where(here, values), gradient

    return pick(values)


def _rows(values):
    rows = values.shape[0]
    return tf.reshape(tf.range(rows, dtype=values.dtype), [rows, 1, 1])


def _sum_where(mask, values):
    return tf.reduce_sum(tf.cast(mask, values.dtype) * values, 0)
