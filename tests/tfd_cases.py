"""Univariate distributions of `pyflows.tfd` beside the same in scipy, or beside a density written out by hand."""

from __future__ import annotations

import itertools

import numpy as np
from scipy import special, stats


def quadrature(low, high, n=401):
    """Nodes and weights of the double exponential rule between two ends, either of which may be infinite."""
    t = np.linspace(-1, 1, n) * (3.6 if np.isfinite([low, high]).all() else 5.0)
    u, du = np.pi / 2 * np.sinh(t), np.pi / 2 * np.cosh(t) * (t[1] - t[0])
    if np.isfinite([low, high]).all():
        return low + (high - low) * special.expit(2 * u), (high - low) * du / (2 * np.cosh(u) ** 2)
    if np.isinf([low, high]).all():
        return np.sinh(u), du * np.cosh(u)
    end, sign = (low, 1) if np.isfinite(low) else (high, -1)
    return end + sign * np.exp(u), du * np.exp(u)


class Density:
    """A distribution known by its log-density alone; everything else by quadrature, between `low` and `high`."""

    def __init__(self, log_density, low=-np.inf, high=np.inf, points=()):
        self.logpdf, self.low, self.high, self.points = log_density, low, high, points

    def expect(self, function, high=None):
        high = self.high if high is None else high
        cuts = [self.low, *[p for p in self.points if p < high], high]
        total = 0.0
        for a, b in itertools.pairwise(cuts):
            x, weight = quadrature(a, b)
            with np.errstate(all="ignore"):
                total += np.nan_to_num(weight * np.exp(self.logpdf(x)) * function(x), posinf=0, neginf=0).sum()
        return total

    def cdf(self, x):
        return np.array([self.expect(np.ones_like, end) for end in np.ravel(x)]).reshape(np.shape(x))

    def mean(self):
        return self.expect(lambda x: x)

    def var(self):
        mean = self.mean()
        return self.expect(lambda x: (x - mean) ** 2)

    def entropy(self):
        return self.expect(lambda x: -self.logpdf(x))


def changed(base, inverse, log_slope, low=-np.inf, high=np.inf, **options):
    """The density of a function of a variable: its inverse, and the log of that one's slope."""
    return Density(lambda x: base.logpdf(inverse(x)) + log_slope(x), low, high, **options)


def bates(n, low, high):
    """Mean of n uniforms, by the sum with alternating signs."""

    def logpdf(x):
        u = n * (np.asarray(x) - low) / (high - low)
        terms = sum((-1) ** k * special.comb(n, k) * np.maximum(u - k, 0.0) ** (n - 1) for k in range(n + 1))
        return np.log(terms * n / special.factorial(n - 1) / (high - low))

    return Density(logpdf, low, high, points=low + (high - low) * np.arange(1, n) / n)


def horseshoe(scale):
    """Normal with a half-Cauchy scale, the mixture written as an exponential integral."""

    def logpdf(x):
        u = 0.5 * (np.asarray(x) / scale) ** 2
        return np.log(special.exp1(u)) + u - np.log(scale * np.sqrt(2 * np.pi**3))

    density = Density(logpdf, points=[0.0])
    density.var = lambda: np.inf
    return density


def von_mises(loc, concentration):
    """On the circle, where the variance is another one; the CDF counts from half a turn before `loc`."""
    density = Density(lambda x: stats.vonmises.logpdf(x, concentration, loc=loc), loc - np.pi, loc + np.pi)
    density.mean, density.var = lambda: loc, lambda: 1 - special.i1(concentration) / special.i0(concentration)
    return density


def gamma_gamma(a, a0, b):
    """Gamma(a, r) with r from Gamma(a0, b): beta prime of scale b."""
    return stats.betaprime(a, a0, scale=b)


def generalized_sinh_arcsinh(loc, scale, skewness, tailweight):
    """TFP scales so that two standard deviations of the base stay where they are."""
    factor = 2.0 / np.sinh(np.arcsinh(2.0) * tailweight)

    def logpdf(x):
        y = (np.asarray(x) - loc) / (scale * factor)
        u = np.arcsinh(y) / tailweight - skewness
        slope = np.cosh(u) / (tailweight * np.sqrt(1 + y**2)) / (scale * factor)
        return stats.norm.logpdf(np.sinh(u)) + np.log(slope)

    return Density(logpdf)


def two_piece(base, loc, scale, skewness):
    """One half wider by `skewness`, the other narrower."""

    def logpdf(x):
        y = (np.asarray(x) - loc) / scale
        stretched = np.where(y < 0, y * skewness, y / skewness)
        return base.logpdf(stretched) + np.log(2 / (skewness + 1 / skewness) / scale)

    return Density(logpdf, points=[loc])


