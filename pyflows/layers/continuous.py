"""Continuous layers: the flow of a differential equation."""

from __future__ import annotations

from .. import noise
from ..backend import tf
from ..checks import Choice, Number, WholeList
from ..maps import Map, Size
from ..ode import integrate
from ..smooth_networks import SMOOTH_ACTIVATIONS, SmoothNetwork
from ..spec import register

TRACES = ("auto", "exact", "hutchinson")
# From this many columns on, training steps take the random estimate. Measured on a busy machine, median ms of a step of
# 256 rows, exact against random: d = 4: 50 / 23; d = 8: 41 / 16; d = 16: 126 / 27.
HUTCHINSON_FROM = 4

CONTINUOUS_CHECKS = {
    "hidden": WholeList(min=1),
    "activation": Choice(values=SMOOTH_ACTIVATIONS),
    "tolerance": Number(min=0, max=0.01, open=True),
    "trace": Choice(values=TRACES),
}


class ContinuousMap(Map):
    """x is where z is at time 1 if it moves with the velocity `f(x, t, context)`."""

    # The number of steps depends on the values, and with it the size of what the gradient needs.
    jit_compilable = False

    def __init__(self, size: Size, hidden, activation: str, tolerance: float, trace: str):
        self.tolerance = tolerance
        # Time comes as one more context value.
        self.network = SmoothNetwork(size.event, size.context + 1, hidden, activation)
        self.weights = self.network.weights
        if trace == "hutchinson" or (trace == "auto" and size.event >= HUTCHINSON_FROM):
            self.weights = {**self.weights, noise.NAME: noise.counter()}
            self.updated = (noise.NAME,)

    def forward(self, weights, z, context=None):
        return self._flow(weights, z, context, backwards=False)

    def inverse(self, weights, x, context=None):
        return self._flow(weights, x, context, backwards=True)

    def inverse_training(self, weights, x, context=None, row_weights=None):
        if not self.updated:
            return super().inverse_training(weights, x, context, row_weights)
        draw = weights[noise.NAME]
        # The same signs all the way, or there would be no differential equation.
        signs = noise.signs(noise.seed_of(draw), x)
        return *self._flow(weights, x, context, True, signs), {noise.NAME: noise.following(draw)}

    def _flow(self, weights, value, context, backwards: bool, signs=None):
        """`signs [d, n]` are what the trace is estimated with; None computes it."""
        names, given = list(self.network.weights), [] if context is None else [context]

        def rate(t, state, *parameters):
            now, value = 1.0 - t if backwards else t, state[:-1]
            weights = dict(zip(names, parameters, strict=False))
            seen = tf.concat([*parameters[len(names) :], now + tf.zeros_like(value[:1])], 0)
            if signs is None:
                velocity, trace = self.network.value_and_trace(weights, value, seen)
            else:
                velocity, push = self.network.linearized(weights, value, seen)
                trace = tf.reduce_sum(signs * push(signs), 0)
            change = tf.concat([velocity, trace[None]], 0)
            return -change if backwards else change

        state = tf.concat([value, tf.zeros_like(value[:1])], 0)
        parameters = [*(tf.convert_to_tensor(weights[name]) for name in names), *given]
        state = integrate(rate, state, parameters, self.tolerance)
        return state[:-1], state[-1]


@register(**CONTINUOUS_CHECKS)
def continuous(size: Size, hidden=(32, 32), activation="tanh", tolerance=1e-5, trace="auto"):
    """Continuous layer: points drift from base to data with a learned velocity, for one unit of time.

    `dx/dt = f(x, t; context)`, from z at time 0 to x at time 1, and the same backwards; the log-determinant is the
    integral of the trace of df/dx along the way. For densities it is computed exactly; for many columns, training steps
    alone take an unbiased estimate by random vectors instead (Hutchinson's), which costs what one column does. f is any
    smooth network: nothing is masked, and densities come out smooth. An adaptive Runge-Kutta method of order 5 solves
    it, with an error of about `tolerance` in values and log-determinants; a step takes seven passes of the network, and
    the exact trace d times as much. Every batch takes a number of steps, so that this is the slowest layer to train;
    both directions cost the same. Where the solver does not reach the end, the result is NaN. It starts near the
    identity.

    Args:
        hidden: units of each hidden layer of f, whole numbers >= 1.
        activation: activation of the hidden units, a smooth one.
        tolerance: largest error of a step, as a share of 1 + |value|, between 0 and 0.01; no smaller than ten units in
            the last place of the dtype.
        trace: the trace in training steps: "exact", "hutchinson" (the random estimate), or "auto", which takes the
            estimate from 4 columns on. What is reported is always exact.

    Shapes:
        x `[n, d]`, any d >= 1, context `[n, c]`.

    Raises:
        ArgumentError: an argument is not allowed.

    References:
        Chen, Rubanova, Bettencourt & Duvenaud (2018), Neural Ordinary Differential Equations, arXiv:1806.07366.
        Grathwohl, Chen, Bettencourt, Sutskever & Duvenaud (2019), FFJORD, arXiv:1810.01367 (the random estimate).

    Example:
        >>> flow(continuous(hidden=(32,)), affine())
    """
    return ContinuousMap(size, hidden, activation, tolerance, trace)
