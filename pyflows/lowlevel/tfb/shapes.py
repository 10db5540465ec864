"""Maps that change shapes, and leave the numbers as they are."""

from __future__ import annotations

from ...backend import tfb
from ...checks import Choice
from ..kinds import Anything, Integer, Integers, Shape, Tensor
from ..table import bijector


@bijector(
    "Pad",
    paddings=Integers(rank=2, min=0),
    mode=Choice(values=("CONSTANT", "REFLECT", "SYMMETRIC")),
    constant_values=Tensor(),
    axis=Integers(null=True),
)
def pad(paddings=((0, 1),), mode="CONSTANT", constant_values=0, axis=None, validate_args=False, name=None):
    """Adds constant numbers at the ends of an event; the inverse takes them off.

    Map:
        y = x with numbers before and after it

    Args:
        paddings: how many before and after, two numbers for each dimension, `[n, 2]`.
        mode: "CONSTANT", "REFLECT" or "SYMMETRIC", what the numbers are.
        constant_values: the constant.
        axis: the dimensions, counted from the last, which is -1; `None`: the last n.

    Example:
        >>> tfb.forward(tfb.pad(), [1.0, 2.0])
    """


@bijector("Reshape", event_shape_out=Shape(min=-1), event_shape_in=Shape(min=-1))
def reshape(event_shape_out, event_shape_in=(-1,), validate_args=False, name=None):
    """Another shape of an event; the order of the numbers is that of rows (in R, of `t(x)`).

    Map:
        y = the numbers of x in another shape

    Args:
        event_shape_out: shape of y; one of its numbers may be -1, and is found out.
        event_shape_in: shape of x, likewise.

    Example:
        >>> tfb.forward(tfb.reshape([2, 2]), [1.0, 2.0, 3.0, 4.0])
    """


@bijector(improved="takes a plain number of parts", num_or_size_splits=Shape(min=-1), axis=Integer(max=-1))
def split(num_or_size_splits, axis=-1, validate_args=False, name="split"):
    """A tensor in parts, as a list; the inverse joins a list of tensors.

    Map:
        y = [y_1, ..., y_n], of which x is made

    Args:
        num_or_size_splits: the number of parts, all of one size, or the size of each.
        axis: the dimension that is split, counted from the last, which is -1.

    Example:
        >>> tfb.forward(tfb.split(2), [1.0, 2.0, 3.0, 4.0])
    """
    number = num_or_size_splits[0] if len(num_or_size_splits) == 1 else num_or_size_splits
    return tfb.Split(number, axis, validate_args, name)


@bijector(
    improved="works with its defaults",
    perm=Integers(null=True),
    rightmost_transposed_ndims=Integer(null=True, min=0),
)
def transpose(perm=None, rightmost_transposed_ndims=None, validate_args=False, name="transpose"):
    """The last dimensions in another order.

    Map:
        y = x with its dimensions permuted

    Args:
        perm: the numbers 0 to n - 1 in the new order of the last n dimensions; they count from 0 in R, too.
        rightmost_transposed_ndims: in place of it, how many of the last dimensions are reversed; `None`: 2.

    Example:
        >>> tfb.forward(tfb.transpose(), [[1.0, 2.0], [3.0, 4.0]])
    """
    if perm is None and rightmost_transposed_ndims is None:
        rightmost_transposed_ndims = 2
    return tfb.Transpose(perm, rightmost_transposed_ndims, validate_args, name)


@bijector("Restructure", output_structure=Anything(), input_structure=Anything())
def restructure(output_structure, input_structure=None, name="restructure"):
    """Lists and dicts of tensors in another arrangement, without a change of the tensors.

    Map:
        y = the tensors of x, arranged as in output_structure

    Args:
        output_structure: lists and dicts whose leaves are the numbers 0 to n - 1, or names.
        input_structure: the same of x; `None`: a flat list, in the order of the leaves.

    Example:
        >>> b = tfb.restructure({"a": 0, "b": 1}, [0, 1])
    """
