"""Runs of equal layers, executed as a loop over their stacked weights.

Written out, every layer is compiled by itself; as a loop one of them is, whatever the number. The gradient is written
by hand: it keeps only what entered each layer, runs that layer once more, and puts each layer's gradient in its own
place, so that its cost grows like the number of layers (automatic differentiation of the loop would add up gradients
as long as the whole stack at every layer).
"""

from __future__ import annotations

import collections
import math
from collections.abc import Iterable

import numpy as np

from .backend import tf
from .maps import Map, Tensors
from .reordering import ChosenPermuteMap, PermuteMap, absorbed

# Fewer equal layers are written out: they train up to 1.7 times as fast (eight couplings), and compile fast enough.
LOOP_FROM = 9
LONGEST_PERIOD = 4


class Part:
    """Some neighbouring layers of a flow; reads their weights from the flow's by full name.

    Args:
        layers: `(name, map)` in forward order.
    """

    def __init__(self, layers: list[tuple[str, Map]]):
        self.layers = layers

    def run(self, direction: str, weights: Tensors, value, context=None, row_weights=None):
        """Through all layers in a direction ("forward", "inverse" or "inverse_training").

        Returns:
            The value `[d, n]`, the log-determinant `[n]`, and new values of untrained weights by full name.
        """
        total, updates = tf.zeros_like(value[0]), {}
        for name, map_ in self.layers if direction == "forward" else reversed(self.layers):
            own = {key: weights[f"{name}/{key}"] for key in map_.weights}
            value, log_det, new = run_map(map_, direction, own, value, context, row_weights)
            total = total + log_det
            updates |= {f"{name}/{key}": update for key, update in new.items()}
        return value, total, updates

    def compiled_in(self, direction: str) -> int:
        """The number of layers with weights that are compiled, each by itself."""
        return sum(bool(map_.weights) for _, map_ in self.layers)


def run_map(map_: Map, direction: str, weights: Tensors, value, context, row_weights):
    """One map in a direction, always with (possibly empty) updates."""
    if direction == "inverse_training":
        return map_.inverse_training(weights, value, context, row_weights)
    return (*getattr(map_, direction)(weights, value, context), {})


class Stack(Part):
    """A pattern of layers that is repeated, equal but for the values of the weights and the orders of permutations.

    Args:
        layers: all layers, in forward order.
        period: number of layers in the pattern.
    """

    def __init__(self, layers: list[tuple[str, Map]], period: int):
        super().__init__(layers)
        self.period, self.repeats = period, len(layers) // period
        self.maps = [map_ for _, map_ in layers[:period]]
        self.keys = [(i, key) for i, map_ in enumerate(self.maps) for key in map_.weights]
        self.shapes = [self.maps[i].weights[key].shape for i, key in self.keys]
        self.sizes = [math.prod(shape) for shape in self.shapes]
        self.updated = [(i, key) for i, map_ in enumerate(self.maps) for key in map_.updated]
        found = {i: self._orders(i) for i, map_ in enumerate(self.maps) if isinstance(map_, PermuteMap)}
        self.orders = {i: orders for i, orders in found.items() if len(np.unique(orders, axis=0)) > 1}

    def _orders(self, i: int) -> np.ndarray:
        return np.stack([map_.order for _, map_ in self.layers[i :: self.period]])

    def loops_in(self, direction: str) -> bool:
        """Is the loop worth it: for many layers of a kind, or for layers whose own code is long."""
        kinds = collections.Counter(type(map_) for map_ in self.maps if map_.weights)
        return self.repeats * max(kinds.values()) >= LOOP_FROM or any(
            map_.sequential == direction for map_ in self.maps
        )

    def compiled_in(self, direction):
        return super().compiled_in(direction) // (self.repeats if self.loops_in(direction) else 1)

    def run(self, direction, weights, value, context=None, row_weights=None):
        if not self.loops_in(direction):
            return super().run(direction, weights, value, context, row_weights)
        flat = [
            tf.concat([tf.reshape(weights[f"{self._name(r, i)}/{key}"], [-1]) for i, key in self.keys], 0)
            for r in range(self.repeats)
        ]
        looped = self._looped(direction, row_weights)
        value, total, *stacked = looped(tf.stack(flat), value, *([] if context is None else [context]))
        updates = {
            f"{self._name(r, i)}/{key}": new[r]
            for (i, key), new in zip(self.updated, stacked, strict=False)
            for r in range(self.repeats)
        }
        return value, total, updates

    def _name(self, repeat: int, i: int) -> str:
        return self.layers[repeat * self.period + i][0]

    def _pattern(self, direction, repeat, flat, value, context, row_weights):
        """The pattern once, with the weights of that repeat in a vector: value, log-determinant, updates in a list."""
        parts = zip(self.keys, tf.split(flat, self.sizes), self.shapes, strict=True)
        weights = {key: tf.reshape(part, shape) for key, part, shape in parts}
        total, updates = tf.zeros_like(value[0]), {}
        indices = range(self.period)
        for i in indices if direction == "forward" else reversed(indices):
            own = {key: weights[i, key] for key in self.maps[i].weights}
            map_ = ChosenPermuteMap(self.orders[i], repeat) if i in self.orders else self.maps[i]
            value, log_det, new = run_map(map_, direction, own, value, context, row_weights)
            total = total + log_det
            updates |= {(i, key): update for key, update in new.items()}
        return value, total, [updates[key] for key in self.updated if key in updates]

    def _looped(self, direction: str, row_weights):
        count = self.repeats
        updated = self.updated if direction == "inverse_training" else []

        def index(turn):
            return turn if direction == "forward" else count - 1 - turn

        @tf.custom_gradient
        def run(flat, value, *context):
            def array(shape):
                return tf.TensorArray(value.dtype, size=count, element_shape=shape)

            def step(turn, value, total, inputs, new):
                repeat = index(turn)
                result, log_det, updates = self._pattern(
                    direction, repeat, flat[repeat], value, *(context or [None]), row_weights
                )
                new = [array.write(repeat, update) for array, update in zip(new, updates, strict=True)]
                return turn + 1, result, total + log_det, inputs.write(turn, value), new

            new = [array(self.maps[i].weights[key].shape) for i, key in updated]
            begin = (0, value, tf.zeros_like(value[0]), array(value.shape), new)
            _, result, total, inputs, new = tf.while_loop(
                lambda turn, *_: turn < count, step, begin, maximum_iterations=count
            )
            inputs = inputs.stack()

            def gradient(d_result, d_total, *_):
                def back(turn, upstream, d_flat, d_context):
                    here = count - 1 - turn
                    repeat = index(here)
                    sources = [flat[repeat], inputs[here], *context]
                    with tf.GradientTape() as tape:
                        tape.watch(sources)
                        out = self._pattern(direction, repeat, *sources[:2], *(context or [None]), row_weights)[:2]
                    found = tape.gradient(out, sources, [upstream, d_total], tf.UnconnectedGradients.ZERO)
                    found = [tf.convert_to_tensor(part) for part in found]  # a gather gives them in slices
                    d_context = [old + new for old, new in zip(d_context, found[2:], strict=True)]
                    return turn + 1, found[1], d_flat.write(repeat, found[0]), d_context

                begin = (0, d_result, array(flat.shape[1:]), [tf.zeros_like(part) for part in context])
                _, d_value, d_flat, d_context = tf.while_loop(
                    lambda turn, *_: turn < count, back, begin, maximum_iterations=count
                )
                return d_flat.stack(), d_value, *d_context

            return (result, total, *[array.stack() for array in new]), gradient

        return run


