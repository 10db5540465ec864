"""Tables of numbers from the user: checked, named, and turned into arrays. Imports no TensorFlow."""

from __future__ import annotations

import contextvars
from dataclasses import dataclass
from typing import Any

import numpy as np

from .checks import show
from .errors import ArgumentError, DataError, ShapeError

SCAN_ROWS = 1 << 20


@dataclass(frozen=True)
class Named:
    """An array `[n, columns]` together with the columns' names, where no data frame is at hand."""

    values: np.ndarray
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A 2-d array of finite numbers, `[n, columns]`, with the columns' names if there are any."""

    values: np.ndarray
    columns: tuple[str, ...] | None = None

    def __len__(self) -> int:
        return len(self.values)

    @property
    def width(self) -> int:
        return self.values.shape[1]


def as_table(
    data: Any,
    name: str,
    where: str,
    *,
    columns: tuple[str, ...] | None = None,
    width: int | None = None,
) -> Table:
    """Check data and make them a table.

    Args:
        data: array-like `[n, d]` (or `[n]`, one column), or a pandas data frame.
        name: the argument's name, for messages.
        where: the function's name, for messages.
        columns: names that the columns must have; a data frame is then put in that order.
        width: number of columns that there must be.

    Raises:
        ShapeError, DataError, ArgumentError: as their names say.
    """
    if isinstance(data, Named):
        table = Table(_array(data.values, name, where, width), data.columns)
    elif hasattr(data, "columns") and hasattr(data, "dtypes"):
        table = _from_frame(data, name, where, columns)
    else:
        table = Table(_array(data, name, where, width))
    if width is not None and table.width != width:
        named = f" ({', '.join(columns)})" if columns else ""
        raise ShapeError(
            f"{where}: `{name}` must have {width} column{'s' * (width != 1)}{named}, not {table.width}.",
            argument=name,
        )
    _check_finite(table, name, where)
    return table


def _from_frame(frame: Any, name: str, where: str, columns: tuple[str, ...] | None) -> Table:
    names = tuple(str(column) for column in frame.columns)
    if len(set(names)) != len(names):
        twice = next(n for n in names if names.count(n) > 1)
        raise DataError(f"{where}: `{name}` has more than one column named {twice!r}.", argument=name)
    if columns is not None:
        if missing := [column for column in columns if column not in names]:
            raise ShapeError(
                f"{where}: `{name}` lacks the column{'s' * (len(missing) > 1)} {', '.join(missing)}.",
                argument=name,
                hint=f"The flow was fitted to {', '.join(columns)}.",
            )
        frame, names = frame.iloc[:, [names.index(column) for column in columns]], columns
    for label, dtype in zip(names, frame.dtypes, strict=True):
        if getattr(dtype, "kind", "O") not in "fiub":
            raise DataError(
                f"{where}: column {label!r} of `{name}` is not numeric, but {dtype}.",
                argument=name,
                hint="Drop it, or turn it into numbers.",
            )
    # pandas has number types of its own (Int64, sparse ...), which numpy does not know.
    plain = [getattr(dtype, "numpy_dtype", getattr(dtype, "subtype", dtype)) for dtype in frame.dtypes]
    return Table(frame.to_numpy(dtype=np.result_type(np.float32, *plain), na_value=np.nan), names)


def _array(data: Any, name: str, where: str, width: int | None) -> np.ndarray:
    try:
        values = np.asarray(data)
    except ValueError:
        raise ShapeError(f"{where}: the rows of `{name}` differ in length.", argument=name) from None
    if values.dtype.kind not in "fiub":
        what = "complex numbers" if values.dtype.kind == "c" else show(data)
        raise ArgumentError(
            f"{where}: `{name}` must be an array of numbers or a data frame, not {what} (dtype {values.dtype}).",
            argument=name,
        )
    if values.ndim == 1 and width in (None, 1):
        values = values[:, None]
    if values.ndim != 2:
        raise ShapeError(
            f"{where}: `{name}` must have 2 dimensions [rows, columns], not shape {tuple(values.shape)}.",
            argument=name,
            hint="For a single row, write x[None, :].",
        )
    return values


# Python's users count rows and columns from 0, R's from 1.
FIRST: contextvars.ContextVar[int] = contextvars.ContextVar("first", default=0)


def place(i: int) -> int:
    """The number of a row or column, counted from 0, as the user counts."""
    return i + FIRST.get()


def label(i: int, columns: tuple[str, ...] | None) -> str:
    """A column, by its name where it has one."""
    return repr(columns[i]) if columns else str(place(i))


def _check_finite(table: Table, name: str, where: str) -> None:
    values = table.values
    if values.dtype.kind != "f":
        return
    bad, first = 0, None
    for begin in range(0, len(values), SCAN_ROWS):
        block = values[begin : begin + SCAN_ROWS]
        # A sum is finite only if all terms are; it costs one pass and no memory.
        with np.errstate(all="ignore"):
            if np.isfinite(block.sum()):
                continue
        wrong = ~np.isfinite(block)
        if wrong.any():
            bad += int(wrong.sum())
            if first is None:
                row, col = (int(i) for i in np.argwhere(wrong)[0])
                first = begin + row, col, block[row, col]
    if first is None:
        return
    row, col, value = first
    raise DataError(
        f"{where}: `{name}` has {bad} missing or infinite value{'s' * (bad > 1)}; "
        f"the first is {value} in row {place(row)}, column {label(col, table.columns)}.",
        argument=name,
        hint="Drop these rows, or fill them in, first.",
    )


def check_fittable(table: Table, name: str, where: str) -> None:
    """Refuse data to which no density can be fitted: too few rows, no columns, constant columns."""
    if len(table) < 2:
        rows = "no rows" if len(table) == 0 else "one row"
        raise DataError(f"{where}: `{name}` has {rows}; a density needs at least 2.", argument=name)
    if table.width == 0:
        raise DataError(f"{where}: `{name}` has no columns.", argument=name)
    low, high = table.values.min(0), table.values.max(0)
    for i in np.flatnonzero(low == high)[:1]:
        raise DataError(
            f"{where}: column {label(i, table.columns)} of `{name}` is constant ({low[i]:g} in every row); "
            "it has no density.",
            argument=name,
            hint="Drop it.",
        )


def as_weights(weights: Any, n: int, where: str) -> np.ndarray | None:
    """Observation weights as `[n]` floats with mean 1, or None."""
    if weights is None:
        return None
    values = np.asarray(weights)
    if values.dtype.kind not in "fiub":
        raise ArgumentError(f"{where}: `weights` must be numbers, not {show(weights)}.", argument="weights")
    if values.shape != (n,):
        raise ShapeError(
            f"{where}: `weights` must have one entry for each of the {n} rows, not shape {tuple(values.shape)}.",
            argument="weights",
        )
    values = values.astype(np.float64)
    wrong = ~np.isfinite(values) | (values < 0)
    if wrong.any():
        row = int(np.argmax(wrong))
        raise DataError(
            f"{where}: `weights` must be finite and >= 0; entry {place(row)} is {values[row]}.", argument="weights"
        )
    if not values.any():
        raise DataError(f"{where}: `weights` are all 0.", argument="weights")
    return values / values.mean()
