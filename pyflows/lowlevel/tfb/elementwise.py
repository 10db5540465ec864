"""Maps of numbers, one by one."""

from __future__ import annotations

from ..kinds import Tensor
from ..table import bijector

_OPTIONAL = Tensor(null=True)


@bijector("AbsoluteValue")
def absolute_value(validate_args=False, name="absolute_value"):
    """The absolute value, which folds the line onto its positive half.

    It has no single inverse: `inverse` and its log-determinant give two tensors, for the two branches. A transformed
    distribution adds up both, so that the density is that of |x|.

    Map:
        y = |x|, inverse (-y, y)

    Example:
        >>> tfb.forward(tfb.absolute_value(), [-2.0, 3.0])
    """


@bijector("Exp")
def exp(validate_args=False, name="exp"):
    """The exponential, from the line onto the positive numbers.

    Map:
        y = exp(x)

    Example:
        >>> tfb.forward(tfb.exp(), [0.0, 1.0])
    """


@bijector("Expm1")
def expm1(validate_args=False, name="expm1"):
    """The exponential less one, exact near zero, from the line onto numbers > -1.

    Map:
        y = exp(x) - 1

    Example:
        >>> tfb.forward(tfb.expm1(), [0.0, 1.0])
    """


@bijector("Log")
def log(validate_args=False, name="log"):
    """The logarithm, from the positive numbers onto the line.

    Map:
        y = log(x)

    Example:
        >>> tfb.forward(tfb.log(), [1.0, 2.0])
    """


@bijector("Log1p")
def log1p(validate_args=False, name="log1p"):
    """The logarithm of one plus a number, exact near zero, from numbers > -1 onto the line.

    Map:
        y = log(1 + x)

    Example:
        >>> tfb.forward(tfb.log1p(), [0.0, 1.0])
    """


@bijector("Identity")
def identity(validate_args=False, name="identity"):
    """The identity.

    Map:
        y = x

    Example:
        >>> tfb.forward(tfb.identity(), [1.0, 2.0])
    """


@bijector("Reciprocal")
def reciprocal(validate_args=False, name="reciprocal"):
    """The reciprocal, for positive numbers or for negative ones.

    Map:
        y = 1 / x

    Example:
        >>> tfb.forward(tfb.reciprocal(), [2.0, 4.0])
    """


@bijector("Sigmoid", low=_OPTIONAL, high=_OPTIONAL)
def sigmoid(validate_args=False, name="sigmoid", low=None, high=None):
    """The logistic function, from the line onto an interval.

    Map:
        y = low + (high - low) / (1 + exp(-x))

    Args:
        low: lower end of the interval; `None`: 0.
        high: upper end; `None`: 1. Give both or neither.

    Example:
        >>> tfb.forward(tfb.sigmoid(), [0.0, 2.0])
    """


@bijector("Sinh")
def sinh(validate_args=False, name="sinh"):
    """The hyperbolic sine.

    Map:
        y = (exp(x) - exp(-x)) / 2

    Example:
        >>> tfb.forward(tfb.sinh(), [0.0, 1.0])
    """


@bijector("SinhArcsinh", skewness=_OPTIONAL, tailweight=Tensor(null=True, min=0, open=True))
def sinh_arcsinh(skewness=None, tailweight=None, validate_args=False, name="SinhArcsinh"):
    """The sinh-arcsinh transformation, which skews a distribution and makes its tails lighter or heavier.

    TFP scales it so that 2 stays where it is when there is no skewness.

    Map:
        y = m sinh((arcsinh(x) + skewness) tailweight), m = 2 / sinh(arcsinh(2) tailweight)

    Args:
        skewness: positive values skew to the right; `None`: 0.
        tailweight: > 0; values above 1 make tails heavier; `None`: 1.

    References:
        Jones & Pewsey (2009), Sinh-arcsinh distributions, Biometrika 96(4), 761-780.

    Example:
        >>> tfb.forward(tfb.sinh_arcsinh(skewness=0.5, tailweight=1.2), [0.0, 1.0])
    """


@bijector("Softplus", hinge_softness=_OPTIONAL, low=_OPTIONAL)
def softplus(hinge_softness=None, low=None, validate_args=False, name="softplus"):
    """A smooth maximum of a number and zero, from the line onto positive numbers.

    Map:
        y = low + c log(1 + exp(x / c))

    Args:
        hinge_softness: c, not 0, how soft the bend is; `None`: 1.
        low: what is added, the lower end of the values; `None`: 0.

    Example:
        >>> tfb.forward(tfb.softplus(), [-1.0, 0.0, 3.0])
    """


