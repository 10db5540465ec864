"""Argument kinds of the low-level layer: what each takes, and the object of TensorFlow that it makes of it.

They are checks like those of `pyflows.checks` (and `Flag`, `Choice` of that module serve here too); what they return
is not plain data but what TFP wants. Plain numbers become tensors of the type in force; tensors and variables pass
as they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..backend import tf, tfb, tfd
from ..checks import Check, Whole, as_list, fail, in_range, is_whole, range_text
from .settings import dtype_in_force


def is_live(value: Any) -> bool:
    """Tensors, variables and what stands for one: they know their own type."""
    return isinstance(getattr(value, "dtype", None), tf.DType) and hasattr(value, "shape")


def numbers_in(value: Any) -> np.ndarray | None:
    """Plain numbers, True and False as an array; None for anything else."""
    try:
        array = np.asarray(value)
    except (ValueError, TypeError):  # rows of different length
        return None
    return array if array.dtype.kind in "biuf" else None


def _holds_live(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and any(is_live(item) or _holds_live(item) for item in value)


@dataclass(frozen=True)
class Tensor(Check):
    """Numbers of the type in force, with at least `rank` dimensions; bounds hold for plain numbers only.

    A number where a vector is meant is a vector of length one: R does not tell them apart.
    """

    rank: int = 0
    min: float | None = None
    max: float | None = None
    open: bool = False
    nan: bool = False

    def __call__(self, name, value, where=None):
        array = None if value is None or is_live(value) or _holds_live(value) else numbers_in(value)
        if array is not None and not self.nan and np.isnan(array).any():
            fail(name, "numbers without NaN (NA in R)", value, where)
        return super().__call__(name, value, where)

    def plain(self, value):
        if is_live(value):
            return True, value
        if _holds_live(value):
            return True, tf.convert_to_tensor(value)
        array = None if value is None else numbers_in(value)
        if array is None:
            return False, None
        if array.ndim == 0 and self.rank == 1:
            array = array.reshape(1)
        known = array[~np.isnan(array)] if array.dtype.kind == "f" else array
        ok = array.ndim >= self.rank and all(
            in_range(bound, self.min, self.max, self.open)
            for bound in ((known.min(), known.max()) if known.size else ())
        )
        return ok, tf.convert_to_tensor(array.astype(dtype_in_force())) if ok else None

    def allowed(self):
        words = ("a tensor or numbers", "a vector", "a matrix")[min(self.rank, 2)]
        return f"{words} {range_text(self.min, self.max, self.open)}".rstrip()


@dataclass(frozen=True)
class Integer(Whole):
    """A whole number; a tensor of one whole number counts."""

    def plain(self, value):
        if is_live(value) and hasattr(value, "numpy") and not value.shape.rank:
            value = value.numpy()
        return super().plain(value)


@dataclass(frozen=True)
class Integers(Check):
    """Whole numbers as an array with `rank` dimensions; integer tensors pass as they are."""

    rank: int = 1
    min: int | None = None

    def plain(self, value):
        if is_live(value):
            return value.dtype.is_integer, value
        array = None if value is None else numbers_in(value)
        if array is None or array.dtype.kind == "b":
            return False, None
        if array.ndim == 0 and self.rank == 1:
            array = array.reshape(1)
        ok = array.ndim == self.rank and all(is_whole(i) and in_range(i, self.min, None) for i in array.flat)
        return ok, array.astype("int32") if ok else None

    def allowed(self):
        words = {0: "a whole number", 1: "whole numbers", 2: "a matrix of whole numbers"}[self.rank]
        return f"{words} {range_text(self.min, None)}".rstrip()


@dataclass(frozen=True)
class Shape(Check):
    """The shape of a tensor: whole numbers, a single one, or an empty list; -1 where `min` allows it."""

    min: int = 0

    def plain(self, value):
        if isinstance(value, tf.TensorShape):
            return value.is_fully_defined(), value.as_list() if value.rank is not None else None
        if is_live(value):
            return value.dtype.is_integer, value
        items = [] if isinstance(value, dict) and not value else as_list(value)
        ok = items is not None and all(is_whole(i) and i >= self.min for i in items)
        return ok, [int(i) for i in items] if ok else None

    def allowed(self):
        return f"a shape: whole numbers {range_text(self.min, None)}, or an empty list"


@dataclass(frozen=True)
class Text(Check):
    """A string."""

    def plain(self, value):
        return isinstance(value, str), value

    def allowed(self):
        return "a string"


@dataclass(frozen=True)
class DType(Check):
    """A type of numbers, by its name or as `tf.DType`."""

    def plain(self, value):
        try:
            return value is not None, tf.as_dtype(value)
        except (TypeError, ValueError):
            return False, None

    def allowed(self):
        return 'a type of numbers such as "float32"'


@dataclass(frozen=True)
class Function(Check):
    """A function, or one of a few that have a name."""

    names: tuple[str, ...] = ()

    def plain(self, value):
        return value in self.names if isinstance(value, str) else callable(value), value

    def allowed(self):
        return " or ".join([", ".join(f'"{name}"' for name in self.names)] * bool(self.names) + ["a function"])


class Activation(Check):
    """The activation of a network: the name of a function in `tf.nn`, or a function."""

    def plain(self, value):
        found = getattr(tf.nn, value, None) if isinstance(value, str) else value
        return callable(found), found

    def allowed(self):
        return 'the name of an activation in tf.nn, such as "relu", or a function'


class _Instance(Check):
    """An object of one of TFP's classes."""

    word = ""

    def base(self):
        raise NotImplementedError

    def __call__(self, name, value, where=None):
        if callable(value) and not isinstance(value, self.base()) and hasattr(value, "__lowlevel__"):
            fail(name, self.allowed(), value, where, f"Call it: {value.__name__}().")
        return super().__call__(name, value, where)

    def plain(self, value):
        return isinstance(value, self.base()), value

    def allowed(self):
        return f"a {self.word}"


