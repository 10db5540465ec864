"""Distributions on the positive half of the line."""

from __future__ import annotations

from ...backend import tfd
from ..kinds import Tensor
from .declare import POSITIVE, distribution


@distribution(improved="the density is 0 below 0, where TFP continues it")
def exponential(rate, validate_args=False, allow_nan_stats=True, name="Exponential"):
    """Exponential distribution: waiting times without memory.

    Density:
        p(x) = rate exp(-rate x), x >= 0

    Example:
        >>> tfd.mean(tfd.exponential(rate=2))
    """
    return tfd.Exponential(rate, True, validate_args, allow_nan_stats, name)


@distribution("Gamma")
def gamma(concentration, rate, validate_args=False, allow_nan_stats=True, name="Gamma"):
    """Gamma distribution, by shape and rate.

    The sum of exponential waiting times. Mean concentration / rate; with a concentration below 1 the density is
    infinite at 0.

    Density:
        p(x) = rate^concentration x^(concentration - 1) exp(-rate x) / Gamma(concentration), x > 0

    Example:
        >>> tfd.quantile(tfd.gamma(concentration=2, rate=1), 0.5)
    """


@distribution(
    improved="the variance, which is wrong in TFP 0.25",
    mixing_concentration=POSITIVE,
    mixing_rate=POSITIVE,
)
def gamma_gamma(
    concentration, mixing_concentration, mixing_rate, validate_args=False, allow_nan_stats=True, name="GammaGamma"
):
    """Gamma variable whose rate is itself a gamma variable.

    A beta prime distribution with a scale; for amounts of money that vary between customers and within them.

    Density:
        p(x) = x^(a - 1) b^c / (B(a, c) (x + b)^(a + c)), a = concentration, b = mixing_rate, c = mixing_concentration

    Args:
        mixing_concentration: shape parameter of the rate, > 0; moments of this order and above do not exist.
        mixing_rate: rate parameter of the rate, > 0.

    Example:
        >>> tfd.variance(tfd.gamma_gamma(concentration=2, mixing_concentration=4, mixing_rate=3))
    """
    from ...distributions.mended import GammaGamma

    return GammaGamma(concentration, mixing_concentration, mixing_rate, validate_args, allow_nan_stats, name)


@distribution("InverseGamma")
def inverse_gamma(concentration, scale, validate_args=False, allow_nan_stats=True, name="InverseGamma"):
    """Distribution of the inverse of a gamma variable.

    The conjugate prior of a normal variance. Moments of order `concentration` and above do not exist.

    Density:
        p(x) = scale^concentration x^(-concentration - 1) exp(-scale / x) / Gamma(concentration), x > 0

    Example:
        >>> tfd.mean(tfd.inverse_gamma(concentration=3, scale=2))
    """


@distribution("InverseGaussian", loc=POSITIVE)
def inverse_gaussian(loc, concentration, validate_args=False, allow_nan_stats=True, name="InverseGaussian"):
    """Inverse Gaussian distribution: when a drifting Brownian motion first reaches a level.

    Density:
        p(x) = sqrt(concentration / (2 pi x^3)) exp(-concentration (x - loc)^2 / (2 loc^2 x)), x > 0

    Args:
        loc: mean, > 0.
        concentration: > 0; the variance is loc^3 / concentration.

    Example:
        >>> tfd.cdf(tfd.inverse_gaussian(loc=1, concentration=2), 1.0)
    """


@distribution("Chi2")
def chi2(df, validate_args=False, allow_nan_stats=True, name="Chi2"):
    """Chi-squared distribution: the sum of squares of `df` standard normal variables.

    Density:
        p(x) = x^(df / 2 - 1) exp(-x / 2) / (2^(df / 2) Gamma(df / 2)), x > 0

    Example:
        >>> tfd.quantile(tfd.chi2(df=3), 0.95)
    """


@distribution("Chi")
def chi(df, validate_args=False, allow_nan_stats=True, name="Chi"):
    """Chi distribution: the length of a vector of `df` standard normal variables.

    Density:
        p(x) = x^(df - 1) exp(-x^2 / 2) / (2^(df / 2 - 1) Gamma(df / 2)), x > 0

    Example:
        >>> tfd.mean(tfd.chi(df=3))
    """


@distribution("NoncentralChi2", noncentrality=Tensor(min=0))
def noncentral_chi2(df, noncentrality, validate_args=False, allow_nan_stats=True, name="NoncentralChi2"):
    """Sum of squares of `df` normal variables with variance 1 and any means.

    For the power of tests. Density and quantiles are found step by step, and cost more than usual.

    Density:
        p(x) = sum over k = 0, 1, ... of Poisson(k; noncentrality / 2) chi2(x; df + 2 k), x > 0

    Args:
        noncentrality: sum of the squares of the means, >= 0.

    Example:
        >>> tfd.mean(tfd.noncentral_chi2(df=3, noncentrality=2))
    """


@distribution("HalfNormal")
def half_normal(scale, validate_args=False, allow_nan_stats=True, name="HalfNormal"):
    """Absolute value of a normal variable with mean 0.

    Density:
        p(x) = sqrt(2 / pi) exp(-(x / scale)^2 / 2) / scale, x >= 0

    Example:
        >>> tfd.mean(tfd.half_normal(scale=1))
    """


