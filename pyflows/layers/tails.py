"""Learned tails."""

from __future__ import annotations

import numpy as np

from ..backend import tf
from ..maps import Map, Size, bounded, column, constant, softplus_inverse
from ..spec import register

# The tail weight is about the weight that is trained, where that is positive; so one step of training means the same
# for light and heavy tails.
SHARPNESS = 10.0
START, SMALLEST, LARGEST = 0.01, 1e-6, 2.0
# Values nearer to 0 count as this: their logarithm is needed.
FLOOR = 1e-18
# Levels whose quantiles give the starting values, and those of the standard normal.
LEVELS = np.array([0.05, 0.25, 0.5, 0.75, 0.95])
QUARTILE, OUTER = 0.6744897501960817, 1.6448536269514722


class HeavyTailsMap(Map):
    """With `y = log(1 + t x^2) = t z^2` both directions are `x = z exp(r(y))`, `r(y) = log((e^y - 1) / y) / 2`."""

    def __init__(self, size: Size):
        shape, raw = (size.event,), _raw(np.array(START))
        self.weights = {
            "shift": constant(0.0, shape),
            "log_scale": constant(0.0, shape),
            "left": constant(raw, shape),
            "right": constant(raw, shape),
        }

    def forward(self, weights, z, context=None):
        y = _tail(weights, z) * tf.square(z)
        growth = _half_log_ratio(y)
        log_scale = column(weights["log_scale"])
        x = column(weights["shift"]) + z * tf.exp(log_scale + growth)
        return x, tf.reduce_sum(y - growth + log_scale, 0)

    def inverse(self, weights, x, context=None):
        log_scale = column(weights["log_scale"])
        x = (x - column(weights["shift"])) * tf.exp(-log_scale)
        # The square of x may be too large for a float, its logarithm is not.
        y = tf.math.softplus(tf.math.log(_tail(weights, x)) + 2.0 * tf.math.log(tf.maximum(tf.abs(x), FLOOR)))
        growth = _half_log_ratio(y)
        return x * tf.exp(-growth), tf.reduce_sum(growth - y - log_scale, 0)

    def start_from_data(self, x, row_weights):
        """Median, quartiles and outer quantiles, which outliers do not move."""
        starts = [_start(row, row_weights) for row in x]
        return dict(zip(self.weights, np.array(starts).T, strict=True))


def _tail(weights, value):
    """The tail weight of the side that a value lies on."""
    raw = tf.where(value < 0, column(weights["left"]), column(weights["right"]))
    return SMALLEST + bounded(tf.math.softplus(SHARPNESS * raw) / SHARPNESS, LARGEST)


def _raw(tail: np.ndarray) -> np.ndarray:
    """The weights with these tail weights."""
    tail = tail - SMALLEST
    return softplus_inverse(SHARPNESS * tail / (1.0 - tail / LARGEST)) / SHARPNESS


def _half_log_ratio(y):
    """`log((e^y - 1) / y) / 2` for y >= 0, that is `(u + log(sinh(u) / u)) / 2` with `u = y / 2`."""
    u = 0.5 * y
    small = u < 0.1
    s = tf.square(tf.where(small, u, tf.zeros_like(u)))
    series = s * (1 / 6 - s * (1 / 180 - s * (1 / 2835 - s / 37800)))
    large = tf.where(small, tf.ones_like(u), u)
    log_sinh_ratio = large - tf.math.log(2.0 * large) + tf.math.log1p(-tf.exp(-2.0 * large))
    return 0.5 * (u + tf.where(small, series, log_sinh_ratio))


def _start(x: np.ndarray, row_weights: np.ndarray) -> tuple[float, float, float, float]:
    """Shift, log-scale, and left and right raw tail weights with the quantiles of one column."""
    order = np.argsort(x)
    share = np.cumsum(row_weights[order])
    low, quarter, median, three_quarters, high = np.interp(LEVELS, share / share[-1], x[order])
    if not low < quarter < median < three_quarters < high:  # discrete values
        scale = np.sqrt(np.average(np.square(x - median), weights=row_weights))
        return median, np.log(scale) if scale > 0 else 0.0, _raw(START), _raw(START)
    left = _tail_with_ratio((median - low) / (median - quarter))
    right = _tail_with_ratio((high - median) / (three_quarters - median))
    scale = (three_quarters - quarter) / (_heavy(left, QUARTILE) + _heavy(right, QUARTILE))
    return median, np.log(scale), _raw(left), _raw(right)


def _heavy(tail, z: float):
    return np.sqrt(np.expm1(tail * z * z) / tail)


def _tail_with_ratio(ratio: float) -> float:
    """The tail weight for which the outer quantile is so many times the quartile, as near as the start needs it."""
    tails = np.geomspace(START, 0.75 * LARGEST, 100)
    return float(np.interp(ratio, _heavy(tails, OUTER) / _heavy(tails, QUARTILE), tails))


@register()
def heavy_tails(size: Size):
    """Learnable location, scale and tails on each side, for each dimension: for columns with outliers.

    `x = b + s sign(z) sqrt((exp(t z^2) - 1) / t)`, with a tail weight t > 0 for z < 0 and another for z > 0. With a
    normal base the tails of the density are power laws, `P(|x| > u) ~ u^(-1 / t)` up to logarithms; with t = 1 / k it
    is, to a close approximation, Student's t with k degrees of freedom (t = 1: Cauchy). t stays below 2, and near 0
    the map is the identity. When fitting begins, all of it is set from quantiles of the data, which outliers do not
    move. Put it at the data end, `flow(maf(), heavy_tails())`, so that the layers before it see no outliers; in one
    dimension it does alone. For sums of heavy-tailed columns add `affine`. Both directions cost next to nothing.

    Shapes:
        x `[n, d]`, any d >= 1.

    References:
        Wallace (1959), Bounds on normal approximations to Student's and the chi-square distributions, Annals of
        Mathematical Statistics 30(4) (the map, with t = 1 / degrees of freedom).
        Hickling & Prangle (2024), Flexible Tails for Normalizing Flows, arXiv:2406.16971 (another map, to the same
        end).

    Example:
        >>> flow(maf(), heavy_tails())
    """
    return HeavyTailsMap(size)
