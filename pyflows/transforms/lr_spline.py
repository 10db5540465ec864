"""Monotone linear-rational splines."""

from __future__ import annotations

from ..backend import tf
from .bins import in_bin
from .spline import SlopeSpline

# Each part of a bin has at least this share of its width.
SMALLEST_PART = 0.025


class LRSpline(SlopeSpline):
    """Increasing piecewise ratios of straight lines, two to a bin; both directions cost the same and need no root.

    Parameters are widths and heights of the bins, slopes at knots, and for each bin the place where its two pieces
    meet. The weights at the left end, the meeting point and the right end are 1, `middle` and `last`.

    References:
        Fuhr & Kallay (1992), Computer Aided Geometric Design 9(4); Dolatabadi, Erfani & Leckie (2020), Invertible
        Generative Modeling using Linear Rational Splines, arXiv:2001.05168.
    """

    def __init__(self, bins: int = 8, box: float = 5.0, tails: str = "identity"):
        super().__init__(bins, box, tails)
        self.blocks = [*self.blocks, bins]

    def _shape(self, blocks, k):
        part = SMALLEST_PART + (1.0 - 2.0 * SMALLEST_PART) * tf.math.sigmoid(in_bin(k, blocks[3]))
        return *super()._shape(blocks, k), part

    def _up(self, x, bin_, slope0, slope1, part):
        part_z, middle, last = _weights(bin_, slope0, slope1, part)
        t, log_slope = _pieces((x - bin_.x) / bin_.width, part, part_z, middle, last)
        return bin_.z + bin_.height * t, log_slope + tf.math.log(bin_.height / bin_.width)

    def _down(self, z, bin_, slope0, slope1, part):
        part_z, middle, last = _weights(bin_, slope0, slope1, part)
        t, log_slope = _pieces((z - bin_.z) / bin_.height, part_z, part, 1.0 / middle, 1.0 / last)
        return bin_.x + bin_.width * t, log_slope + tf.math.log(bin_.width / bin_.height)


def _weights(bin_, slope0, slope1, part):
    """The height at which the pieces meet, as a share, and the weights there and at the right end."""
    last = tf.sqrt(slope0 / slope1)
    middle = (part * slope0 + (1.0 - part) * last * slope1) * bin_.width / bin_.height
    return part * last / (1.0 - part + part * last), middle, last


def _pieces(t, part, part_out, middle, last):
    """Two increasing Möbius maps, [0, part] onto [0, part_out] and [part, 1] onto [part_out, 1].

    With weights p and q at its ends a piece is `u -> q u / (p (1 - u) + q u)`; its inverse has weights 1 / p and 1 / q.
    """
    lower = t < part
    p, q = tf.where(lower, tf.ones_like(middle), middle), tf.where(lower, middle, last)
    begin, size = tf.where(lower, tf.zeros_like(part), part), tf.where(lower, part, 1.0 - part)
    begin_out, size_out = tf.where(lower, tf.zeros_like(part_out), part_out), tf.where(lower, part_out, 1.0 - part_out)
    u = (t - begin) / size
    weight = p * (1.0 - u) + q * u
    return begin_out + size_out * q * u / weight, tf.math.log(size_out * p * q / (size * tf.square(weight)))
