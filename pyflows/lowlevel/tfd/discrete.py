"""Distributions of counts, classes and other whole numbers."""

from __future__ import annotations

from ...backend import tfd
from ...checks import Flag
from ..kinds import DType, Function, Integer, Tensor
from .declare import NUMBERS, VECTOR, distribution

_CLASSES = {"logits": Tensor(null=True, rank=1), "probs": Tensor(null=True, rank=1, min=0, max=1)}
_RATE = Tensor(null=True, min=0)


@distribution("Bernoulli", dtype=DType())
def bernoulli(logits=None, probs=None, dtype="int32", validate_args=False, allow_nan_stats=True, name="Bernoulli"):
    """Bernoulli distribution: 1 with probability p, else 0.

    Density:
        P(1) = p, P(0) = 1 - p

    Args:
        dtype: type of the draws.

    Example:
        >>> tfd.sample(tfd.bernoulli(probs=0.3), 5, seed=1)
    """


@distribution("ProbitBernoulli", probits=NUMBERS, dtype=DType())
def probit_bernoulli(
    probits=None, probs=None, dtype="int32", validate_args=False, allow_nan_stats=True, name="ProbitBernoulli"
):
    """Bernoulli distribution by the normal quantile of its probability.

    Density:
        P(1) = Phi(probits)

    Args:
        probits: normal quantiles of the probabilities; give these or `probs`.
        probs: probabilities of 1, in [0, 1]; give these or `probits`.
        dtype: type of the draws.

    Example:
        >>> tfd.mean(tfd.probit_bernoulli(probits=0.5))
    """


@distribution("Binomial")
def binomial(total_count, logits=None, probs=None, validate_args=False, allow_nan_stats=True, name="Beta"):
    """Binomial distribution: successes in a number of independent trials.

    Density:
        P(k) = C(total_count, k) p^k (1 - p)^(total_count - k), k = 0, ..., total_count

    Example:
        >>> tfd.cdf(tfd.binomial(total_count=10, probs=0.3), 2)
    """


@distribution("BetaBinomial")
def beta_binomial(
    total_count, concentration1, concentration0, validate_args=False, allow_nan_stats=True, name="BetaBinomial"
):
    """Binomial distribution whose probability is a beta variable: counts that vary more than binomial ones.

    Density:
        P(k) = C(n, k) B(k + concentration1, n - k + concentration0) / B(concentration1, concentration0),
        n = total_count

    Example:
        >>> tfd.variance(tfd.beta_binomial(total_count=10, concentration1=2, concentration0=3))
    """


@distribution("NegativeBinomial")
def negative_binomial(
    total_count, logits=None, probs=None, validate_args=False, allow_nan_stats=True, name="NegativeBinomial"
):
    """Negative binomial distribution: successes before a number of failures.

    A Poisson variable whose rate is a gamma variable. Note that `probs` is that of success, which is counted: in R's
    `dnbinom()`, `prob` is one minus it.

    Density:
        P(k) = Gamma(k + n) p^k (1 - p)^n / (k! Gamma(n)), n = total_count

    Args:
        total_count: number n of failures, > 0, not always whole.

    Example:
        >>> tfd.mean(tfd.negative_binomial(total_count=5, probs=0.4))
    """


@distribution("Geometric")
def geometric(logits=None, probs=None, validate_args=False, allow_nan_stats=True, name="Geometric"):
    """Geometric distribution: failures before the first success.

    Density:
        P(k) = (1 - p)^k p, k = 0, 1, ...

    Example:
        >>> tfd.mean(tfd.geometric(probs=0.25))
    """


@distribution(
    improved="`interpolate_nondiscrete`, which TFP renamed, works again",
    rate=_RATE,
    interpolate_nondiscrete=Flag(),
)
def poisson(
    rate=None,
    log_rate=None,
    interpolate_nondiscrete=True,
    validate_args=False,
    allow_nan_stats=True,
    name="Poisson",
):
    """Poisson distribution of counts, with variance equal to the mean.

    Density:
        P(k) = rate^k exp(-rate) / k!, k = 0, 1, ...

    Args:
        rate: mean, >= 0; give this or `log_rate`.

    Example:
        >>> tfd.prob(tfd.poisson(rate=2), [0, 1, 2])
    """
    return tfd.Poisson(
        rate,
        log_rate,
        force_probs_to_zero_outside_support=not interpolate_nondiscrete,
        validate_args=validate_args,
        allow_nan_stats=allow_nan_stats,
        name=name,
    )


@distribution(
    improved="the default points of quadrature, which TFP 0.25 takes for logarithms of rates though they are rates",
    quadrature_fn=Function(names=("quantiles", "gauss_hermite")),
)
def poisson_log_normal_quadrature_compound(
    loc,
    scale,
    quadrature_size=8,
    quadrature_fn="quantiles",
    validate_args=False,
    allow_nan_stats=True,
    name="PoissonLogNormalQuadratureCompound",
):
    """Poisson distribution with a log-normal rate, approximated by a mixture of a few Poisson distributions.

    "quantiles" gives equal weights to rates between quantiles, and misses the tail. "gauss_hermite" is more exact for
    the same number of points.

    Density:
        P(k) = sum over i of w_i Poisson(k; exp(g_i)), with points g_i and weights w_i for normal(loc, scale)

    Args:
        loc: mean of the logarithm of the rate.
        scale: standard deviation of the logarithm of the rate, > 0.
        quadrature_fn: "quantiles", "gauss_hermite", or a function of loc, scale, quadrature_size and validate_args that
            returns the points (logarithms of rates) and their weights.

    Example:
        >>> tfd.mean(tfd.poisson_log_normal_quadrature_compound(loc=0, scale=0.5, quadrature_fn="gauss_hermite"))
    """
    from ...distributions.quadrature import log_rates_by_quantiles

    schemes = {"quantiles": log_rates_by_quantiles, "gauss_hermite": tfd.quadrature_scheme_lognormal_gauss_hermite}
    return tfd.PoissonLogNormalQuadratureCompound(
        loc,
        scale,
        quadrature_size,
        schemes.get(quadrature_fn, quadrature_fn) if isinstance(quadrature_fn, str) else quadrature_fn,
        validate_args,
        allow_nan_stats,
        name,
    )


