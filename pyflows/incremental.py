"""The exact inverse of an autoregressive layer, each weight used once.

The plain way runs the whole network d times. But hidden units are sorted by degree, and a unit of degree k is complete
as soon as the first k dimensions are known. So dimensions are taken in blocks of `width`: what a block's units get
from all earlier blocks is one product of matrices, and only the block's own small triangle is gone through `width`
times. Total work is about that of one pass of the network, whatever d; the result is that of d passes, to rounding.

The blocks run as a loop, so that compile time does not grow with d; their groups of units are filled up to one size
with units that have no weights.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .backend import tf
from .maps import Tensors
from .networks import MaskedNetwork, activation, squashed


def block_width(event: int) -> int:
    """Dimensions in a block, by measurement."""
    return 2 if event == 2 or event >= 16 else 1


def invert(network: MaskedNetwork, weights: Tensors, value, context, apply: Callable, width: int | None = None):
    """Solve `result_i = apply(theta_i(result_1 ... result_(i-1), context), value_i)` for the result.

    Args:
        network: gives theta.
        weights: of the network.
        value: `[d, n]`.
        context: `[c, n]` or None.
        apply: a univariate transform, `(theta [P, k, n], value [k, n]) -> (result, log-derivative)`.
        width: dimensions in a block.

    Returns:
        The result `[d, n]` and the sum of the log-derivatives `[n]`.
    """
    blocks = _Blocks(network, weights, width or block_width(network.event))
    context = None if context is None else squashed(context)
    count, width, n = blocks.count, blocks.width, tf.shape(value)[1]
    padding = count * width - network.event
    values = tf.reshape(tf.pad(value, [[0, padding], [0, 0]]), [count, width, n])
    real = tf.constant(np.arange(count * width).reshape(count, width, 1) < network.event)

    def step(b, results, hidden, total):
        given = blocks.from_earlier(b, hidden, context, n)
        result = tf.zeros_like(values[0])
        # The first pass knows none of the block's dimensions, and each one more of them.
        for _ in range(width):
            theta = blocks.theta(b, given, blocks.hidden(b, given, network.see(result)))
            result, log_derivative = apply(theta, values[b])
        total = total + tf.reduce_sum(tf.where(real[b], log_derivative, tf.zeros_like(log_derivative)), 0)
        hidden = [
            _put(all_, b, own) for all_, own in zip(hidden, blocks.hidden(b, given, network.see(result)), strict=True)
        ]
        return b + 1, _put(results, b, result), hidden, total

    # What the network sees of the results comes first, and counts as a hidden layer.
    empty = [tf.zeros(tf.stack([count, units, n]), value.dtype) for units in (width * network.features, *blocks.units)]
    begin = (0, tf.zeros_like(values), empty, tf.zeros_like(value[0]))
    if count == 1:
        _, results, _, total = step(*begin)
    else:
        _, results, _, total = tf.while_loop(lambda b, *_: b < count, step, begin, maximum_iterations=count)
    return tf.reshape(results, [count * width, n])[: network.event], total


def _put(blocks, b, block):
    return tf.tensor_scatter_nd_update(blocks, [[b]], block[None])


class _Blocks:
    """The network's weights cut into blocks: for each block of dimensions the units that it completes."""

    def __init__(self, network: MaskedNetwork, weights: Tensors, width: int):
        self.network, self.width = network, width
        self.count = -(-network.event // width)
        self.activation = activation(network.activation)
        groups = [_groups(degrees, self.count, width) for degrees in network.degrees]
        self.units = [group.shape[1] for group in groups]
        columns = self.count * width * network.features
        before, kernels = np.arange(columns), []
        # Index -1 (one past the end after padding) stands for a unit that is not there.
        self.biases = []
        for i, group in enumerate(groups):
            kernel = _padded(network.kernel(weights, f"hidden/{i}/kernel"), columns if i == 0 else None)
            kernels.append(tf.gather(tf.gather(kernel, group), before, axis=2))
            self.biases.append(tf.gather(_padded(weights[f"hidden/{i}/bias"]), group)[..., None])
            before = group.ravel()
        self.kernels = kernels
        self.context = None
        if network.context and groups:
            self.context = tf.gather(tf.pad(weights["context/kernel"], [[0, 1], [0, 0]]), groups[0])
        self.output_bias = self._by_block(weights["output/bias"][:, None])
        self.output = None
        if groups:
            kernel = tf.pad(network.kernel(weights, "output/kernel"), [[0, 0], [0, 1]])
            self.output = self._by_block(tf.gather(kernel, before, axis=1))

    def _by_block(self, rows):
        """`[P d, k]` as `[blocks, P width, k]`."""
        params, event, last = self.network.params, self.network.event, rows.shape[-1]
        rows = tf.pad(tf.reshape(rows, [params, event, last]), [[0, 0], [0, self.count * self.width - event], [0, 0]])
        rows = tf.transpose(tf.reshape(rows, [params, self.count, self.width, last]), [1, 0, 2, 3])
        return tf.reshape(rows, [self.count, params * self.width, last])

    def from_earlier(self, b, hidden, context, n):
        """What the block's units and outputs get from all that is known before the block (and their biases)."""
        given = []
        for i, before in enumerate(hidden[:-1]):
            given.append(self._from(self.kernels[i], b, before, n) + self.biases[i][b])
            if i == 0 and self.context is not None:
                given[0] = given[0] + tf.matmul(self.context[b], context)
        if self.output is None:
            return [tf.broadcast_to(self.output_bias[b], tf.stack([self.output_bias.shape[1], n]))]
        return [*given, self._from(self.output, b, hidden[-1], n) + self.output_bias[b]]

    def _from(self, kernels, b, before, n):
        if self.count == 1:  # nothing is before the only block
            return tf.zeros(tf.stack([kernels.shape[1], n]), kernels.dtype)
        return tf.matmul(kernels[b], _flat(before))

    def hidden(self, b, given, seen) -> list:
        """The block's own values of each layer, the first being what is seen of its dimensions."""
        layers = [seen]
        for i, start in enumerate(given[:-1]):
            u = self.activation(start + tf.matmul(self._own(self.kernels[i], b), layers[-1]))
            layers.append(layers[-1] + u if self.network.residual and i else u)
        return layers

    def theta(self, b, given, hidden):
        """The parameters of the block's dimensions, `[P, width, n]`."""
        output = given[-1]
        if self.output is not None:
            output = output + tf.matmul(self._own(self.output, b), hidden[-1])
        return tf.reshape(output, tf.stack([self.network.params, self.width, tf.shape(output)[-1]]))

    def _own(self, kernels, b):
        """The columns of a block's kernel that belong to the block itself."""
        rows, columns = kernels.shape[1:]
        size = columns // self.count
        return tf.slice(kernels[b], tf.stack([0, b * size]), [rows, size])


def _groups(degrees: np.ndarray, count: int, width: int) -> np.ndarray:
    """For each block the units whose degree it completes, `[blocks, units]`; the number of units where there is none.

    A unit of degree k needs the first k dimensions. Degree 0 counts to the first block, and a degree on the border to
    the block that begins there, which only means that it is complete from the block's first pass on.
    """
    members = [np.flatnonzero(degrees // width == b) for b in range(count)]
    # At least two: a product with a single row of weights is one with a vector to XLA, and takes ten times as long.
    most = max(2, *(len(group) for group in members))
    return np.stack([np.pad(group, (0, most - len(group)), constant_values=len(degrees)) for group in members])


def _padded(weights, columns: int | None = None):
    """One more row, and one more column (or up to `columns`), of zeros."""
    if len(weights.shape) == 1:
        return tf.pad(weights, [[0, 1]])
    return tf.pad(weights, [[0, 1], [0, 1 if columns is None else columns - weights.shape[1]]])


def _flat(blocks):
    return tf.reshape(blocks, tf.stack([-1, tf.shape(blocks)[-1]]))
