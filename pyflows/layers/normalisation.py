"""Maps that keep what flows between layers centred and scaled."""

from __future__ import annotations

import numpy as np

from ..backend import tf
from ..checks import Number
from ..maps import Map, Size, column, constant
from ..spec import register

SMALLEST_SD = 1e-6


class ScaleShiftMap(Map):
    """`x = z exp(log_scale) + shift`, started so that the data come out with mean 0 and sd 1."""

    def __init__(self, size: Size, trainable: bool = True):
        self.trainable = trainable
        self.weights = {
            "shift": constant(0.0, (size.event,), trainable),
            "log_scale": constant(0.0, (size.event,), trainable),
        }

    def forward(self, weights, z, context=None):
        log_scale = weights["log_scale"]
        return z * column(tf.exp(log_scale)) + column(weights["shift"]), tf.reduce_sum(log_scale)

    def inverse(self, weights, x, context=None):
        log_scale = weights["log_scale"]
        return (x - column(weights["shift"])) * column(tf.exp(-log_scale)), -tf.reduce_sum(log_scale)

    @property
    def starts_from_data(self):
        return self.trainable

    def start_from_data(self, x, row_weights):
        mean, variance = _moments(x, row_weights)
        return {"shift": mean, "log_scale": np.log(np.maximum(np.sqrt(variance), SMALLEST_SD))}


def _moments(x: np.ndarray, row_weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    mean = np.average(x, axis=1, weights=row_weights)
    return mean, np.average(np.square(x - mean[:, None]), axis=1, weights=row_weights)


@register()
def actnorm(size: Size):
    """Learnable shift and scale for each dimension, started from the data.

    `x = exp(s) z + b`. When fitting begins, b and s are set so that the training data leave the layer (data ->
    base) with mean 0 and standard deviation 1; from then on they are trained like all weights. Untrained, and when
    `fit_target` begins, it is the identity. Both directions cost next to nothing.

    Shapes:
        x `[n, d]`, any d >= 1; the log-determinant is the same for all rows.

    References:
        Kingma & Dhariwal (2018), Glow, arXiv:1807.03039.

    Example:
        >>> flow(autoregressive(), actnorm(), autoregressive())
    """
    return ScaleShiftMap(size)


class BatchNormMap(Map):
    """In training the moments of the batch, later their running means."""

    updated = ("mean", "variance")

    def __init__(self, size: Size, momentum: float, epsilon: float):
        self.momentum, self.epsilon = momentum, epsilon
        self.weights = {
            "shift": constant(0.0, (size.event,)),
            "log_scale": constant(0.0, (size.event,)),
            "mean": constant(0.0, (size.event,), trainable=False),
            "variance": constant(1.0 - epsilon, (size.event,), trainable=False),
        }

    def forward(self, weights, z, context=None):
        log_scale = self._log_scale(weights, weights["variance"])
        x = (z - column(weights["shift"])) * column(tf.exp(log_scale)) + column(weights["mean"])
        return x, tf.reduce_sum(log_scale)

    def inverse(self, weights, x, context=None):
        return self._inverse(weights, x, weights["mean"], weights["variance"])

    def inverse_training(self, weights, x, context=None, row_weights=None):
        total = tf.reduce_sum(row_weights)
        share = tf.math.divide_no_nan(row_weights, total)
        mean = tf.reduce_sum(x * share, 1)
        variance = tf.reduce_sum(tf.square(x - column(mean)) * share, 1)
        # A batch in which no row counts has no moments.
        mean = tf.where(total > 0, mean, weights["mean"])
        variance = tf.where(total > 0, variance, weights["variance"])
        keep = self.momentum
        updates = {
            "mean": keep * weights["mean"] + (1.0 - keep) * tf.stop_gradient(mean),
            "variance": keep * weights["variance"] + (1.0 - keep) * tf.stop_gradient(variance),
        }
        return (*self._inverse(weights, x, mean, variance), updates)

    def start_from_data(self, x, row_weights):
        mean, variance = _moments(x, row_weights)
        return {"mean": mean, "variance": variance}

    def _log_scale(self, weights, variance):
        return 0.5 * tf.math.log(variance + self.epsilon) - weights["log_scale"]

    def _inverse(self, weights, x, mean, variance):
        log_scale = self._log_scale(weights, variance)
        z = (x - column(mean)) * column(tf.exp(-log_scale)) + column(weights["shift"])
        return z, -tf.reduce_sum(log_scale)


@register(momentum=Number(min=0, max=1, open=True), epsilon=Number(min=0, open=True))
def batch_norm(size: Size, momentum=0.99, epsilon=1e-5):
    """Batch normalisation as an invertible layer, with learnable shift and scale.

    `z = exp(g) (x - m) / sqrt(v + epsilon) + b`. While training, m and v are the mean and variance of the batch;
    everywhere else they are running means of these, so that density and samples are those of one fixed map. It
    helps deep stacks (ten layers and more) to train; for a few layers `actnorm` does the same without noise.
    Untrained it is the identity; in `fit_target` it stays a shift and scale, as there are no data. Both directions cost
    next to nothing.

    Args:
        momentum: share of the old running mean that is kept at each step, between 0 and 1.
        epsilon: added to the variance, > 0, in squared units of the layer's input.

    Shapes:
        x `[n, d]`, any d >= 1; the log-determinant is the same for all rows.

    Raises:
        ArgumentError: `momentum` or `epsilon` is out of range.

    References:
        Papamakarios, Pavlakou & Murray (2017), Masked Autoregressive Flow, arXiv:1705.07057, appendix B.

    Example:
        >>> flow(autoregressive(), batch_norm(), reverse(), autoregressive())
    """
    return BatchNormMap(size, momentum, epsilon)