def lambert_w_normal(loc, scale, tail):
    """x = loc + scale z exp(tail z^2 / 2)."""

    def logpdf(x):
        y = (np.asarray(x) - loc) / scale
        z = np.sign(y) * np.sqrt(np.real(special.lambertw(tail * y**2)) / tail)
        slope = np.exp(0.5 * tail * z**2) * (1 + tail * z**2)
        return stats.norm.logpdf(z) - np.log(slope * scale)

    return Density(logpdf, points=[loc])


def relaxed_bernoulli(temperature, logit):
    base = stats.logistic(logit / temperature, 1 / temperature)
    return changed(base, special.logit, lambda x: -np.log(x) - np.log1p(-x), 0.0, 1.0)


def continuous_bernoulli(p):
    """Log-linear density on the unit interval."""
    t = np.log(p / (1 - p))
    return Density(lambda x: t * np.asarray(x) + np.log(t / np.expm1(t)), 0.0, 1.0)


def kumaraswamy(a, b):
    def logpdf(x):
        x = np.asarray(x)
        return np.log(a * b) + (a - 1) * np.log(x) + (b - 1) * np.log1p(-(x**a))

    return Density(logpdf, 0.0, 1.0)


def pert(low, peak, high, temperature):
    a = 1 + temperature * (peak - low) / (high - low)
    b = 1 + temperature * (high - peak) / (high - low)
    return stats.beta(a, b, loc=low, scale=high - low)


def truncated(base, low, high):
    log_mass = np.log(base.cdf(high) - base.cdf(low))
    return Density(lambda x: base.logpdf(x) - log_mass, low, high)


