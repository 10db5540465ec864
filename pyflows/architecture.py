"""A flow compiled for one size and dtype: its maps, its named weights, and the functions that run them.

An architecture knows no weights' values: they come in as arguments. So everything that TensorFlow traces or compiles
for it serves every model of that architecture, and fitting the same flow again compiles nothing.
"""

from __future__ import annotations

import functools

import numpy as np

from .backend import tf
from .bases.build import build_base
from .chain import build_map, node_key, with_inner
from .layers.normalisation import ScaleShiftMap
from .maps import Map, Size, Weight, constant
from .rows import RowFunctions
from .seeds import START, stream
from .spec import Flow, Node, expand, get_kind
from .stacks import parts_of, run_parts

STANDARDIZE = "standardize"
BASE = "base"
CONTEXT = "context"
RECENT = 32


class Architecture:
    """The compiled form of a flow.

    Attributes:
        layers: `(name, map)` in forward order; the names are `layers/0`, `layers/1` ... and `standardize`.
        outer: the maps onto a support that end the flow, in forward order; `standardize` stands before them.
        parts: the same, cut into runs of equal layers and what stands between them.
        weights: every `Weight` by its full name (`layers/2/hidden/0/kernel`, `base/means`).
        base: the base distribution.
        size: what the builders were told.
    """

    def __init__(self, nodes: tuple[Node, ...], base: Node, size: Size, standardize: bool = False):
        self.size = size
        # Live objects among the arguments are known by their ids, so they must stay alive as long as this does.
        self.nodes = nodes
        self.base = build_base(base, size)
        self.layers = [(f"layers/{i}", build_map(node, size, i)) for i, node in enumerate(nodes)]
        keys = [node_key(node) if self.layers[i][1].stackable else i for i, node in enumerate(nodes)]
        self.outer = _outer([map_ for _, map_ in self.layers])
        if standardize:
            place = len(nodes) - len(self.outer)
            self.layers.insert(place, (STANDARDIZE, ScaleShiftMap(size, trainable=False)))
            keys.insert(place, STANDARDIZE)
        self.parts = parts_of(self.layers, keys)
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
        return run_parts(self.parts, "forward", weights, z, self.scaled_context(weights, context))[:2]

    def inverse(self, weights: dict, x, context=None):
        """Data -> base: `[d, n]` and the log-determinant `[n]`."""
        return run_parts(self.parts, "inverse", weights, x, self.scaled_context(weights, context))[:2]

    def log_prob(self, weights: dict, x, context=None):
        """Log-density of `x [d, n]`, `[n]`."""
        context = self.scaled_context(weights, context)
        z, log_det, _ = run_parts(self.parts, "inverse", weights, x, context)
        return self.base.log_prob(self.of_base(weights), z, context) + log_det

    def log_prob_training(self, weights: dict, x, context, row_weights):
        """Log-density as training sees it (batch moments), and new values for untrained weights."""
        context = self.scaled_context(weights, context)
        z, log_det, updates = run_parts(self.parts, "inverse_training", weights, x, context, row_weights)
        return self.base.log_prob(self.of_base(weights), z, context) + log_det, updates

    @functools.cached_property
    def compiled(self) -> RowFunctions:
        """The functions on rows that have been traced for it."""
        return RowFunctions(self)


def _outer(maps: list[Map]) -> list[Map]:
    """The maps at the data end that are maps onto a support."""
    inner = len(maps)
    while inner and maps[inner - 1].outer:
        inner -= 1
    return maps[inner:]


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
