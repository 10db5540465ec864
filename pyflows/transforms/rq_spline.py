"""Monotone rational-quadratic splines."""

from __future__ import annotations

from ..backend import tf
from .spline import SlopeSpline


class RQSpline(SlopeSpline):
    """Increasing piecewise ratios of quadratics; widths and heights of the bins and slopes at knots are the parameters.

    References:
        Gregory & Delbourgo (1982), IMA J. Numerical Analysis 2(2); Durkan, Bekasov, Murray & Papamakarios (2019),
        Neural Spline Flows, arXiv:1906.04032.
    """

    def _up(self, x, bin_, slope0, slope1):
        s = bin_.height / bin_.width
        t = (x - bin_.x) / bin_.width
        u, v = t * (1.0 - t), 1.0 - t
        scale = 1.0 / (s + (slope0 + slope1 - 2.0 * s) * u)
        z = bin_.z + bin_.height * (s * t * t + slope0 * u) * scale
        return z, tf.math.log(tf.square(s * scale) * (slope1 * t * t + 2.0 * s * u + slope0 * v * v))

    def _down(self, z, bin_, slope0, slope1):
        s = bin_.height / bin_.width
        rise, bend = z - bin_.z, slope0 + slope1 - 2.0 * s
        a = bin_.height * (s - slope0) + rise * bend
        b = bin_.height * slope0 - rise * bend
        root = tf.sqrt(tf.maximum(b * b + 4.0 * a * s * rise, 0.0))
        # This form of the solution of the quadratic does not cancel, whatever the sign of a.
        t = 2.0 * s * rise / (b + root)
        u, v = t * (1.0 - t), 1.0 - t
        slope = tf.square(s / (s + bend * u)) * (slope1 * t * t + 2.0 * s * u + slope0 * v * v)
        return bin_.x + t * bin_.width, -tf.math.log(slope)
