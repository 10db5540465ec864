"""Functions of R as functions of Python."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

from pyflows.callbacks import FAILED, INTERRUPTED, CallbackError, closure


def parameters(*names, optional=()):
    return [{"name": name, "optional": name in optional} for name in names]


def test_values_pass_and_doubles_get_the_dtype():
    assert closure(lambda x, scale: (x, scale), "f", "float32")(1, scale=2) == (1, 2)
    answer = closure(lambda: [np.zeros(2), 3.0, np.zeros(2, np.int32)], "f", "float32")()
    assert [getattr(part, "dtype", float) for part in answer] == [np.float32, float, np.int32]
    assert closure(lambda: np.zeros(2), "f", "float64")().dtype == np.float64


def test_failures_come_as_data_and_are_raised_here():
    with pytest.raises(CallbackError, match=r"`f`, a function in R, failed: no {x}") as caught:
        closure(lambda: {FAILED: "no {x}"}, "f", "float32")()
    assert caught.value.argument == "f"
    with pytest.raises(KeyboardInterrupt):
        closure(lambda: {FAILED: "interrupted", INTERRUPTED: True}, "f", "float32")()


def test_the_signature_is_that_of_the_function_in_r():
    def of(*names, optional=()):
        return str(
            inspect.signature(closure(len, "f", "float32", parameters(*names, optional=optional), signature=True))
        )

    assert of() == "()"
    assert of("x", "rate", optional=("rate",)) == "(x, rate=None)"
    assert of("x", "...") == "(x, **kwargs)"
    assert of("x", "...", "rate", optional=("rate",)) == "(x, *, rate=None, **kwargs)"
    assert of("rate", "x", optional=("rate",)) == "(rate=None, *, x)"
    function = closure(len, "f", "float32", parameters("m", "x"), signature=True)
    assert inspect.getfullargspec(function).args == ["m", "x"]
