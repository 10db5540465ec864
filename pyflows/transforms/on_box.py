"""Polynomials that map a box onto itself: Bernstein's, and integrals of sums of squares."""

from __future__ import annotations

import math

import numpy as np

from ..backend import tf
from ..roots import solve
from .base import Transform, clamp, join_straight, with_identity
from .bins import bin_sizes

# Added to a sum of squares, which could vanish altogether.
SMALLEST_SQUARES = 1e-4


class OnBox(Transform):
    """An increasing map of the box onto itself, straight on outside with the slopes at the border.

    x -> z is the closed form, which subclasses give (`_curve`, with its slope, and `_border`, the slopes at both ends
    of the box); z -> x is found as its root.

    Args:
        bins: how many parameters, as the subclass says.
        box: half-width of the box.
    """

    costly = True

    def __init__(self, bins: int = 8, box: float = 5.0):
        self.bins, self.box = bins, float(box)

    def inverse(self, theta, x):
        inside, inner = clamp(x, self.box)
        z, slope = self._map(inner, theta)
        return join_straight(inside, x, z, tf.math.log(slope), self.box, self._border_log_slopes(theta))

    def forward(self, theta, z):
        inside, inner = clamp(z, self.box)
        x = solve(self._map, inner, -self.box, self.box, (theta,), unit=self.box)
        log_slopes = tuple(-log_slope for log_slope in self._border_log_slopes(theta))
        return join_straight(inside, z, x, -tf.math.log(self._map(x, theta)[1]), self.box, log_slopes)

    def _map(self, x, theta):
        z, slope = self._curve(x, theta)
        return with_identity(z, x), with_identity(slope, 1.0)

    def _border_log_slopes(self, theta):
        return tuple(tf.math.log(with_identity(slope, 1.0)) for slope in self._border(theta))

    def _curve(self, x, theta):
        raise NotImplementedError

    def _border(self, theta):
        raise NotImplementedError


class Bernstein(OnBox):
    """A Bernstein polynomial of degree `bins` with increasing coefficients.

    With t in [0, 1] along the box, z is `sum_k c_k b_k(t)`, where `b_k = choose(m, k) t^k (1 - t)^(m - k)`. The
    parameters give the increments of c, which runs from -box to box. The slopes at the border are m times the first
    and the last increment.

    References:
        Ramasinghe, Fernando, Khan & Barnes (2021), Robust normalizing flows using Bernstein-type polynomials,
        arXiv:2102.03509; Sick, Hothorn & Dürr (2020), Deep transformation models, arXiv:2004.00464.
    """

    @property
    def params(self):
        return self.bins

    @property
    def identity(self):
        return (0.0,) * self.bins

    def _curve(self, x, theta):
        # With b of degree m - 1, c_k b_k of degree m add up to (c_k + t increment_k) b_k: one basis does for both.
        m, increments = self.bins, bin_sizes(theta, 0.5)
        t = (x + self.box) / (2.0 * self.box)
        basis = _bernstein(m - 1, t)
        rise = tf.reduce_sum(basis * (tf.cumsum(increments, 0, exclusive=True) + t * increments), 0)
        return self.box * (2.0 * rise - 1.0), m * tf.reduce_sum(basis * increments, 0)

    def _border(self, theta):
        increments = bin_sizes(theta, 0.5)
        return self.bins * increments[0], self.bins * increments[-1]


def _bernstein(degree: int, t):
    """All Bernstein polynomials of that degree, `[degree + 1, d, n]`."""
    k = np.arange(degree + 1.0).reshape(-1, 1, 1)
    log_choose = [math.lgamma(degree + 1) - math.lgamma(i + 1) - math.lgamma(degree - i + 1) for i in k.ravel()]
    # By logarithms because of the size of binomial coefficients; t is 0 or 1 only at the ends of a bracket.
    log_t, log_rest = (tf.math.log(tf.maximum(share, 1e-30)) for share in (t, 1.0 - t))
    up, down = tf.constant(k, t.dtype) * log_t, tf.constant(degree - k, t.dtype) * log_rest
    return tf.exp(tf.constant(np.reshape(log_choose, k.shape), t.dtype) + up + down)


class SOSPolynomial(OnBox):
    """The integral of a sum of two squared polynomials, of degree `2 ceil(bins / 2) + 1`.

    With t in [-1, 1] along the box, z is proportional to the integral of `p(t)^2 + q(t)^2` from -1 on, scaled to end at
    the upper corner. The parameters are the coefficients of p and q, those of t^k divided by k + 1, lest high powers
    have the largest slopes. Two squares are as general as any number. The integral is taken by Gauss-Legendre
    quadrature with as many nodes as make it exact: a sum of positive terms.

    References:
        Jaini, Selby & Yu (2019), Sum-of-Squares Polynomial Flow, arXiv:1905.02325.
    """

    def __init__(self, bins: int = 8, box: float = 5.0):
        super().__init__(bins, box)
        self.degree = -(-bins // 2)
        self.params = 2 * (self.degree + 1)
        # Two different constants whose squares add up to 1, so that both polynomials learn, and not the same.
        self.identity = (0.8, *[0.0] * self.degree, 0.6, *[0.0] * self.degree)
        self.quadrature = np.polynomial.legendre.leggauss(self.degree + 1)

    def _curve(self, x, theta):
        t = x / self.box
        whole = self._integral(theta, tf.ones_like(t))
        z = self.box * (2.0 * self._integral(theta, t) / whole - 1.0)
        return z, 2.0 * self._density(theta, t) / whole

    def _border(self, theta):
        end = tf.ones_like(theta[0])
        whole = self._integral(theta, end)
        return tuple(2.0 * self._density(theta, t) / whole for t in (-end, end))

    def _density(self, theta, t):
        coefficients = tf.unstack(theta)
        p, q = coefficients[: self.degree + 1], coefficients[self.degree + 1 :]
        return tf.square(_polynomial(p, t)) + tf.square(_polynomial(q, t)) + SMALLEST_SQUARES

    def _integral(self, theta, t):
        """From -1 to t."""
        nodes, weights = (tf.constant(part[:, None, None], t.dtype) for part in self.quadrature)
        half = 0.5 * (t + 1.0)
        return half * tf.reduce_sum(weights * self._density(theta, half * (nodes + 1.0) - 1.0), 0)


def _polynomial(coefficients, t):
    """`sum_k coefficients[k] t^k / (k + 1)`, by Horner's rule."""
    value = tf.zeros_like(t)
    for k in reversed(range(len(coefficients))):
        value = value * t + coefficients[k] / (k + 1.0)
    return value
