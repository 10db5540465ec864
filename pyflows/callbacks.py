"""Functions of R that Python calls: with names for their arguments, and with errors that come back as data."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from .errors import PyflowsError

# What R gives back instead of a value when its function failed: {FAILED: message}. No condition may leave R over
# Python's frames, so R keeps it, and raises it again when Python has returned.
FAILED = "pyflows_failed"
INTERRUPTED = "pyflows_interrupted"


class CallbackError(PyflowsError, RuntimeError):
    """A function written in R failed."""

    kind = "callback"


def closure(
    function: Callable, name: str, dtype: str, parameters: list[dict] | None = None, signature: bool = False
) -> Callable:
    """A function of R as a function of Python.

    Args:
        function: calls R, and never raises.
        name: the argument that it was given for.
        dtype: what R's matrices of doubles become.
        parameters: `{"name": ..., "optional": ...}` for each argument, "..." among them; None where there are none.
        signature: whether R's names can be names in Python. TFP finds out by them what a function wants to be given.
    """

    def call(*args, **kwargs):
        answer = function(*args, **kwargs)
        if isinstance(answer, dict) and FAILED in answer:
            if answer.get(INTERRUPTED):
                raise KeyboardInterrupt
            raise CallbackError(f"`{name}`, a function in R, failed: {answer[FAILED]}", argument=name)
        return _in_dtype(answer, dtype)

    call.__name__ = call.__qualname__ = name
    if signature:
        call.__signature__ = _signature(parameters or [])
    return call


def _in_dtype(answer: Any, dtype: str) -> Any:
    if isinstance(answer, np.ndarray) and answer.dtype == np.float64:
        return answer.astype(dtype)
    if isinstance(answer, list):
        return [_in_dtype(item, dtype) for item in answer]
    return answer


def _signature(parameters: list[dict]) -> inspect.Signature:
    kinds = inspect.Parameter
    found, more = [], False
    for parameter in parameters:
        if parameter["name"] == "...":
            more = True
            continue
        # What stands behind R's dots can only be given by name; so does, in Python, what follows one with a default.
        late = more or (found and found[-1].default is not kinds.empty and not parameter["optional"])
        kind = kinds.KEYWORD_ONLY if late or (found and found[-1].kind is kinds.KEYWORD_ONLY) else None
        default = None if parameter["optional"] else kinds.empty
        found.append(kinds(parameter["name"], kind or kinds.POSITIONAL_OR_KEYWORD, default=default))
    if more:
        found.append(kinds("kwargs", kinds.VAR_KEYWORD))
    return inspect.Signature(found)
