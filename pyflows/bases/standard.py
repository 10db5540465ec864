"""Independent standard distributions without weights."""

from __future__ import annotations

import math

import numpy as np

from ..backend import tf, tfd
from ..checks import Number
from ..errors import ArgumentError
from ..maps import Size
from ..spec import register
from .base import Base


class StandardBase(Base):
    """d times the same distribution, which has no parameters."""

    def __init__(self, size: Size):
        self.event, self.dtype = size.event, size.dtype

    def _each(self):
        """The distribution of all dimensions as a TFP distribution with batch shape [d]."""
        raise NotImplementedError

    def distribution(self, weights, context=None):
        return tfd.Independent(self._each(), 1)


class NormalBase(StandardBase):
    def log_prob(self, weights, z, context=None):
        return -0.5 * (tf.reduce_sum(tf.square(z), 0) + self.event * math.log(2.0 * math.pi))

    def sample(self, weights, n, rng, context=None):
        return rng.standard_normal((n, self.event), dtype=self.dtype)

    def distribution(self, weights, context=None):
        return tfd.MultivariateNormalDiag(loc=tf.zeros([self.event], self.dtype))


@register(group="base")
def base_normal(size: Size):
    """Standard normal base distribution.

    d independent normals with mean 0 and standard deviation 1; the default.

    Shapes:
        z `[n, d]`, any d >= 1.

    Example:
        >>> flow(affine(), base=base_normal())
    """
    return NormalBase(size)


class LogisticBase(StandardBase):
    def log_prob(self, weights, z, context=None):
        return -tf.reduce_sum(z + 2.0 * tf.math.softplus(-z), 0)

    def sample(self, weights, n, rng, context=None):
        return rng.logistic(size=(n, self.event)).astype(self.dtype)

    def _each(self):
        return tfd.Logistic(tf.zeros([self.event], self.dtype), 1.0)


@register(group="base")
def base_logistic(size: Size):
    """Standard logistic base distribution.

    d independent logistic distributions with density `exp(-z) / (1 + exp(-z))^2`: bell-shaped like the normal, with
    exponential tails, so that rows far out are less surprising. Its standard deviation is pi / sqrt(3). It costs what
    the normal does.

    Shapes:
        z `[n, d]`, any d >= 1.

    References:
        Dinh, Krueger & Bengio (2014), NICE, arXiv:1410.8516.

    Example:
        >>> flow(affine(), base=base_logistic())
    """
    return LogisticBase(size)


class LaplaceBase(StandardBase):
    def log_prob(self, weights, z, context=None):
        return -tf.reduce_sum(tf.abs(z), 0) - self.event * math.log(2.0)

    def sample(self, weights, n, rng, context=None):
        return rng.laplace(size=(n, self.event)).astype(self.dtype)

    def _each(self):
        return tfd.Laplace(tf.zeros([self.event], self.dtype), 1.0)


@register(group="base")
def base_laplace(size: Size):
    """Standard Laplace base distribution.

    d independent Laplace distributions with density `exp(-|z|) / 2`: exponential tails and a peak at 0, where the
    density of the flow has a crease. Its standard deviation is sqrt(2). It costs what the normal does.

    Shapes:
        z `[n, d]`, any d >= 1.

    Example:
        >>> flow(affine(), base=base_laplace())
    """
    return LaplaceBase(size)


class UniformBase(StandardBase):
    def __init__(self, size: Size, low: float, high: float):
        super().__init__(size)
        self.low, self.high = low, high

    def log_prob(self, weights, z, context=None):
        inside = tf.reduce_all((z >= self.low) & (z <= self.high), 0)
        height = tf.constant(-self.event * math.log(self.high - self.low), z.dtype)
        return tf.where(inside, height, tf.constant(-math.inf, z.dtype))

    def sample(self, weights, n, rng, context=None):
        # Rounding to float32 may give the upper end itself, which belongs to the box.
        return rng.uniform(self.low, self.high, (n, self.event)).astype(self.dtype)

    def _each(self):
        low, high = (tf.fill([self.event], np.asarray(end, self.dtype)) for end in (self.low, self.high))
        # TFP counts the upper end as outside.
        return tfd.Uniform(low, tf.math.nextafter(high, high + 1.0))


@register(group="base", low=Number(), high=Number())
def base_uniform(size: Size, low=0.0, high=1.0):
    """Uniform base distribution on a box.

    The density is the same everywhere within the box (ends included) and 0 outside: a row that the layers take
    outside has log-density -inf, and no gradient says how to bring it back. So it fits only under layers that take
    all data into the box, whatever their weights: layers whose data side is everything, and whose base side is the box.
    Otherwise `fit` ends with a `TrainingError` that names the base.

    Args:
        low: lower end of the box in each dimension.
        high: upper end of the box in each dimension, > `low`.

    Shapes:
        z `[n, d]`, any d >= 1.

    Raises:
        ArgumentError: an argument is not a number, or `high` is not above `low`.

    Example:
        >>> flow(base=base_uniform(low=-1, high=1))
    """
    if low >= high:
        raise ArgumentError(f"`high` must be above `low`, but they are {high:g} and {low:g}.", argument="high")
    return UniformBase(size, low, high)
