"""Iterative inverses of autoregressive layers, with the gradient of the solution.

The slow direction looks for the fixed point x of `step(x) = f(value; theta(x))`, where theta_i sees only what comes
before dimension i. So the Jacobian N of `step` is strictly triangular up to order, each step makes at least one more
dimension right, and d steps always arrive; mostly far fewer do, as what the first dimensions change fades.

What comes out has been tried: it goes through `step` once more, and if that changes it, nothing is returned.
Gradients are those of the solution (implicit function theorem) and not of the iterations: `(I - N)^-1` times those of
one step, the inverse as the sum of the powers of N, of which d are not zero.
"""

from __future__ import annotations

import contextlib
import contextvars
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from .backend import tf
from .errors import ArgumentError
from .maps import Tensors
from .networks import Network

METHODS = ("exact", "fixed_point", "newton")
# Changes, relative to 1 + |x|. What counts as none, in units of the last place; Newton's method stops at the root of
# one, after which only rounding is left, and the fixed point sees to that. And the largest that is let through.
NONE = 8.0
LARGEST_RESIDUAL = {"float32": 1e-5, "float64": 1e-10}
# Newton's method gets this many steps more than the fixed point needs, before that takes over.
EXTRA_STEPS = 20
NOT_CONVERGED = "pyflows: a solver did not converge, largest residual:"


@dataclass(frozen=True)
class Convergence:
    """What a solver did for one layer.

    Attributes:
        method: "fixed_point" or "newton".
        iterations: passes of the network until nothing changed any more.
        residual: what one more step changes at most, over all rows and dimensions, relative to 1 + |x|.
    """

    method: str
    iterations: int
    residual: float


_watching: contextvars.ContextVar[list | None] = contextvars.ContextVar("watching", default=None)


@contextlib.contextmanager
def watch() -> Iterator[list[Convergence]]:
    """Collect what solvers do, one entry each time that one runs; for the eager `bijector` and `distribution`.

    Example:
        >>> with solvers.watch() as found:
        ...     x = pf.bijector(model).forward(z)
        >>> found
        [Convergence(method='newton', iterations=4, residual=2.2e-16)]
    """
    found: list[Convergence] = []
    token = _watching.set(found)
    try:
        yield found
    finally:
        _watching.reset(token)


@contextlib.contextmanager
def explained() -> Iterator[None]:
    """Turn TensorFlow's error for a solver that did not converge into one of ours."""
    try:
        yield
    except tf.errors.InvalidArgumentError as error:
        if NOT_CONVERGED not in str(error):
            raise
        residual = re.search(r"\d[\d.e+-]*", str(error).split(NOT_CONVERGED)[1])[0]
        raise ArgumentError(
            f"The solver of an autoregressive layer did not converge (largest residual {residual}).",
            argument="solver",
            hint='Use `solver = "exact"`.',
        ) from None


def invert(network: Network, weights: Tensors, value, context, apply: Callable, *, method: str, undo: Callable):
    """Solve `result_i = apply(theta_i(result), value_i)` for the result, by iteration.

    Args:
        method: "fixed_point" or "newton".
        undo: the inverse of `apply`.

    The other arguments, and what is returned, are those of `incremental.invert`.

    Raises:
        tf.errors.InvalidArgumentError: the solution changes by more than rounding when it is put in again.
    """

    def step(x):
        return apply(network(weights, x, context), value)

    def newton_step(x, last):
        found, log_slope = undo(network(weights, x, context), x)
        move = (value - found) * tf.exp(-log_slope)
        # Where it turns round, the solution lies between the last two values: no further than half the way back.
        half = 0.5 * tf.abs(last)
        move = tf.where(move * last < 0, tf.clip_by_value(move, -half, half), move)
        return tf.where(tf.math.is_finite(move), x + move, x)

    d, eps = network.outputs, np.finfo(value.dtype.as_numpy_dtype).eps
    x, iterations = tf.zeros_like(value), 0
    if method == "newton":
        x, iterations = _repeat(newton_step, x, d + EXTRA_STEPS, np.sqrt(eps))
    # After Newton's method this ends soon, unless that failed.
    x, more = _repeat(lambda x, _: step(x)[0], x, d, NONE * eps)
    x = tf.stop_gradient(x)
    image = step(x)[0]
    changes = _changes(x, image)
    if tf.executing_eagerly() and _watching.get() is not None:
        _watching.get().append(Convergence(method, int(iterations + more), float(tf.reduce_max(changes))))
    result = _with_gradient(lambda x: step(x)[0], x, _checked(image, changes), d)
    return result, tf.reduce_sum(step(result)[1], 0)


def _repeat(step: Callable, x, limit: int, small: float):
    """Steps `(x, last move) -> x` until they change little, `limit` of them at most: the result and their number."""

    def again(turn, x, last, _):
        result = step(x, last)
        return turn + 1, result, result - x, tf.reduce_any(_changes(x, result) > small)

    begin = (0, x, tf.zeros_like(x), True)
    turns, x, _, _ = tf.while_loop(lambda *state: state[-1], again, begin, maximum_iterations=limit)
    return x, turns


def _changes(old, new):
    return tf.abs(new - old) / (1.0 + tf.abs(new))


def _checked(x, changes):
    # What is not finite says so itself, and training recovers from it.
    fine = tf.reduce_all(tf.logical_not(changes > LARGEST_RESIDUAL[x.dtype.name]))
    with tf.control_dependencies([tf.debugging.Assert(fine, [NOT_CONVERGED, tf.reduce_max(changes)])]):
        return tf.identity(x)


def _with_gradient(step: Callable, x, image, d: int):
    """`image = step(x)`, which is x itself, with the gradient of the solution."""

    @tf.custom_gradient
    def solution(image):
        def gradient(upstream):
            def back(turn, part, total):
                with tf.GradientTape() as tape:
                    tape.watch(x)
                    again = step(x)
                part = tape.gradient(again, x, part, tf.UnconnectedGradients.ZERO)
                return turn + 1, part, total + part

            def going(turn, part, total):
                return tf.reduce_any(tf.abs(part) > tiny * tf.reduce_max(tf.abs(total), 0))

            tiny = np.finfo(x.dtype.as_numpy_dtype).eps
            begin = (0, upstream, upstream)
            return tf.while_loop(going, back, begin, maximum_iterations=d - 1)[2] if d > 1 else upstream

        return tf.identity(image), gradient

    return solution(image)
