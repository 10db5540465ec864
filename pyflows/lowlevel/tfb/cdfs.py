"""Distribution functions of one variable: they take it onto (0, 1), and the inverse draws from it by quantiles."""

from __future__ import annotations

from ...backend import tfb
from ..kinds import Tensor
from ..table import bijector

_ANY = Tensor()
_POSITIVE = Tensor(min=0, open=True)
_RENAMED = "TFP dropped the class; the same map by its newer name"


@bijector("NormalCDF")
def normal_cdf(validate_args=False, name="normal"):
    """The distribution function of the standard normal distribution.

    Map:
        y = Phi(x)

    Example:
        >>> tfb.forward(tfb.normal_cdf(), [-1.96, 0.0, 1.96])
    """


@bijector("GumbelCDF", loc=_ANY, scale=_POSITIVE)
def gumbel_cdf(loc=0, scale=1, validate_args=False, name="gumbel_cdf"):
    """The distribution function of the Gumbel distribution (of maxima).

    Map:
        y = exp(-exp(-(x - loc) / scale))

    Args:
        loc: its mode.
        scale: its scale, > 0.

    Example:
        >>> tfb.forward(tfb.gumbel_cdf(loc=1.0, scale=2.0), [0.0, 1.0])
    """


@bijector(rebuilt=_RENAMED + ", `tfb_gumbel_cdf()`", loc=_ANY, scale=_POSITIVE)
def gumbel(loc=0, scale=1, validate_args=False, name="gumbel"):
    """The distribution function of the Gumbel distribution, by its older name.

    Map:
        y = exp(-exp(-(x - loc) / scale))

    Args:
        loc: its mode.
        scale: its scale, > 0.

    Example:
        >>> tfb.forward(tfb.gumbel(loc=1.0, scale=2.0), [0.0, 1.0])
    """
    return tfb.GumbelCDF(loc, scale, validate_args, name)


@bijector("GompertzCDF", concentration=_POSITIVE, rate=_POSITIVE)
def gompertz_cdf(concentration, rate, validate_args=False, name="gompertz_cdf"):
    """The distribution function of the Gompertz distribution, of x >= 0.

    Map:
        y = 1 - exp(-concentration (exp(rate x) - 1))

    Args:
        concentration: > 0.
        rate: > 0.

    Example:
        >>> tfb.forward(tfb.gompertz_cdf(1.0, 0.5), [0.5, 1.0])
    """


@bijector("ShiftedGompertzCDF", concentration=_POSITIVE, rate=_POSITIVE)
def shifted_gompertz_cdf(concentration, rate, validate_args=False, name="shifted_gompertz_cdf"):
    """The distribution function of the shifted Gompertz distribution, of x >= 0.

    Map:
        y = (1 - exp(-rate x)) exp(-exp(-rate x) / concentration)

    Args:
        concentration: > 0.
        rate: > 0.

    Example:
        >>> tfb.forward(tfb.shifted_gompertz_cdf(1.0, 0.5), [0.5, 1.0])
    """


@bijector("KumaraswamyCDF", concentration1=_POSITIVE, concentration0=_POSITIVE)
def kumaraswamy_cdf(concentration1=1, concentration0=1, validate_args=False, name="kumaraswamy_cdf"):
    """The distribution function of the Kumaraswamy distribution, of x in (0, 1).

    Map:
        y = 1 - (1 - x^a)^b, a = concentration1, b = concentration0

    Args:
        concentration1: a > 0.
        concentration0: b > 0.

    Example:
        >>> tfb.forward(tfb.kumaraswamy_cdf(2.0, 3.0), [0.25, 0.5])
    """


@bijector(
    rebuilt="TFP dropped the class, the inverse of `tfb_kumaraswamy_cdf()`",
    concentration1=Tensor(null=True, min=0, open=True),
    concentration0=Tensor(null=True, min=0, open=True),
)
def kumaraswamy(concentration1=None, concentration0=None, validate_args=False, name="kumaraswamy"):
    """The quantile function of the Kumaraswamy distribution: it takes uniform numbers to that distribution.

    Map:
        y = (1 - (1 - x)^(1 / b))^(1 / a), a = concentration1, b = concentration0

    Args:
        concentration1: a > 0; `None`: 1.
        concentration0: b > 0; `None`: 1.

    Example:
        >>> tfb.forward(tfb.kumaraswamy(2.0, 3.0), [0.25, 0.5])
    """
    a, b = (1.0 if value is None else value for value in (concentration1, concentration0))
    cdf = tfb.KumaraswamyCDF(_ANY.plain(a)[1], _ANY.plain(b)[1], validate_args)
    return tfb.Invert(cdf, name=name)


