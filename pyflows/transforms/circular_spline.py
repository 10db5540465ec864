"""Rational-quadratic splines on a circle."""

from __future__ import annotations

from ..backend import tf
from .base import join
from .bins import at_ends
from .rq_spline import RQSpline
from .spline import positive


class CircularSpline(RQSpline):
    """A map of the circle [-box, box) onto itself: a turn by a learned angle, then a spline that closes smoothly.

    The slopes at -box and box are one parameter, so that the density has no seam there. The turn makes values jump
    from one end of the interval to the other, which is continuous on the circle; every base whose densities at -box
    and box are equal gives a density that is continuous on it. Values outside the interval stay as they are.

    References:
        Rezende, Papamakarios, Racanière et al. (2020), Normalizing Flows on Tori and Spheres, arXiv:2002.02428.
    """

    def __init__(self, bins: int = 8, box: float = 5.0):
        super().__init__(bins, box)
        self.blocks = [bins, bins, bins, 1]
        self.period = 2.0 * self.box

    def inverse(self, theta, x):
        blocks = tf.split(theta, self.blocks)
        inside, inner = self._clamped(x)
        z, log_slope = self._on_box(blocks, self._wrapped(inner - blocks[3][0]), self._up, by_height=False)
        return join(inside, x, z, log_slope)

    def forward(self, theta, z):
        blocks = tf.split(theta, self.blocks)
        inside, inner = self._clamped(z)
        x, log_slope = self._on_box(blocks, inner, self._down, by_height=True)
        return join(inside, z, self._wrapped(x + blocks[3][0]), log_slope)

    def _shape(self, blocks, k):
        raw = at_ends(k, tf.concat([blocks[2], blocks[2][:1]], 0), first=0)
        return tuple(positive(value) for value in raw)

    def _clamped(self, value):
        """Like `clamp`, but both ends, which are one point, are inside."""
        inside = tf.abs(value) <= self.box
        return inside, tf.where(inside, value, tf.zeros_like(value))

    def _wrapped(self, value):
        return tf.math.floormod(value + self.box, 2.0 * self.box) - self.box
