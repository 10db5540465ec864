"""What R's operators and functions do with tensors: arithmetic, comparison, functions, reductions, parts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .backend import tf, tfm
from .errors import ArgumentError, ShapeError

ARITHMETIC = {
    "+": "add",
    "-": "subtract",
    "*": "multiply",
    "/": "truediv",
    "^": "pow",
    "%%": "floormod",
    "%/%": "floordiv",
}
COMPARISON = {
    "==": "equal",
    "!=": "not_equal",
    "<": "less",
    "<=": "less_equal",
    ">": "greater",
    ">=": "greater_equal",
}
LOGICAL = {"&": "logical_and", "|": "logical_or"}
# Functions that have the same name in tf.math, but for `ceiling`.
MATHS = (
    *("abs", "sign", "sqrt", "floor", "ceiling", "exp", "log", "expm1", "log1p", "cos", "sin", "tan", "acos", "asin"),
    *("atan", "cosh", "sinh", "tanh", "acosh", "asinh", "atanh", "lgamma", "digamma", "round"),
)
# These keep whole numbers whole.
WHOLE = ("abs", "sign", "floor", "ceiling", "round")
REDUCTIONS = {
    "sum": "reduce_sum",
    "prod": "reduce_prod",
    "max": "reduce_max",
    "min": "reduce_min",
    "mean": "reduce_mean",
    "any": "reduce_any",
    "all": "reduce_all",
}


def is_tensor(x: Any) -> bool:
    """Tensors and what stands for one: variables, TFP's deferred tensors."""
    return hasattr(x, "dtype") and hasattr(x, "shape") and not isinstance(x, (np.ndarray, np.generic))


def tensor(x: Any, dtype: str) -> Any:
    """A tensor: of a number or array, which R has in double precision only, in the given precision."""
    if is_tensor(x):
        return tf.convert_to_tensor(x)
    values = np.asarray(x)
    return tf.convert_to_tensor(values.astype(dtype) if values.dtype.kind == "f" else values)


def shape(x: Any) -> list[int | None] | None:
    """The extents; None for one that is not known yet, and for all if not even their number is."""
    static = tf.TensorShape(x.shape)
    return None if static.rank is None else static.as_list()


def about(x: Any) -> dict[str, Any]:
    """What is printed of a tensor beside its numbers."""
    kind = "variable" if isinstance(x, tf.Variable) else "tensor"
    return {"kind": kind, "shape": shape(x), "dtype": tf.as_dtype(x.dtype).name, "known": _is_known(x)}


def _is_known(x: Any) -> bool:
    return tf.executing_eagerly() and hasattr(tf.convert_to_tensor(x), "numpy")


def values(x: Any) -> Any:
    """The numbers, in a dtype that R has; of a single number, that number."""
    if not _is_known(x):
        raise ArgumentError(
            "This tensor has no numbers yet: it stands for them in a function that is being compiled.",
            hint="Compute with it as it is; R sees numbers only outside of such functions.",
        )
    array = np.asarray(tf.convert_to_tensor(x).numpy())
    if array.dtype.kind in "iu" and array.dtype.itemsize > 2:
        fits = array.size == 0 or (array.min() > -(2**31) and array.max() < 2**31)
        array = array.astype(np.int32 if fits else np.float64)
    elif array.dtype.kind in "iu":
        array = array.astype(np.int32)
    elif array.dtype.kind == "O":
        array = np.asarray([text.decode("utf-8", "replace") for text in array.ravel()], str).reshape(array.shape)
    elif array.dtype.kind == "c":
        array = array.astype(np.complex128)
    elif array.dtype.kind != "b":
        array = array.astype(np.float64)
    return array if array.ndim else array.item()


def binary(op: str, x: Any, y: Any, dtype: str) -> Any:
    """An operator of R between two tensors, or a tensor and a number or array."""
    pair = _alike([x, y], dtype)
    if op in LOGICAL:
        pair = [tf.cast(part, tf.bool) for part in pair]
    elif op in ARITHMETIC and pair[0].dtype == tf.bool:
        pair = [tf.cast(part, tf.int32) for part in pair]
    if op in ("/", "^") and pair[0].dtype.is_integer:  # as in R
        pair = [tf.cast(part, dtype) for part in pair]
    try:
        return getattr(tf.math, {**ARITHMETIC, **COMPARISON, **LOGICAL}[op])(*pair)
    except (tf.errors.InvalidArgumentError, ValueError) as error:
        if _fit_each_other(pair):
            raise ArgumentError(f"`{op}` fails: {str(error).splitlines()[0]}") from error
        raise _do_not_fit(op, pair) from error


