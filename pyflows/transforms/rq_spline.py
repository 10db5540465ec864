"""Monotone rational-quadratic splines."""

from __future__ import annotations

from ..backend import tf
from ..maps import materialized, softplus_inverse
from .base import Transform

# Smallest width and height of a bin, as a share of the box, and smallest slope at a knot.
SMALLEST_BIN, SMALLEST_SLOPE = 5e-4, 1e-3


class RQSpline(Transform):
    """Increasing piecewise ratios of quadratics on a box, the identity outside it (slope 1 at its border).

    `bins` pieces between knots, whose widths, heights and slopes are the parameters. Written for speed: parameters of
    one kind lie in one contiguous block, the bin is found by comparisons instead of gathers, and the gradient of that
    search is written by hand, for it is where automatic differentiation wastes most memory traffic.

    References:
        Gregory & Delbourgo (1982), IMA J. Numerical Analysis 2(2); Durkan, Bekasov, Murray & Papamakarios (2019),
        Neural Spline Flows, arXiv:1906.04032.
    """

    costly = True

    def __init__(self, bins: int = 8, box: float = 5.0):
        self.bins, self.box = bins, float(box)
        self.params = 3 * bins - 1
        self.identity = (0.0,) * self.params

    def inverse(self, theta, x):
        inside, x_in = self._clamp(x)
        x0, width, y0, height, slope0, slope1 = self._bin(theta, x_in, heights=False)
        s = height / width
        t = (x_in - x0) / width
        u, v = t * (1.0 - t), 1.0 - t
        scale = 1.0 / (s + (slope0 + slope1 - 2.0 * s) * u)
        z = y0 + height * (s * t * t + slope0 * u) * scale
        log_slope = tf.math.log(tf.square(s * scale) * (slope1 * t * t + 2.0 * s * u + slope0 * v * v))
        return tf.where(inside, z, x), tf.where(inside, log_slope, tf.zeros_like(x))

    def forward(self, theta, z):
        inside, z_in = self._clamp(z)
        x0, width, y0, height, slope0, slope1 = self._bin(theta, z_in, heights=True)
        s = height / width
        rise, bend = z_in - y0, slope0 + slope1 - 2.0 * s
        a = height * (s - slope0) + rise * bend
        b = height * slope0 - rise * bend
        root = tf.sqrt(tf.maximum(b * b + 4.0 * a * s * rise, 0.0))
        # This form of the solution of the quadratic does not cancel, whatever the sign of a.
        t = 2.0 * s * rise / (b + root)
        u, v = t * (1.0 - t), 1.0 - t
        slope = tf.square(s / (s + bend * u)) * (slope1 * t * t + 2.0 * s * u + slope0 * v * v)
        return tf.where(inside, x0 + t * width, z), tf.where(inside, -tf.math.log(slope), tf.zeros_like(z))

    def _clamp(self, value):
        # Values outside take part in no arithmetic, so that nothing overflows there, and no gradient is NaN.
        inside = tf.abs(value) < self.box
        return inside, tf.where(inside, value, tf.zeros_like(value))

    def _bin(self, theta, value, heights: bool):
        """The corner, the width, the height and the two slopes of the bin that each value lies in."""
        select = tf.custom_gradient(lambda theta, value: self._select(theta, value, heights))
        *corner, raw0, raw1 = select(theta, value)
        return *corner, tf.math.softplus(raw0) + SMALLEST_SLOPE, tf.math.softplus(raw1) + SMALLEST_SLOPE

    def _select(self, theta, value, heights: bool):
        """The same with raw slopes, and the gradient with respect to theta; in the value it is constant by pieces."""
        bins, box = self.bins, self.box
        smallest = 2.0 * box * SMALLEST_BIN
        spread = 2.0 * box - bins * smallest
        share_x, share_y = _softmax(theta[:bins]), _softmax(theta[bins : 2 * bins])
        share, k, knot = share_y if heights else share_x, tf.zeros_like(value), -box
        for i in range(bins - 1):
            knot = knot + share[i] * spread + smallest
            k = k + tf.cast(value >= knot, value.dtype)
        k = materialized(k)
        index = tf.reshape(tf.range(bins, dtype=value.dtype), [bins, 1, 1])
        before, here = tf.cast(index < k, value.dtype), tf.cast(tf.equal(index, k), value.dtype)
        left, right = tf.equal(index[1:], k), tf.equal(index[:-1], k)  # the inner knots at either end of the bin
        # Raw values of slope 1: where a theta of zero starts, and what the slope is at the border of the box.
        one = softplus_inverse(1.0 - SMALLEST_SLOPE)
        slopes = theta[2 * bins :] + one

        def pick(mask, values):
            return tf.reduce_sum(mask * values, 0)

        def border(mask, at_border):
            return pick(tf.cast(mask, value.dtype), slopes) + one * tf.cast(at_border, value.dtype)

        out = (
            pick(before, share_x) * spread + smallest * k - box,
            pick(here, share_x) * spread + smallest,
            pick(before, share_y) * spread + smallest * k - box,
            pick(here, share_y) * spread + smallest,
            border(left, k < 0.5),
            border(right, k > bins - 1.5),
        )

        def gradient(*upstream):
            d_x0, d_width, d_y0, d_height, d_raw0, d_raw1 = [materialized(part) for part in upstream]

            def through_softmax(share, d_before, d_here):
                direct = tf.where(index < k, d_before, tf.where(tf.equal(index, k), d_here, tf.zeros_like(d_here)))
                return spread * share * (direct - tf.reduce_sum(direct * share, 0))

            d_slopes = tf.where(left, d_raw0, tf.where(right, d_raw1, tf.zeros_like(d_raw0)))
            parts = [through_softmax(share_x, d_x0, d_width), through_softmax(share_y, d_y0, d_height), d_slopes]
            return tf.concat(parts, 0), tf.zeros_like(value)

        return out, gradient


def _softmax(raw):
    e = tf.exp(raw - tf.reduce_max(raw, 0))
    return e * (1.0 / tf.reduce_sum(e, 0))
