"""The map between the normal and the logistic distribution, exact in both tails.

`u = logit(Phi(z))`, with Phi the normal distribution function. Probabilities far out are too small for any number, so
all is done with their logarithms, and with Mills' ratio `m(z) = (1 - Phi(z)) / phi(z)`, which behaves like 1 / z.
"""

from __future__ import annotations

import math

from .backend import tf, tfm
from .roots import with_gradient_of

LOG_ROOT_TAU = 0.5 * math.log(2.0 * math.pi)
# Steps of Newton's method, which comes from above: they reach the precision of float64, tested for |u| up to 1e6.
TURNS = 8


def normal_from_logistic(u):
    """z with `Phi(z) = sigmoid(u)`, and log dz/du."""
    size = tf.abs(u)
    tail = tf.math.log_sigmoid(-size)
    z = tf.sign(u) * _upper_quantile(tf.stop_gradient(tail))
    log_slope = tf.math.log_sigmoid(tf.stop_gradient(size)) + log_mills(tf.stop_gradient(tf.abs(z)))
    z = with_gradient_of(u * tf.exp(log_slope), z)
    return z, tf.math.log_sigmoid(size) + log_mills(tf.abs(z))


def logistic_from_normal(z):
    """u with `sigmoid(u) = Phi(z)`, and log du/dz."""
    tail = log_tail(tf.abs(z))
    size = tf.math.log1p(-tf.exp(tail)) - tail
    log_slope = -tf.math.log_sigmoid(tf.stop_gradient(size)) - log_mills(tf.stop_gradient(tf.abs(z)))
    u = with_gradient_of(z * tf.exp(log_slope), tf.sign(z) * size)
    return u, -tf.math.log_sigmoid(size) - log_mills(tf.abs(z))


def log_mills(z):
    """The log of Mills' ratio at z >= 0."""
    return tfm.logerfcx(z * math.sqrt(0.5)) + 0.5 * math.log(0.5 * math.pi)


def log_tail(z):
    """`log(1 - Phi(z))` at z >= 0."""
    return log_mills(z) - 0.5 * z * z - LOG_ROOT_TAU


def _upper_quantile(tail):
    """The z >= 0 with `log(1 - Phi(z)) = tail`, tail <= log(1/2)."""
    # 1 - Phi(z) <= exp(-z^2 / 2) / 2, so this start is never too small; and the log of the tail is concave, so that
    # Newton's steps from there never go too far.
    start = tf.sqrt(2.0 * tf.nn.relu(-tail - math.log(2.0)))

    def step(turn, z):
        return turn + 1, tf.nn.relu(z + (log_tail(z) - tail) * tf.exp(log_mills(z)))

    return tf.while_loop(lambda turn, _: turn < TURNS, step, (0, start), maximum_iterations=TURNS)[1]