@distribution(
    "Skellam",
    rate1=_RATE,
    rate2=_RATE,
    log_rate1=NUMBERS,
    log_rate2=NUMBERS,
    force_probs_to_zero_outside_support=Flag(),
)
def skellam(
    rate1=None,
    rate2=None,
    log_rate1=None,
    log_rate2=None,
    force_probs_to_zero_outside_support=False,
    validate_args=False,
    allow_nan_stats=True,
    name="Skellam",
):
    """Skellam distribution: the difference of two Poisson variables.

    Density:
        P(k) = exp(-rate1 - rate2) (rate1 / rate2)^(k / 2) I_|k|(2 sqrt(rate1 rate2)), k whole

    Args:
        rate1: mean of the first, >= 0; give this or `log_rate1`.
        rate2: mean of the second, >= 0; give this or `log_rate2`.
        log_rate1: its logarithm.
        log_rate2: its logarithm.
        force_probs_to_zero_outside_support: the density is 0 between whole numbers; `False`: continued smoothly.

    Example:
        >>> tfd.prob(tfd.skellam(rate1=2, rate2=1), [-1, 0, 1])
    """


@distribution(
    improved="`interpolate_nondiscrete`, which TFP renamed, works again",
    power=Tensor(min=1, open=True),
    dtype=DType(),
    sample_maximum_iterations=Integer(min=1),
)
def zipf(
    power,
    dtype="int32",
    interpolate_nondiscrete=True,
    sample_maximum_iterations=100,
    validate_args=False,
    allow_nan_stats=False,
    name="Zipf",
):
    """Zipf's distribution of ranks: a power law on the whole numbers from 1.

    Moments of order power - 1 and above do not exist.

    Density:
        P(k) = k^-power / zeta(power), k = 1, 2, ...

    Args:
        power: exponent, > 1.
        dtype: type of the draws.
        sample_maximum_iterations: how often draws that were rejected are drawn again.

    Example:
        >>> tfd.prob(tfd.zipf(power=2.5), [1, 2, 3])
    """
    return tfd.Zipf(
        power,
        dtype,
        not interpolate_nondiscrete,
        sample_maximum_iterations,
        validate_args,
        allow_nan_stats,
        name,
    )


@distribution("Categorical", dtype=DType(), **_CLASSES)
def categorical(logits=None, probs=None, dtype="int32", validate_args=False, allow_nan_stats=True, name="Categorical"):
    """Categorical distribution: one of k classes, numbered from 0.

    Density:
        P(i) = probs_i = exp(logits_i) / sum over j of exp(logits_j), i = 0, ..., k - 1

    Args:
        logits: logarithms of the probabilities up to a constant, `[..., k]`; give these or `probs`.
        probs: probabilities, `[..., k]`, which are divided by their sum; give these or `logits`.
        dtype: type of the draws.

    Example:
        >>> tfd.log_prob(tfd.categorical(probs=[0.2, 0.5, 0.3]), [0, 2])
    """


@distribution("FiniteDiscrete", outcomes=VECTOR, **_CLASSES)
def finite_discrete(
    outcomes,
    logits=None,
    probs=None,
    rtol=None,
    atol=None,
    validate_args=False,
    allow_nan_stats=True,
    name="FiniteDiscrete",
):
    """A distribution on a few numbers.

    Density:
        P(outcomes_i) = probs_i

    Args:
        outcomes: the numbers, increasing, `[k]`.
        logits: logarithms of their probabilities up to a constant, `[..., k]`; give these or `probs`.
        probs: their probabilities, `[..., k]`; give these or `logits`.
        rtol: relative tolerance when a value is compared with the outcomes; `None`: that of the type.
        atol: absolute tolerance, likewise.

    Example:
        >>> tfd.mean(tfd.finite_discrete([1, 2.5, 4], probs=[0.2, 0.5, 0.3]))
    """


@distribution("OrderedLogistic", dtype=DType())
def ordered_logistic(cutpoints, loc, dtype="int32", validate_args=False, allow_nan_stats=True, name="OrderedLogistic"):
    """Ordered classes, by thresholds of a logistic variable: the likelihood of ordinal regression.

    Density:
        P(i <= j) = 1 / (1 + exp(loc - cutpoints_j))

    Args:
        loc: centre of the logistic variable.
        dtype: type of the draws.

    Example:
        >>> tfd.prob(tfd.ordered_logistic(cutpoints=[-1, 1], loc=0), [0, 1, 2])
    """


@distribution("StoppingRatioLogistic", dtype=DType())
def stopping_ratio_logistic(
    cutpoints, loc, dtype="int32", validate_args=False, allow_nan_stats=True, name="StoppingRatioLogistic"
):
    """Ordered classes that are reached one after another, by the probability of stopping at each.

    Density:
        P(i = j | i >= j) = 1 / (1 + exp(loc - cutpoints_j))

    Args:
        cutpoints: one for each class but the last, `[..., k - 1]`.
        loc: the larger, the later one stops.
        dtype: type of the draws.

    Example:
        >>> tfd.prob(tfd.stopping_ratio_logistic(cutpoints=[-1, 1], loc=0), [0, 1, 2])
    """
