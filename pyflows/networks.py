"""Networks with named weights, the conditioners of flows. No Keras.

Masks follow MADE (Germain, Gregor, Murray & Larochelle 2015, arXiv:1502.03509). Hidden units are sorted by degree,
so that what depends on the first inputs stands first: the exact inverse computes each unit once, in that order.
"""

from __future__ import annotations

import functools
import math

import numpy as np

from .backend import tf
from .maps import Tensors, Weight, column, constant
from .reordering import is_natural, weights_in_order

# In units of the network's input, which are standard deviations, near enough, if the data are standardised.
SQUASH_FROM = 3.0
ACTIVATIONS = ("relu", "tanh", "elu", "gelu", "silu", "softplus", "leaky_relu")


def activation(name: str):
    """The activation function of that name."""
    return getattr(tf.nn, name) if name not in ("tanh", "softplus") else getattr(tf.math, name)


def uniform_start(rng: np.random.Generator, shape: tuple[int, ...], fan_in: int) -> np.ndarray:
    """Uniform within +-1 / sqrt(fan_in), biases included: kinks of the units are spread over the data from the start.

    Measured on held-out data this start is worth more than any choice of architecture; with zero biases all kinks
    of relu units begin at the origin.
    """
    limit = 1.0 / math.sqrt(max(fan_in, 1))
    return rng.uniform(-limit, limit, shape)


def squashed(x):
    """What networks see: the values themselves up to +-3, beyond that only their logarithm goes on.

    Networks extrapolate in straight lines, and layers multiply what they say: a row far out could get any density
    at all. Measured on held-out rows of heavy-tailed data, this is worth nats by the thousand, and costs none on
    other data. It changes only what is conditioned on, so the flow stays exact.
    """
    beyond = tf.maximum(tf.abs(x) - (SQUASH_FROM - 1.0), 1.0)
    return tf.clip_by_value(x, -SQUASH_FROM, SQUASH_FROM) + tf.sign(x) * tf.math.log(beyond)


