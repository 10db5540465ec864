"""Columns on a circle: angles, directions, times of day."""

from __future__ import annotations

import math

import numpy as np

from ..backend import tf
from ..checks import Columns, Number
from ..errors import ArgumentError
from ..maps import Map, Size
from ..spec import register
from .columns import Some

ROOT_HALF, LOG_ROOT_TAU = math.sqrt(0.5), 0.5 * math.log(2.0 * math.pi)


class CircleMap(Map):
    """`x = low + length Phi(z)`, with Phi the normal distribution function: the line, closed at the ends to a circle.

    The standard normal becomes the uniform distribution on the circle. Values outside of it have density 0.
    """

    def __init__(self, size: Size, low: float, length: float, columns):
        self.low, self.length, self.columns = low, length, Some(columns, size)
        # That of the model, in whatever precision the data come by.
        self.rounding = float(np.finfo(size.dtype).eps)

    def forward(self, weights, z, context=None):
        chosen, others = self.columns.take(z)
        # Measured from the nearer end: there the digits count.
        near = 0.5 * self.length * tf.math.erfc(tf.abs(chosen) * ROOT_HALF)
        x = tf.where(chosen < 0, self.low + near, (self.low + self.length) - near)
        log_slope = math.log(self.length) - LOG_ROOT_TAU - 0.5 * tf.square(chosen)
        return self.columns.put_back(x, others), tf.reduce_sum(log_slope, 0)

    def inverse(self, weights, x, context=None):
        chosen, others = self.columns.take(x)
        t = chosen - self.low
        z, log_det = self._to_line(t)
        outside = tf.reduce_any((t < 0) | (t > self.length), 0)
        return self.columns.put_back(z, others), tf.where(outside, tf.constant(-math.inf, x.dtype), log_det)

    def _to_line(self, t):
        """From the distance to `low`, with the log-determinant."""
        share = tf.minimum(t, self.length - t) / self.length
        # The two ends are one point of the circle, but the far ends of the line: as far as rounding lets them be.
        share = tf.maximum(share, self.rounding)
        z = tf.math.ndtri(share)
        log_slope = 0.5 * tf.square(z) + (LOG_ROOT_TAU - math.log(self.length))
        return tf.where(t < 0.5 * self.length, z, -z), tf.reduce_sum(log_slope, 0)


class PeriodicMap(CircleMap):
    """The same at the data end: data are taken modulo the length."""

    outer = last = True

    def __init__(self, size: Size, low: float, length: float, columns):
        super().__init__(size, low, length, columns)
        number = np.dtype(size.dtype).type
        end = number(low + length)
        self.largest = float(np.nextafter(end, number(-math.inf)))
        if not number(low) < self.largest:
            raise ArgumentError(
                f"no {size.dtype} numbers lie between {low:g} and {low + length:g}; `length` must be longer.",
                argument="length",
            )
        self.unscaled = tuple(self.columns.index)

    def forward(self, weights, z, context=None):
        x, log_det = super().forward(weights, z, context)
        chosen, others = self.columns.take(x)
        return self.columns.put_back(tf.clip_by_value(chosen, self.low, self.largest), others), log_det

    def inverse(self, weights, x, context=None):
        chosen, others = self.columns.take(x)
        z, log_det = self._to_line(tf.math.floormod(chosen - self.low, self.length))
        return self.columns.put_back(z, others), log_det


@register(columns=Columns(null=True))
def circle(size: Size, columns=None):
    """The line as a circle of length 2 pi: `x = 2 pi Phi(z) - pi`, with Phi the normal distribution function.

    What `ncsf` is made of: standard normal values become uniform angles, layers with `transform = "circular_spline"`
    and `box = pi` turn and bend the circle, and `invert(circle())` opens it again where it was closed, so that it all
    is a map of the line, ready for `periodic`. Alone its density is that of the uniform distribution on [-pi, pi], and
    0 outside. Both directions cost next to nothing.

    Args:
        columns: which columns, by index from 0 or by name; None: all. The others stay as they are.

    Shapes:
        x `[n, d]`, any d >= 1.

    Raises:
        ArgumentError: `columns` does not fit the data.

    References:
        Rezende, Papamakarios, Racanière et al. (2020), Normalizing Flows on Tori and Spheres, arXiv:2002.02428.

    Example:
        >>> flow(circle(), elementwise("circular_spline", box=3.141592653589793), invert(circle()), periodic(360.0))
    """
    return CircleMap(size, -math.pi, 2.0 * math.pi, columns)


@register(length=Number(min=0, open=True), low=Number(), columns=Columns(null=True))
def periodic(size: Size, length, low=0.0, columns=None):
    """Values on a circle: `x = low + length Phi(z)`, with Phi the normal distribution function.

    For angles, directions, phases, times of day. It must be the last layer, or stand among others for supports. Data
    are taken modulo `length`, so that -10 and 350 degrees are one point with one density; draws lie in
    [low, low + length). The density is that on the circle: it integrates to 1 over any stretch of that length. Under
    `ncsf`, whose layers respect the circle, it is continuous there; under other flows, for which low and low + length
    are the two far ends of a line, it need not be, and data at `low` are outliers. Standardising leaves these columns
    alone, as it would break the circle. Both directions cost next to nothing.

    Args:
        length: the length of the circle, > 0, in the unit of the column: 360 for degrees, 24 for hours.
        low: where draws begin.
        columns: which columns, by index from 0 or by name; None: all. The others stay as they are.

    Shapes:
        x `[n, d]`, any d >= 1.

    Raises:
        ArgumentError: `length` is not a number > 0, `low` not a number, `columns` does not fit the data, or the layer
            is not at the data end of the flow.

    References:
        Rezende, Papamakarios, Racanière et al. (2020), Normalizing Flows on Tori and Spheres, arXiv:2002.02428.

    Example:
        >>> flow(ncsf(length=None), periodic(360.0, low=-180.0))
    """
    return PeriodicMap(size, low, length, columns)
