"""Maps of vectors: onto simplex, sphere and ordered vectors, orders and rotations."""

from __future__ import annotations

from ...backend import tfb
from ..kinds import Integer, Integers
from ..table import bijector

_AXIS = Integer(max=-1)


@bijector("Ascending")
def ascending(validate_args=False, name="ascending"):
    """From vectors to ascending vectors.

    Map:
        y_1 = x_1, y_i = y_{i-1} + exp(x_i)

    Example:
        >>> tfb.forward(tfb.ascending(), [1.0, 0.0, -1.0])
    """


@bijector(rebuilt="TFP dropped the class, the inverse of `tfb_ascending()`")
def ordered(validate_args=False, name="ordered"):
    """From ascending vectors to vectors of any numbers.

    Map:
        y_1 = x_1, y_i = log(x_i - x_{i-1})

    Example:
        >>> tfb.forward(tfb.ordered(), [1.0, 2.0, 2.5])
    """
    return tfb.Invert(tfb.Ascending(validate_args), validate_args=validate_args, name=name)


@bijector("Cumsum", axis=_AXIS)
def cumsum(axis=-1, validate_args=False, name="cumsum"):
    """Sums along a dimension.

    Map:
        y_i = x_1 + ... + x_i

    Args:
        axis: the dimension, counted from the last, which is -1.

    Example:
        >>> tfb.forward(tfb.cumsum(), [1.0, 2.0, 3.0])
    """


@bijector("DiscreteCosineTransform", dct_type=Integer(min=2, max=3))
def discrete_cosine_transform(validate_args=False, dct_type=2, name="dct"):
    """The discrete cosine transform, an orthogonal map that mixes all dimensions.

    Map:
        y_i = s_i sum_j x_j cos(pi i (2 j + 1) / (2 k)), s_0 = sqrt(1 / k), else sqrt(2 / k); the inverse for type 3

    Args:
        dct_type: 2, or 3, its inverse.

    Example:
        >>> tfb.forward(tfb.discrete_cosine_transform(), [1.0, 2.0, 3.0])
    """


@bijector("IteratedSigmoidCentered")
def iterated_sigmoid_centered(validate_args=False, name="iterated_sigmoid"):
    """From vectors of k - 1 numbers to the simplex of k, by breaking a stick.

    Map:
        y_i = s_i (1 - y_1 - ... - y_{i-1}), s_i = sigmoid(x_i - log(k - i)), y_k = the rest

    Example:
        >>> tfb.forward(tfb.iterated_sigmoid_centered(), [0.0, 1.0])
    """


@bijector("SoftmaxCentered")
def softmax_centered(validate_args=False, name="softmax_centered"):
    """From vectors of k - 1 numbers to the simplex of k.

    Map:
        y = softmax(x_1, ..., x_{k-1}, 0)

    Example:
        >>> tfb.forward(tfb.softmax_centered(), [0.0, 1.0])
    """


@bijector("UnitVector")
def unit_vector(validate_args=False, name="unit_vector"):
    """From vectors of k - 1 numbers to vectors of k with length 1, by stereographic projection.

    Map:
        y = (2 x, |x|^2 - 1) / (|x|^2 + 1)

    Example:
        >>> tfb.forward(tfb.unit_vector(), [0.5, -1.0])
    """


@bijector("Permute", permutation=Integers(), axis=_AXIS)
def permute(permutation, axis=-1, validate_args=False, name=None):
    """The dimensions in another order.

    Map:
        y_i = x_{permutation_i}

    Args:
        permutation: the numbers 0 to k - 1 in the new order; they count from 0 in R, too, as in tfprobability.
        axis: the dimension that is permuted, counted from the last, which is -1.

    Example:
        >>> tfb.forward(tfb.permute([2, 0, 1]), [1.0, 2.0, 3.0])
    """