@bijector(improved="its density works in float64", scale=_POSITIVE)
def rayleigh_cdf(scale, validate_args=False, name="rayleigh_cdf"):
    """The distribution function of the Rayleigh distribution, of x >= 0.

    Map:
        y = 1 - exp(-(x / scale)^2 / 2)

    Args:
        scale: its mode, > 0.

    Example:
        >>> tfb.forward(tfb.rayleigh_cdf(2.0), [1.0, 3.0])
    """
    from ...bijectors.rayleigh import RayleighCDF  # defining the class imports TensorFlow

    return RayleighCDF(scale, validate_args, name)


@bijector("WeibullCDF", scale=_POSITIVE, concentration=_POSITIVE)
def weibull_cdf(scale=1, concentration=1, validate_args=False, name="weibull_cdf"):
    """The distribution function of the Weibull distribution, of x >= 0.

    Map:
        y = 1 - exp(-(x / scale)^concentration)

    Args:
        scale: > 0.
        concentration: its shape, > 0.

    Example:
        >>> tfb.forward(tfb.weibull_cdf(scale=2.0, concentration=1.5), [1.0, 3.0])
    """


@bijector(rebuilt=_RENAMED + ", `tfb_weibull_cdf()`", scale=_POSITIVE, concentration=_POSITIVE)
def weibull(scale=1, concentration=1, validate_args=False, name="weibull"):
    """The distribution function of the Weibull distribution, by its older name.

    Map:
        y = 1 - exp(-(x / scale)^concentration)

    Args:
        scale: > 0.
        concentration: its shape, > 0.

    Example:
        >>> tfb.forward(tfb.weibull(scale=2.0, concentration=1.5), [1.0, 3.0])
    """
    return tfb.WeibullCDF(scale, concentration, validate_args, name)


@bijector("FrechetCDF", loc=_ANY, scale=_POSITIVE, concentration=_POSITIVE)
def frechet_cdf(loc=0, scale=1, concentration=1, validate_args=False, name="frechet_cdf"):
    """The distribution function of the Fréchet distribution, of x >= loc.

    Map:
        y = exp(-((x - loc) / scale)^(-concentration))

    Args:
        loc: the lower end.
        scale: > 0.
        concentration: its shape, > 0.

    Example:
        >>> tfb.forward(tfb.frechet_cdf(concentration=2.0), [1.0, 3.0])
    """


@bijector("GeneralizedExtremeValueCDF", loc=_ANY, scale=_POSITIVE, concentration=_ANY)
def generalized_extreme_value_cdf(
    loc=0, scale=1, concentration=0, validate_args=False, name="generalizedextremevalue_cdf"
):
    """The distribution function of the generalised extreme value distribution.

    Map:
        y = exp(-(1 + concentration z)^(-1 / concentration)), z = (x - loc) / scale; exp(-exp(-z)) for concentration 0

    Args:
        loc: its location.
        scale: > 0.
        concentration: its shape: 0 Gumbel, > 0 Fréchet, < 0 Weibull.

    Example:
        >>> tfb.forward(tfb.generalized_extreme_value_cdf(concentration=0.5), [0.0, 1.0])
    """


@bijector("MoyalCDF", loc=_ANY, scale=_POSITIVE)
def moyal_cdf(loc=0, scale=1, validate_args=False, name="moyal_cdf"):
    """The distribution function of the Moyal distribution.

    Map:
        y = erfc(exp(-(x - loc) / (2 scale)) / sqrt(2))

    Args:
        loc: its mode.
        scale: > 0.

    Example:
        >>> tfb.forward(tfb.moyal_cdf(), [0.0, 1.0])
    """


@bijector("GeneralizedPareto", loc=_ANY, scale=_POSITIVE, concentration=_ANY)
def generalized_pareto(loc, scale, concentration, validate_args=False, name="generalized_pareto"):
    """From the line onto the support of a generalised Pareto distribution.

    The support has an upper end if the shape is negative; the map bends there. It is not the distribution function.

    Map:
        y = loc + softplus(x) if concentration >= 0, else loc + scale / |concentration| sigmoid(x)

    Args:
        loc: the lower end.
        scale: > 0.
        concentration: the shape.

    Example:
        >>> tfb.forward(tfb.generalized_pareto(1.0, 2.0, -0.5), [-1.0, 0.0, 3.0])
    """
