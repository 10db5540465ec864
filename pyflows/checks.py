"""Argument kinds: what a value may be, how that is said, and how it is told to the R side.

A check is called with the argument's name, the value and the place (`maf()`); it returns the value in plain,
JSON-ready form or raises `ArgumentError`.
"""

from __future__ import annotations

import math
import numbers
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from .errors import ArgumentError

ORDERS = ("natural", "reversed", "random")
MASKS = ("half", "alternating")


def show(value: Any) -> str:
    """A short description of what came, for messages."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, (bool, int, float, str)):
        return repr(value)
    shape = getattr(value, "shape", None)
    if shape is not None:
        return f"a {type(value).__name__} of shape {tuple(shape)}"
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else f"a {type(value).__name__} ({text[:57]}...)"


def fail(name: str, allowed: str, value: Any, where: str | None = None, hint: str | None = None):
    """Raise the standard message: which argument, what is allowed, what came."""
    place = f"{where}: " if where else ""
    raise ArgumentError(f"{place}`{name}` must be {allowed}, not {show(value)}.", argument=name, hint=hint)


@dataclass(frozen=True)
class Check:
    """Base of the argument kinds; `null` allows None as well."""

    null: bool = False

    def __call__(self, name: str, value: Any, where: str | None = None) -> Any:
        if value is None and self.null:
            return None
        ok, plain = self.plain(value)
        if not ok:
            fail(name, self.allowed() + (" or None" if self.null else ""), value, where)
        return plain

    def plain(self, value: Any) -> tuple[bool, Any]:
        """Is the value allowed, and what is it in plain form."""
        raise NotImplementedError

    def allowed(self) -> str:
        """What is allowed, as it completes "must be ..."."""
        raise NotImplementedError

    def export(self) -> dict[str, Any]:
        """The check as data, for the generator of the R wrappers."""
        kind = "".join("_" + c.lower() if c.isupper() else c for c in type(self).__name__).lstrip("_")
        return {"type": kind, **asdict(self)}


def is_whole(value: Any) -> bool:
    """Whole numbers, whatever their type; True and False are not numbers here."""
    if is_flag(value) or not isinstance(value, numbers.Real):
        return False
    return isinstance(value, numbers.Integral) or (math.isfinite(value) and float(value).is_integer())


def is_flag(value: Any) -> bool:
    """True or False, Python's own or numpy's (whose class has had two names)."""
    return isinstance(value, bool) or (type(value).__module__ == "numpy" and type(value).__name__ in ("bool_", "bool"))


def range_text(low, high, open_: bool = False) -> str:
    """The bounds of a number in words."""
    if low is not None and high is not None:
        return f"between {low:g} and {high:g}" + (" (both excluded)" if open_ else "")
    if low is not None:
        return f"> {low:g}" if open_ else f">= {low:g}"
    if high is not None:
        return f"< {high:g}" if open_ else f"<= {high:g}"
    return ""


def in_range(value, low, high, open_: bool = False) -> bool:
    """Is the number within its bounds."""
    if open_:
        return (low is None or value > low) and (high is None or value < high)
    return (low is None or value >= low) and (high is None or value <= high)


@dataclass(frozen=True)
class Whole(Check):
    """A whole number within bounds (bounds included)."""

    min: int | None = None
    max: int | None = None

    def plain(self, value):
        ok = is_whole(value) and in_range(value, self.min, self.max)
        return ok, int(value) if ok else None

    def allowed(self):
        return f"a whole number {range_text(self.min, self.max)}".rstrip()


@dataclass(frozen=True)
class Number(Check):
    """A finite number within bounds; `open` excludes the bounds themselves."""

    min: float | None = None
    max: float | None = None
    open: bool = False

    def plain(self, value):
        real = isinstance(value, numbers.Real) and not is_flag(value) and abs(value) < math.inf
        ok = real and in_range(value, self.min, self.max, self.open)
        return ok, float(value) if ok else None

    def allowed(self):
        return f"a number {range_text(self.min, self.max, self.open)}".rstrip()


@dataclass(frozen=True)
class Choice(Check):
    """One of a few words."""

    values: tuple[str, ...] = ()

    def plain(self, value):
        return isinstance(value, str) and value in self.values, value

    def allowed(self):
        return "one of " + ", ".join(f'"{v}"' for v in self.values)


@dataclass(frozen=True)
class Flag(Check):
    """True or False."""

    def plain(self, value):
        ok = is_flag(value)
        return ok, bool(value) if ok else None

    def allowed(self):
        return "True or False"


def as_list(value: Any) -> list | None:
    """A sequence as a list, a single number as a list of one; None for anything else."""
    if isinstance(value, numbers.Real) and not isinstance(value, bool):
        return [value]
    if isinstance(value, (str, bytes, dict)) or not hasattr(value, "__iter__"):
        return None
    return list(value)


@dataclass(frozen=True)
class WholeList(Check):
    """One or more whole numbers, each >= `min`; a single number counts as a list of one."""

    min: int | None = None

    def plain(self, value):
        items = as_list(value)
        ok = bool(items) and all(is_whole(i) and in_range(i, self.min, None) for i in items)
        return ok, tuple(int(i) for i in items) if ok else None

    def allowed(self):
        return f"one or more whole numbers {range_text(self.min, None)}".rstrip()


@dataclass(frozen=True)
class Permutation(Check):
    """Every index from 0 to d - 1 once, or every column name once, in the new order."""

    def plain(self, value):
        items = as_list(value)
        if not items or len(set(map(str, items))) != len(items):
            return False, None
        if all(isinstance(i, str) for i in items):
            return True, tuple(map(str, items))
        if not all(is_whole(i) for i in items):
            return False, None
        order = tuple(int(i) for i in items)
        return sorted(order) == list(range(len(order))), order

    def allowed(self):
        return "the indices 0 to d - 1, each once, or the column names, each once"


@dataclass(frozen=True)
class Order(Permutation):
    """One of the words for an order, or a permutation."""

    def plain(self, value):
        return (True, value) if isinstance(value, str) and value in ORDERS else super().plain(value)

    def allowed(self):
        return ", ".join(f'"{word}"' for word in ORDERS) + ", or " + super().allowed()


@dataclass(frozen=True)
class Mask(Check):
    """One of the words for a mask, or a list with 1 for each dimension that stays and 0 for each that changes."""

    def plain(self, value):
        if isinstance(value, str):
            return value in MASKS, value
        mask = _bits(value)
        return mask is not None and 0 in mask, mask

    def allowed(self):
        return (
            ", ".join(f'"{word}"' for word in MASKS) + ", or 1 for each column that stays and 0 for each that changes"
        )


@dataclass(frozen=True)
class Adjacency(Check):
    """A square matrix of 0 and 1, by rows."""

    def plain(self, value):
        rows = as_list(value) or []
        matrix = tuple(_bits(row) for row in rows)
        return bool(rows) and all(row is not None and len(row) == len(rows) for row in matrix), matrix

    def allowed(self):
        return "a square matrix of 0 and 1"


def _bits(value: Any) -> tuple[int, ...] | None:
    """A list of 0 and 1 (or False and True) in plain form, None for anything else."""
    items = as_list(value)
    ok = bool(items) and all(is_flag(item) or (is_whole(item) and item in (0, 1)) for item in items)
    return tuple(int(item) for item in items) if ok else None


class Columns(Check):
    """Some of the columns, each once: by index from 0 or by name; a single one counts as a list of one."""

    def plain(self, value):
        items = [value] if isinstance(value, str) else as_list(value)
        if not items or len(set(map(str, items))) != len(items):
            return False, None
        if all(isinstance(i, str) for i in items):
            return True, tuple(map(str, items))
        ok = all(is_whole(i) and i >= 0 for i in items)
        return ok, tuple(int(i) for i in items) if ok else None

    def allowed(self):
        return "indices of columns (from 0) or their names, each once"


@dataclass(frozen=True)
class Object(Check):
    """Any Python object; kinds that take one exist in Python only."""

    def plain(self, value):
        return True, value

    def allowed(self):
        return "any object"