class Sequence:
    """The layers of a flow, or of a part of one.

    Args:
        layers: `(name, map)` in forward order.
        keys: one a layer; layers with equal keys are equal but for the values of their weights.
    """

    def __init__(self, layers: list[tuple[str, Map]], keys: list):
        self.sequential = {map_.sequential for _, map_ in layers}
        self.parts = parts_of(*absorbed(layers, keys))
        # As they are, whatever the permutations between them, so that equal layers are compiled once.
        kinds = [
            ("order", len(map_.order)) if isinstance(map_, PermuteMap) else key
            for (_, map_), key in zip(layers, keys, strict=True)
        ]
        self.whole_parts = parts_of(layers, kinds)

    def parts_in(self, direction: str) -> list[Part]:
        """The parts to run in a direction: of layers whose code is long, or many, as few as can be are compiled."""
        if direction.removesuffix("_training") in self.sequential:
            return self.whole_parts
        both = [sum(part.compiled_in(direction) for part in parts) for parts in (self.parts, self.whole_parts)]
        return self.whole_parts if LOOP_FROM <= both[0] > both[1] else self.parts

    def run(self, direction: str, weights: Tensors, value, context=None, row_weights=None):
        """`Part.run` for all of them."""
        parts = self.parts_in(direction)
        total, updates = tf.zeros_like(value[0]), {}
        for part in parts if direction == "forward" else reversed(parts):
            value, log_det, new = part.run(direction, weights, value, context, row_weights)
            total, updates = total + log_det, updates | new
        return value, total, updates


def parts_of(layers: list[tuple[str, Map]], keys: list) -> list[Part]:
    """Cut a flow into parts: the longest repeated patterns, and what stands between them.

    Args:
        layers: `(name, map)` in forward order.
        keys: one a layer; layers with equal keys are equal but for the values of their weights.
    """
    parts: list[Part] = []
    rest: list[tuple[str, Map]] = []
    begin = 0
    while begin < len(layers):
        length, period = max(_repetitions(keys, begin), key=lambda found: (found[0], -found[1]))
        if length <= period or not any(map_.weights for _, map_ in layers[begin : begin + period]):
            rest.append(layers[begin])
            begin += 1
            continue
        if rest:
            parts.append(Part(rest))
            rest = []
        parts.append(Stack(layers[begin : begin + length], period))
        begin += length
    return [*parts, Part(rest)] if rest else parts


def _repetitions(keys: list, begin: int) -> Iterable[tuple[int, int]]:
    """For each period, how many layers from `begin` on repeat it: `(length, period)`."""
    for period in range(1, min(LONGEST_PERIOD, len(keys) - begin) + 1):
        pattern, length = keys[begin : begin + period], period
        while keys[begin + length : begin + length + period] == pattern:
            length += period
        yield length, period
