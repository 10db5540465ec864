"""Distributions on an interval or on the circle."""

from __future__ import annotations

from ...backend import tfd
from ..kinds import DType, Tensor
from .declare import distribution


@distribution("Uniform")
def uniform(low=0.0, high=1.0, validate_args=False, allow_nan_stats=True, name="Uniform"):
    """Uniform distribution on an interval.

    Density:
        p(x) = 1 / (high - low), low <= x < high

    Example:
        >>> tfd.sample(tfd.uniform(), 3, seed=1)
    """


@distribution("Triangular", peak=Tensor())
def triangular(low=0.0, high=1.0, peak=0.5, validate_args=False, allow_nan_stats=True, name="Triangular"):
    """Triangular distribution.

    Density:
        p(x) = 2 (x - low) / ((high - low) (peak - low)) up to peak, 2 (high - x) / ((high - low) (high - peak)) above

    Args:
        peak: the mode, between the ends.

    Example:
        >>> tfd.cdf(tfd.triangular(low=0, high=2, peak=0.5), 1.0)
    """


@distribution(improved="quantiles, which TFP 0.25 gets wrong in double precision")
def beta(concentration1=None, concentration0=None, validate_args=False, allow_nan_stats=True, name="Beta"):
    """Beta distribution of proportions.

    Density:
        p(x) = x^(concentration1 - 1) (1 - x)^(concentration0 - 1) / B(concentration1, concentration0), 0 < x < 1

    Args:
        concentration1: shape parameter at 1, > 0: successes plus one, with a uniform prior. Must be given.
        concentration0: shape parameter at 0, > 0: failures plus one. Must be given.

    Example:
        >>> tfd.quantile(tfd.beta(concentration1=2, concentration0=3), [0.05, 0.95])
    """
    from ...distributions.mended import Beta

    return Beta(concentration1, concentration0, validate_args, allow_nan_stats, name=name)


@distribution("Kumaraswamy")
def kumaraswamy(concentration1=1.0, concentration0=1.0, validate_args=False, allow_nan_stats=True, name="Kumaraswamy"):
    """Kumaraswamy's distribution: like the beta distribution, with an elementary CDF.

    Density:
        p(x) = a b x^(a - 1) (1 - x^a)^(b - 1), a = concentration1, b = concentration0, 0 < x < 1

    Example:
        >>> tfd.cdf(tfd.kumaraswamy(concentration1=2, concentration0=3), 0.5)
    """


@distribution(dtype=DType(null=True))
def continuous_bernoulli(
    logits=None, probs=None, dtype=None, validate_args=False, allow_nan_stats=True, name="ContinuousBernoulli"
):
    """Continuous Bernoulli distribution: the Bernoulli likelihood of values between 0 and 1, normalised.

    For pixels in variational autoencoders. The mean is not `probs`.

    Density:
        p(x) = C probs^x (1 - probs)^(1 - x), C = 2 atanh(1 - 2 probs) / (1 - 2 probs), 0 <= x <= 1

    Example:
        >>> tfd.mean(tfd.continuous_bernoulli(probs=0.3))
    """
    given = probs if logits is None else logits
    return tfd.ContinuousBernoulli(
        logits,
        probs,
        dtype or getattr(given, "dtype", "float32"),
        validate_args=validate_args,
        allow_nan_stats=allow_nan_stats,
        name=name,
    )


@distribution("LogitNormal")
def logit_normal(loc, scale, validate_args=False, allow_nan_stats=True, name="LogitNormal"):
    """Distribution of a proportion whose log-odds are normal.

    Its mean and variance have no closed form.

    Density:
        p(x) = phi((log(x / (1 - x)) - loc) / scale) / (scale x (1 - x)), 0 < x < 1

    Args:
        loc: mean of the log-odds.
        scale: standard deviation of the log-odds, > 0.

    Example:
        >>> tfd.quantile(tfd.logit_normal(loc=0, scale=1), 0.9)
    """


@distribution(improved="quantiles, which TFP 0.25 gets wrong in double precision", peak=Tensor())
def pert(low, peak, high, temperature=4.0, validate_args=False, allow_nan_stats=False, name="Pert"):
    """PERT distribution: a beta distribution on an interval, by its mode, for experts' estimates.

    Density:
        x = low + (high - low) u, u ~ beta(1 + temperature (peak - low) / w, 1 + temperature (high - peak) / w),
        w = high - low

    Args:
        peak: the mode, between the ends.
        temperature: how much the mode weighs, > 0.

    Example:
        >>> tfd.mean(tfd.pert(low=1, peak=2, high=5))
    """
    from ...distributions.mended import PERT

    return PERT(low, peak, high, temperature, validate_args, allow_nan_stats, name)


@distribution("Bates", total_count=Tensor(min=1))
def bates(total_count, low=0.0, high=1.0, validate_args=False, allow_nan_stats=True, name="Bates"):
    """Bates distribution: the mean of uniform variables.

    The density is an alternating sum, and loses its digits for more than about 20 variables in single precision.

    Density:
        p(x) = n / ((n - 1)! w) sum over k <= n u of (-1)^k C(n, k) (n u - k)^(n - 1), u = (x - low) / w, w = high - low

    Args:
        total_count: number n of variables, >= 1.

    Example:
        >>> tfd.prob(tfd.bates(total_count=3), 0.5)
    """


@distribution("TruncatedNormal")
def truncated_normal(loc, scale, low, high, validate_args=False, allow_nan_stats=True, name="TruncatedNormal"):
    """Normal distribution cut off at both ends.

    Density:
        p(x) = phi((x - loc) / scale) / (scale (Phi(b) - Phi(a))), low <= x <= high, a and b the standardised ends

    Args:
        loc: mean of the normal distribution before it was cut.
        scale: standard deviation of the normal distribution before it was cut, > 0.

    Example:
        >>> tfd.mean(tfd.truncated_normal(loc=0, scale=1, low=-1, high=2))
    """


@distribution("TruncatedCauchy")
def truncated_cauchy(loc, scale, low, high, validate_args=False, allow_nan_stats=True, name="TruncatedCauchy"):
    """Cauchy distribution cut off at both ends.

    Density:
        p(x) = 1 / (scale (1 + z^2) (atan(b) - atan(a))), z = (x - loc) / scale, a and b the standardised ends

    Example:
        >>> tfd.mean(tfd.truncated_cauchy(loc=0, scale=1, low=-1, high=2))
    """


@distribution("VonMises", concentration=Tensor(min=0))
def von_mises(loc, concentration, validate_args=False, allow_nan_stats=True, name="VonMises"):
    """Von Mises distribution of angles: the normal distribution of the circle.

    Draws lie within pi of 0; the CDF counts from loc - pi. The statistic `variance` is the circular one, 1 - I_1 / I_0,
    and not that of numbers.

    Density:
        p(x) = exp(concentration cos(x - loc)) / (2 pi I_0(concentration))

    Args:
        loc: mean direction, in radians.
        concentration: >= 0; 0 is the uniform distribution of the circle.

    Example:
        >>> tfd.prob(tfd.von_mises(loc=0, concentration=2), 0.5)
    """


@distribution("RelaxedBernoulli")
def relaxed_bernoulli(
    temperature, logits=None, probs=None, validate_args=False, allow_nan_stats=True, name="RelaxedBernoulli"
):
    """Relaxed Bernoulli distribution: draws between 0 and 1 that gradients pass through.

    Density:
        x = 1 / (1 + exp(-y / temperature)), y ~ logistic(logits, 1)

    Example:
        >>> tfd.sample(tfd.relaxed_bernoulli(temperature=0.5, probs=0.3), 3, seed=1)
    """