def _fit_each_other(pair: list) -> bool:
    try:
        tf.broadcast_static_shape(*(part.shape for part in pair))
    except ValueError:
        return False
    return True


def _do_not_fit(op: str, pair: list) -> ShapeError:
    shapes = " and ".join(str(part.shape.as_list()).replace("None", "?") for part in pair)
    hint = "As in TensorFlow, extents are compared from the last one on, and an extent of 1 is repeated."
    return ShapeError(f"Tensors of shape {shapes} do not fit each other in `{op}`.", hint=hint)


def _alike(parts: list, dtype: str) -> list:
    """Tensors of one dtype: numbers take that of the tensor beside them, of two tensors the wider one counts."""
    kinds = [tf.as_dtype(part.dtype) for part in parts if is_tensor(part)]
    wide = max(kinds, key=lambda kind: (kind.is_complex, kind.is_floating, kind.is_integer, kind.size))
    for part in parts:
        if is_tensor(part):
            continue
        array = np.asarray(part)
        if array.dtype.kind == "c" and not wide.is_complex:
            wide = tf.complex128 if wide == tf.float64 else tf.complex64
        elif array.dtype.kind in "fi" and not (wide.is_floating or wide.is_complex):
            wide = next((kind for kind in (wide, tf.int32) if _holds(kind, array)), tf.as_dtype(dtype))
    return [
        tf.cast(tf.convert_to_tensor(part), wide)
        if is_tensor(part)
        else tf.convert_to_tensor(np.asarray(part).astype(wide.as_numpy_dtype))
        for part in parts
    ]


def _holds(kind: Any, array: np.ndarray) -> bool:
    """Are doubles whole numbers of that integer dtype."""
    if not kind.is_integer:
        return False
    ends = np.iinfo(kind.as_numpy_dtype)
    whole = np.isfinite(array).all() and (array == np.round(array)).all()
    return bool(whole and (array >= ends.min).all() and (array <= ends.max).all())


def unary(op: str, x: Any) -> Any:
    """`-x`, `+x`, `!x`."""
    x = tf.convert_to_tensor(x)
    if op == "!":
        return tf.logical_not(tf.cast(x, tf.bool))
    x = tf.cast(x, tf.int32) if x.dtype == tf.bool else x
    return -x if op == "-" else x


def matmul(x: Any, y: Any, dtype: str) -> Any:
    """The matrix product, where a vector is a row or a column as in R."""
    x, y = _alike([x, y], dtype)
    if x.shape.rank == 1 and y.shape.rank == 1:
        x, y = x[tf.newaxis, :], y[:, tf.newaxis]
    elif x.shape.rank == 1:
        x = x[tf.newaxis, :] if x.shape[0] == y.shape[-2] else x[:, tf.newaxis]
    elif y.shape.rank == 1:
        y = y[:, tf.newaxis] if y.shape[0] == x.shape[-1] else y[tf.newaxis, :]
    try:
        return tf.linalg.matmul(x, y)
    except (tf.errors.InvalidArgumentError, ValueError) as error:
        shapes = " and ".join(str(part.shape.as_list()).replace("None", "?") for part in (x, y))
        raise ShapeError(f"Tensors of shape {shapes} do not fit each other in `%*%`.") from error


def math(op: str, x: Any, dtype: str, extra: float | None = None) -> Any:
    """A function of each element; `extra` is the base of a logarithm, or the digits of rounding."""
    x = tf.convert_to_tensor(x)
    if op in ("cumsum", "cumprod", "cummax", "cummin"):
        return _cumulative(op, flat(x))
    if not (x.dtype.is_floating or x.dtype.is_complex):
        x = tf.cast(x, tf.int32 if op in WHOLE and x.dtype == tf.bool else x.dtype if op in WHOLE else dtype)
    if op in WHOLE and x.dtype.is_integer and op not in ("abs", "sign"):
        return x
    if op in ("log2", "log10"):
        op, extra = "log", {"log2": 2.0, "log10": 10.0}[op]
    if op == "trunc":
        return tf.sign(x) * tf.floor(tf.abs(x))
    if op in ("cospi", "sinpi", "tanpi"):
        return getattr(tf.math, op[:3])(x * tf.constant(np.pi, x.dtype))
    if op == "trigamma":
        return tf.math.polygamma(tf.ones([], x.dtype), x)
    if op == "gamma":
        return _gamma(x)
    if op not in MATHS:
        raise ArgumentError(f"`{op}()` is not there for tensors.", hint="Turn the tensor into numbers by as.array().")
    if op == "round" and extra:
        scale = tf.constant(10.0**extra, x.dtype)
        return tf.round(x * scale) / scale
    result = getattr(tf.math, "ceil" if op == "ceiling" else op)(x)
    return result / tf.constant(np.log(extra), x.dtype) if op == "log" and extra is not None else result


