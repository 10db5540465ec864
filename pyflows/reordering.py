"""Changes of the order of the dimensions, and how a run of layers does without them.

Moving values costs a pass over all of them, and keeps XLA from fusing what stands on both sides. But a layer that is
told so can work in another order than its own, by the order of its weights. So each permutation is handed on, through
all layers that can be told, and is carried out where one can't, or at the end.
"""

from __future__ import annotations

import numpy as np

from .backend import tf
from .maps import Map

# Up to so many slices of weights are moved by a product with a matrix of 0 and 1, which is exact: a gather picks number
# by number, and a density of eight columns takes a seventh longer.
SMALL = 16


class PermuteMap(Map):
    """`x[i] = z[order[i]]`."""

    def __init__(self, order):
        self.order = np.asarray(order, "int32")

    def forward(self, weights, z, context=None):
        return values_in_order(z, self.order), tf.zeros([], z.dtype)

    def inverse(self, weights, x, context=None):
        return values_in_order(x, np.argsort(self.order)), tf.zeros([], x.dtype)


class ChosenPermuteMap(Map):
    """One of some permutations, which one a tensor says: in a loop of layers each has its own.

    Args:
        orders: `[permutations, d]`.
        index: a scalar.
    """

    def __init__(self, orders: np.ndarray, index):
        self.order, self.back = (tf.constant(some)[index] for some in (orders, np.argsort(orders).astype("int32")))

    def forward(self, weights, z, context=None):
        return _moved(z, self.order, self.back, 0), tf.zeros([], z.dtype)

    def inverse(self, weights, x, context=None):
        return _moved(x, self.back, self.order, 0), tf.zeros([], x.dtype)


def values_in_order(x, order):
    """`x[order]`, for `x [d, n]`."""
    return tf.reverse(x, [0]) if _is_reversal(order) else _moved(x, order, np.argsort(order), 0)


def weights_in_order(x, order, axis: int):
    """Slices of an array of weights along its last axis (-1) or the one before (-2), in another order."""
    if _is_reversal(order):
        return tf.reverse(x, [axis])
    if len(order) > SMALL:
        return _moved(x, order, np.argsort(order), axis)
    moves = tf.constant(np.eye(len(order))[order], x.dtype)
    return tf.linalg.matmul(x, moves, transpose_b=True) if axis == -1 else tf.linalg.matmul(moves, x)


def _moved(x, order, back, axis: int):
    # By itself the gradient of `tf.gather` is a sum, slice by slice.
    @tf.custom_gradient
    def move(x):
        return tf.gather(x, order, axis=axis), lambda upstream: tf.gather(upstream, back, axis=axis)

    return move(x)


def is_natural(order) -> bool:
    """Does an order (None for none at all) leave everything where it is."""
    return order is None or np.array_equal(order, np.arange(len(order)))


def _is_reversal(order) -> bool:
    return np.array_equal(order, np.arange(len(order))[::-1])


def absorbed(layers: list[tuple[str, Map]], keys: list) -> tuple[list[tuple[str, Map]], list]:
    """The same flow with as few permutations as can be.

    Args:
        layers: `(name, map)` in forward order.
        keys: one a layer; layers with equal keys are equal but for the values of their weights.

    Returns:
        Layers and keys again. Layers with weights have their names and weights still.
    """
    result, order = [], None  # what stands in the order of the layers is `value[order]` of what we have

    def carry_out():
        if order is not None:
            result.append((("order", PermuteMap(order)), ("order", tuple(order))))

    for (name, map_), key in zip(layers, keys, strict=True):
        if isinstance(map_, PermuteMap):
            order = map_.order if order is None else order[map_.order]
            order = None if is_natural(order) else order
            continue
        reordered = map_ if order is None else map_.reordered(order)
        if reordered is None:
            carry_out()
            order, reordered = None, map_
        result.append(((name, reordered), key if order is None else (key, tuple(order))))
    carry_out()
    return [layer for layer, _ in result], [key for _, key in result]
