"""Fixed changes of the order of the dimensions."""

from __future__ import annotations

import numpy as np

from ..checks import Flag, Permutation, Whole
from ..errors import ArgumentError
from ..maps import Size
from ..reordering import PermuteMap
from ..spec import register

LARGEST_SEED = 999_999


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
    return PermuteMap(positions(order, size))


def positions(order, size: Size):
    """An order of indices or column names as indices, after a look at whether it fits the data."""
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


@register()
def reverse(size: Size):
    """Reverse the order of the dimensions.

    The usual step between autoregressive layers. Costs nothing and has log-determinant 0.

    Shapes:
        x `[n, d]`, any d >= 1.

    Example:
        >>> flow(autoregressive(), reverse(), autoregressive())
    """
    return PermuteMap(range(size.event)[::-1])


def random_order(seed: int, d: int, derange: bool = False) -> np.ndarray:
    """The order that a seed stands for. It is not saved with a flow, so it must be the same for ever: numpy keeps the
    numbers of its old generator, and of no other.
    """
    rng = np.random.RandomState(seed)
    order = rng.permutation(d)
    while derange and d > 1 and (order == np.arange(d)).any():
        order = rng.permutation(d)
    return order


@register(seed=Whole(min=0, max=LARGEST_SEED), derange=Flag())
def random_permute(size: Size, seed=0, derange=False):
    """Put the dimensions in a fixed order drawn at random.

    The order comes from `seed` alone, so it is part of the flow and not of the fit: the same seed and number of columns
    give the same order. With `reverse` between coupling layers it is always the same halves that meet; several random
    orders, each with a seed of its own, make other groups each time. Costs nothing and has log-determinant 0.

    Args:
        seed: what the order is drawn from, a whole number from 0 to 999999.
        derange: draw until no dimension stays in its place (two change places); a single dimension stays.

    Shapes:
        x `[n, d]`, any d >= 1.

    Raises:
        ArgumentError: `seed` is out of range, or `derange` is not True or False.

    Example:
        >>> flow(coupling(), random_permute(seed=1), coupling(), random_permute(seed=2), coupling())
    """
    return PermuteMap(random_order(seed, size.event, derange))
