"""Skewness and tail weight."""

from __future__ import annotations

import math

from ..backend import tf
from ..maps import bounded
from .base import Transform

# A network may ask for anything; within these bounds a value of 1e6 has a density that float32 can hold.
SKEWNESS_BOUND, LOG_TAIL_BOUND = 5.0, math.log(2.5)


class SinhArcsinh(Transform):
    """`z = sinh(t asinh(x) - s)`, with skewness s and tail weight t.

    References:
        Jones & Pewsey (2009), Sinh-arcsinh distributions, Biometrika 96(4), doi:10.1093/biomet/asp053.
    """

    params = 2
    identity = (0.0, 0.0)

    def inverse(self, theta, x):
        return to_base(bounded(theta[0], SKEWNESS_BOUND), bounded(theta[1], LOG_TAIL_BOUND), x)

    def forward(self, theta, z):
        return to_data(bounded(theta[0], SKEWNESS_BOUND), bounded(theta[1], LOG_TAIL_BOUND), z)


def to_base(skewness, log_tail, x):
    """x -> z with its log-derivative."""
    u = tf.math.asinh(x)
    v = tf.exp(log_tail) * u - skewness
    # cosh(asinh(x)) = sqrt(1 + x^2), written by log_cosh because x^2 would overflow first.
    return tf.math.sinh(v), _log_cosh(v) + log_tail - _log_cosh(u)


def to_data(skewness, log_tail, z):
    """z -> x with its log-derivative."""
    u = tf.math.asinh(z)
    v = (u + skewness) / tf.exp(log_tail)
    return tf.math.sinh(v), _log_cosh(v) - log_tail - _log_cosh(u)


def _log_cosh(u):
    size = tf.abs(u)
    return size + tf.math.softplus(-2.0 * size) - math.log(2.0)
