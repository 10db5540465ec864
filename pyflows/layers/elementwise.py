"""Maps of each dimension on its own, with learned parameters."""

from __future__ import annotations

import math

from ..backend import tf
from ..maps import Map, Size, bounded, column, constant, softplus_inverse
from ..spec import register
from ..transforms.sinh_arcsinh import to_base, to_data

SMALLEST_SLOPE = 1e-3
LOG_TAIL_BOUND = math.log(5.0)


class PreluMap(Map):
    def __init__(self, size: Size):
        self.weights = {"slope": constant(softplus_inverse(1.0 - SMALLEST_SLOPE), (size.event,))}

    def _slope(self, weights):
        return column(tf.math.softplus(weights["slope"]) + SMALLEST_SLOPE)

    def forward(self, weights, z, context=None):
        slope = self._slope(weights)
        log_slope = tf.where(z < 0, tf.math.log(slope), tf.zeros_like(z))
        return tf.where(z < 0, z * slope, z), tf.reduce_sum(log_slope, 0)

    def inverse(self, weights, x, context=None):
        slope = self._slope(weights)
        log_slope = tf.where(x < 0, tf.math.log(slope), tf.zeros_like(x))
        return tf.where(x < 0, x / slope, x), -tf.reduce_sum(log_slope, 0)


@register()
def prelu(size: Size):
    """Learnable leaky ReLU: another slope below zero, for each dimension.

    `x = z` for z >= 0 and `x = a z` for z < 0, with a learned slope a > 0 that starts at 1. Between affine maps it
    bends space along planes, so that a few of them already give skewed and angular densities; the density has a
    jump where it bends. Both directions cost next to nothing.

    Shapes:
        x `[n, d]`, any d >= 1.

    References:
        He, Zhang, Ren & Sun (2015), Delving Deep into Rectifiers, arXiv:1502.01852 (the activation).

    Example:
        >>> flow(affine(), prelu(), affine())
    """
    return PreluMap(size)


class SinhArcsinhMap(Map):
    def __init__(self, size: Size):
        self.weights = {"skewness": constant(0.0, (size.event,)), "tailweight": constant(0.0, (size.event,))}

    def _parameters(self, weights):
        return column(weights["skewness"]), bounded(column(weights["tailweight"]), LOG_TAIL_BOUND)

    def forward(self, weights, z, context=None):
        x, log_derivative = to_data(*self._parameters(weights), z)
        return x, tf.reduce_sum(log_derivative, 0)

    def inverse(self, weights, x, context=None):
        z, log_derivative = to_base(*self._parameters(weights), x)
        return z, tf.reduce_sum(log_derivative, 0)


@register()
def sinh_arcsinh(size: Size):
    """Learnable skewness and tail weight, for each dimension.

    `z = sinh(t asinh(x) - s)`: s > 0 skews to the right, t < 1 gives heavier and t > 1 lighter tails than the base
    (t stays within 1/5 to 5). It starts at the identity. Both directions cost next to nothing.

    Shapes:
        x `[n, d]`, any d >= 1.

    References:
        Jones & Pewsey (2009), Sinh-arcsinh distributions, Biometrika 96(4), doi:10.1093/biomet/asp053.

    Example:
        >>> flow(sinh_arcsinh(), affine())
    """
    return SinhArcsinhMap(size)
