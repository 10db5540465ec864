"""Shift and scale."""

from __future__ import annotations

import math

from ..backend import tf
from ..maps import bounded
from .base import Transform

# Scales stay within 1e-3 to 1e3: enough for standardised data, and exp() can never overflow.
LOG_SCALE_BOUND = math.log(1e3)


class Affine(Transform):
    """`x = z exp(s) + m`, the log-scale s softly bounded so that far outliers keep finite densities and gradients."""

    params = 2
    identity = (0.0, 0.0)

    def forward(self, theta, z):
        log_scale = bounded(theta[1], LOG_SCALE_BOUND)
        return z * tf.exp(log_scale) + theta[0], log_scale

    def inverse(self, theta, x):
        log_scale = bounded(theta[1], LOG_SCALE_BOUND)
        return (x - theta[0]) * tf.exp(-log_scale), -log_scale


class Additive(Transform):
    """`x = z + m`: volume preserving (Dinh, Krueger & Bengio 2014, NICE)."""

    params = 1
    identity = (0.0,)

    def forward(self, theta, z):
        return z + theta[0], tf.zeros_like(z)

    def inverse(self, theta, x):
        return x - theta[0], tf.zeros_like(x)
