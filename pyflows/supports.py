"""The argument `support` of `fit`: which values a column can have, by column. Imports no TensorFlow."""

from __future__ import annotations

import dataclasses
import math
from itertools import zip_longest
from typing import Any

from .checks import as_list, fail, is_whole, show
from .errors import ArgumentError
from .spec import Flow, Node, make_node

# The words, and their arguments by position.
KINDS = {
    "positive": (),
    "lower": ("low",),
    "upper": ("high",),
    "interval": ("low", "high"),
    "periodic": ("length", "low"),
    "simplex": (),
    "integer": ("method",),
    "count": ("method",),
}
# Words that are not the name of a layer; counts are positive numbers before the noise is taken off.
LAYERS = {"integer": "dequantize", "count": "dequantize"}
# A full turn in radians, where no length is given.
FULL_TURN = 2.0 * math.pi
# What comes first, towards the base, and last; the others do not touch each other's columns.
ORDER = {"simplex": -1, "dequantize": 1}
ALLOWED = (
    '"positive", ("lower", low), ("upper", high), ("interval", low, high), "periodic" (or ("periodic", length)), '
    '"simplex", "integer" or "count"'
)


def with_support(flow: Flow, support: Any, columns: tuple[str, ...] | None, width: int, where: str) -> Flow:
    """The flow with the layers of `support` at its data end: one for each support, in the order of their columns.

    Compositions come before, and whole numbers after all others.

    Args:
        flow: the flow.
        support: what the user gave: None, or a dict from columns to supports.
        columns: names of the columns, or None.
        width: number of columns.
        where: the function's name, for messages.

    Raises:
        ArgumentError: `support` is not such a dict, or does not fit the columns.
    """
    if support is None:
        return flow
    if not isinstance(support, dict):
        fail("support", f"a dict from columns to {ALLOWED}, or None", support, where)
    wanted: dict[int, list[Node]] = {}
    for key, value in support.items():
        place = _place(key, columns, width, where)
        if place in wanted:
            raise ArgumentError(f"{where}: `support` has column {key!r} twice.", argument="support")
        wanted[place] = _nodes(value, key, where)
    groups: dict[Node, list[int]] = {}
    for place in sorted(wanted):
        for node in wanted[place]:
            groups.setdefault(node, []).append(place)
    _check_groups(groups, where)
    layers = [
        _for_columns(node, groups[node], columns) for node in sorted(groups, key=lambda node: ORDER.get(node.kind, 0))
    ]
    return dataclasses.replace(flow, layers=(*flow.layers, *layers))


def _place(key: Any, columns: tuple[str, ...] | None, width: int, where: str) -> int:
    """The index of a column that is given by name or index."""
    if isinstance(key, str) and columns and key in columns:
        return columns.index(key)
    if is_whole(key) and 0 <= key < width:
        return int(key)
    named = f"a name ({', '.join(columns)}) or " if columns else ""
    raise ArgumentError(
        f"{where}: `support` must give each column by {named}an index from 0 to {width - 1}, not {show(key)}.",
        argument="support",
    )


def _nodes(value: Any, key: Any, where: str) -> list[Node]:
    """The layers for one column, for all columns as yet."""
    kind, args = _read(value)
    if kind is None or set(args) - set(KINDS[kind]):
        fail("support", ALLOWED, value, f"{where}, column {key!r}")
    if kind == "periodic":
        args = {"length": FULL_TURN, **args}
    made = make_node(LAYERS.get(kind, kind), args, f"{where}: `support` of {key!r} ({kind})")
    return [make_node("positive", {}), made] if kind == "count" else [made]


def _check_groups(groups: dict[Node, list[int]], where: str) -> None:
    """Do the layers fit each other."""
    kinds = [node.kind for node in groups]
    if kinds.count("dequantize") > 1:
        raise ArgumentError(
            f"{where}: `support` must have one method for all columns of whole numbers.", argument="support"
        )
    if any(node.kind == "simplex" and len(places) < 2 for node, places in groups.items()):
        raise ArgumentError(
            f'{where}: `support` has "simplex" for one column; it needs two or more.', argument="support"
        )


def _read(value: Any) -> tuple[str | None, dict[Any, Any]]:
    """Kind and arguments of a support; None for the kind if there is no such."""
    if isinstance(value, dict):
        args = dict(value)
        kind = args.pop("kind", None)
    else:
        kind, *given = [value] if isinstance(value, str) else as_list(value) or [None]
        # An argument too many is one without a name.
        args = dict(zip_longest(KINDS.get(kind, ())[: len(given)] if isinstance(kind, str) else (), given))
    return (kind if isinstance(kind, str) and kind in KINDS else None), args


def _for_columns(node: Node, places: list[int], columns: tuple[str, ...] | None) -> Node:
    which = tuple(columns[place] for place in places) if columns else tuple(places)
    return Node(node.kind, {**node.args, "columns": which})
