"""Distributions on the whole real line."""

from __future__ import annotations

from ..kinds import Distribution, Tensor
from .declare import NUMBERS, POSITIVE, distribution


@distribution("Normal")
def normal(loc, scale, validate_args=False, allow_nan_stats=True, name="Normal"):
    """Normal distribution, by its mean and standard deviation.

    The sum of many small effects, and the base of most flows. Its tails are light: far outliers cost much.

    Density:
        p(x) = exp(-z^2 / 2) / (scale sqrt(2 pi)), z = (x - loc) / scale

    Example:
        >>> tfd.log_prob(tfd.normal(0, 1), [0.0, 1.0])
    """


@distribution("StudentT")
def student_t(df, loc, scale, validate_args=False, allow_nan_stats=True, name="StudentT"):
    """Student's t distribution, moved and scaled.

    Tails fall like a power: moments of order `df` and above do not exist, and `scale` is not the standard deviation.

    Density:
        p(x) = (1 + z^2 / df)^(-(df + 1) / 2) / (scale sqrt(df) B(1/2, df / 2)), z = (x - loc) / scale

    Example:
        >>> tfd.cdf(tfd.student_t(df=5, loc=0, scale=1), 2.0)
    """


@distribution("Laplace")
def laplace(loc, scale, validate_args=False, allow_nan_stats=True, name="Laplace"):
    """Laplace distribution: exponential on both sides of its centre.

    Its likelihood is the sum of absolute errors. The density has a corner at `loc`.

    Density:
        p(x) = exp(-|x - loc| / scale) / (2 scale)

    Example:
        >>> tfd.quantile(tfd.laplace(0, 1), [0.1, 0.5])
    """


@distribution("Logistic")
def logistic(loc, scale, validate_args=False, allow_nan_stats=True, name="Logistic"):
    """Logistic distribution: nearly normal, with exponential tails.

    The CDF and its inverse are elementary. The standard deviation is scale pi / sqrt(3).

    Density:
        p(x) = exp(-z) / (scale (1 + exp(-z))^2), z = (x - loc) / scale

    Example:
        >>> tfd.cdf(tfd.logistic(0, 1), [-1.0, 0.0])
    """


@distribution("Cauchy")
def cauchy(loc, scale, validate_args=False, allow_nan_stats=True, name="Cauchy"):
    """Cauchy distribution: tails so heavy that it has no mean.

    The t distribution with one degree of freedom; `loc` is its median, and the quartiles lie at `scale` from it.

    Density:
        p(x) = 1 / (pi scale (1 + z^2)), z = (x - loc) / scale

    Example:
        >>> tfd.prob(tfd.cauchy(0, 1), 0.0)
    """


@distribution("Gumbel")
def gumbel(loc, scale, validate_args=False, allow_nan_stats=True, name="Gumbel"):
    """Gumbel distribution of the largest of many values with light tails.

    `loc` is the mode; the mean lies 0.577 scales above it.

    Density:
        p(x) = exp(-z - exp(-z)) / scale, z = (x - loc) / scale

    Example:
        >>> tfd.mean(tfd.gumbel(loc=0, scale=1))
    """


@distribution("GeneralizedExtremeValue", concentration=Tensor())
def generalized_extreme_value(
    loc, scale, concentration, validate_args=False, allow_nan_stats=True, name="GeneralizedExtremeValue"
):
    """Generalized extreme value distribution: Gumbel, Frechet and reversed Weibull in one.

    For maxima of blocks. Above concentration 0 there is a lower end and a heavy upper tail; below 0 an upper end.

    Density:
        p(x) = t^(concentration + 1) exp(-t) / scale, t = (1 + concentration (x - loc) / scale)^(-1 / concentration)

    Args:
        concentration: shape; 0 is the Gumbel distribution.

    Example:
        >>> tfd.quantile(tfd.generalized_extreme_value(loc=0, scale=1, concentration=0.1), 0.99)
    """


@distribution("GeneralizedNormal")
def generalized_normal(loc, scale, power, validate_args=False, allow_nan_stats=True, name="GeneralizedNormal"):
    """Generalized normal distribution: the tails' exponent is a parameter.

    Laplace for power 1, normal for 2 (with standard deviation scale / sqrt(2)), nearly uniform for large powers.

    Density:
        p(x) = power exp(-|z|^power) / (2 scale Gamma(1 / power)), z = (x - loc) / scale

    Example:
        >>> tfd.log_prob(tfd.generalized_normal(loc=0, scale=1, power=1.5), 0.5)
    """


