"""The floating-point type that plain numbers get."""

from __future__ import annotations

import contextlib
import contextvars

from ..checks import Choice

DTYPES = ("float32", "float64")

_process = {"dtype": "float32"}
_call: contextvars.ContextVar[str | None] = contextvars.ContextVar("dtype", default=None)


def set_dtype(dtype: str) -> None:
    """Choose the floating-point type of the numbers that are given to `pyflows.tfb` and `pyflows.tfd` from now on.

    Tensors and variables keep their own type, and numbers given beside them follow it. Fits have an argument `dtype`
    of their own.

    Args:
        dtype: "float32", which is in force from the start, or "float64".

    Raises:
        ArgumentError: it is neither of them.

    Example:
        >>> set_dtype("float64")
        >>> set_dtype("float32")
    """
    _process["dtype"] = check_dtype(dtype, "set_dtype()")


def check_dtype(dtype: str, where: str) -> str:
    """Is it a type that numbers can get."""
    return Choice(values=DTYPES)("dtype", dtype, where)


def dtype_in_force() -> str:
    """The type that plain numbers get now."""
    return _call.get() or _process["dtype"]


@contextlib.contextmanager
def using(dtype: str | None):
    """Within, plain numbers get this type; None changes nothing."""
    token = _call.set(dtype or _call.get())
    try:
        yield
    finally:
        _call.reset(token)
