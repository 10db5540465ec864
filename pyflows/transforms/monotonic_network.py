"""Monotone networks of one hidden layer."""

from __future__ import annotations

import math

import numpy as np

from ..backend import tf
from ..maps import bounded
from ..roots import solve
from .affine import LOG_SCALE_BOUND
from .base import IDENTITY_SHARE, Transform, with_identity
from .bins import bin_sizes


class MonotonicNetwork(Transform):
    """The logit of a mixture of `units` sigmoids, `z = logit(sum_j w_j sigmoid(a_j x + b_j))`, smooth everywhere.

    All a_j are positive and the w_j add up to 1, so it increases, from the whole line onto the whole line. x -> z is
    the closed form. z -> x is found as its root: z lies between the smallest and the largest of the `a_j x + b_j`, so
    that the root lies between those of these lines. It starts near the identity only, because units that were equal
    would stay so: the mean of logistic distributions at places between -1 and 1 is close to a logistic one.

    References:
        Huang, Krueger, Lacoste & Courville (2018), Neural Autoregressive Flows, arXiv:1804.00779.
    """

    costly = True

    def __init__(self, units: int = 8):
        self.units, self.params = units, 3 * units
        places = np.linspace(-1.0, 1.0, units)
        # The variance of a standard logistic variable is pi^2 / 3.
        log_slope = 0.5 * math.log1p(3.0 * places.var() / math.pi**2)
        raw_slope = log_slope / (1.0 - log_slope / LOG_SCALE_BOUND)
        self.identity = (*[0.0] * units, *places.tolist(), *[raw_slope] * units)

    def inverse(self, theta, x):
        z, slope = _map(x, theta)
        return z, tf.math.log(slope)

    def forward(self, theta, z):
        low, high = _bracket(theta, z)
        x = solve(_map, z, low, high, (theta,), unit=tf.maximum(tf.abs(low), tf.abs(high)))
        return x, -tf.math.log(_map(x, theta)[1])


def _parameters(theta):
    """Weights, slopes and intercepts of the units."""
    weights, intercepts, slopes = tf.split(theta, 3)
    return bin_sizes(weights, 0.5), tf.exp(bounded(slopes, LOG_SCALE_BOUND)), intercepts


def _map(x, theta):
    weights, slopes, intercepts = _parameters(theta)
    u = slopes * x + intercepts
    log_up, share_up = _log_sum(tf.math.log(weights) + tf.math.log_sigmoid(u))
    log_down, share_down = _log_sum(tf.math.log(weights) + tf.math.log_sigmoid(-u))
    slope = tf.reduce_sum(slopes * share_up * share_down / weights, 0)
    return with_identity(log_up - log_down, x), with_identity(slope, 1.0)


def _log_sum(values):
    """The logarithm of the sum of exponentials, and the share of each in the sum."""
    top = tf.stop_gradient(tf.reduce_max(values, 0))
    e = tf.exp(values - top)
    total = tf.reduce_sum(e, 0)
    return top + tf.math.log(total), e / total


def _bracket(theta, z):
    _, slopes, intercepts = _parameters(theta)
    x = (z - (1.0 - IDENTITY_SHARE) * intercepts) / with_identity(slopes, 1.0)
    return tf.reduce_min(x, 0), tf.reduce_max(x, 0)