@distribution("JohnsonSU")
def johnson_s_u(skewness, tailweight, loc, scale, validate_args=False, allow_nan_stats=True, name=None):
    """Johnson's S_U distribution: a normal variable seen through a hyperbolic sine.

    Takes any skewness and any kurtosis above the normal's, with an elementary CDF and quantile function.

    Density:
        p(x) = tailweight phi(skewness + tailweight asinh(z)) / (scale sqrt(1 + z^2)), z = (x - loc) / scale

    Args:
        skewness: shifts the normal variable; > 0 skews to the left.
        tailweight: > 0; the larger, the lighter the tails.

    Example:
        >>> tfd.mean(tfd.johnson_s_u(skewness=-1, tailweight=2, loc=0, scale=1))
    """


@distribution(
    "SinhArcsinh",
    skewness=NUMBERS,
    tailweight=Tensor(null=True, min=0, open=True),
    distribution=Distribution(null=True),
)
def sinh_arcsinh(
    loc,
    scale,
    skewness=None,
    tailweight=None,
    distribution=None,
    validate_args=False,
    allow_nan_stats=True,
    name="SinhArcsinh",
):
    """Sinh-arcsinh distribution: a normal variable with its skewness and tails bent.

    The scale is chosen so that, without skewness, what lay at two standard deviations stays there.

    Density:
        x = loc + scale c sinh((asinh(z) + skewness) tailweight), z ~ distribution, c = 2 / sinh(asinh(2) tailweight)

    Args:
        skewness: > 0 skews to the right; `None`: 0.
        tailweight: > 1 makes the tails heavier, < 1 lighter; `None`: 1.
        distribution: that of z, on the real line; `None`: standard normal.

    Example:
        >>> tfd.prob(tfd.sinh_arcsinh(loc=0, scale=1, skewness=0.3, tailweight=1.2), 1.0)
    """


@distribution("TwoPieceNormal", skewness=POSITIVE)
def two_piece_normal(loc, scale, skewness, validate_args=False, allow_nan_stats=True, name="TwoPieceNormal"):
    """Two-piece normal distribution: two halves of different width, joined at the mode.

    Density:
        p(x) = 2 phi(z s) / (scale (s + 1 / s)) below loc, phi(z / s) in place of phi(z s) above, s = skewness

    Args:
        skewness: > 0; above 1 the right half is wider.

    Example:
        >>> tfd.mean(tfd.two_piece_normal(loc=0, scale=1, skewness=2))
    """


@distribution("TwoPieceStudentT", skewness=POSITIVE)
def two_piece_student_t(df, loc, scale, skewness, validate_args=False, allow_nan_stats=True, name="TwoPieceStudentT"):
    """Two-piece t distribution: `two_piece_normal` with the tails of Student's t.

    Density:
        p(x) = 2 t_df(z s) / (scale (s + 1 / s)) below loc, t_df(z / s) above, z = (x - loc) / scale, s = skewness

    Args:
        skewness: > 0; above 1 the right half is wider.

    Example:
        >>> tfd.cdf(tfd.two_piece_student_t(df=5, loc=0, scale=1, skewness=2), 0.0)
    """


@distribution("Moyal")
def moyal(loc, scale, validate_args=False, allow_nan_stats=True, name="Moyal"):
    """Moyal distribution: a stand-in for Landau's, of energy lost in thin layers.

    `loc` is the mode; the upper tail is exponential.

    Density:
        p(x) = exp(-(z + exp(-z)) / 2) / (scale sqrt(2 pi)), z = (x - loc) / scale

    Example:
        >>> tfd.mode(tfd.moyal(loc=1, scale=2))
    """


@distribution("ExponentiallyModifiedGaussian")
def exponentially_modified_gaussian(
    loc, scale, rate, validate_args=False, allow_nan_stats=True, name="ExponentiallyModifiedGaussian"
):
    """The sum of a normal and an exponential variable.

    Peaks with a tail to the right, as in chromatography and reaction times.

    Density:
        p(x) = rate exp(rate (loc - x) + (rate scale)^2 / 2) Phi((x - loc) / scale - rate scale)

    Example:
        >>> tfd.mean(tfd.exponentially_modified_gaussian(loc=0, scale=1, rate=0.5))
    """


@distribution("NormalInverseGaussian", skewness=Tensor())
def normal_inverse_gaussian(
    loc, scale, tailweight, skewness, validate_args=False, allow_nan_stats=True, name="NormalInverseGaussian"
):
    """Normal-inverse Gaussian distribution, in the form of Barndorff-Nielsen.

    A normal variable whose mean and variance vary together; for returns with semi-heavy tails.

    Density:
        p(x) = a d K_1(a q) exp(d sqrt(a^2 - b^2) + b (x - loc)) / (pi q),
        q = sqrt(d^2 + (x - loc)^2), d = scale, a = tailweight, b = skewness

    Args:
        tailweight: a > 0; the larger, the lighter the tails.
        skewness: b, between -a and a; 0: symmetric.

    Example:
        >>> tfd.variance(tfd.normal_inverse_gaussian(loc=0, scale=1, tailweight=2, skewness=0.5))
    """


