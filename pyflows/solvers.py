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

METHODS = ("exact", "fixed_point", "newton", "broyden")
# Changes, relative to 1 + |x|. What counts as none, in units of the last place; Newton's method stops at the root of
# one, after which only rounding is left, and the fixed point sees to that. And the largest that is let through.
NONE = 8.0
LARGEST_RESIDUAL = {"float32": 1e-5, "float64": 1e-10}
# Newton's method gets this many steps more than the fixed point needs, before that takes over.
EXTRA_STEPS = 20
# Broyden's method gets this many, as it remembers all of them; it goes back where a step makes the error this much
# larger, and learns nothing from a step that would make its matrix nearly singular.
BROYDEN_STEPS, BROYDEN_GROWTH, BROYDEN_SMALLEST = 30, 10.0, 1e-3
NOT_CONVERGED = "pyflows: a solver did not converge, largest residual:"


@dataclass(frozen=True)
class Convergence:
    """What a solver did for one layer.

    Attributes:
        method: "fixed_point", "newton" or "broyden".
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
        method: "fixed_point", "newton" or "broyden".
        undo: the inverse of `apply`.

    The other arguments, and what is returned, are those of `incremental.invert`.

    Raises:
        tf.errors.InvalidArgumentError: the solution changes by more than rounding when it is put in again.
    """

    def step(x):
        return apply(network(weights, x, context), value)

    def newton_step(turn, x, last):
        found, log_slope = undo(network(weights, x, context), x)
        move = (value - found) * tf.exp(-log_slope)
        # Where it turns round, the solution lies between the last two values: no further than half the way back.
        half = 0.5 * tf.abs(last)
        move = tf.where(move * last < 0, tf.clip_by_value(move, -half, half), move)
        move = tf.where(tf.math.is_finite(move), move, tf.zeros_like(move))
        return x + move, move

    d, eps = network.outputs, np.finfo(value.dtype.as_numpy_dtype).eps
    x, iterations = tf.zeros_like(value), 0
    if method == "newton":
        x, iterations = _repeat(newton_step, (x, tf.zeros_like(x)), d + EXTRA_STEPS, np.sqrt(eps))
    elif method == "broyden":
        x, iterations = _repeat(*_broyden(lambda x: step(x)[0], x), BROYDEN_STEPS, np.sqrt(eps))
    # After the other methods this ends soon, unless they failed.
    x, more = _repeat(lambda turn, x: (step(x)[0],), (x,), d, NONE * eps)
    x = tf.stop_gradient(x)
    image = step(x)[0]
    changes = _changes(x, image)
    if tf.executing_eagerly() and _watching.get() is not None:
        _watching.get().append(Convergence(method, int(iterations + more), float(tf.reduce_max(changes))))
    result = _with_gradient(lambda x: step(x)[0], x, _checked(image, changes), d)
    return result, tf.reduce_sum(step(result)[1], 0)


def _repeat(step: Callable, state: tuple, limit: int, small: float):
    """Steps `(turn, x, *memory) -> (x, *memory)` until x changes little, at most `limit`: x and their number."""

    def again(turn, moving, x, *memory):
        result, *memory = step(turn, x, *memory)
        return turn + 1, tf.reduce_any(_changes(x, result) > small), result, *memory

    turns, _, x, *_ = tf.while_loop(lambda turn, moving, *_: moving, again, (0, True, *state), maximum_iterations=limit)
    return x, turns


def _broyden(step: Callable, x):
    """Broyden's "good" method for `x - step(x) = 0`, each column on its own: its step, and the state it begins with.

    The inverse of the Jacobian is kept as the identity plus products `u v^T`, one for each step that was made. The
    first step is that of the fixed point, and so is the next where a column has to go back and begin anew.
    """

    def times(left, right, value):
        """`(I + sum u v^T) value`; with left and right exchanged, the transposed matrix."""
        return value + tf.reduce_sum(left * tf.reduce_sum(right * value, 1, keepdims=True), 0)

    def broyden_step(turn, x, last, last_miss, fresh, u, v):
        miss = x - step(x)
        size, last_size = (tf.reduce_max(tf.abs(part), 0) for part in (miss, last_miss))
        # Comparisons with NaN are never true.
        back = tf.logical_not(fresh | (size <= BROYDEN_GROWTH * last_size))
        moved, change = x - last, miss - last_miss
        learnt = times(u, v, change)
        along = tf.reduce_sum(moved * learnt, 0)
        usable = tf.abs(along) > BROYDEN_SMALLEST * tf.norm(moved, axis=0) * tf.norm(learnt, axis=0)
        new_u = tf.math.divide_no_nan(moved - learnt, along)
        new_u = tf.where(usable & tf.math.is_finite(new_u), new_u, tf.zeros_like(new_u))
        new_v = times(v, u, moved)
        u, v = (tf.tensor_scatter_nd_update(old, [[turn]], new[None]) for old, new in ((u, new_u), (v, new_v)))
        u = tf.where(back, tf.zeros_like(u), u)
        v = tf.where(back, tf.zeros_like(v), v)
        x, miss = tf.where(back, last, x), tf.where(back, last_miss, miss)
        result = x - times(u, v, miss)
        return tf.where(tf.math.is_finite(result), result, x), x, miss, back, u, v

    memory = tf.zeros(tf.concat([[BROYDEN_STEPS], tf.shape(x)], 0), x.dtype)
    fresh = tf.ones(tf.shape(x)[1:], tf.bool)
    return broyden_step, (x, x, tf.zeros_like(x), fresh, memory, memory)


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