class Network:
    """`params` outputs for each of some dimensions, from the values of others and a context.

    Args:
        inputs: number of input dimensions.
        outputs: number of dimensions that get parameters, k.
        context: number of context values, c.
        params: parameters of each, P.
        hidden: units of each hidden layer; empty gives outputs that are constant.
        activation: name of the activation.
        residual: each hidden layer after the first adds to its input (all layers of one size).
        start: `[P]`, where the outputs start, near enough: the kernel of the last layer starts small.
        period: length of the circle that the inputs lie on, or None if they lie on a line.

    Shapes:
        called with x `[inputs, n]` and context `[c, n]` it returns `[P, k, n]`. With `inputs` and `outputs` as
        well, dimension i of x is the network's own input `inputs[i]`, and so for what it returns.
    """

    def __init__(self, inputs, outputs, context, params, hidden, activation, residual, start, period=None):
        self.inputs, self.outputs, self.context, self.params = inputs, outputs, context, params
        self.period, self.features = period, 1 if period is None else 2
        self.hidden, self.activation, self.residual = tuple(hidden), activation, residual
        self.start = np.repeat(np.asarray(start, float), outputs)
        self.masks = self._masks()
        self.weights = self._weights()

    def _masks(self) -> dict[str, np.ndarray]:
        """By name of the kernel, the entries that it may use; none for a network that is not masked."""
        return {}

    def _weights(self) -> dict[str, Weight]:
        weights = {}
        before = self.inputs * self.features
        for i, units in enumerate(self.hidden):
            fan_in = before + (self.context if i == 0 else 0)
            if before:
                weights[f"hidden/{i}/kernel"] = self._kernel(f"hidden/{i}/kernel", (units, before), fan_in)
            weights[f"hidden/{i}/bias"] = Weight(
                (units,), functools.partial(uniform_start, shape=(units,), fan_in=fan_in)
            )
            if i == 0 and self.context:
                weights["context/kernel"] = self._kernel("context/kernel", (units, self.context), fan_in)
            before = units
        rows = self.params * self.outputs
        if self.hidden:
            weights["output/kernel"] = self._kernel("output/kernel", (rows, before), before, factor=0.1)
        weights["output/bias"] = constant(self.start, (rows,))
        return weights

    def _kernel(self, name: str, shape: tuple[int, int], fan_in: int, factor: float = 1.0) -> Weight:
        mask = self.masks.get(name)
        allowed = np.ones(shape) if mask is None else mask
        return Weight(
            shape,
            lambda rng: uniform_start(rng, shape, fan_in) * allowed * factor,
            used=None if mask is None else int(mask.sum()),
        )

    def __call__(self, weights: Tensors, x, context=None, inputs=None, outputs=None):
        n = tf.shape(x)[1]
        bias = self._outputs_in_order(weights["output/bias"][:, None], outputs)[:, 0]
        if self.hidden:
            kernel = self._outputs_in_order(self.kernel(weights, "output/kernel"), outputs)
            out = tf.matmul(kernel, self._trunk(weights, x, context, inputs))
        else:
            out = tf.zeros(tf.stack([self.params * self.outputs, n]), x.dtype)
        out = out + column(bias)
        return tf.reshape(out, tf.stack([self.params, self.outputs, n]))

    def _outputs_in_order(self, rows, order):
        """Weights `[P k, h]` of the outputs, those of each parameter in that order."""
        if is_natural(order):
            return rows
        last = rows.shape[-1]
        rows = weights_in_order(tf.reshape(rows, [self.params, self.outputs, last]), order, -2)
        return tf.reshape(rows, [self.params * self.outputs, last])

    def _first_kernel(self, weights: Tensors, order):
        kernel = self.kernel(weights, "hidden/0/kernel")
        if is_natural(order):
            return kernel
        columns = np.add.outer(np.asarray(order) * self.features, np.arange(self.features)).ravel()
        return weights_in_order(kernel, columns, -1)

    def _trunk(self, weights: Tensors, x, context, inputs):
        act = activation(self.activation)
        h, context = self.see(x), None if context is None else squashed(context)
        for i in range(len(self.hidden)):
            sums = []
            if f"hidden/{i}/kernel" in self.weights:
                kernel = self.kernel(weights, f"hidden/{i}/kernel") if i else self._first_kernel(weights, inputs)
                sums.append(tf.matmul(kernel, h))
            if i == 0 and self.context:
                sums.append(tf.matmul(weights["context/kernel"], context))
            u = tf.add_n(sums) + column(weights[f"hidden/{i}/bias"])
            h = h + act(u) if self.residual and i else act(u)
        return h

    def see(self, x):
        """What the network sees of inputs `[k, n]`: `[features k, n]`, the features of each input side by side.

        On a circle these are cosine and sine, so that what comes out is continuous on it.
        """
        if self.period is None:
            return squashed(x)
        angle = x * (2.0 * math.pi / self.period)
        return tf.reshape(tf.stack([tf.cos(angle), tf.sin(angle)], 1), tf.stack([2 * x.shape[0], tf.shape(x)[1]]))

    def kernel(self, weights: Tensors, name: str):
        """A kernel with the entries that the masks forbid set to zero."""
        mask = self.masks.get(name)
        return weights[name] if mask is None else weights[name] * tf.constant(mask, weights[name].dtype)


class MaskedNetwork(Network):
    """A network from d dimensions to the parameters of the same d, those of dimension i seeing the ones before i only.

    Takes the arguments of `Network`, with `event` for both inputs and outputs.
    """

    def __init__(self, event, context, params, hidden, activation, residual, start, period=None):
        self.event = event
        # A single dimension without context has nothing to condition on.
        hidden = tuple(hidden) if event > 1 or context else ()
        self.degrees = [hidden_degrees(event, context, units) for units in hidden]
        super().__init__(event, event, context, params, hidden, activation, residual, start, period)

    def _masks(self):
        masks = {}
        dimensions = np.arange(1, self.event + 1)
        before = np.repeat(dimensions, self.features)
        for i, degrees in enumerate(self.degrees):
            masks[f"hidden/{i}/kernel"] = degrees[:, None] >= before[None, :]
            before = degrees
        masks["output/kernel"] = np.tile(dimensions, self.params)[:, None] > before[None, :]
        return masks


def hidden_degrees(event: int, context: int, units: int) -> np.ndarray:
    """Sorted degrees of a hidden layer, spread evenly; degree 0 sees the context alone."""
    lowest, highest = (0 if context else 1), max(event - 1, 0 if context else 1)
    return lowest + np.arange(units) * (highest - lowest + 1) // units