@distribution("LambertWNormal", tailweight=Tensor(null=True, min=0))
def lambert_w_normal(loc, scale, tailweight=None, validate_args=False, allow_nan_stats=True, name="LambertWNormal"):
    """Normal variable with tails made heavier by Lambert's W function.

    Moments of order 1 / tailweight and above do not exist.

    Density:
        x = loc + scale z exp(tailweight z^2 / 2), z ~ normal(0, 1)

    Args:
        tailweight: >= 0; `None` or 0: the normal distribution.

    Example:
        >>> tfd.log_prob(tfd.lambert_w_normal(loc=0, scale=1, tailweight=0.1), 3.0)
    """


@distribution(improved="draws in double precision, which TFP 0.25 fails at; CDF and quantiles")
def doublesided_maxwell(loc, scale, validate_args=False, allow_nan_stats=True, name="doublesided_maxwell"):
    """Maxwell's distribution of speeds, with a random sign.

    Two humps, and density 0 at `loc` between them.

    Density:
        p(x) = z^2 exp(-z^2 / 2) / (scale sqrt(2 pi)), z = (x - loc) / scale

    Example:
        >>> tfd.sample(tfd.doublesided_maxwell(loc=0, scale=1), 3, seed=1)
    """
    from ...distributions.mended import DoublesidedMaxwell

    return DoublesidedMaxwell(loc, scale, validate_args, allow_nan_stats, name)


@distribution("Horseshoe")
def horseshoe(scale, validate_args=False, allow_nan_stats=True, name="Horseshoe"):
    """Horseshoe distribution: a normal variable with a half-Cauchy scale, as a prior of few large effects.

    Infinitely high at 0, with Cauchy-like tails. The density is an approximation, with a relative error below 0.5 %.

    Density:
        p(x) = E_1(u) exp(u) / (scale sqrt(2 pi^3)), u = (x / scale)^2 / 2

    Example:
        >>> tfd.log_prob(tfd.horseshoe(scale=1), [0.1, 5.0])
    """


@distribution("ExpGamma", rate=Tensor(null=True, min=0, open=True))
def exp_gamma(concentration, rate=None, log_rate=None, validate_args=False, allow_nan_stats=True, name="ExpGamma"):
    """The logarithm of a gamma variable.

    For gamma variables so small that they would round to 0.

    Density:
        p(x) = exp(concentration y - exp(y)) / Gamma(concentration), y = x + log(rate)

    Args:
        rate: rate of the gamma variable, > 0; give this or `log_rate`.

    Example:
        >>> tfd.mean(tfd.exp_gamma(concentration=2, rate=1))
    """


@distribution("ExpInverseGamma", scale=Tensor(null=True, min=0, open=True))
def exp_inverse_gamma(
    concentration, scale=None, log_scale=None, validate_args=False, allow_nan_stats=True, name="ExpGamma"
):
    """The logarithm of an inverse gamma variable.

    Density:
        p(x) = exp(concentration y - exp(y)) / Gamma(concentration), y = log(scale) - x

    Args:
        scale: scale of the inverse gamma variable, > 0; give this or `log_scale`.

    Example:
        >>> tfd.mean(tfd.exp_inverse_gamma(concentration=2, scale=1))
    """


@distribution(improved="quantiles, which TFP 0.25 gets wrong in double precision")
def sigmoid_beta(concentration1, concentration0, validate_args=False, allow_nan_stats=True, name="SigmoidBeta"):
    """The log-odds of a beta variable.

    Density:
        p(x) = u^a (1 - u)^b / B(a, b), u = 1 / (1 + exp(-x)), a = concentration1, b = concentration0

    Example:
        >>> tfd.cdf(tfd.sigmoid_beta(concentration1=2, concentration0=3), 0.0)
    """
    from ...distributions.mended import SigmoidBeta

    return SigmoidBeta(concentration1, concentration0, validate_args, allow_nan_stats, name)


@distribution("LambertWDistribution", distribution=Distribution(), shift=Tensor(), tailweight=Tensor(null=True, min=0))
def lambert_w_distribution(
    distribution,
    shift,
    scale,
    tailweight=None,
    validate_args=False,
    allow_nan_stats=True,
    name="LambertWDistribution",
):
    """A variable with tails made heavier by Lambert's W function.

    Density:
        y = shift + scale z exp(tailweight z^2 / 2), z = (x - shift) / scale, x ~ distribution

    Args:
        distribution: that of x, on the real line.
        shift: centre, about which nothing moves.
        tailweight: >= 0; `None` or 0: no change.

    Example:
        >>> d = tfd.lambert_w_distribution(tfd.student_t(5, 0, 1), shift=0, scale=1, tailweight=0.1)
        >>> tfd.log_prob(d, 3.0)
    """