@dataclass(frozen=True)
class Bijector(_Instance):
    """A live bijector."""

    word = "bijector, such as tfb.exp()"

    def base(self):
        return tfb.Bijector


@dataclass(frozen=True)
class Distribution(_Instance):
    """A live distribution."""

    word = "distribution, such as tfd.normal(0, 1)"

    def base(self):
        return tfd.Distribution


@dataclass(frozen=True)
class ListOf(Check):
    """A list of values of one kind, or a single one."""

    kind: Check | None = None

    def plain(self, value):
        # In R a matrix stands for a list of vectors.
        listed = isinstance(value, (list, tuple)) or (
            isinstance(value, np.ndarray) and value.ndim > getattr(self.kind, "rank", value.ndim)
        )
        items = list(value) if listed else [value]
        pairs = [self.kind.plain(item) for item in items]
        return all(ok for ok, _ in pairs), [item for _, item in pairs]

    def allowed(self):
        return f"a list, each of it {self.kind.allowed()}"

    def export(self):
        return {"type": "list_of", "null": self.null}


@dataclass(frozen=True)
class Operator(Check):
    """A linear operator, or a square matrix; with zeros above the diagonal, it is taken for what it is."""

    def plain(self, value):
        if isinstance(value, tf.linalg.LinearOperator):
            return True, value
        ok, matrix = Tensor(rank=2).plain(value)
        if not ok:
            return False, None
        array = None if is_live(value) else numbers_in(value)
        triangular = array is not None and not np.triu(array, 1).any()
        kind = tf.linalg.LinearOperatorLowerTriangular if triangular else tf.linalg.LinearOperatorFullMatrix
        return True, kind(matrix, is_non_singular=True)

    def allowed(self):
        return "a tf.linalg.LinearOperator or a square matrix"


@dataclass(frozen=True)
class Values(Check):
    """What a bijector or distribution is applied to: numbers, or lists and dicts of them; checked by the verbs."""

    def plain(self, value):
        return value is not None, value

    def allowed(self):
        return "a tensor or numbers, or a list or dict of them"


@dataclass(frozen=True)
class Conditions(Check):
    """A conditional argument of a verb: numbers, or a dict of them by the name of a bijector."""

    def plain(self, value):
        if isinstance(value, dict):
            pairs = {key: self.plain(item) for key, item in value.items()}
            return all(ok for ok, _ in pairs.values()), {key: item for key, (_, item) in pairs.items()}
        return (True, value) if isinstance(value, str) else Tensor().plain(value)

    def allowed(self):
        return "a tensor or numbers, or a dict of them by the name of a bijector"


@dataclass(frozen=True)
class Anything(Check):
    """What TFP itself will look at."""

    def plain(self, value):
        return True, value

    def allowed(self):
        return "an object of TensorFlow Probability"


def _is_array(value: Any) -> bool:
    """Plain numbers with a first dimension: R gives a vector where a list of numbers is meant."""
    return isinstance(value, np.ndarray) and value.ndim > 0


def values_like(structure: Any, name: str, value: Any, where: str) -> Any:
    """Plain numbers as tensors, in the structure (one tensor, a list, a dict) that an object works on."""
    if isinstance(structure, dict):
        if not isinstance(value, dict) or set(value) != set(structure):
            fail(name, "a dict with the keys " + ", ".join(map(str, structure)), value, where)
        return {key: values_like(structure[key], name, value[key], where) for key in structure}
    if isinstance(structure, (list, tuple)):
        parts = list(value) if isinstance(value, (list, tuple)) or _is_array(value) else []
        if len(parts) != len(structure):
            fail(name, f"a list of {len(structure)} tensors", value, where)
        return [values_like(s, name, part, where) for s, part in zip(structure, parts, strict=True)]
    return Tensor()(name, value, where)
