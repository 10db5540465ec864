"""Maps of the whole line onto the values that a column can have, without weights.

At the data end of a flow they stay outside of standardising: see `outer` in maps.py.
"""

from __future__ import annotations

import math

import numpy as np

from ..backend import tf
from ..checks import Columns, Number
from ..data import label, place
from ..errors import ArgumentError
from ..maps import Map, Size
from ..spec import register
from .columns import Some

COLUMNS = Columns(null=True)


class Above:
    """`x = low + exp(z)`."""

    def __init__(self, low: float):
        self.low, self.high = low, math.inf

    def forward(self, z):
        # Beyond the largest exponent the result would be infinite.
        z = tf.minimum(z, math.log(np.finfo(z.dtype.as_numpy_dtype).max) - 1.0)
        return self.low + tf.exp(z), z

    def inverse(self, x):
        z = tf.math.log(x - self.low)
        return z, -z


class Below:
    """`x = high - exp(-z)`, which is increasing."""

    def __init__(self, high: float):
        self.low, self.high = -math.inf, high
        self.mirrored = Above(-high)

    def forward(self, z):
        x, log_derivative = self.mirrored.forward(-z)
        return -x, log_derivative

    def inverse(self, x):
        z, log_derivative = self.mirrored.inverse(-x)
        return -z, log_derivative


class Between:
    """`x = low + (high - low) sigmoid(z)`."""

    def __init__(self, low: float, high: float):
        self.low, self.high, self.width = low, high, high - low

    def forward(self, z):
        # Measured from the nearer end: there the digits count.
        near = self.width * tf.math.sigmoid(tf.where(z < 0, z, -z))
        x = tf.where(z < 0, self.low + near, self.high - near)
        return x, math.log(self.width) + tf.math.log_sigmoid(z) + tf.math.log_sigmoid(-z)

    def inverse(self, x):
        log_low, log_high = tf.math.log(x - self.low), tf.math.log(self.high - x)
        return log_low - log_high, math.log(self.width) - log_low - log_high


class SupportMap(Map):
    """Some columns through one of the maps above, the others as they are.

    Values stay strictly inside the bounds, in floating point too. Outside, the density is 0: the log-determinant of the
    inverse is -inf there, and the value that of the nearest number inside.
    """

    outer = True

    def __init__(self, size: Size, support: Above | Below | Between, columns):
        self.support, self.columns = support, Some(columns, size)
        self.smallest, self.largest = _ends(support, size.dtype)
        if not self.smallest < self.largest:
            raise ArgumentError(
                f"no {size.dtype} numbers lie between {support.low:g} and {support.high:g}; "
                "`low` must be below `high`, by more than rounding.",
                argument="low",
            )

    def forward(self, weights, z, context=None):
        chosen, others = self.columns.take(z)
        x, log_derivative = self.support.forward(chosen)
        x = tf.clip_by_value(x, self.smallest, self.largest)
        return self.columns.put_back(x, others), tf.reduce_sum(log_derivative, 0)

    def inverse(self, weights, x, context=None):
        chosen, others = self.columns.take(x)
        inside = tf.clip_by_value(chosen, self.smallest, self.largest)
        z, log_derivative = self.support.inverse(inside)
        outside = tf.reduce_any(tf.not_equal(inside, chosen), 0)
        log_det = tf.reduce_sum(log_derivative, 0)
        log_det = tf.where(outside, tf.constant(-math.inf, log_det.dtype), log_det)
        return self.columns.put_back(z, others), log_det

    def check_data(self, x, columns):
        for i in self.columns.index:
            low, high = x[i] < self.smallest, x[i] > self.largest
            wrong = low | high
            if not wrong.any():
                continue
            count, row = int(wrong.sum()), int(np.argmax(wrong))
            bounds = [f"<= {self.support.low:g}"] * bool(low.any()) + [f">= {self.support.high:g}"] * bool(high.any())
            return (
                f"column {label(i, columns)} has {count} value{'s' * (count > 1)} {' or '.join(bounds)}, "
                f"first in row {place(row)}; the support is ({self.support.low:g}, {self.support.high:g})"
            )
        return None