@distribution("HalfCauchy")
def half_cauchy(loc, scale, validate_args=False, allow_nan_stats=True, name="HalfCauchy"):
    """Right half of a Cauchy distribution: a heavy-tailed prior of scales.

    It has no mean.

    Density:
        p(x) = 2 / (pi scale (1 + z^2)), z = (x - loc) / scale, x >= loc

    Args:
        loc: centre of the Cauchy distribution, and the least value.

    Example:
        >>> tfd.quantile(tfd.half_cauchy(loc=0, scale=1), 0.5)
    """


@distribution("HalfStudentT")
def half_student_t(df, loc, scale, validate_args=False, allow_nan_stats=True, name="HalfStudentT"):
    """Right half of a t distribution.

    Density:
        p(x) = 2 t_df(z) / scale, z = (x - loc) / scale, x >= loc

    Args:
        loc: centre of the t distribution, and the least value.

    Example:
        >>> tfd.mean(tfd.half_student_t(df=5, loc=0, scale=1))
    """


@distribution("LogNormal")
def log_normal(loc, scale, validate_args=False, allow_nan_stats=True, name="LogNormal"):
    """Distribution of a variable whose logarithm is normal.

    The product of many small effects. The median is exp(loc), the mean exp(loc + scale^2 / 2).

    Density:
        p(x) = exp(-(log(x) - loc)^2 / (2 scale^2)) / (x scale sqrt(2 pi)), x > 0

    Args:
        loc: mean of the logarithm.
        scale: standard deviation of the logarithm, > 0.

    Example:
        >>> tfd.mean(tfd.log_normal(loc=0, scale=1))
    """


@distribution("LogLogistic")
def log_logistic(loc, scale, validate_args=False, allow_nan_stats=True, name="LogLogistic"):
    """Distribution of a variable whose logarithm is logistic.

    For survival times with a hazard that rises and falls. Moments of order 1 / scale and above do not exist.

    Density:
        p(x) = exp(-z) / (scale x (1 + exp(-z))^2), z = (log(x) - loc) / scale, x > 0

    Args:
        loc: median of the logarithm.
        scale: scale of the logarithm, > 0.

    Example:
        >>> tfd.survival_function(tfd.log_logistic(loc=0, scale=0.5), 2.0)
    """


@distribution("Pareto", scale=POSITIVE)
def pareto(concentration, scale=1.0, validate_args=False, allow_nan_stats=True, name="Pareto"):
    """Pareto distribution: a power law above a least value.

    Moments of order `concentration` and above do not exist.

    Density:
        p(x) = concentration scale^concentration / x^(concentration + 1), x >= scale

    Args:
        concentration: exponent of the tail, > 0.
        scale: the least value, > 0.

    Example:
        >>> tfd.survival_function(tfd.pareto(concentration=3, scale=1), 2.0)
    """


@distribution(improved="density and CDF are 0 below the threshold, where TFP continues them", concentration=Tensor())
def generalized_pareto(loc, scale, concentration, validate_args=False, allow_nan_stats=True, name=None):
    """Generalized Pareto distribution of what exceeds a high threshold.

    Exponential for concentration 0, a power law above it, and below it bounded by loc - scale / concentration.

    Density:
        p(x) = (1 + concentration z)^(-1 / concentration - 1) / scale, z = (x - loc) / scale >= 0

    Args:
        loc: threshold, and the least value.
        concentration: shape; moments of order 1 / concentration and above do not exist.

    Example:
        >>> tfd.quantile(tfd.generalized_pareto(loc=0, scale=1, concentration=0.2), 0.99)
    """
    from ...distributions.mended import GeneralizedPareto

    return GeneralizedPareto(loc, scale, concentration, validate_args, allow_nan_stats, name)


@distribution("Weibull")
def weibull(concentration, scale, validate_args=False, allow_nan_stats=True, name="Weibull"):
    """Weibull distribution of lifetimes, with a hazard that is a power of the age.

    The hazard rises if concentration > 1 and falls if it is < 1.

    Density:
        p(x) = concentration z^(concentration - 1) exp(-z^concentration) / scale, z = x / scale, x >= 0

    Example:
        >>> tfd.mean(tfd.weibull(concentration=1.5, scale=2))
    """


@distribution(
    "BetaQuotient",
    concentration1_numerator=POSITIVE,
    concentration0_numerator=POSITIVE,
    concentration1_denominator=POSITIVE,
    concentration0_denominator=POSITIVE,
)
def beta_quotient(
    concentration1_numerator,
    concentration0_numerator,
    concentration1_denominator,
    concentration0_denominator,
    validate_args=False,
    allow_nan_stats=True,
    name="BetaQuotient",
):
    """Distribution of the ratio of two beta variables.

    For the relative uplift of one rate over another.

    Density:
        x = u / v, u ~ beta(a1, b1), v ~ beta(a2, b2); p(x) is a hypergeometric function

    Args:
        concentration1_numerator: a1 > 0.
        concentration0_numerator: b1 > 0.
        concentration1_denominator: a2 > 0.
        concentration0_denominator: b2 > 0; the mean exists if a2 > 1.

    Example:
        >>> tfd.mean(tfd.beta_quotient(2, 3, 4, 2))
    """
