"""Distributions of TFP 0.25 that give wrong numbers or none, put right. Each method here says what was wrong."""

from __future__ import annotations

import math

import numpy as np

from ..backend import tf, tfd, tfm
from ..roots import solve, with_gradient_of


def beta_quantile(concentration1, concentration0, p):
    """The value below which a beta variable lies with probability p."""
    concentration1, concentration0, p = (tf.convert_to_tensor(v) for v in (concentration1, concentration0, p))
    shape = tf.zeros_like(concentration1) + tf.zeros_like(concentration0) + tf.zeros_like(p)
    a, b, target = (tf.stop_gradient(v + shape) for v in (concentration1, concentration0, p))

    def value_and_slope(x):
        log_density = tf.math.xlogy(a - 1.0, x) + tf.math.xlog1py(b - 1.0, -x) - tfm.lbeta(a, b)
        return tf.math.betainc(a, b, x), tf.exp(log_density)

    root = solve(value_and_slope, target, tf.zeros_like(target), tf.ones_like(target))
    root = tf.where(target <= 0.0, 0.0, tf.where(target >= 1.0, 1.0, root))
    # TensorFlow's own function is fast, and has no gradient to the shape parameters; TFP's has one.
    miss = p - tfm.betainc(concentration1 + shape, concentration0 + shape, root)
    return with_gradient_of(tf.math.divide_no_nan(miss, tf.stop_gradient(value_and_slope(root)[1])), root)


class Beta(tfd.Beta):
    """TFP inverts the incomplete beta function wrongly in double precision: medians are off in the second digit."""

    def _quantile(self, p):
        return beta_quantile(self.concentration1, self.concentration0, p)


class SigmoidBeta(tfd.SigmoidBeta):
    """The same inverse is used here."""

    def _quantile(self, p):
        x = beta_quantile(self.concentration1, self.concentration0, p)
        return tf.math.log(x) - tf.math.log1p(-x)


class PERT(tfd.PERT):
    """And here."""

    def _quantile(self, p):
        base = self._transformed_beta().distribution
        low = tf.convert_to_tensor(self.low)
        return low + (self.high - low) * beta_quantile(base.concentration1, base.concentration0, p)


class GammaGamma(tfd.GammaGamma):
    """TFP's variance is that of the rate's part alone: it lacks the variance of the gamma variable given its rate."""

    def _variance(self):
        a = tf.convert_to_tensor(self.concentration)
        return super()._variance() * (a + self.mixing_concentration - 1.0) / a


class GeneralizedPareto(tfd.GeneralizedPareto):
    """TFP's density and CDF go on below the least value."""

    def _log_prob(self, x):
        below = x < self.loc
        return tf.where(below, tf.constant(-np.inf, self.dtype), super()._log_prob(tf.where(below, self.loc, x)))

    def _log_survival_function(self, x):
        return super()._log_survival_function(tf.maximum(x, self.loc))


class DoublesidedMaxwell(tfd.DoublesidedMaxwell):
    """TFP draws the sign in single precision whatever the type, which is an error in double precision."""

    def _sample_n(self, n, seed=None):
        sizes, signs = tf.unstack(tf.random.experimental.stateless_split(_pair(seed), 2))
        shape = tf.concat([[n], self._batch_shape_tensor()], 0)
        parts = tf.random.stateless_normal(tf.concat([shape, [3]], 0), sizes, dtype=self.dtype)
        negative = tf.random.stateless_uniform(shape, signs, dtype=self.dtype) < 0.5
        size = tf.norm(parts, axis=-1)
        return self.loc + self.scale * tf.where(negative, -size, size)

    def _cdf(self, x):
        z = (x - self.loc) / self.scale
        return _maxwell_cdf(z)[0]

    def _quantile(self, p):
        target = p + tf.zeros(self._batch_shape_tensor(), self.dtype)
        # Farther out than this, the CDF is 0 or 1 in double precision too.
        end = tf.fill(tf.shape(target), tf.constant(40.0, self.dtype))
        return self.loc + self.scale * solve(_maxwell_cdf, target, -end, end)


def _maxwell_cdf(z):
    density = tf.exp(-0.5 * z**2) / math.sqrt(2.0 * math.pi)
    return 0.5 * tf.math.erfc(-z / math.sqrt(2.0)) - z * density, z**2 * density


class PlackettLuce(tfd.PlackettLuce):
    """TFP draws the noise in single precision whatever the scores' type, which is an error in double precision."""

    def _sample_n(self, n, seed=None):
        scores = tf.convert_to_tensor(self.scores)
        shape = tf.concat([[n], tf.shape(scores)], 0)
        tiny = np.finfo(scores.dtype.as_numpy_dtype).tiny
        uniform = tf.random.stateless_uniform(shape, _pair(seed), minval=tiny, dtype=scores.dtype)
        noisy = tf.math.log(scores) - tf.math.log(-tf.math.log(uniform))
        return tf.cast(tf.argsort(noisy, axis=-1, direction="DESCENDING"), self.dtype)


def _pair(seed):
    """TFP gives seeds as pairs, or None or a number where it uses the global generator."""
    if hasattr(seed, "shape") and tuple(seed.shape) == (2,):
        return seed
    return tf.random.uniform([2], maxval=tf.int32.max, dtype=tf.int32, seed=seed)