def _ends(support, dtype: str) -> tuple[float, float]:
    """The smallest and the largest number of the dtype inside the support.

    Numbers so near to 0 that they lose digits do not count: compiled code takes them for 0.
    """
    number, tiny = np.dtype(dtype).type, float(np.finfo(dtype).tiny)
    smallest = float(np.nextafter(number(support.low), number(math.inf)))
    largest = float(np.nextafter(number(support.high), number(-math.inf)))
    if abs(smallest) < tiny:
        smallest = tiny if support.low >= 0 else 0.0
    if abs(largest) < tiny:
        largest = -tiny if support.high <= 0 else 0.0
    return smallest, largest


def _rounded(bound: float, size: Size) -> float:
    """The bound as the dtype has it."""
    with np.errstate(over="ignore"):
        return float(np.dtype(size.dtype).type(bound))


@register(columns=COLUMNS)
def positive(size: Size, columns=None):
    """Positive values: `x = exp(z)`.

    For prices, durations, concentrations. Put it last, at the data end: then fitting takes the logarithm of the data
    once, standardises that, and trains the rest of the flow on it, while densities and draws are on the scale of the
    data. The exponential is chosen rather than softplus because it does not depend on the unit of the column (another
    unit only shifts z, which standardising takes away), and turns the skewed, heavy-tailed shapes that positive data
    have into symmetric ones. Draws are never 0 or less; at 0 and below the density is 0.

    Args:
        columns: which columns, by index from 0 or by name; None: all. The others stay as they are.

    Shapes:
        x `[n, d]`, any d >= 1.

    Raises:
        ArgumentError: `columns` does not fit the data.

    Example:
        >>> flow(maf(), positive())
    """
    return SupportMap(size, Above(0.0), columns)


@register(low=Number(), columns=COLUMNS)
def lower(size: Size, low, columns=None):
    """Values above a bound: `x = low + exp(z)`.

    Put it last, at the data end of the flow; then it stays outside of standardising (see `positive`). Draws are never
    at the bound or below; there the density is 0.

    Args:
        low: the bound, which is not a possible value itself.
        columns: which columns, by index from 0 or by name; None: all. The others stay as they are.

    Shapes:
        x `[n, d]`, any d >= 1.

    Raises:
        ArgumentError: `low` is not a number, or `columns` does not fit the data.

    Example:
        >>> flow(maf(), lower(-1.0))
    """
    return SupportMap(size, Above(_rounded(low, size)), columns)


@register(high=Number(), columns=COLUMNS)
def upper(size: Size, high, columns=None):
    """Values below a bound: `x = high - exp(-z)`.

    The mirror image of `lower`. Put it last, at the data end of the flow; then it stays outside of standardising (see
    `positive`). Draws are never at the bound or above; there the density is 0.

    Args:
        high: the bound, which is not a possible value itself.
        columns: which columns, by index from 0 or by name; None: all. The others stay as they are.

    Shapes:
        x `[n, d]`, any d >= 1.

    Raises:
        ArgumentError: `high` is not a number, or `columns` does not fit the data.

    Example:
        >>> flow(maf(), upper(100.0))
    """
    return SupportMap(size, Below(_rounded(high, size)), columns)


@register(low=Number(), high=Number(), columns=COLUMNS)
def interval(size: Size, low=0.0, high=1.0, columns=None):
    """Values between two bounds: `x = low + (high - low) sigmoid(z)`.

    For shares, probabilities, scores on a scale. Put it last, at the data end of the flow; then it stays outside of
    standardising (see `positive`). Draws are never at the bounds or beyond; there the density is 0.

    Args:
        low: the lower bound, which is not a possible value itself.
        high: the upper bound, > `low`, which is not a possible value itself.
        columns: which columns, by index from 0 or by name; None: all. The others stay as they are.

    Shapes:
        x `[n, d]`, any d >= 1.

    Raises:
        ArgumentError: the bounds are not numbers or not in order, or `columns` does not fit the data.

    Example:
        >>> flow(maf(), interval(0.0, 1.0))
    """
    return SupportMap(size, Between(_rounded(low, size), _rounded(high, size)), columns)
