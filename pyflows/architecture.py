"""A flow compiled for one size and dtype: its maps, its named weights, and the functions that run them.

An architecture knows no weights' values: they come in as arguments. So everything that TensorFlow traces or compiles
for it serves every model of that architecture, and fitting the same flow again compiles nothing.
"""

from __future__ import annotations

import functools
import math

import numpy as np

from .backend import tf
from .bases.build import build_base
from .chain import build_map, node_key, refuse_place, with_inner
from .layers.dequantize import DRAWS, copies
from .layers.normalisation import ScaleShiftMap
from .maps import Map, Size, Weight, base_size, constant
from .rows import RowFunctions
from .seeds import START, stream
from .spec import Flow, Node, expand, get_kind
from .stacks import Sequence

STANDARDIZE = "standardize"
BASE = "base"
CONTEXT = "context"
RECENT = 32


class Architecture:
    """The compiled form of a flow.

    Attributes:
        layers: `(name, map)` in forward order; the names are `layers/0`, `layers/1` ... and `standardize`.
        outer: the maps onto a support that end the flow, in forward order; `standardize` stands before them.
        sequence: the same, ready to run.
        noisy: whether the last map makes the density that of cells, a bound (`dequantize`); `smooth` are the layers
            before it.
        weights: every `Weight` by its full name (`layers/2/hidden/0/kernel`, `base/means`).
        base: the base distribution.
        size: of the data.
        inner: the size on the base side of the outer maps, which all other layers have.
    """

    def __init__(self, nodes: tuple[Node, ...], base: Node, size: Size, standardize: bool = False):
        self.size = size
        # Live objects among the arguments are known by their ids, so they must stay alive as long as this does.
        self.nodes = nodes
        maps, self.inner = _maps(nodes, size)
        self.base = build_base(base, self.inner)
        self.layers = [(f"layers/{i}", map_) for i, map_ in enumerate(maps)]
        keys = [node_key(node) if map_.stackable else i for i, (node, map_) in enumerate(zip(nodes, maps, strict=True))]
        self.outer = _outer(maps, nodes)
        if standardize:
            place = len(nodes) - len(self.outer)
            self.layers.insert(place, (STANDARDIZE, ScaleShiftMap(self.inner, trainable=False)))
            keys.insert(place, STANDARDIZE)
        self.sequence = Sequence(self.layers, keys)
        self.noisy = bool(maps) and maps[-1].noisy
        if self.noisy:
            self.smooth = Sequence(self.layers[:-1], keys[:-1])
        self.weights: dict[str, Weight] = {
            f"{name}/{key}": weight for name, map_ in self.layers for key, weight in map_.weights.items()
        }
        self.weights |= {f"{BASE}/{key}": weight for key, weight in self.base.weights.items()}
        if size.context:
            shape = (size.context,)
            self.weights[f"{CONTEXT}/shift"] = constant(0.0, shape, trainable=False)
            self.weights[f"{CONTEXT}/log_scale"] = constant(0.0, shape, trainable=False)
        self.trained = [name for name, weight in self.weights.items() if weight.trainable]
        self.untrained = [name for name, weight in self.weights.items() if not weight.trainable]
        self.jit_compilable = self.base.jit_compilable and all(map_.jit_compilable for _, map_ in self.layers)

    def start(self, seed: int) -> dict[str, np.ndarray]:
        """Starting values of all weights; each layer, and the base, has a stream of random numbers of its own."""
        values = {}
        streams: dict[str, np.random.Generator] = {}
        for name, weight in self.weights.items():
            layer = "/".join(name.split("/")[: 2 if name.startswith("layers/") else 1])
            if layer not in streams:
                streams[layer] = stream(START, seed, len(streams))
            values[name] = np.asarray(weight.start(streams[layer]), self.size.dtype)
        return values

    @property
    def unscaled(self) -> list[int]:
        """Columns, counted on the base side of the outer maps, that standardising must leave alone."""
        found: set[int] = set()
        for map_ in reversed(self.outer):
            found = (found | set(map_.unscaled)) - set(map_.given)
            found = {i - sum(left_out < i for left_out in map_.given) for i in found}
        return sorted(found)

    @property
    def free_parameters(self) -> int:
        """Number of trained parameters that have an effect."""
        return sum(weight.free for weight in self.weights.values())

    def of_layer(self, weights: dict, name: str) -> dict:
        """The weights of one layer, by their short names."""
        return {key: weights[f"{name}/{key}"] for key in dict(self.layers)[name].weights}

    def of_base(self, weights: dict) -> dict:
        """The weights of the base, by their short names."""
        return {key: weights[f"{BASE}/{key}"] for key in self.base.weights}

    def scaled_context(self, weights: dict, context):
        """The context as the layers see it, standardised where the fit was."""
        return None if context is None else tf.transpose(self.scaled_context_rows(weights, tf.transpose(context)))

    def scaled_context_rows(self, weights: dict, context):
        """The same for a context `[..., c]` in rows."""
        return (context - weights[f"{CONTEXT}/shift"]) * tf.exp(-weights[f"{CONTEXT}/log_scale"])

    def forward(self, weights: dict, z, context=None):
        """Base -> data: `[d, n]` and the log-determinant `[n]`."""
        return self.sequence.run("forward", weights, z, self.scaled_context(weights, context))[:2]

    def inverse(self, weights: dict, x, context=None):
        """Data -> base: `[d, n]` and the log-determinant `[n]`."""
        return self.sequence.run("inverse", weights, x, self.scaled_context(weights, context))[:2]

    def log_prob(self, weights: dict, x, context=None):
        """Log-density of `x [d, n]`, `[n]`."""
        return self.log_prob_given(weights, x, self.scaled_context(weights, context))

    def log_prob_given(self, weights: dict, x, context=None):
        """The same with the context as the layers see it; of cells, where the flow has noise, the bound."""
        if not self.noisy:
            return self._log_density(self.sequence, weights, x, context)
        name, map_ = self.layers[-1]
        y, log_weight = map_.spread(self.of_layer(weights, name), x, context)
        context = None if context is None else copies(context)
        each = tf.reshape(log_weight + self._log_density(self.smooth, weights, y, context), [DRAWS, -1])
        # Where all are -inf, there is no gradient to compute.
        inside = map_.inside(x) & tf.reduce_any(each > -math.inf, 0)
        bound = tf.reduce_logsumexp(tf.where(inside, each, tf.zeros_like(each)), 0) - math.log(DRAWS)
        return tf.where(inside, bound, tf.constant(-math.inf, x.dtype))

    def _log_density(self, sequence: Sequence, weights: dict, x, context):
        z, log_det, _ = sequence.run("inverse", weights, x, context)
        return self.base.log_prob(self.of_base(weights), z, context) + log_det

    def log_prob_training(self, weights: dict, x, context, row_weights):
        """Log-density as training sees it (batch moments), and new values for untrained weights."""
        context = self.scaled_context(weights, context)
        z, log_det, updates = self.sequence.run("inverse_training", weights, x, context, row_weights)
        return self.base.log_prob(self.of_base(weights), z, context) + log_det, updates

    @functools.cached_property
    def compiled(self) -> RowFunctions:
        """The functions on rows that have been traced for it."""
        return RowFunctions(self)


