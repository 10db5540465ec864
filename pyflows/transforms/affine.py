"""Shift and scale."""

from __future__ import annotations

from ..backend import tf
from ..maps import bounded
from .base import Transform

# Scales of one layer stay within 1/20 to 20. Measured: with 1/1000 to 1000, far held-out points get scales that no
# data taught, and single rows cost thousands of nats; several layers multiply to whatever is needed.
LOG_SCALE_BOUND = 3.0


class Affine(Transform):
    """`x = z exp(s) + m`, the log-scale s softly bounded so that far outliers keep finite densities and gradients."""

    params = 2
    identity = (0.0, 0.0)

    def forward(self, theta, z):
        shift, log_scale = _parameters(theta)
        return z * tf.exp(log_scale) + shift, log_scale

    def inverse(self, theta, x):
        shift, log_scale = _parameters(theta)
        return (x - shift) * tf.exp(-log_scale), -log_scale


def _parameters(theta):
    # Unstacked, for the gradient of indexing fills up each part to the whole, and adds.
    shift, raw = tf.unstack(theta, 2)
    return shift, bounded(raw, LOG_SCALE_BOUND)


class Additive(Transform):
    """`x = z + m`: volume preserving (Dinh, Krueger & Bengio 2014, NICE)."""

    params = 1
    identity = (0.0,)

    def forward(self, theta, z):
        return z + theta[0], tf.zeros_like(z)

    def inverse(self, theta, x):
        return x - theta[0], tf.zeros_like(x)
