"""Residual layers: a step that is short enough to be undone."""

from __future__ import annotations

import math

import numpy as np

from .. import noise
from ..backend import tf
from ..checks import Choice, Number, WholeList
from ..elimination import log_determinant, solve_systems
from ..maps import Map, Size
from ..roots import with_gradient_of
from ..smooth_networks import SMOOTH_ACTIVATIONS, SmoothNetwork
from ..spec import register

# The bound on spectral norms takes the 2^5-th power of a matrix: for 64 units it is at most 3.3 percent too large.
SQUARINGS = 5
TINY = 1e-30
LOG_DETS = ("auto", "exact", "roulette")
# From this many columns on, training steps take the random estimate. Measured on a busy machine, median ms of a step of
# 256 rows, exact against random, without XLA and with: d = 4: 2.3 / 5.2 and 2.4 / 8.5; d = 8: 8.0 / 9.1 and 2.3 / 5.3;
# d = 16: 21.6 / 7.2 and 15.3 / 15.0; d = 24: 65 / 12 and 26 / 7; d = 32: 82 / 7 and 111 / 14; d = 64: 521 / 4 without.
ROULETTE_FROM = 16
# Terms of the series that are always taken.
SURE_TERMS = 4
# The chance that there are more terms than are ever taken; what they would add is below the precision of the numbers.
NEGLIGIBLE = 1e-9

RESIDUAL_CHECKS = {
    "hidden": WholeList(min=1),
    "activation": Choice(values=SMOOTH_ACTIVATIONS),
    "lipschitz": Number(min=0, max=1, open=True),
    "log_det": Choice(values=LOG_DETS),
}


class ResidualMap(Map):
    """`z = x + g(x)` with a network g of Lipschitz constant below 1."""

    def __init__(self, size: Size, hidden, activation: str, lipschitz: float, log_det: str):
        self.lipschitz = lipschitz
        self.network = SmoothNetwork(size.event, size.context, hidden, activation)
        self.weights = self.network.weights
        self.limited = [name for name in self.weights if name.endswith("kernel") and name != "context/kernel"]
        if log_det == "roulette" or (log_det == "auto" and size.event >= ROULETTE_FROM):
            self.weights = {**self.weights, noise.NAME: noise.counter()}
            self.updated = (noise.NAME,)

    def _limited(self, weights):
        """The weights, the kernels so scaled that the product of their norms is at most the Lipschitz constant."""
        limit = self.lipschitz ** (1.0 / len(self.limited))
        scaled = {
            name: weights[name] * (limit / tf.maximum(spectral_bound(weights[name]), limit)) for name in self.limited
        }
        return {**weights, **scaled}

    def inverse(self, weights, x, context=None):
        value, jacobian = self.network.value_and_jacobian(self._limited(weights), x, context)
        return x + value, log_determinant(_plus_identity(jacobian))

    def inverse_training(self, weights, x, context=None, row_weights=None):
        if not self.updated:
            return super().inverse_training(weights, x, context, row_weights)
        draw = weights[noise.NAME]
        value, push = self.network.linearized(self._limited(weights), x, context)
        return x + value, self._roulette(push, x, draw), {noise.NAME: noise.following(draw)}

    def _roulette(self, push, x, draw):
        """An unbiased estimate of `log |det(I + J)| = sum_k (-1)^(k + 1) tr(J^k) / k` (Chen et al. 2019).

        Traces are `v^T J^k v` with random signs v. After the first terms each further one is taken with the chance
        `going`, given the one before, and divided by the chance that it is there. As the powers of J fall at least like
        those of the Lipschitz constant, the variance is finite.
        """
        going = max(self.lipschitz, 0.5)
        most = math.ceil(math.log(NEGLIGIBLE) / math.log(going))
        v = noise.signs(noise.seed_of(draw), x)
        u = tf.random.stateless_uniform([], noise.seed_of(draw, 1), dtype=x.dtype)
        # Chances are above 0 even where a uniform number is 0.
        more = tf.minimum(tf.cast(tf.math.log(1.0 - u) / math.log(going), tf.int32), most)

        def term(k, power, total, share):
            power = push(power)
            share = tf.where(k > SURE_TERMS, share * going, share)
            sign = tf.cast(1 - 2 * ((k + 1) % 2), x.dtype)
            here = sign / (tf.cast(k, x.dtype) * share) * tf.reduce_sum(v * power, 0)
            return k + 1, power, total + here, share

        begin = (1, v, tf.zeros_like(x[0]), tf.ones([], x.dtype))
        return tf.while_loop(lambda k, *_: k <= SURE_TERMS + more, term, begin, maximum_iterations=SURE_TERMS + most)[2]

    def forward(self, weights, z, context=None):
        weights = self._limited(weights)
        x = self._fixed_point(weights, z, context)
        # One step of Newton, of which only the gradient is kept: that of the implicit function theorem.
        value, jacobian = self.network.value_and_jacobian(weights, x, context)
        system = tf.stop_gradient(_plus_identity(jacobian))
        x = with_gradient_of(solve_systems(system, z - x - value), x)
        _, jacobian = self.network.value_and_jacobian(weights, x, context)
        return x, -log_determinant(_plus_identity(jacobian))

    def _fixed_point(self, weights, z, context):
        """The x with `x = z - g(x)`.

        Each turn brings x nearer by the factor of the Lipschitz constant at least, which gives the number of turns
        after which it is as near as rounding lets it be. Most often it is there much earlier.
        """
        epsilon = float(np.finfo(z.dtype.as_numpy_dtype).eps)
        turns = math.ceil(math.log(epsilon * (1.0 - self.lipschitz)) / math.log(self.lipschitz)) + 1
        weights = {name: tf.stop_gradient(weight) for name, weight in weights.items()}
        z, context = tf.stop_gradient(z), None if context is None else tf.stop_gradient(context)

        def moving(turn, x, change):
            # What is left of the way is at most change * lipschitz / (1 - lipschitz).
            return tf.reduce_any(change > epsilon * (1.0 + tf.abs(x)))

        def step(turn, x, change):
            new = z - self.network.value(weights, x, context)
            return turn + 1, new, tf.abs(new - x)

        begin = (0, z, tf.ones_like(z) * np.inf)
        return tf.while_loop(moving, step, begin, maximum_iterations=turns)[1]


