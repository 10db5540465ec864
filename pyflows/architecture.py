"""A flow compiled for one size and dtype: its maps, its named weights, and the functions that run them.

An architecture knows no weights' values: they come in as arguments. So everything that TensorFlow traces or compiles
for it serves every model of that architecture, and fitting the same flow again compiles nothing.
"""

from __future__ import annotations

import functools
import json

import numpy as np

from .backend import tf, tfb
from .errors import ArgumentError, PyflowsError
from .layers.normalisation import ScaleShiftMap
from .maps import Map, Size, Weight, constant
from .rows import RowFunctions
from .seeds import START, stream
from .spec import Flow, Node, expand, get_kind
from .stacks import parts_of

STANDARDIZE = "standardize"
CONTEXT = "context"
RECENT = 32


class Architecture:
    """The compiled form of a flow.

    Attributes:
        layers: `(name, map)` in forward order; the names are `layers/0`, `layers/1` ... and `standardize`.
        outer: the maps onto a support that end the flow, in forward order; `standardize` stands before them.
        parts: the same, cut into runs of equal layers and what stands between them.
        weights: every `Weight` by its full name (`layers/2/hidden/0/kernel`).
        base: the base distribution.
        size: what the builders were told.
    """

    def __init__(self, nodes: tuple[Node, ...], base: Node, size: Size, standardize: bool = False):
        self.size = size
        # Live objects among the arguments are known by their ids, so they must stay alive as long as this does.
        self.nodes = nodes
        self.base = get_kind(base.kind).build(size, **base.args)
        self.layers = [(f"layers/{i}", _build_map(node, size, i)) for i, node in enumerate(nodes)]
        keys = [_key(node) if self.layers[i][1].stackable else i for i, node in enumerate(nodes)]
        self.outer = _outer([map_ for _, map_ in self.layers])
        if standardize:
            place = len(nodes) - len(self.outer)
            self.layers.insert(place, (STANDARDIZE, ScaleShiftMap(size, trainable=False)))
            keys.insert(place, STANDARDIZE)
        self.parts = parts_of(self.layers, keys)
        self.weights: dict[str, Weight] = {
            f"{name}/{key}": weight for name, map_ in self.layers for key, weight in map_.weights.items()
        }
        if size.context:
            shape = (size.context,)
            self.weights[f"{CONTEXT}/shift"] = constant(0.0, shape, trainable=False)
            self.weights[f"{CONTEXT}/log_scale"] = constant(0.0, shape, trainable=False)
        self.trained = [name for name, weight in self.weights.items() if weight.trainable]
        self.untrained = [name for name, weight in self.weights.items() if not weight.trainable]
        self.jit_compilable = all(map_.jit_compilable for _, map_ in self.layers)

    def start(self, seed: int) -> dict[str, np.ndarray]:
        """Starting values of all weights; each layer has a stream of random numbers of its own."""
        values = {}
        streams: dict[str, np.random.Generator] = {}
        for name, weight in self.weights.items():
            layer = "/".join(name.split("/")[: 2 if name.startswith("layers/") else 1])
            if layer not in streams:
                streams[layer] = stream(START, seed, len(streams))
            values[name] = np.asarray(weight.start(streams[layer]), self.size.dtype)
        return values

    @property
    def free_parameters(self) -> int:
        """Number of trained parameters that have an effect."""
        return sum(weight.free for weight in self.weights.values())

    def of_layer(self, weights: dict, name: str) -> dict:
        """The weights of one layer, by their short names."""
        return {key: weights[f"{name}/{key}"] for key in dict(self.layers)[name].weights}

    def scaled_context(self, weights: dict, context):
        """The context as the layers see it, standardised where the fit was."""
        return None if context is None else tf.transpose(self.scaled_context_rows(weights, tf.transpose(context)))

    def scaled_context_rows(self, weights: dict, context):
        """The same for a context `[..., c]` in rows."""
        return (context - weights[f"{CONTEXT}/shift"]) * tf.exp(-weights[f"{CONTEXT}/log_scale"])

    def forward(self, weights: dict, z, context=None):
        """Base -> data: `[d, n]` and the log-determinant `[n]`."""
        return self._run("forward", weights, z, context)[:2]

    def inverse(self, weights: dict, x, context=None):
        """Data -> base: `[d, n]` and the log-determinant `[n]`."""
        return self._run("inverse", weights, x, context)[:2]

    def log_prob(self, weights: dict, x, context=None):
        """Log-density of `x [d, n]`, `[n]`."""
        z, log_det = self.inverse(weights, x, context)
        return self.base.log_prob(z) + log_det

    def log_prob_training(self, weights: dict, x, context, row_weights):
        """Log-density as training sees it (batch moments), and new values for untrained weights."""
        z, log_det, updates = self._run("inverse_training", weights, x, context, row_weights)
        return self.base.log_prob(z) + log_det, updates

    def _run(self, direction: str, weights: dict, value, context=None, row_weights=None):
        context = self.scaled_context(weights, context)
        total, updates = tf.zeros_like(value[0]), {}
        for part in self.parts if direction == "forward" else reversed(self.parts):
            value, log_det, new = part.run(direction, weights, value, context, row_weights)
            total, updates = total + log_det, updates | new
        return value, total, updates

    @functools.cached_property
    def compiled(self) -> RowFunctions:
        """The functions on rows that have been traced for it."""
        return RowFunctions(self)


def _build_map(node: Node, size: Size, index: int) -> Map:
    where = f"layer {index + 1} ({node.kind})"
    try:
        built = get_kind(node.kind, where).build(size, **node.args)
        if not isinstance(built, Map) and isinstance(built, tfb.Bijector):
            from .bijectors.to_map import BijectorMap

            built = BijectorMap(size, built)
    except PyflowsError as error:
        raise type(error)(f"{where}: {error.message}", argument=error.argument, hint=error.hint) from error
    if not isinstance(built, Map):
        raise ArgumentError(
            f"{where}: its builder must return a Map or a tfp.bijectors.Bijector, not {type(built).__name__}."
        )
    return built


def _outer(maps: list[Map]) -> list[Map]:
    """The maps at the data end that are maps onto a support."""
    inner = len(maps)
    while inner and maps[inner - 1].outer:
        inner -= 1
    return maps[inner:]


def _key(node: Node) -> tuple[str, str]:
    """Equal for nodes that build equal maps; live objects count as equal when they are identical."""
    return node.kind, json.dumps(node.args, sort_keys=True, default=lambda live: f"object {id(live)}")


_recent: dict[tuple, Architecture] = {}


def architecture_of(flow: Flow, size: Size, standardize: bool = False) -> Architecture:
    """The architecture of a flow; the same one, with all it has compiled, for an equal flow and size.

    The few dozen used last are kept.
    """
    nodes = expand(flow)
    kinds = [(_key(node), get_kind(node.kind).build) for node in (*nodes, flow.base)]
    key = (tuple(kinds), size, standardize)
    found = _recent.pop(key, None) or Architecture(nodes, flow.base, size, standardize)
    _recent[key] = found
    while len(_recent) > RECENT:
        _recent.pop(next(iter(_recent)))
    return found
