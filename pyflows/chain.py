"""Nodes made into maps and bases, and several layers as one map."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from typing import Any

from .backend import tfb
from .errors import ArgumentError, PyflowsError
from .maps import Map, Size
from .spec import Flow, Node, expand, get_kind
from .stacks import Sequence


@contextlib.contextmanager
def named_errors(where: str) -> Iterator[None]:
    """Errors say in which node they were."""
    try:
        yield
    except PyflowsError as error:
        raise type(error)(f"{where}: {error.message}", argument=error.argument, hint=error.hint) from error


def build_map(node: Node, size: Size, index: int) -> Map:
    """The map of the layer of that index (from 0)."""
    where = f"layer {index + 1} ({node.kind})"
    with named_errors(where):
        built = get_kind(node.kind, where).build(size, **node.args)
        if not isinstance(built, Map) and isinstance(built, tfb.Bijector):
            from .bijectors.to_map import BijectorMap

            built = BijectorMap(size, built)
    if not isinstance(built, Map):
        raise ArgumentError(
            f"{where}: its builder must return a Map or a tfp.bijectors.Bijector, not {type(built).__name__}."
        )
    return built


def refuse_place(node: Node, index: int, where_not: str):
    """Raise the error for a map that has a meaning at the data end only."""
    raise ArgumentError(f"layer {index + 1} ({node.kind}): it must stand at the data end of a flow, {where_not}.")


def node_key(node: Node) -> tuple[str, str]:
    """Equal for nodes that build equal maps; live objects count as equal when they are identical."""
    return node.kind, json.dumps(node.args, sort_keys=True, default=_unplain)


def _unplain(value: Any) -> Any:
    if isinstance(value, Flow):
        return [node_key(node) for node in (*expand(value), value.base)]
    return f"object {id(value)}"


def with_inner(nodes: tuple[Node, ...]) -> Iterator[Node]:
    """The nodes, and those of all flows among their arguments."""
    for node in nodes:
        yield node
        for value in node.args.values():
            for inner in value if isinstance(value, tuple) else (value,):
                if isinstance(inner, Flow):
                    yield from with_inner((*expand(inner), inner.base))


class Chain(Map):
    """The layers of a flow as one map.

    Args:
        flow: the flow; its base plays no part here.
        size: of the problem.
        name: what the names of the layers begin with: `inner` gives `inner/0`, `inner/1` ...
    """

    def __init__(self, flow: Flow, size: Size, name: str):
        nodes = expand(flow)
        self.layers = [(f"{name}/{i}", build_map(node, size, i)) for i, node in enumerate(nodes)]
        maps = [map_ for _, map_ in self.layers]
        for i, map_ in enumerate(maps):
            if map_.last:
                refuse_place(nodes[i], i, "not inside another layer")
        keys = [node_key(node) if map_.stackable else i for i, (node, map_) in enumerate(zip(nodes, maps, strict=True))]
        self.sequence = Sequence(self.layers, keys)
        self.weights = {f"{name}/{key}": weight for name, map_ in self.layers for key, weight in map_.weights.items()}
        self.updated = tuple(f"{name}/{key}" for name, map_ in self.layers for key in map_.updated)
        self.stackable = all(map_.stackable for map_ in maps)
        self.jit_compilable = all(map_.jit_compilable for map_ in maps)
        self.sequential = next((map_.sequential for map_ in maps if map_.sequential), None)

    def forward(self, weights, z, context=None):
        return self.sequence.run("forward", weights, z, context)[:2]

    def inverse(self, weights, x, context=None):
        return self.sequence.run("inverse", weights, x, context)[:2]

    def inverse_training(self, weights, x, context=None, row_weights=None):
        return self.sequence.run("inverse_training", weights, x, context, row_weights)

    @property
    def starts_from_data(self):
        return any(map_.starts_from_data for _, map_ in self.layers)

    def start_on(self, weights, x, row_weights, context=None):
        for name, map_ in reversed(self.layers):
            own = {key: weights[f"{name}/{key}"] for key in map_.weights}
            own, x = map_.start_on(own, x, row_weights, context)
            weights = weights | {f"{name}/{key}": value for key, value in own.items()}
        return weights, x
