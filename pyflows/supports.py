"""The argument `support` of `fit`: which values a column can have, by column. Imports no TensorFlow."""

from __future__ import annotations

import dataclasses
from itertools import zip_longest
from typing import Any

from .checks import as_list, fail, is_whole, show
from .errors import ArgumentError
from .spec import Flow, Node, make_node

# The kinds, and their arguments by position.
KINDS = {"positive": (), "lower": ("low",), "upper": ("high",), "interval": ("low", "high")}
ALLOWED = '"positive", ("lower", low), ("upper", high) or ("interval", low, high)'


def with_support(flow: Flow, support: Any, columns: tuple[str, ...] | None, width: int, where: str) -> Flow:
    """The flow with the layers of `support` at its data end: one for each support, in the order of their columns.

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
    wanted: dict[int, Node] = {}
    for key, value in support.items():
        place = _place(key, columns, width, where)
        if place in wanted:
            raise ArgumentError(f"{where}: `support` has column {key!r} twice.", argument="support")
        wanted[place] = _node(value, key, where)
    groups: dict[Node, list[int]] = {}
    for place in sorted(wanted):
        groups.setdefault(wanted[place], []).append(place)
    layers = [_for_columns(node, places, columns) for node, places in groups.items()]
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


def _node(value: Any, key: Any, where: str) -> Node:
    """The layer for one column, for all columns as yet."""
    kind, args = _read(value)
    if kind is None or set(args) - set(KINDS[kind]):
        fail("support", ALLOWED, value, f"{where}, column {key!r}")
    return make_node(kind, args, f"{where}: `support` of {key!r} ({kind})")


def _read(value: Any) -> tuple[str | None, dict[Any, Any]]:
    """Kind and arguments of a support; None for the kind if there is no such."""
    if isinstance(value, dict):
        args = dict(value)
        kind = args.pop("kind", None)
    else:
        kind, *given = [value] if isinstance(value, str) else as_list(value) or [None]
        # An argument too many is one without a name.
        args = dict(zip_longest(KINDS.get(kind, ()) if isinstance(kind, str) else (), given)) if given else {}
    return (kind if isinstance(kind, str) and kind in KINDS else None), args


def _for_columns(node: Node, places: list[int], columns: tuple[str, ...] | None) -> Node:
    which = tuple(columns[place] for place in places) if columns else tuple(places)
    return Node(node.kind, {**node.args, "columns": which})