@bijector("SoftClip", low=_OPTIONAL, high=_OPTIONAL, hinge_softness=Tensor(null=True, min=0, open=True))
def soft_clip(low=None, high=None, hinge_softness=None, validate_args=False, name="soft_clip"):
    """A smooth clip, nearly the identity within the bounds.

    Map:
        y = clip(x, low, high), its corners rounded by softplus functions

    Args:
        low: lower bound; `None`: there is none.
        high: upper bound; `None`: there is none.
        hinge_softness: > 0, how soft the corners are; `None`: 1.

    Example:
        >>> tfb.forward(tfb.soft_clip(low=0.0, high=5.0), [-1.0, 2.0, 9.0])
    """


@bijector("Softsign")
def softsign(validate_args=False, name="softsign"):
    """A cheap sigmoid, from the line onto (-1, 1), with heavy tails.

    Map:
        y = x / (1 + |x|)

    Example:
        >>> tfb.forward(tfb.softsign(), [-1.0, 3.0])
    """


@bijector("Square")
def square(validate_args=False, name="square"):
    """The square, of numbers >= 0.

    Map:
        y = x^2

    Example:
        >>> tfb.forward(tfb.square(), [1.0, 3.0])
    """


@bijector("Tanh")
def tanh(validate_args=False, name="tanh"):
    """The hyperbolic tangent, from the line onto (-1, 1).

    Map:
        y = tanh(x)

    Example:
        >>> tfb.forward(tfb.tanh(), [-1.0, 0.5])
    """


@bijector("Power", power=Tensor())
def power(power, validate_args=False, name="power"):
    """A power of positive numbers.

    Map:
        y = x^power

    Args:
        power: the exponent, not 0.

    Example:
        >>> tfb.forward(tfb.power(3.0), [1.0, 2.0])
    """


@bijector("PowerTransform", power=Tensor(min=0))
def power_transform(power, validate_args=False, name="power_transform"):
    """The power transform, between the exponential (power 0) and a straight line (power 1).

    Map:
        y = (1 + power x)^(1 / power), or exp(x) for power 0; x >= -1 / power

    Args:
        power: the number c >= 0.

    Example:
        >>> tfb.forward(tfb.power_transform(0.5), [0.0, 1.0])
    """


@bijector(
    "LambertWTail", shift=_OPTIONAL, scale=Tensor(null=True, min=0, open=True), tailweight=Tensor(null=True, min=0)
)
def lambert_w_tail(shift=None, scale=None, tailweight=None, validate_args=False, name="lambertw_tail"):
    """The Lambert W transformation, which gives a distribution heavy tails on both sides.

    Its inverse makes heavy-tailed data normal.

    Map:
        y = u exp(tailweight u^2 / 2) scale + shift, u = (x - shift) / scale

    Args:
        shift: where the middle is; `None`: 0.
        scale: > 0; `None`: 1.
        tailweight: >= 0; 0 changes nothing; `None`: 0.

    References:
        Goerg (2015), The Lambert way to Gaussianize heavy-tailed data, The Scientific World Journal, 909231.

    Example:
        >>> tfb.forward(tfb.lambert_w_tail(shift=0.0, scale=1.0, tailweight=0.3), [-2.0, 0.0, 2.0])
    """


@bijector(
    "RationalQuadraticSpline",
    bin_widths=Tensor(rank=1, min=0, open=True),
    bin_heights=Tensor(rank=1, min=0, open=True),
    knot_slopes=Tensor(rank=1, min=0, open=True),
    range_min=Tensor(),
)
def rational_quadratic_spline(bin_widths, bin_heights, knot_slopes, range_min=-1, validate_args=False, name=None):
    """A monotonic spline of rational quadratic pieces on an interval, and the identity outside of it.

    Both directions are in closed form. With a `bijector_fn` it makes neural spline flows.

    Map:
        y = spline(x) through knots (x_k, y_k) with slopes d_k; within a bin a ratio of quadratic polynomials

    Args:
        bin_widths: widths of the K bins, `[..., K]`; their sum must be that of the heights.
        bin_heights: their heights, `[..., K]`.
        knot_slopes: slopes at the K - 1 inner knots, `[..., K - 1]`; at the outer ones they are 1.
        range_min: lower end of the interval, of x and of y.

    References:
        Durkan, Bekasov, Murray & Papamakarios (2019), Neural spline flows, arXiv:1906.04032.

    Example:
        >>> b = tfb.rational_quadratic_spline([0.5, 1.5], [1.2, 0.8], [0.7])
        >>> tfb.forward(b, [-0.5, 0.0, 0.5, 3.0])
    """