norm, log = stats.norm, np.log
# name: (arguments, the same elsewhere)
CONTINUOUS = {
    "bates": ({"total_count": 3, "low": -1.0, "high": 2.0}, bates(3, -1.0, 2.0)),
    "beta": ({"concentration1": 2.5, "concentration0": 1.3}, stats.beta(2.5, 1.3)),
    "cauchy": ({"loc": 1.0, "scale": 2.0}, stats.cauchy(1, 2)),
    "chi": ({"df": 3.5}, stats.chi(3.5)),
    "chi2": ({"df": 3.5}, stats.chi2(3.5)),
    "continuous_bernoulli": ({"probs": 0.3}, continuous_bernoulli(0.3)),
    "doublesided_maxwell": (
        {"loc": 1.0, "scale": 2.0},
        Density(lambda x: log(((x - 1) / 2) ** 2) + norm.logpdf(x, 1, 2)),
    ),
    "exp_gamma": (
        {"concentration": 2.5, "rate": 2.0},
        stats.loggamma(2.5, loc=-log(2.0)),
    ),
    "exp_inverse_gamma": (
        {"concentration": 3.5, "scale": 2.0},
        Density(lambda x: stats.loggamma(3.5).logpdf(log(2.0) - x)),
    ),
    "exponential": ({"rate": 2.0}, stats.expon(scale=0.5)),
    "exponentially_modified_gaussian": (
        {"loc": 1.0, "scale": 2.0, "rate": 0.7},
        stats.exponnorm(1 / (2 * 0.7), 1, 2),
    ),
    "gamma": ({"concentration": 2.5, "rate": 2.0}, stats.gamma(2.5, scale=0.5)),
    "gamma_gamma": (
        {"concentration": 2.5, "mixing_concentration": 4.5, "mixing_rate": 2.0},
        gamma_gamma(2.5, 4.5, 2.0),
    ),
    "generalized_extreme_value": (
        {"loc": 1.0, "scale": 2.0, "concentration": 0.2},
        stats.genextreme(-0.2, 1, 2),
    ),
    "generalized_normal": ({"loc": 1.0, "scale": 2.0, "power": 1.5}, stats.gennorm(1.5, 1, 2)),
    "generalized_pareto": ({"loc": 1.0, "scale": 2.0, "concentration": 0.2}, stats.genpareto(0.2, 1, 2)),
    "gumbel": ({"loc": 1.0, "scale": 2.0}, stats.gumbel_r(1, 2)),
    "half_cauchy": ({"loc": 1.0, "scale": 2.0}, stats.halfcauchy(1, 2)),
    "half_normal": ({"scale": 2.0}, stats.halfnorm(scale=2)),
    "half_student_t": (
        {"df": 5.0, "loc": 1.0, "scale": 2.0},
        Density(lambda x: stats.t.logpdf(x, 5, 1, 2) + log(2), 1.0),
    ),
    "horseshoe": ({"scale": 2.0}, horseshoe(2.0)),
    "inverse_gamma": ({"concentration": 3.5, "scale": 2.0}, stats.invgamma(3.5, scale=2)),
    "inverse_gaussian": ({"loc": 1.5, "concentration": 2.0}, stats.invgauss(1.5 / 2, scale=2)),
    "johnson_s_u": (
        {"skewness": 0.5, "tailweight": 1.5, "loc": 1.0, "scale": 2.0},
        stats.johnsonsu(0.5, 1.5, 1, 2),
    ),
    "kumaraswamy": ({"concentration1": 2.0, "concentration0": 3.0}, kumaraswamy(2.0, 3.0)),
    "lambert_w_normal": ({"loc": 1.0, "scale": 2.0, "tailweight": 0.2}, lambert_w_normal(1.0, 2.0, 0.2)),
    "laplace": ({"loc": 1.0, "scale": 2.0}, stats.laplace(1, 2)),
    "log_logistic": ({"loc": 0.5, "scale": 0.25}, stats.fisk(4.0, scale=np.exp(0.5))),
    "log_normal": ({"loc": 0.5, "scale": 0.7}, stats.lognorm(0.7, scale=np.exp(0.5))),
    "logistic": ({"loc": 1.0, "scale": 2.0}, stats.logistic(1, 2)),
    "logit_normal": (
        {"loc": 0.5, "scale": 1.2},
        changed(norm(0.5, 1.2), special.logit, lambda x: -log(x) - np.log1p(-x), 0.0, 1.0),
    ),
    "moyal": ({"loc": 1.0, "scale": 2.0}, stats.moyal(1, 2)),
    "noncentral_chi2": ({"df": 3.5, "noncentrality": 2.0}, stats.ncx2(3.5, 2.0)),
    "normal": ({"loc": 1.0, "scale": 2.0}, norm(1, 2)),
    "normal_inverse_gaussian": (
        {"loc": 1.0, "scale": 2.0, "tailweight": 1.5, "skewness": 0.5},
        stats.norminvgauss(3.0, 1.0, 1, 2),
    ),
    "pareto": ({"concentration": 4.5, "scale": 2.0}, stats.pareto(4.5, scale=2)),
    "pert": ({"low": 1.0, "peak": 2.0, "high": 5.0, "temperature": 3.0}, pert(1.0, 2.0, 5.0, 3.0)),
    "relaxed_bernoulli": ({"temperature": 0.8, "logits": 0.5}, relaxed_bernoulli(0.8, 0.5)),
    "sigmoid_beta": (
        {"concentration1": 2.5, "concentration0": 1.3},
        changed(stats.beta(2.5, 1.3), special.expit, lambda x: special.log_expit(x) + special.log_expit(-x)),
    ),
    "sinh_arcsinh": (
        {"loc": 1.0, "scale": 2.0, "skewness": 0.3, "tailweight": 1.2},
        generalized_sinh_arcsinh(1.0, 2.0, 0.3, 1.2),
    ),
    "student_t": ({"df": 5.0, "loc": 1.0, "scale": 2.0}, stats.t(5, 1, 2)),
    "triangular": ({"low": -1.0, "high": 3.0, "peak": 0.5}, stats.triang(0.375, -1, 4)),
    "truncated_cauchy": (
        {"loc": 1.0, "scale": 2.0, "low": -2.0, "high": 3.0},
        truncated(stats.cauchy(1, 2), -2.0, 3.0),
    ),
    "truncated_normal": ({"loc": 1.0, "scale": 2.0, "low": -2.0, "high": 3.0}, stats.truncnorm(-1.5, 1, 1, 2)),
    "two_piece_normal": ({"loc": 1.0, "scale": 2.0, "skewness": 1.5}, two_piece(norm, 1.0, 2.0, 1.5)),
    "two_piece_student_t": (
        {"df": 5.0, "loc": 1.0, "scale": 2.0, "skewness": 1.5},
        two_piece(stats.t(5), 1.0, 2.0, 1.5),
    ),
    "uniform": ({"low": -1.0, "high": 3.0}, stats.uniform(-1, 4)),
    "von_mises": ({"loc": 0.5, "concentration": 2.0}, von_mises(0.5, 2.0)),
    "weibull": ({"concentration": 1.5, "scale": 2.0}, stats.weibull_min(1.5, scale=2)),
}

