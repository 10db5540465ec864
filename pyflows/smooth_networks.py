"""Networks that also give their Jacobian, for layers whose map is the network itself."""

from __future__ import annotations

from .backend import tf
from .maps import Tensors, column
from .networks import SQUASH_FROM, Network, squashed

# Smooth, and of slope at most 1.
SMOOTH_ACTIVATIONS = ("tanh", "elu", "softplus")


def with_derivative(name: str, u):
    """The activation of that name, and its derivative."""
    if name == "tanh":
        h = tf.tanh(u)
        return h, 1.0 - h * h
    if name == "elu":
        h = tf.nn.elu(u)
        return h, tf.where(u > 0.0, tf.ones_like(u), h + 1.0)
    return tf.math.softplus(u), tf.sigmoid(u)


class SmoothNetwork(Network):
    """A network from d dimensions (and a context) to d values, with derivatives with respect to the d dimensions.

    Like all networks here it sees far values by their logarithm: x goes through asinh, smooth and of slope at most 1.

    Args:
        event: d.
        context: number of context values.
        hidden: units of each hidden layer.
        activation: one of `SMOOTH_ACTIVATIONS`.
    """

    def __init__(self, event: int, context: int, hidden, activation: str):
        super().__init__(event, event, context, 1, hidden, activation, False, (0.0,))

    def value(self, weights: Tensors, x, context=None):
        """The values alone, `[d, n]`."""
        h = SQUASH_FROM * tf.asinh(x / SQUASH_FROM)
        for i in range(len(self.hidden)):
            h, _ = with_derivative(self.activation, self._before_activation(weights, i, h, context))
        return self._output(weights, h)

    def value_and_jacobian(self, weights: Tensors, x, context=None):
        """The values `[d, n]`, and the derivatives of value i with respect to x_j `[d, d, n]`."""
        h, tangents = self._last_units(weights, x, context)
        return self._output(weights, h), _times(weights["output/kernel"], tangents)

    def value_and_trace(self, weights: Tensors, x, context=None):
        """The values `[d, n]`, and the sum of the derivatives of value i with respect to x_i `[n]`."""
        h, tangents = self._last_units(weights, x, context)
        kernel = tf.transpose(weights["output/kernel"])
        return self._output(weights, h), tf.reduce_sum(kernel[..., None] * tangents, [0, 1])

    def linearized(self, weights: Tensors, x, context=None):
        """The values `[d, n]`, and a function that multiplies vectors `[d, n]` by the Jacobian."""
        slope, kernels, slopes = 1.0 / tf.sqrt(1.0 + tf.square(x / SQUASH_FROM)), [], []
        h = SQUASH_FROM * tf.asinh(x / SQUASH_FROM)
        for i in range(len(self.hidden)):
            h, derivative = with_derivative(self.activation, self._before_activation(weights, i, h, context))
            kernels.append(weights[f"hidden/{i}/kernel"])
            slopes.append(derivative)

        def push(v):
            v = slope * v
            for kernel, derivative in zip(kernels, slopes, strict=True):
                v = tf.matmul(kernel, v) * derivative
            return tf.matmul(weights["output/kernel"], v)

        return self._output(weights, h), push

    def _output(self, weights, h):
        return tf.matmul(weights["output/kernel"], h) + column(weights["output/bias"])

    def _last_units(self, weights, x, context):
        """The units of the last hidden layer `[units, n]`, and their derivatives `[units, d, n]`."""
        h = SQUASH_FROM * tf.asinh(x / SQUASH_FROM)
        slope = 1.0 / tf.sqrt(1.0 + tf.square(x / SQUASH_FROM))
        tangents = tf.eye(self.inputs, dtype=x.dtype)[..., None] * slope
        for i in range(len(self.hidden)):
            h, derivative = with_derivative(self.activation, self._before_activation(weights, i, h, context))
            tangents = _times(weights[f"hidden/{i}/kernel"], tangents) * derivative[:, None]
        return h, tangents

    def _before_activation(self, weights, i: int, h, context):
        u = tf.matmul(weights[f"hidden/{i}/kernel"], h) + column(weights[f"hidden/{i}/bias"])
        return u + tf.matmul(weights["context/kernel"], squashed(context)) if i == 0 and self.context else u


def _times(kernel, tangents):
    """The product of `[k, units]` and `[units, d, n]`, `[k, d, n]`."""
    flat = tf.reshape(tangents, [tangents.shape[0], -1])
    return tf.reshape(tf.matmul(kernel, flat), [kernel.shape[0], tangents.shape[1], -1])
