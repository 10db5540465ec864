"""Argument kinds for flows among the arguments of a kind, and for what stands beside them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .checks import Check, as_list, is_whole
from .spec import Flow, read_parts


@dataclass(frozen=True)
class FlowArg(Check):
    """A flow, or the dict that one is in JSON; with a base of its own only where `any_base` says so."""

    any_base: bool = False

    def __call__(self, name, value, where=None):
        return super().__call__(name, _read(value, f"{where}, " if where else ""), where)

    def plain(self, value):
        return isinstance(value, Flow) and (self.any_base or value.base == Flow.base), value

    def allowed(self):
        return "a flow such as maf()" + ("" if self.any_base else ", without a base of its own")


@dataclass(frozen=True)
class FlowList(Check):
    """One or more flows, none with a base of its own."""

    def __call__(self, name, value, where=None):
        inside = f"{where}, " if where else ""
        items = None if isinstance(value, Flow) else as_list(value)
        return super().__call__(name, value if items is None else [_read(item, inside) for item in items], where)

    def plain(self, value):
        ok = isinstance(value, list) and bool(value) and all(FlowArg().plain(item)[0] for item in value)
        return ok, tuple(value) if ok else None

    def allowed(self):
        return "a list of flows, without bases of their own"


@dataclass(frozen=True)
class ColumnBlocks(Check):
    """Lists of columns, by name or by number from 0, of which none occurs twice."""

    def plain(self, value):
        items = None if isinstance(value, str) else as_list(value)
        blocks = [_block(item) for item in items or [None]]
        if not all(blocks):
            return False, None
        columns = [column for block in blocks for column in block]
        alike = all(isinstance(column, str) for column in columns) or all(is_whole(column) for column in columns)
        ok = alike and len(set(columns)) == len(columns)
        return ok, tuple(blocks) if ok else None

    def allowed(self):
        return "a list of lists of columns, by name or by number, each column once"


def _block(item: Any) -> tuple | None:
    """One block, however it was written; None for what is none."""
    columns = [item] if isinstance(item, str) else as_list(item)
    if not columns:
        return None
    if all(isinstance(column, str) for column in columns):
        return tuple(map(str, columns))
    fine = all(is_whole(column) and column >= 0 for column in columns)
    return tuple(int(column) for column in columns) if fine else None


def _read(value: Any, inside: str) -> Any:
    """A flow where there is the dict of one; else the value as it is."""
    return read_parts(value, inside) if isinstance(value, dict) and isinstance(value.get("layers"), list) else value
