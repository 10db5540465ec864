"""What is done with a distribution: draws, densities, probabilities and statistics."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np

from ...backend import tf
from ...checks import Check, fail, is_whole
from ..kinds import Distribution, Tensor, Values, is_live, numbers_in, values_like
from .declare import distribution as declare


@dataclass(frozen=True)
class Seed(Check):
    """A whole number, which is made the pair that TFP's stateless generators take; a pair passes as it is."""

    def plain(self, value):
        if is_live(value) or isinstance(value, np.ndarray):
            return tuple(value.shape) == (2,), value
        ok = is_whole(value) and 0 <= value < 2**62
        return ok, tf.constant([int(value) >> 31, int(value) & 0x7FFFFFFF], tf.int32) if ok else None

    def allowed(self):
        return "a whole number >= 0, or a tensor of two"


@declare(
    verb=True,
    improved="a whole number as `seed` gives the same draws each time; TFP's own method gives others",
    seed=Seed(null=True),
)
def sample(distribution, sample_shape=(), seed=None, **conditions):
    """Draws from a distribution.

    Args:
        seed: whole number >= 0: the same seed gives the same draws. `None`: TensorFlow's global generator.

    Returns:
        A tensor: first `sample_shape`, then the shape of the batch, then that of one event. A joint distribution gives
        a list or dict of tensors.

    Example:
        >>> tfd.sample(tfd.normal(0, 1), 3, seed=1)
    """
    with warnings.catch_warnings():
        # TFP advises joint distributions to take whole numbers as seeds, with which draws are not reproducible.
        warnings.filterwarnings("ignore", message="Saw Tensor seed")
        return distribution.sample(sample_shape, seed=seed, **conditions)


def _at(method, distribution, value, conditions):
    value = _values(distribution, value, f"tfd.{method}()")
    return getattr(distribution, method)(value, **conditions)


@declare(verb=True, value=Values())
def log_prob(distribution, value, **conditions):
    """The logarithm of the density, or of the probability of a discrete value.

    Args:
        value: where, of the shape of draws.

    Returns:
        A tensor without the dimensions of the event.

    Example:
        >>> tfd.log_prob(tfd.normal(0, 1), [0.0, 1.0])
    """
    return _at("log_prob", distribution, value, conditions)


@declare(verb=True, value=Values())
def prob(distribution, value, **conditions):
    """The density, or the probability of a discrete value.

    Args:
        value: where, of the shape of draws.

    Returns:
        A tensor without the dimensions of the event.

    Example:
        >>> tfd.prob(tfd.poisson(rate=2), [0, 1, 2])
    """
    return _at("prob", distribution, value, conditions)


@declare(verb=True, value=Values())
def cdf(distribution, value, **conditions):
    """The probability of at most a value.

    Args:
        value: where, of the shape of draws.

    Returns:
        A tensor.

    Example:
        >>> tfd.cdf(tfd.normal(0, 1), [0.0, 1.96])
    """
    return _at("cdf", distribution, value, conditions)


@declare(verb=True, value=Values())
def log_cdf(distribution, value, **conditions):
    """The logarithm of the probability of at most a value, exact far out in the lower tail where TFP has it so.

    Args:
        value: where, of the shape of draws.

    Returns:
        A tensor.

    Example:
        >>> tfd.log_cdf(tfd.normal(0, 1), -20.0)
    """
    return _at("log_cdf", distribution, value, conditions)


@declare(verb=True, value=Values())
def survival_function(distribution, value, **conditions):
    """The probability of more than a value.

    Args:
        value: where, of the shape of draws.

    Returns:
        A tensor.

    Example:
        >>> tfd.survival_function(tfd.exponential(rate=1), 3.0)
    """
    return _at("survival_function", distribution, value, conditions)


@declare(verb=True, value=Values())
def log_survival_function(distribution, value, **conditions):
    """The logarithm of the probability of more than a value.

    Args:
        value: where, of the shape of draws.

    Returns:
        A tensor.

    Example:
        >>> tfd.log_survival_function(tfd.normal(0, 1), 20.0)
    """
    return _at("log_survival_function", distribution, value, conditions)


