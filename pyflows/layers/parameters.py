"""What multivariate layers have in common: parameters that a context may move, and how they are kept in bounds."""

from __future__ import annotations

import math

import numpy as np

from ..backend import tf
from ..checks import Choice, WholeList
from ..maps import Size, Tensors, Weight, softplus_inverse
from ..networks import ACTIVATIONS, Network

# Smallest slope of a layer in any direction: what it takes from the precision is bounded by its inverse.
SMALLEST_SLOPE = 1e-3

NETWORK_CHECKS = {"hidden": WholeList(min=1), "activation": Choice(values=ACTIVATIONS)}


class Parameters:
    """Named arrays, constant without a context, and otherwise moved by a network of it.

    Args:
        size: of the problem.
        own: how each array starts.
        hidden: units of the hidden layers of the network.
        activation: of the hidden units.
    """

    def __init__(self, size: Size, own: dict[str, Weight], hidden, activation: str):
        self.own, self.network, self.weights = own, None, dict(own)
        if size.context:
            total = sum(math.prod(weight.shape) for weight in own.values())
            self.network = Network(0, 1, size.context, total, hidden, activation, False, np.zeros(total))
            # The arrays themselves are the bias of its last layer.
            self.weights |= {name: weight for name, weight in self.network.weights.items() if name != "output/bias"}

    def __call__(self, weights: Tensors, context=None) -> dict:
        """Each array by its name, `[*shape, n]`, or `[*shape, 1]` if it is the same for all observations."""
        if self.network is None:
            return {name: tf.expand_dims(weights[name], -1) for name in self.own}
        bias = tf.concat([tf.reshape(weights[name], [-1]) for name in self.own], 0)
        moved = self.network({**weights, "output/bias": bias}, context, context)[:, 0]
        parts = tf.split(moved, [math.prod(weight.shape) for weight in self.own.values()])
        shapes = [weight.shape for weight in self.own.values()]
        return {name: tf.reshape(part, [*shape, -1]) for name, part, shape in zip(self.own, parts, shapes, strict=True)}


def above_minus_one(raw):
    """An increasing function with values above -1 + `SMALLEST_SLOPE`, 0 at 0, and slope below 1."""
    return tf.math.softplus(raw + softplus_inverse(1.0 - SMALLEST_SLOPE)) - (1.0 - SMALLEST_SLOPE)
