"""The exact inverse of an autoregressive layer, each weight used once.

The plain way runs the whole network d times. But hidden units are sorted by degree, and a unit of degree k is complete
as soon as the first k dimensions are known. So the dimensions are cut into spans, and what a span's units get from all
earlier spans is one wide product of matrices. Within a span the same is done once more with blocks of a few dimensions,
and only a block's own small triangle is gone through once for each of its dimensions. Total work is about that of one
pass of the network, whatever d; the result is that of d passes, to rounding.

Spans are written out, each with matrices as large as it needs, so there are few of them. The blocks of a span run as a
loop, so that compile time does not grow with d; their groups of units are filled up to one size with units that have
no weights.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np

from .backend import tf
from .maps import Tensors
from .networks import MaskedNetwork, activation, squashed

# Rows from which on a block's product with what is known before its span is fast by itself.
WIDE = 16
# A transform with more parameters (a spline) takes long to compile.
FEW_PARAMS = 4


def sizes(event: int, params: int) -> tuple[int, int]:
    """Dimensions in a span and in a block, by measurement: of speed, and of the time that XLA takes to compile."""
    few = params <= FEW_PARAMS
    if event <= 4 or (few and event <= 8):
        return 1, 1
    width = 2 if event >= 12 else 1
    spans = 1 if event < 16 or not few else 2 if event < 128 else 4
    return width * -(-event // (spans * width)), width


def invert(
    network: MaskedNetwork,
    weights: Tensors,
    value,
    context,
    apply: Callable,
    span: int | None = None,
    width: int | None = None,
):
    """Solve `result_i = apply(theta_i(result_1 ... result_(i-1), context), value_i)` for the result.

    Args:
        network: gives theta.
        weights: of the network.
        value: `[d, n]`.
        context: `[c, n]` or None.
        apply: a univariate transform, `(theta [P, k, n], value [k, n]) -> (result, log-derivative)`.
        span: dimensions in a span.
        width: dimensions in a block.

    Returns:
        The result `[d, n]` and the sum of the log-derivatives `[n]`.
    """
    if not network.hidden:  # theta depends on nothing
        result, log_derivative = apply(network(weights, value, context), value)
        return result, tf.reduce_sum(log_derivative, 0)
    usual = sizes(network.event, network.params)
    span, width = span or usual[0], width or usual[1]
    weights = dict(weights, **{name: network.kernel(weights, name) for name in network.masks})
    shape = tf.stack([network.event, tf.shape(value)[1]])
    value = tf.reshape(value, shape)  # a static number of rows, and so below
    one = tf.ones_like(value[:1])
    known = [one] * (len(network.hidden) + 1)
    if context is not None:
        known[0] = tf.concat([one, squashed(context)], 0)
    results, total = [], tf.zeros_like(value[0])
    for begin in range(0, network.event, span):
        end = min(begin + span, network.event)
        here = _Span(network, weights, apply, begin, end, known)
        solve = here.at_once if end - begin <= width else functools.partial(here.in_blocks, width)
        result, log_det, inputs = solve(value[begin:end])
        known = [tf.concat(both, 0) for both in zip(known, inputs, strict=True)]
        results.append(result)
        total = total + log_det
    return tf.reshape(tf.concat(results, 0), shape), total


class _Span:
    """Some neighbouring dimensions, and of each layer the rows that can be computed once they are known, not before.

    The layers are those of hidden units, and last the outputs. Each has a kernel, whose columns are the rows of the
    layer before; the first one's are what the network sees of the dimensions.

    Args:
        network, apply: as for `invert`.
        weights: of the network, kernels already masked.
        begin, end: the dimensions.
        known: what is known of each layer's input, `[columns, n]`: 1 (for the bias), the context, and what belongs to
            earlier dimensions.
    """

    def __init__(self, network: MaskedNetwork, weights: Tensors, apply: Callable, begin: int, end: int, known):
        self.network, self.weights, self.apply, self.known = network, weights, apply, known
        self.begin, self.end, self.activation = begin, end, activation(network.activation)
        units = [tuple(np.searchsorted(degrees, [begin, end])) for degrees in network.degrees]
        columns = [(begin * network.features, end * network.features), *units]
        # What the rows make of what is known, and of the span itself.
        self.far, self.own = [], []
        for i, (first, last) in enumerate(units):
            self._add(f"hidden/{i}", lambda rows, first=first, last=last: rows[first:last], columns[i])
        self._add("output", self._outputs, columns[-1])

    def _outputs(self, rows):
        """Of `[P d, k]`, the rows of these dimensions."""
        network, last = self.network, rows.shape[-1]
        rows = tf.reshape(rows, [network.params, network.event, last])[:, self.begin : self.end]
        return tf.reshape(rows, [-1, last])

    def _add(self, layer: str, rows: Callable, columns: tuple[int, int]):
        first, last = columns
        kernel = rows(self.weights[f"{layer}/kernel"])
        far = [rows(self.weights[f"{layer}/bias"][:, None]), kernel[:, :first]]
        if layer == "hidden/0" and self.network.context:
            far.insert(1, rows(self.weights["context/kernel"]))
        self.far.append(tf.concat(far, 1))
        self.own.append(kernel[:, first:last] if last > first else None)

    def at_once(self, values):
        """Solve for all dimensions of the span together, values `[k, n]`.

        Returns:
            The result, the sum of the log-derivatives, and the inputs of each layer.
        """
        given = [tf.matmul(far, known) for far, known in zip(self.far, self.known, strict=True)]
        result, log_derivative, inputs = self._passes(given, self.own, values)
        return result, tf.reduce_sum(log_derivative, 0), inputs

    def _passes(self, given, own, values):
        """As many passes of some of the network as there are dimensions: the first one knows none of them."""
        network, size = self.network, values.shape[0]
        result = tf.zeros_like(values)
        for turn in range(size):
            inputs = self._inputs(given, own if turn else [None, *own[1:]], result)
            theta = _plus(given[-1], own[-1], inputs[-1])
            theta = tf.reshape(theta, tf.stack([network.params, size, tf.shape(values)[1]]))
            result, log_derivative = self.apply(theta, values)
        # No unit depends on the last dimension of its block, so the others are complete.
        return result, log_derivative, [network.see(result), *inputs[1:]]

    def _inputs(self, given, own, result):
        """The inputs of each layer if that is known of the result."""
        inputs = [self.network.see(result)]
        for i, (start, kernel) in enumerate(zip(given[:-1], own[:-1], strict=True)):
            u = self.activation(_plus(start, kernel, inputs[-1]))
            inputs.append(inputs[-1] + u if self.network.residual and i else u)
        return inputs

    def in_blocks(self, width: int, values):
        """`at_once`, in blocks of `width` dimensions, one after another."""
        size, n = self.end - self.begin, tf.shape(values)[1]
        count = -(-size // width)
        places = _filled_up(np.arange(size), count * width).reshape(count, width)
        groups = self._groups(places)
        rows, columns = groups[1:], groups[:-1]
        wide = [group.shape[1] >= WIDE for group in rows]
        given, own = [], []
        for i, group in enumerate(rows):
            given.append(_grouped(self.far[i] if wide[i] else tf.matmul(self.far[i], self.known[i]), group))
            own.append(None if self.own[i] is None else _grouped(self.own[i], group, columns[i]))
        values, real = _grouped(values, places), tf.constant(places[..., None] >= 0)

        def step(b, results, inputs, total):
            start, near = [], []
            for i, group in enumerate(rows):
                height, units = group.shape[1], columns[i].shape[1]
                from_far = tf.matmul(given[i][b], self.known[i]) if wide[i] else given[i][b]
                kernel = None if own[i] is None else own[i][b]
                start.append(_plus(from_far, kernel, _flat(inputs[i])))
                near.append(None if kernel is None else tf.slice(kernel, tf.stack([0, b * units]), [height, units]))
            result, log_derivative, new = self._passes(start, near, values[b])
            if width == 1:
                # The same once more, for XLA copies all that is known if it can be changed before it was read.
                new = self._inputs(start, near, result)
            total = total + tf.reduce_sum(tf.where(real[b], log_derivative, tf.zeros_like(log_derivative)), 0)
            inputs = [_put(before, b, part) for before, part in zip(inputs, new, strict=True)]
            return b + 1, _put(results, b, result), inputs, total

        empty = [tf.zeros(tf.stack([*group.shape, n]), values.dtype) for group in columns]
        begin = (0, tf.zeros_like(values), empty, tf.zeros_like(values[0, 0]))
        _, results, inputs, total = tf.while_loop(lambda b, *_: b < count, step, begin, maximum_iterations=count)
        inputs = [_ungrouped(part, group) for part, group in zip(inputs, columns, strict=True)]
        return _flat(results)[:size], total, inputs

    def _groups(self, places: np.ndarray) -> list[np.ndarray]:
        """For each block the rows of each layer that it completes, `[blocks, rows]`; first those of what is seen.

        A unit of degree k needs the first k dimensions. Degree 0 counts to the first block, and a degree on the border
        to the block that begins there, which only means that it is complete from the block's first pass on.

        Args:
            places: the dimensions of each block, -1 where there is none.
        """
        network, (count, width) = self.network, places.shape
        seen = network.features * places[..., None] + np.arange(network.features)
        groups = [np.where(places[..., None] < 0, -1, seen).reshape(count, -1)]
        for degrees in network.degrees:
            inside = degrees[(degrees >= self.begin) & (degrees < self.end)] - self.begin
            members = [np.flatnonzero(inside // width == b) for b in range(count)]
            # At least two: a product with a single row is one with a vector to XLA, and takes ten times as long.
            most = max(2, *(len(group) for group in members))
            groups.append(np.stack([_filled_up(group, most) for group in members]))
        outputs = places[:, None, :] + (self.end - self.begin) * np.arange(network.params)[:, None]
        return [*groups, np.where(places[:, None, :] < 0, -1, outputs).reshape(count, -1)]


def _filled_up(index: np.ndarray, length: int) -> np.ndarray:
    return np.pad(index, (0, length - len(index)), constant_values=-1)


def _grouped(rows, group: np.ndarray, columns: np.ndarray | None = None):
    """Rows, and columns, by group `[blocks, members]`; zeros where a member is -1."""
    if columns is not None:
        rows = tf.transpose(_grouped(tf.transpose(rows), columns.reshape(1, -1))[0])
    if not np.array_equal(group.ravel(), np.arange(rows.shape[0])):
        rows = tf.gather(tf.pad(rows, [[0, 1], [0, 0]]), np.where(group < 0, rows.shape[0], group).ravel())
    return tf.reshape(rows, tf.stack([*group.shape, tf.shape(rows)[1]]))


def _ungrouped(rows, group: np.ndarray):
    """The opposite, without those that fill up."""
    rows, real = _flat(rows), np.flatnonzero(group.ravel() >= 0)
    return rows if len(real) == group.size else tf.gather(rows, real)


def _plus(start, kernel, value):
    return start if kernel is None else start + tf.matmul(kernel, value)


def _put(blocks, b, block):
    return tf.tensor_scatter_nd_update(blocks, [[b]], block[None])


def _flat(blocks):
    return tf.reshape(blocks, tf.stack([-1, tf.shape(blocks)[-1]]))
