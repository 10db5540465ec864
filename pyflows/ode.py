"""Ordinary differential equations: an adaptive Runge-Kutta method, with the exact gradient of what it computed.

The method is that of Dormand & Prince (1980), J. Computational and Applied Mathematics 6(1): order 5, with an estimate
of order 4 for the error of every step. The gradient goes back over the steps that were made, and makes each of them
once more: it is that of the numbers that came out, to rounding, and needs no tolerance of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from .backend import tf

# Stage i is evaluated at time NODES[i], after steps with STAGES[i]; the last row is the result.
NODES = (0.0, 1 / 5, 3 / 10, 4 / 5, 8 / 9, 1.0)
STAGES = (
    (),
    (1 / 5,),
    (3 / 40, 9 / 40),
    (44 / 45, -56 / 15, 32 / 9),
    (19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729),
    (9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656),
)
RESULT = (35 / 384, 0.0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84)
# Result less the estimate of order 4, by stage; the last is the slope at the result.
ERROR = (71 / 57600, 0.0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40)

FIRST_STEP = 0.05
MOST_TRIES = 10_000
# A step is changed by a factor within these, and aims at this share of the tolerance.
SHRINK, GROW, SAFETY = 0.2, 5.0, 0.9


def integrate(rate: Callable, state, parameters: Sequence, tolerance: float):
    """The state at time 1 of `d state / dt = rate(t, state, *parameters)`, from the state at time 0.

    Steps are so small that the estimated error of each is below `tolerance * (1 + |state|)` in every element.

    Args:
        rate: the right side, a function of tensors alone.
        state: any shape.
        parameters: tensors that the rate depends on.
        tolerance: of each step; at least ten units in the last place are taken.

    Returns:
        The state at time 1; NaN if the end was not reached within `MOST_TRIES` steps, never something in between.
        Gradients reach `state` and `parameters`.
    """

    @tf.custom_gradient
    def run(state, *parameters):
        end, count, times, sizes, states = _march(rate, state, parameters, tolerance)

        def gradient(upstream):
            def back(k, upstream, totals):
                sources = [states.read(k), *parameters]
                with tf.GradientTape() as tape:
                    tape.watch(sources)
                    after = _step(rate, times.read(k), sizes.read(k), *sources)[0]
                found = tape.gradient(after, sources, upstream, tf.UnconnectedGradients.ZERO)
                return k - 1, found[0], [total + part for total, part in zip(totals, found[1:], strict=True)]

            begin = (count - 1, upstream, [tf.zeros_like(parameter) for parameter in parameters])
            _, upstream, totals = tf.while_loop(lambda k, *_: k >= 0, back, begin)
            return upstream, *totals

        return end, gradient

    return run(state, *parameters)


def _step(rate: Callable, time, size, state, *parameters):
    """One step: the new state, and the stages."""
    stages = []
    for node, shares in zip(NODES, STAGES, strict=True):
        stages.append(rate(time + node * size, _moved(state, size, shares, stages), *parameters))
    return _moved(state, size, RESULT, stages), stages


def _moved(state, size, shares, stages):
    for share, stage in zip(shares, stages, strict=True):
        if share:
            state = state + (share * size) * stage
    return state


def _march(rate: Callable, state, parameters, tolerance: float):
    """The last state, and what the gradient needs: the number of steps, and time, size and state before each."""
    dtype = state.dtype
    tolerance = max(tolerance, 10.0 * float(np.finfo(dtype.as_numpy_dtype).eps))

    def array(shape):
        return tf.TensorArray(dtype, size=0, dynamic_size=True, clear_after_read=False, element_shape=shape)

    def going(tries, k, time, size, *_):
        return (time < 1.0) & (size > 1.0 / MOST_TRIES**2) & (tries < MOST_TRIES)

    def attempt(tries, k, time, size, state, times, sizes, states):
        last = time + size >= 1.0
        used = tf.where(last, 1.0 - time, size)
        new, stages = _step(rate, time, used, state, *parameters)
        error = _moved(tf.zeros_like(state), used, ERROR, [*stages, rate(time + used, new, *parameters)])
        scale = tolerance * (1.0 + tf.maximum(tf.abs(state), tf.abs(new)))
        error = tf.reduce_max(tf.abs(error) / scale)
        # The maximum passes over NaN.
        error = tf.where(tf.reduce_all(tf.math.is_finite(new)), error, tf.constant(np.inf, dtype))
        good = error <= 1.0
        factor = tf.clip_by_value(SAFETY * tf.pow(error, -0.2), SHRINK, GROW)
        times, sizes, states = tf.cond(
            good,
            lambda: (times.write(k, time), sizes.write(k, used), states.write(k, state)),
            lambda: (times, sizes, states),
        )
        time = tf.where(good, tf.where(last, tf.ones_like(time), time + used), time)
        return (
            tries + 1,
            k + tf.cast(good, tf.int32),
            time,
            used * factor,
            tf.where(good, new, state),
            times,
            sizes,
            states,
        )

    scalar = tf.zeros([], dtype)
    arrays = (array([]), array([]), array(state.shape))
    begin = (0, 0, scalar, scalar + FIRST_STEP, state, *arrays)
    _, count, time, _, end, *arrays = tf.while_loop(going, attempt, begin)
    return tf.where(time >= 1.0, end, tf.constant(np.nan, dtype)), count, *arrays
