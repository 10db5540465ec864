"""What all splines have in common, and the two simplest: linear and quadratic."""

from __future__ import annotations

from typing import NamedTuple

from ..backend import tf
from ..errors import ArgumentError
from ..maps import softplus_inverse
from .base import Transform, clamp, join, join_straight
from .bins import at_ends, begin_and_size, bin_sizes, find

# Smallest slope at a knot, and the raw value of slope 1: where a theta of zero starts.
SMALLEST_SLOPE = 1e-3
RAW_ONE = softplus_inverse(1.0 - SMALLEST_SLOPE)


class Bin(NamedTuple):
    """The bin of each value: its lower left corner, width and height."""

    x: object
    width: object
    z: object
    height: object


class Spline(Transform):
    """An increasing map of the box onto itself, in `bins` pieces; outside it is straight.

    Subclasses say what the blocks of parameters are (`blocks`, their sizes), what the widths and heights of the bins
    are if not blocks 0 and 1, what else belongs to a bin (`_shape`), and give the piece in both directions
    (`_up`, x -> z, and `_down`, z -> x; each with its log-derivative).

    Args:
        bins: number of pieces.
        box: half-width of the box.
        tails: outside the box "identity", or "linear": straight on with the slope at the border, which is free.
    """

    costly = True
    blocks: list[int]

    def __init__(self, bins: int = 8, box: float = 5.0, tails: str = "identity"):
        self.bins, self.box, self.tails = bins, float(box), tails

    @property
    def params(self):
        return sum(self.blocks)

    @property
    def identity(self):
        return (0.0,) * self.params

    def inverse(self, theta, x):
        return self._run(theta, x, self._up, by_height=False)

    def forward(self, theta, z):
        return self._run(theta, z, self._down, by_height=True)

    def _run(self, theta, value, piece, by_height):
        blocks = tf.split(theta, self.blocks)
        inside, inner = clamp(value, self.box)
        result, log_slope = self._on_box(blocks, inner, piece, by_height)
        if self.tails == "identity":
            return join(inside, value, result, log_slope)
        low, high = self._border_log_slopes(blocks)
        log_slopes = (-low, -high) if by_height else (low, high)
        return join_straight(inside, value, result, log_slope, self.box, log_slopes)

    def _on_box(self, blocks, inner, piece, by_height):
        widths, heights = self._sizes(blocks)
        k = find(heights if by_height else widths, inner, self.box)
        bin_ = Bin(*begin_and_size(k, widths, self.box), *begin_and_size(k, heights, self.box))
        return piece(inner, bin_, *self._shape(blocks, k))

    def _sizes(self, blocks):
        return bin_sizes(blocks[0], self.box), bin_sizes(blocks[1], self.box)

    def _shape(self, blocks, k) -> tuple:
        return ()

    def _border_log_slopes(self, blocks):
        """Log-slopes (x -> z) at both ends of the box, for linear tails."""
        raise NotImplementedError

    def _up(self, x, bin_, *shape):
        raise NotImplementedError

    def _down(self, z, bin_, *shape):
        raise NotImplementedError


class SlopeSpline(Spline):
    """A spline with a slope at every knot as a parameter: block 2, without the border's if that is the identity's."""

    def __init__(self, bins: int = 8, box: float = 5.0, tails: str = "identity"):
        super().__init__(bins, box, tails)
        self.blocks = [bins, bins, bins - 1 if tails == "identity" else bins + 1]

    def _shape(self, blocks, k):
        raw = at_ends(k, blocks[2], first=1 if self.tails == "identity" else 0)
        return tuple(positive(value) for value in raw)

    def _border_log_slopes(self, blocks):
        return tf.math.log(positive(blocks[2][0])), tf.math.log(positive(blocks[2][-1]))


def positive(raw):
    """A positive slope, 1 for 0."""
    return tf.math.softplus(raw + RAW_ONE) + SMALLEST_SLOPE


class LinearSpline(Spline):
    """Straight pieces, with widths and heights as parameters; the density jumps at the knots.

    References:
        Müller, McWilliams, Rousselle, Gross & Novák (2019), Neural Importance Sampling, arXiv:1808.03856.
    """

    def __init__(self, bins: int = 8, box: float = 5.0, tails: str = "identity"):
        super().__init__(bins, box, tails)
        self.blocks = [bins, bins]

    def _up(self, x, bin_):
        slope = bin_.height / bin_.width
        return bin_.z + (x - bin_.x) * slope, tf.math.log(slope)

    def _down(self, z, bin_):
        slope = bin_.width / bin_.height
        return bin_.x + (z - bin_.z) * slope, tf.math.log(slope)

    def _border_log_slopes(self, blocks):
        widths, heights = self._sizes(blocks)
        return tf.math.log(heights[0] / widths[0]), tf.math.log(heights[-1] / widths[-1])


class QuadraticSpline(Spline):
    """Pieces of parabolas, with widths and slopes at knots as parameters: the density is linear between knots.

    Slopes v are scaled so that the heights `width (v_left + v_right) / 2` fill the box; with the identity outside,
    those at the border stay 1.

    References:
        Müller, McWilliams, Rousselle, Gross & Novák (2019), Neural Importance Sampling, arXiv:1808.03856.
    """

    def __init__(self, bins: int = 8, box: float = 5.0, tails: str = "identity"):
        super().__init__(bins, box, tails)
        if bins < 3 and tails == "identity":
            # A single inner slope is given by the other two.
            raise ArgumentError(f"`bins` must be at least 3 for a quadratic spline, not {bins}.", argument="bins")
        self.blocks = [bins, bins - 1 if tails == "identity" else bins + 1]

    def _slopes(self, blocks, widths):
        """Those of all knots, `[bins + 1, d, n]`."""
        free, middle = positive(blocks[1]), 0.5 * (widths[:-1] + widths[1:])
        ends = 0.5 * widths[:1], 0.5 * widths[-1:]
        if self.tails == "identity":
            fill = (2.0 * self.box - ends[0] - ends[1]) / tf.reduce_sum(free * middle, 0)
            return tf.concat([tf.ones_like(free[:1]), free * fill, tf.ones_like(free[:1])], 0)
        return free * (2.0 * self.box / tf.reduce_sum(free * tf.concat([ends[0], middle, ends[1]], 0), 0))

    def _sizes(self, blocks):
        widths = bin_sizes(blocks[0], self.box)
        slopes = self._slopes(blocks, widths)
        return widths, 0.5 * widths * (slopes[:-1] + slopes[1:])

    def _shape(self, blocks, k):
        return at_ends(k, self._slopes(blocks, bin_sizes(blocks[0], self.box)), first=0)

    def _up(self, x, bin_, left, right):
        t = (x - bin_.x) / bin_.width
        return bin_.z + bin_.width * t * (left + 0.5 * (right - left) * t), tf.math.log(left + (right - left) * t)

    def _down(self, z, bin_, left, right):
        rise = (z - bin_.z) / bin_.width
        slope = tf.sqrt(tf.square(left) + 2.0 * (right - left) * rise)
        # This form of the solution of the quadratic does not cancel, whatever the sign of `right - left`.
        return bin_.x + bin_.width * 2.0 * rise / (left + slope), -tf.math.log(slope)

    def _border_log_slopes(self, blocks):
        slopes = self._slopes(blocks, bin_sizes(blocks[0], self.box))
        return tf.math.log(slopes[0]), tf.math.log(slopes[-1])