def _gamma(x: Any) -> Any:
    # Below zero by reflection, where the logarithm loses the sign.
    pi = tf.constant(np.pi, x.dtype)
    below = x < 0.5
    safe = tf.where(below, 1.0 - x, x)
    value = tf.exp(tf.math.lgamma(safe))
    return tf.where(below, pi / (tf.sin(pi * x) * value), value)


def _cumulative(op: str, x: Any) -> Any:
    if op in ("cumsum", "cumprod"):
        x = tf.cast(x, tf.int32) if x.dtype == tf.bool else x
        return getattr(tf.math, op)(x)
    return tfm.scan_associative(tf.maximum if op == "cummax" else tf.minimum, x)


def reduce(op: str, parts: list, dtype: str) -> Any:
    """A summary of all elements of some tensors and numbers."""
    if op == "range":
        return tf.stack([reduce("min", parts, dtype), reduce("max", parts, dtype)])
    x = parts[0] if len(parts) == 1 else tf.concat([tf.reshape(part, [-1]) for part in _alike(parts, dtype)], 0)
    x = tf.convert_to_tensor(x)
    if op in ("any", "all"):
        x = tf.cast(x, tf.bool)
    elif x.dtype == tf.bool:
        x = tf.cast(x, tf.int32)
    if op == "mean" and x.dtype.is_integer:
        x = tf.cast(x, dtype)
    return getattr(tf, REDUCTIONS[op])(x)


def flat(x: Any) -> Any:
    """The elements in R's order: the first index runs fastest."""
    x = tf.convert_to_tensor(x)
    return x if x.shape.rank == 1 else tf.reshape(tf.transpose(x), [-1])


def part(x: Any, positions: list, drop: Sequence[int] = ()) -> Any:
    """Rows, columns ... by positions from 0 (None: all), and without the axes in `drop`."""
    x = tf.convert_to_tensor(x)
    for axis, places in enumerate(positions):
        if places is not None:
            x = tf.gather(x, np.atleast_1d(np.asarray(places, np.int32)), axis=axis)
    return tf.squeeze(x, [int(axis) for axis in drop]) if drop else x


def flat_part(x: Any, positions: Any, drop: bool = False) -> Any:
    """Elements by their positions in R's order."""
    places = np.atleast_1d(np.asarray(positions, np.int32))
    return tf.gather(flat(x), places[0] if drop and len(places) == 1 else places)


def transpose(x: Any) -> Any:
    """R's `t()`: a vector is a column."""
    x = tf.convert_to_tensor(x)
    if x.shape.rank is not None and x.shape.rank < 2:
        return tf.reshape(x, [1, -1])
    if x.shape.rank != 2:
        raise ShapeError(
            f"`t()` turns a matrix, not a tensor of shape {x.shape.as_list()}.", hint="Use tf$transpose(x, perm = )."
        )
    return tf.transpose(x)


def reverse(x: Any) -> Any:
    """R's `rev()`: the last row first."""
    return tf.reverse(tf.convert_to_tensor(x), [0])


def is_eager() -> bool:
    """Are operations carried out at once, or recorded for a function that is being compiled."""
    return bool(tf.executing_eagerly())


VERBS = {
    "is_eager": is_eager,
    "tensor": tensor,
    "tensor_shape": shape,
    "tensor_about": about,
    "tensor_values": values,
    "tensor_binary": binary,
    "tensor_unary": unary,
    "tensor_matmul": matmul,
    "tensor_math": math,
    "tensor_reduce": reduce,
    "tensor_part": part,
    "tensor_flat_part": flat_part,
    "tensor_transpose": transpose,
    "tensor_reverse": reverse,
}
