"""Fixed changes of the order of the dimensions."""

from __future__ import annotations

import numpy as np

from ..backend import tf
from ..checks import Permutation
from ..errors import ArgumentError
from ..maps import Map, Size
from ..spec import register


class PermuteMap(Map):
    """`x[i] = z[order[i]]`."""

    def __init__(self, order):
        self.order = np.asarray(order, "int32")

    def forward(self, weights, z, context=None):
        return tf.gather(z, self.order), tf.zeros([], z.dtype)

    def inverse(self, weights, x, context=None):
        return tf.gather(x, np.argsort(self.order)), tf.zeros([], x.dtype)


@register(order=Permutation())
def permute(size: Size, order):
    """Put the dimensions in another order.

    Dimension i of the result is dimension `order[i]` of the input (base -> data). Costs nothing and has
    log-determinant 0. Between autoregressive or coupling layers it lets every dimension depend on every other.

    Args:
        order: the indices 0 to d - 1 (in R: 1 to d), each once, in the new order; or the column names of the data,
            each once.

    Shapes:
        x `[n, d]` with d = length of `order`.

    Raises:
        ArgumentError: `order` is not a permutation, or does not fit the number or names of the columns.

    Example:
        >>> permute([2, 0, 1])
    """
    return PermuteMap(_positions(order, size))


def _positions(order, size: Size):
    if len(order) != size.event:
        raise ArgumentError(
            f"`order` has {len(order)} entries, but the data have {size.event} columns.", argument="order"
        )
    if not isinstance(order[0], str):
        return order
    if size.columns is None:
        raise ArgumentError(
            "`order` names columns, but the data have no column names.",
            argument="order",
            hint="Give indices, or data with names (a data frame).",
        )
    if unknown := set(order) - set(size.columns):
        raise ArgumentError(
            f"`order` names {sorted(unknown)[0]!r}, but the columns are {', '.join(size.columns)}.", argument="order"
        )
    return [size.columns.index(name) for name in order]


class ReverseMap(Map):
    def forward(self, weights, z, context=None):
        return tf.reverse(z, [0]), tf.zeros([], z.dtype)

    inverse = forward


@register()
def reverse(size: Size):
    """Reverse the order of the dimensions.

    The usual step between autoregressive layers. Costs nothing and has log-determinant 0.

    Shapes:
        x `[n, d]`, any d >= 1.

    Example:
        >>> flow(autoregressive(), reverse(), autoregressive())
    """
    return ReverseMap()
