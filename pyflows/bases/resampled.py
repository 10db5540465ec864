"""A normal of which draws are accepted or rejected by a learned rule."""

from __future__ import annotations

import math

import numpy as np

from ..backend import tf
from ..checks import Choice, Whole, WholeList
from ..maps import Size, bounded
from ..networks import ACTIVATIONS, Network
from ..spec import register
from .base import Base

# Logits of acceptance stay within these: at least 3 in 10,000 proposals are accepted wherever they fall.
LOGIT_BOUND = 8.0
# Nodes of the quadrature along each dimension, and points of the sequence that takes its place from d = 3 on.
NODES = {1: 401, 2: 64}
POINTS = 4096


class ResampledBase(Base):
    """Draws of a standard normal, each kept with probability a(z); the last of `steps` is kept in any case."""

    reparameterized = False

    def __init__(self, size: Size, steps: int, hidden, activation: str):
        self.event, self.dtype, self.steps = size.event, size.dtype, steps
        self.network = Network(size.event, 1, 0, 1, hidden, activation, False, (0.0,))
        self.weights = self.network.weights
        points, log_shares = integration_points(size.event)
        self.points, self.log_shares = points.T.astype(size.dtype), log_shares.astype(size.dtype)

    def logits(self, weights, z):
        """Of the probability that z `[d, n]` is kept, `[n]`."""
        return bounded(self.network(weights, z)[0, 0], LOGIT_BOUND)

    def log_normalizer(self, weights):
        """log Z, Z being the share of proposals that are kept: the integral of `a(z) N(z)`."""
        log_kept = tf.math.log_sigmoid(self.logits(weights, tf.constant(self.points)))
        return tf.reduce_logsumexp(log_kept + tf.constant(self.log_shares))

    def log_prob(self, weights, z, context=None):
        log_z = self.log_normalizer(weights)
        # The chance that all but the last proposal are rejected, and the last one is kept whatever it is.
        log_last = (self.steps - 1.0) * tf.math.log1p(-tf.exp(log_z))
        chosen = tf.math.log_sigmoid(self.logits(weights, z)) - log_z + tf.math.log(-tf.math.expm1(log_last))
        both = tf.stack([chosen, tf.broadcast_to(log_last, tf.shape(chosen))])
        normal = -0.5 * (tf.reduce_sum(tf.square(z), 0) + self.event * math.log(2.0 * math.pi))
        return normal + (tf.reduce_logsumexp(both, 0) if self.steps > 1 else tf.zeros_like(chosen))

    def sample(self, weights, n, rng, context=None):
        tensors = {name: tf.constant(value) for name, value in weights.items()}
        z = rng.standard_normal((n, self.event), dtype=self.dtype)
        waiting = np.arange(n)
        for _ in range(self.steps - 1):
            logits = self.logits(tensors, tf.constant(z[waiting].T)).numpy().astype(np.float64)
            waiting = waiting[rng.random(len(waiting)) >= 1.0 / (1.0 + np.exp(-logits))]
            if not len(waiting):
                break
            z[waiting] = rng.standard_normal((len(waiting), self.event), dtype=self.dtype)
        return z

    def distribution(self, weights, context=None):
        from .resampled_distribution import ResampledDistribution  # defining the class imports TensorFlow

        return ResampledDistribution(self, weights)


def integration_points(d: int) -> tuple[np.ndarray, np.ndarray]:
    """Points `[k, d]` and the logarithms of their shares `[k]`, for means over the standard normal: always the same.

    For d = 1 and 2 a midpoint rule, which for smooth functions is as exact as Gauss' (its error falls exponentially)
    and better for functions with steps; from d = 3 on a quasi-random sequence (Roberts' additive recurrence), mapped
    by the quantile function of the normal distribution, with the mirror image of each point.
    """
    if d in NODES:
        ends = 8.5 if d == 1 else 6.0
        axis = (np.arange(NODES[d]) + 0.5) / NODES[d] * 2.0 * ends - ends
        points = np.stack(np.meshgrid(*[axis] * d, indexing="ij"), -1).reshape(-1, d)
        log_shares = -0.5 * np.square(points).sum(1)
        return points, log_shares - np.log(np.exp(log_shares).sum())
    root = 2.0
    for _ in range(60):  # the positive root of x^(d + 1) = x + 1
        root = (1.0 + root) ** (1.0 / (d + 1.0))
    steps = root ** -np.arange(1.0, d + 1.0)
    uniform = np.mod(0.5 + np.outer(np.arange(1, POINTS // 2 + 1), steps), 1.0)
    half = tf.math.ndtri(tf.constant(np.clip(uniform, 1e-12, 1.0 - 1e-12))).numpy()
    return np.concatenate([half, -half]), np.full(POINTS, -math.log(POINTS))


@register(
    group="base",
    steps=Whole(min=1),
    hidden=WholeList(min=1),
    activation=Choice(values=ACTIVATIONS),
)
def base_resampled(size: Size, steps=100, hidden=(32, 32), activation="tanh"):
    """Normal base distribution with a learned rule that accepts or rejects its draws.

    A draw of the standard normal is kept with probability a(z), a network's; else another one is made, and the last of
    `steps` is kept whatever it is. The density is `p(z) = N(z) ((1 - c) a(z) / Z + c)`, with `c = (1 - Z)^(steps - 1)`
    and Z the share that is kept, the integral of `a(z) N(z)`: for data with holes, several modes or a ring, which
    layers over a normal can only stretch to. a lies within 0.0003 and 0.9997, and starts near 1/2, where p is the
    normal.

    Z is computed anew from the weights for each density, in training too, from points that are always the same, so that
    densities are reproducible: for d = 1 and 2 by a midpoint rule (401 and 64 x 64 points), from d = 3 on by a
    quasi-random set of 4096. Measured errors of log Z, for networks far from their start: below 1e-5 for d = 1, 1e-4
    for d = 2, and 0.01 for d = 3, 5 and 10. They enter all log-densities alike. A density costs the network at these
    points besides that of the rows; a draw about 1 / Z passes.

    Args:
        steps: how many draws there are at the most, a whole number >= 1 (1: the normal).
        hidden: units of each hidden layer of the network, whole numbers >= 1.
        activation: activation of the hidden units.

    Shapes:
        z `[n, d]`, any d >= 1.

    Raises:
        ArgumentError: an argument is not allowed.

    References:
        Stimper, Schoelkopf & Hernandez-Lobato (2022), Resampling Base Distributions of Normalizing Flows,
        arXiv:2110.15828.
        Bauer & Mnih (2019), Resampled Priors for Variational Autoencoders, arXiv:1810.11428.

    Example:
        >>> flow(real_nvp(layers=4), base=base_resampled(hidden=(16,)))
    """
    return ResampledBase(size, steps, hidden, activation)