# What TFP does not have of these, of CDF, quantile, mean, variance and entropy.
LACKS = {
    "bates": "quantile entropy",
    "doublesided_maxwell": "entropy",
    "exp_gamma": "entropy",
    "exp_inverse_gamma": "entropy",
    "exponentially_modified_gaussian": "quantile entropy",
    "gamma_gamma": "cdf quantile entropy",
    "half_student_t": "quantile",
    "horseshoe": "cdf quantile entropy",
    "inverse_gaussian": "quantile entropy",
    "johnson_s_u": "entropy",
    "lambert_w_normal": "entropy",
    "logit_normal": "mean variance entropy",
    "noncentral_chi2": "entropy",
    "normal_inverse_gaussian": "cdf quantile entropy",
    "pareto": "quantile entropy",
    "relaxed_bernoulli": "quantile mean variance entropy",
    "sigmoid_beta": "mean variance entropy",
    "sinh_arcsinh": "mean variance entropy",
    "triangular": "quantile",
    "truncated_cauchy": "entropy",
    "two_piece_normal": "entropy",
    "two_piece_student_t": "entropy",
    "von_mises": "quantile",
}


def table(probabilities, first=0):
    """Whole numbers from `first` with their probabilities."""
    return stats.rv_discrete(values=(np.arange(first, first + len(probabilities)), probabilities))


def mixed(weight, base, n=200):
    """More zeros."""
    probabilities = (1 - weight) * base.pmf(np.arange(n))
    probabilities[0] += weight
    return table(probabilities / probabilities.sum())


def ordered(cutpoints, loc):
    cumulative = np.append(special.expit(np.array(cutpoints) - loc), 1.0)
    return table(np.diff(cumulative, prepend=0.0))


def stopping(cutpoints, loc):
    stop = np.append(special.expit(np.array(cutpoints) - loc), 1.0)
    return table(stop * np.append(1.0, np.cumprod(1 - stop)[:-1]))


def log_normal_poisson(loc, scale, n=200):
    """Poisson with a log-normal rate, by a rule of Gauss and Hermite with 30 points."""
    x, weight = np.polynomial.hermite.hermgauss(30)
    rates = np.exp(loc + scale * np.sqrt(2) * x)
    probabilities = [(weight * stats.poisson.pmf(k, rates)).sum() for k in range(n)]
    return table(np.array(probabilities) / np.sum(probabilities))


# name: (arguments, the same elsewhere, values to look at)
DISCRETE = {
    "bernoulli": ({"probs": 0.3}, stats.bernoulli(0.3), range(2)),
    "probit_bernoulli": ({"probits": 0.4}, stats.bernoulli(norm.cdf(0.4)), range(2)),
    "binomial": ({"total_count": 7, "probs": 0.3}, stats.binom(7, 0.3), range(8)),
    "beta_binomial": (
        {"total_count": 7, "concentration1": 2.0, "concentration0": 3.0},
        stats.betabinom(7, 2, 3),
        range(8),
    ),
    "negative_binomial": ({"total_count": 3.5, "probs": 0.4}, stats.nbinom(3.5, 0.6), range(20)),
    "geometric": ({"probs": 0.3}, stats.geom(0.3, loc=-1), range(20)),
    "poisson": ({"rate": 2.5}, stats.poisson(2.5), range(20)),
    "poisson_log_normal_quadrature_compound": (
        {"loc": 0.5, "scale": 0.6, "quadrature_size": 30, "quadrature_fn": "gauss_hermite"},
        log_normal_poisson(0.5, 0.6),
        range(20),
    ),
    "skellam": ({"rate1": 2.0, "rate2": 1.5}, stats.skellam(2, 1.5), range(-8, 9)),
    "zipf": ({"power": 4.5}, stats.zipf(4.5), range(1, 20)),
    "categorical": ({"probs": [0.2, 0.5, 0.3]}, table([0.2, 0.5, 0.3]), range(3)),
    "finite_discrete": (
        {"outcomes": [-1.5, 2.0, 4.0], "probs": [0.2, 0.5, 0.3]},
        stats.rv_discrete(values=([-1.5, 2.0, 4.0], [0.2, 0.5, 0.3])),
        [-1.5, 2.0, 4.0],
    ),
    "ordered_logistic": ({"cutpoints": [-1.0, 0.5, 2.0], "loc": 0.3}, ordered([-1.0, 0.5, 2.0], 0.3), range(4)),
    "stopping_ratio_logistic": (
        {"cutpoints": [-1.0, 0.5, 2.0], "loc": 0.3},
        stopping([-1.0, 0.5, 2.0], 0.3),
        range(4),
    ),
    "zero_inflated_negative_binomial": (
        {"total_count": 3.0, "probs": 0.4, "inflated_loc_probs": 0.2},
        mixed(0.2, stats.nbinom(3, 0.6)),
        range(20),
    ),
}
DISCRETE_LACKS = {
    "beta_binomial": "cdf",
    "finite_discrete": "",
    "ordered_logistic": "mean variance",
    "poisson_log_normal_quadrature_compound": "cdf",
    "probit_bernoulli": "cdf",
    "skellam": "cdf",
    "stopping_ratio_logistic": "mean variance",
    "zero_inflated_negative_binomial": "",
}