def _maps(nodes: tuple[Node, ...], size: Size) -> tuple[list[Map], Size]:
    """The maps of all layers, and the size on the base side, which may be smaller."""
    maps: list[Map] = []
    for i, node in reversed(list(enumerate(nodes))):
        maps.insert(0, build_map(node, size, i))
        size = base_size(size, maps[0])
    return maps, size


def _outer(maps: list[Map], nodes: tuple[Node, ...]) -> list[Map]:
    """The maps at the data end that are maps onto a support."""
    inner = len(maps)
    while inner and maps[inner - 1].outer:
        inner -= 1
    for i, map_ in enumerate(maps):
        if map_.last and i < inner:
            refuse_place(nodes[i], i, f"and layer {inner} ({nodes[inner - 1].kind}) is no support")
        if map_.noisy and i < len(maps) - 1:
            refuse_place(nodes[i], i, "as the last layer of all")
    _check_circles(maps, nodes, inner)
    return maps[inner:]


def _check_circles(maps: list[Map], nodes: tuple[Node, ...], inner: int) -> None:
    """Data are taken modulo the length of a circle: no other map may come between."""
    circles: set[int] = set()
    for i in range(inner, len(maps)):
        circles = {place + sum(left_out <= place for left_out in maps[i].given) for place in circles}
        if circles and not maps[i].noisy and circles & set(maps[i].columns.index):
            refuse_place(nodes[i], i, "before layers that put its columns on a circle (in `ncsf`: length=None)")
        circles |= set(maps[i].unscaled)


_recent: dict[tuple, Architecture] = {}


def architecture_of(flow: Flow, size: Size, standardize: bool = False) -> Architecture:
    """The architecture of a flow; the same one, with all it has compiled, for an equal flow and size.

    The few dozen used last are kept.
    """
    nodes = expand(flow)
    kinds = [(node_key(node), get_kind(node.kind).build) for node in with_inner((*nodes, flow.base))]
    key = (tuple(kinds), size, standardize)
    found = _recent.pop(key, None) or Architecture(nodes, flow.base, size, standardize)
    _recent[key] = found
    while len(_recent) > RECENT:
        _recent.pop(next(iter(_recent)))
    return found
