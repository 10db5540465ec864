"""Masked networks with named weights: the conditioner of autoregressive layers. No Keras.

Masks follow MADE (Germain, Gregor, Murray & Larochelle 2015, arXiv:1502.03509). Hidden units are sorted by degree,
so that what depends on the first inputs stands first: the exact inverse computes each unit once, in that order.
"""

from __future__ import annotations

import functools
import math

import numpy as np

from .backend import tf
from .maps import Tensors, Weight, column, constant

ACTIVATIONS = ("relu", "tanh", "elu", "gelu", "silu", "softplus", "leaky_relu")


def activation(name: str):
    """The activation function of that name."""
    return getattr(tf.nn, name) if name not in ("tanh", "softplus") else getattr(tf.math, name)


def hidden_degrees(event: int, context: int, units: int) -> np.ndarray:
    """Sorted degrees of a hidden layer, spread evenly; degree 0 sees the context alone."""
    lowest, highest = (0 if context else 1), max(event - 1, 0 if context else 1)
    return lowest + np.arange(units) * (highest - lowest + 1) // units


def uniform_start(rng: np.random.Generator, shape: tuple[int, ...], fan_in: int) -> np.ndarray:
    """Uniform within +-1 / sqrt(fan_in), biases included: kinks of the units are spread over the data from the start.

    Measured on held-out data this start is worth more than any choice of architecture; with zero biases all kinks
    of relu units begin at the origin.
    """
    limit = 1.0 / math.sqrt(max(fan_in, 1))
    return rng.uniform(-limit, limit, shape)


class MaskedNetwork:
    """`params` outputs for each of `event` dimensions, output i seeing the inputs before i (and all the context).

    Args:
        event: number of dimensions, d.
        context: number of context values, c.
        params: outputs for each dimension, P.
        hidden: units of each hidden layer; empty gives outputs that are constant.
        activation: name of the activation.
        residual: each hidden layer after the first adds to its input (all layers of one size).
        bias_start: `[P]`, where the outputs start, near enough; the kernel of the last layer starts small.

    Shapes:
        called with x `[d, n]` and context `[c, n]` it returns `[P, d, n]`.
    """

    def __init__(self, event, context, params, hidden, activation, residual, bias_start):
        self.event, self.context, self.params = event, context, params
        self.activation, self.residual = activation, residual
        # A single dimension without context has nothing to condition on.
        self.hidden = tuple(hidden) if event > 1 or context else ()
        inputs = np.arange(1, event + 1)
        self.degrees = [hidden_degrees(event, context, units) for units in self.hidden]
        self.masks: list[np.ndarray] = []
        before = inputs
        for degree in self.degrees:
            self.masks.append(degree[:, None] >= before[None, :])
            before = degree
        self.output_mask = np.tile(inputs, params)[:, None] > before[None, :]
        self.bias_start = np.repeat(np.asarray(bias_start, float), event)
        self.weights = self._weights()

    def _weights(self) -> dict[str, Weight]:
        weights = {}
        for i, mask in enumerate(self.masks):
            fan_in = mask.shape[1] + (self.context if i == 0 else 0)
            start = functools.partial(_start_masked, mask=mask, fan_in=fan_in)
            weights[f"hidden/{i}/kernel"] = Weight(mask.shape, start, used=int(mask.sum()))
            bias = functools.partial(uniform_start, shape=mask.shape[:1], fan_in=fan_in)
            weights[f"hidden/{i}/bias"] = Weight(mask.shape[:1], bias)
            if i == 0 and self.context:
                shape = (mask.shape[0], self.context)
                weights["context/kernel"] = Weight(shape, functools.partial(uniform_start, shape=shape, fan_in=fan_in))
        mask = self.output_mask
        if self.hidden:
            start = functools.partial(_start_masked, mask=mask, fan_in=mask.shape[1], factor=0.1)
            weights["output/kernel"] = Weight(mask.shape, start, used=int(mask.sum()))
        weights["output/bias"] = constant(self.bias_start, mask.shape[:1])
        return weights

    def __call__(self, weights: Tensors, x, context=None):
        out = column(weights["output/bias"])
        if self.hidden:
            out = out + tf.matmul(self.masked(weights, "output/kernel"), self._trunk(weights, x, context))
        else:
            out = tf.broadcast_to(out, tf.stack([self.params * self.event, tf.shape(x)[1]]))
        return tf.reshape(out, tf.stack([self.params, self.event, tf.shape(x)[1]]))

    def _trunk(self, weights: Tensors, x, context):
        act = activation(self.activation)
        h = x
        for i in range(len(self.hidden)):
            u = tf.matmul(self.masked(weights, f"hidden/{i}/kernel"), h) + column(weights[f"hidden/{i}/bias"])
            if i == 0 and self.context:
                u = u + tf.matmul(weights["context/kernel"], context)
            h = h + act(u) if self.residual and i else act(u)
        return h

    def masked(self, weights: Tensors, name: str):
        """A kernel with the entries that the masks forbid set to zero."""
        mask = self.output_mask if name == "output/kernel" else self.masks[int(name.split("/")[1])]
        return weights[name] * tf.constant(mask, weights[name].dtype)


def _start_masked(rng, mask, fan_in, factor=1.0):
    return uniform_start(rng, mask.shape, fan_in) * mask * factor