@declare(verb=True, value=Tensor(min=0, max=1))
def quantile(distribution, value, **conditions):
    """The inverse of the CDF.

    Args:
        value: probabilities in [0, 1].

    Returns:
        A tensor.

    Example:
        >>> tfd.quantile(tfd.normal(0, 1), [0.025, 0.975])
    """
    return distribution.quantile(value, **conditions)


@declare(verb=True)
def mean(distribution, **conditions):
    """The mean.

    Returns:
        A tensor, of the shape of one draw.

    Example:
        >>> tfd.mean(tfd.gamma(concentration=2, rate=1))
    """
    return distribution.mean(**conditions)


@declare(verb=True)
def mode(distribution, **conditions):
    """The value of greatest density.

    Returns:
        A tensor, of the shape of one draw.

    Example:
        >>> tfd.mode(tfd.gamma(concentration=2, rate=1))
    """
    return distribution.mode(**conditions)


@declare(verb=True)
def variance(distribution, **conditions):
    """The variance; of vectors, that of each component.

    Returns:
        A tensor, of the shape of one draw.

    Example:
        >>> tfd.variance(tfd.gamma(concentration=2, rate=1))
    """
    return distribution.variance(**conditions)


@declare(verb=True)
def stddev(distribution, **conditions):
    """The standard deviation; of vectors, that of each component.

    Returns:
        A tensor, of the shape of one draw.

    Example:
        >>> tfd.stddev(tfd.gamma(concentration=2, rate=1))
    """
    return distribution.stddev(**conditions)


@declare(verb=True)
def covariance(distribution, **conditions):
    """The covariance matrix of a distribution of vectors.

    Returns:
        A tensor `[..., k, k]`.

    Example:
        >>> tfd.covariance(tfd.dirichlet([1, 2, 3]))
    """
    return distribution.covariance(**conditions)


@declare(verb=True)
def entropy(distribution, **conditions):
    """The entropy, in nats: the mean of minus `log_prob`.

    Returns:
        A tensor, of the shape of the batch.

    Example:
        >>> tfd.entropy(tfd.normal(0, 1))
    """
    return distribution.entropy(**conditions)


@declare(verb=True, other=Distribution())
def cross_entropy(distribution, other, name="cross_entropy"):
    """The cross entropy, in nats: the mean of minus another's `log_prob`.

    Density:
        H(p, q) = -E_p log q(x)

    Args:
        other: the distribution q, of a kind that TFP knows the divergence for.

    Returns:
        A tensor, of the shape of the batch.

    Example:
        >>> tfd.cross_entropy(tfd.normal(0, 1), tfd.normal(1, 2))
    """
    return distribution.cross_entropy(other, name=name)


@declare(verb=True, other=Distribution())
def kl_divergence(distribution, other, name="kl_divergence"):
    """The Kullback-Leibler divergence from another distribution, in nats.

    Density:
        KL(p, q) = E_p (log p(x) - log q(x))

    Args:
        other: the distribution q, of a kind that TFP knows the divergence for.

    Returns:
        A tensor, of the shape of the batch.

    Example:
        >>> tfd.kl_divergence(tfd.normal(0, 1), tfd.normal(1, 2))
    """
    return distribution.kl_divergence(other, name=name)


def _values(distribution, value, where):
    """Plain numbers as tensors; whole numbers in the type of the draws where these are whole."""
    dtype = distribution.dtype
    if isinstance(dtype, tf.DType) and (dtype.is_integer or dtype.is_bool) and not is_live(value):
        array = numbers_in(value)
        if array is not None and array.size and np.equal(array, np.floor(array)).all():
            return tf.constant(array.astype(dtype.as_numpy_dtype))
    if not isinstance(dtype, (dict, list, tuple)):
        return Tensor(nan=True)("value", value, where)
    if isinstance(dtype, tuple) and not isinstance(value, (list, tuple, dict)):
        fail("value", f"a list of {len(dtype)} tensors", value, where)
    if isinstance(value, np.ndarray) and value.ndim:
        value = list(value)  # R's vectors: one number for each part
    parts = values_like(dtype, "value", value, where)
    return type(dtype)(*parts) if hasattr(dtype, "_fields") else parts