def _plus_identity(jacobian):
    return jacobian + tf.eye(jacobian.shape[0], dtype=jacobian.dtype)[..., None]


def spectral_bound(matrix):
    """An upper bound on the largest singular value: never below it, and at most `rank^(1 / 128)` times as large.

    With `G = M M^T`, the 32nd power of the largest eigenvalue is at most the Frobenius norm of `G^32`, which takes five
    squarings. Unlike the estimate by power iteration it needs no memory of earlier steps, and is always valid.
    """
    wide = matrix.shape[0] <= matrix.shape[1]
    power = tf.matmul(matrix, matrix, transpose_a=not wide, transpose_b=wide)
    power, log_norm = _normalised(power)
    for _ in range(SQUARINGS):
        power, change = _normalised(tf.matmul(power, power))
        log_norm = 2.0 * log_norm + change
    return tf.exp(log_norm / 2.0 ** (SQUARINGS + 1))


def _normalised(matrix):
    """The matrix with Frobenius norm 1, and the log of what it was."""
    norm = tf.sqrt(tf.maximum(tf.reduce_sum(tf.square(matrix)), TINY))
    return matrix / norm, tf.math.log(norm)


@register(**RESIDUAL_CHECKS)
def residual(size: Size, hidden=(32, 32), activation="tanh", lipschitz=0.9, log_det="auto"):
    """Residual layer: every point makes a step, given by a network that is limited so that the map is invertible.

    `z = x + g(x; context)` in the direction data -> base, the Lipschitz constant of g with respect to x below
    `lipschitz` < 1: each kernel is divided by a bound on its spectral norm where that is too large. Nothing is masked
    and nothing is split: all dimensions move at once. The log-determinant of densities is exact: the whole Jacobian
    goes through the network, and d x d systems are eliminated, which costs d times a pass of the network and O(d^3) a
    row. For many columns, training steps alone take an unbiased random estimate instead, whose cost does not grow with
    d: a power series in the Jacobian, with random vectors for the traces, broken off at random (Russian roulette).
    Sampling is a fixed-point iteration that ends when nothing
    moves any more, after `log(precision) / log(lipschitz)` turns at the latest. It starts near the identity.

    Args:
        hidden: units of each hidden layer of g, whole numbers >= 1.
        activation: activation of the hidden units, smooth and of slope at most 1.
        lipschitz: bound on the Lipschitz constant of g, between 0 and 1. Slopes of the layer lie within 1 - lipschitz
            and 1 + lipschitz: near 1 a layer says more, and takes longer to sample.
        log_det: the log-determinant of training steps: "exact", "roulette" (the random estimate), or "auto", which
            takes the estimate from 16 columns on. What is reported is always exact.

    Shapes:
        x `[n, d]`, any d >= 1, context `[n, c]`.

    Raises:
        ArgumentError: an argument is not allowed.

    References:
        Behrmann, Grathwohl, Chen, Duvenaud & Jacobsen (2019), Invertible Residual Networks, arXiv:1811.00995.
        Chen, Behrmann, Duvenaud & Jacobsen (2019), Residual Flows for Invertible Generative Modeling, arXiv:1906.02735
        (the random estimate).

    Example:
        >>> flow(residual(), residual(), residual())
    """
    return ResidualMap(size, hidden, activation, lipschitz, log_det)
