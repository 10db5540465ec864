"""Layers that a user writes as three functions, with parameters that are learned."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..backend import tf
from ..checks import fail
from ..errors import ArgumentError
from ..maps import Map, Size, constant
from ..spec import register

DIRECTIONS = ("forward", "inverse", "log_det")
# Rows on which the three functions are held against each other, and how far they may be apart.
TRIED_ROWS = 16
TOLERANCE = {"float32": 1e-2, "float64": 1e-6}


def register_inline(
    name: str,
    forward: Callable,
    inverse: Callable,
    log_det: Callable,
    parameters: Mapping[str, Any] | None = None,
) -> Callable:
    """Register a layer that is written as three functions, and get its constructor back.

    Each function is called with `(parameters, value)`: a dict of tensors, and values `[n, d]` in rows. They must be
    made of TensorFlow operations, and are traced once for each size. When a flow with such a layer is built, they are
    tried out: an `inverse` that does not undo `forward`, and a `log_det` that is not its log-derivative, are refused.
    The layer is fitted, saved and loaded like the built-in ones; before a file is loaded in a new session, it must be
    registered again.

    Args:
        name: name of the kind, as of a function.
        forward: base -> data, `x [n, d]`.
        inverse: data -> base, `z [n, d]`.
        log_det: of forward, at base-side values: for maps of each element on its own the logarithm of the absolute
            derivative, `[n, d]`; for others the log |det Jacobian|, `[n]`.
        parameters: dict of what is learned, by name, with starting values: a number stands for one number for each
            dimension, an array for itself. They can become any real numbers.

    Returns:
        A function without arguments that gives a `Flow` with that layer.

    Raises:
        ArgumentError: the name is taken by something else, or an argument is not of its kind.

    Example:
        >>> import tensorflow as tf
        >>> def slope(parameters, value):
        ...     return tf.where(value < 0, tf.exp(parameters["log_slope"]), 1.0)
        >>> leaky = register_inline(
        ...     "leaky",
        ...     forward=lambda p, z: z * slope(p, z),
        ...     inverse=lambda p, x: x / slope(p, x),
        ...     log_det=lambda p, z: tf.math.log(slope(p, z)),
        ...     parameters={"log_slope": 0.0},
        ... )
        >>> flow(affine(), leaky(), affine())
        <flow: base_normal() -> data, 3 layers>
          1. affine(rank=0)
          2. leaky()
          3. affine(rank=0)
    """
    where = "register_inline()"
    if not isinstance(name, str) or not name.isidentifier():
        fail("name", "a name such as 'leaky', of letters, digits and underscores", name, where)
    functions = dict(zip(DIRECTIONS, (forward, inverse, log_det), strict=True))
    for key, function in functions.items():
        if not callable(function):
            fail(key, "a function of (parameters, value)", function, where)
    starts = _starts(parameters, where)

    def build(size: Size) -> Map:
        return InlineMap(size, functions, starts)

    build.__name__ = build.__qualname__ = name
    build.__module__ = getattr(forward, "__module__", None) or "__main__"
    build.__doc__ = f"{name}, a layer of the user's own."
    return register(name)(build)


def _starts(parameters: Any, where: str) -> dict[str, np.ndarray]:
    """The starting values as arrays."""
    if parameters is None:
        return {}
    allowed = "a dict of names and starting values, numbers or arrays"
    if not isinstance(parameters, Mapping) or not all(isinstance(key, str) and key for key in parameters):
        fail("parameters", allowed, parameters, where)
    starts = {}
    for key, value in parameters.items():
        try:
            starts[key] = np.asarray(value, np.float64)
        except (TypeError, ValueError):
            fail("parameters", allowed, parameters, where, f"Entry {key!r} is not numeric.")
        if not np.isfinite(starts[key]).all():
            fail("parameters", "finite starting values", parameters, where, f"Entry {key!r} is not.")
    return starts


class InlineMap(Map):
    """The three functions, traced for any number of rows, so that they are called no more."""

    # The functions may use what XLA lacks.
    jit_compilable = False

    def __init__(self, size: Size, functions: dict[str, Callable], starts: dict[str, np.ndarray]):
        self.size = size
        self.weights = {key: constant(value, value.shape or (size.event,)) for key, value in starts.items()}
        self.traced = {key: self._trace(key, function) for key, function in functions.items()}
        # Whether log_det is of each element, or of the row.
        self.elementwise = self._log_det_is_elementwise()
        self._try_out()

    def forward(self, weights, z, context=None):
        rows = tf.transpose(z)
        return self._columns("forward", weights, rows, z), self._log_det(weights, rows)

    def inverse(self, weights, x, context=None):
        z = self._columns("inverse", weights, tf.transpose(x), x)
        return z, -self._log_det(weights, tf.transpose(z))

    def _columns(self, direction: str, weights, rows, like):
        result = tf.transpose(self._call(direction, weights, rows))
        result.set_shape(like.shape)
        return result

    def _log_det(self, weights, rows):
        log_det = self._call("log_det", weights, rows)
        return tf.reduce_sum(log_det, -1) if self.elementwise else log_det

    def _call(self, key: str, weights, rows):
        return self.traced[key]({name: tf.convert_to_tensor(weights[name]) for name in self.weights}, rows)

    def _trace(self, key: str, function: Callable):
        dtype = self.size.dtype
        specs = {name: tf.TensorSpec(weight.shape, dtype) for name, weight in self.weights.items()}
        rows = tf.TensorSpec([None, self.size.event], dtype)

        def call(parameters, value):
            return tf.convert_to_tensor(function(parameters, value), dtype)

        try:
            traced = tf.function(call, input_signature=[specs, rows], autograph=False).get_concrete_function()
        except Exception as error:
            message = f"`{key}` fails for values [n, {self.size.event}] of dtype {dtype}: {error}"
            raise ArgumentError(message, argument=key) from error
        shape = traced.output_shapes
        if key != "log_det" and not shape.is_compatible_with([None, self.size.event]):
            raise ArgumentError(f"`{key}` must give values [n, {self.size.event}], not {shape}.", argument=key)
        return traced

    def _log_det_is_elementwise(self) -> bool:
        shape = self.traced["log_det"].output_shapes
        if shape.rank == 2 and shape.is_compatible_with([None, self.size.event]):
            return True
        if shape.rank == 1 and shape[0] is None:
            return False
        raise ArgumentError(
            f"`log_det` must give [n, {self.size.event}] (of each element) or [n] (of each row), not {shape}.",
            argument="log_det",
            hint="Add tf.zeros_like(value) if it does not depend on the values.",
        )

    def _try_out(self):
        """Hold the three functions against each other, where forward is finite."""
        d, dtype = self.size.event, self.size.dtype
        weights = {key: tf.constant(weight.start(None), dtype) for key, weight in self.weights.items()}
        z = tf.constant(np.linspace(-2.0, 2.0, TRIED_ROWS * d).reshape(TRIED_ROWS, d), dtype)
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(z)
            x = self._call("forward", weights, z)
        jacobian = tape.batch_jacobian(x, z, experimental_use_pfor=False)
        fine = np.isfinite(x.numpy()).all(1)
        back = self._call("inverse", weights, x).numpy()
        self._compare("inverse", back[fine], z.numpy()[fine], "does not undo `forward`")
        log_det = np.linalg.slogdet(jacobian.numpy()[fine])[1]
        told = self._log_det(weights, z).numpy()[fine]
        self._compare("log_det", told, log_det, "is not the log |det Jacobian| of `forward`")

    def _compare(self, key: str, found: np.ndarray, expected: np.ndarray, fault: str):
        close = np.isclose(found, expected, rtol=TOLERANCE[self.size.dtype], atol=TOLERANCE[self.size.dtype])
        if not close.all():
            first = tuple(np.argwhere(~close)[0])
            raise ArgumentError(
                f"`{key}` {fault}: it gives {found[first]:.6g} instead of {expected[first]:.6g}.", argument=key
            )
