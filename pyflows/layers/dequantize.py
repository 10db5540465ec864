"""Whole numbers as cells of the line."""

from __future__ import annotations

import math

import numpy as np

from .. import noise
from ..backend import tf
from ..checks import Choice, Columns, WholeList
from ..data import label, place
from ..maps import Map, Size, column, constant
from ..networks import Network
from ..seeds import NOISE, stream
from ..spec import register
from ..transforms.rq_spline import RQSpline
from .columns import Some

# Draws of the noise that the density of a row is computed from.
DRAWS = 16
BINS = 4
SMALLEST_SD = 1e-6


class DequantizeMap(Map):
    """`x = floor(y)`; back it is `y = x + u`, with noise u in training and in the density, and the middle otherwise."""

    outer = last = noisy = True
    updated = ("draw",)

    def __init__(self, size: Size, columns):
        self.columns = Some(columns, size)
        self.weights = {"draw": noise.counter()}
        # A Latin hypercube: one point in the middle of each of equal slices of each column, so that the mean over them
        # is a good one (for a single column it is the midpoint rule).
        rng = stream(NOISE, 0)
        self.points = (np.stack([rng.permutation(DRAWS) for _ in self.columns.index]) + 0.5) / DRAWS

    def forward(self, weights, z, context=None):
        chosen, others = self.columns.take(z)
        return self.columns.put_back(tf.floor(chosen), others), tf.zeros([], z.dtype)

    def inverse(self, weights, x, context=None):
        return self._filled(x, 0.5), tf.where(self.inside(x), tf.zeros_like(x[0]), tf.constant(-math.inf, x.dtype))

    def inverse_training(self, weights, x, context=None, row_weights=None):
        shape = tf.stack([len(self.columns.index), tf.shape(x)[1]])
        draws = tf.random.stateless_uniform(shape, noise.seed_of(weights["draw"]), dtype=x.dtype)
        u, log_density = self._noise(weights, x, context, draws)
        return self._filled(x, u), -log_density, {"draw": noise.following(weights["draw"])}

    def spread(self, weights, x, context=None):
        """`DRAWS` copies `[d, DRAWS n]` of all rows with noise, and minus the log-density of the noise."""
        count, n = tf.shape(self.points)[0], tf.shape(x)[1]
        points = tf.constant(self.points, x.dtype)
        draws = tf.reshape(tf.tile(points[:, :, None], [1, 1, n]), tf.stack([count, -1]))
        x, context = copies(x), None if context is None else copies(context)
        u, log_density = self._noise(weights, x, context, draws)
        return self._filled(x, u), -log_density

    def inside(self, x):
        """Which rows are whole numbers."""
        chosen = self.columns.take(x)[0]
        return tf.reduce_all(tf.equal(chosen, tf.floor(chosen)), 0)

    def check_data(self, x, columns):
        for i in self.columns.index:
            wrong = x[i] != np.floor(x[i])
            if wrong.any():
                count, row = int(wrong.sum()), int(np.argmax(wrong))
                are = "values that are not whole numbers" if count > 1 else "value that is not a whole number"
                return f"column {label(i, columns)} has {count} {are}, first {x[i][row]:g} in row {place(row)}"
        return None

    def _filled(self, x, u):
        """The values with noise added to the columns of whole numbers."""
        chosen, others = self.columns.take(x)
        return self.columns.put_back(tf.floor(chosen) + u, others)

    def _noise(self, weights, x, context, draws):
        """Noise from uniform draws in [0, 1), strictly between 0 and 1, and its log-density `[n]`."""
        return inner(draws), tf.zeros_like(x[0])


class VariationalMap(DequantizeMap):
    """Noise from a spline of uniform draws, whose parameters a network of the row gives."""

    def __init__(self, size: Size, columns, hidden):
        super().__init__(size, columns)
        self.spline = RQSpline(BINS, 0.5, "linear")
        self.network = Network(
            size.event,
            len(self.columns.index),
            size.context,
            self.spline.params,
            hidden,
            "relu",
            False,
            self.spline.identity,
        )
        shape = (size.event,)
        self.weights |= {
            "shift": constant(0.0, shape, trainable=False),
            "log_scale": constant(0.0, shape, trainable=False),
            **self.network.weights,
        }

    def start_from_data(self, x, row_weights):
        """What the network sees is standardised."""
        mean = np.average(x, axis=1, weights=row_weights)
        variance = np.average(np.square(x - mean[:, None]), axis=1, weights=row_weights)
        return {"shift": mean, "log_scale": np.log(np.maximum(np.sqrt(variance), SMALLEST_SD))}

    def _noise(self, weights, x, context, draws):
        seen = (x - column(weights["shift"])) * tf.exp(-column(weights["log_scale"]))
        u, log_slope = self.spline.forward(self.network(weights, seen, context), inner(draws) - 0.5)
        return inner(u + 0.5), -tf.reduce_sum(log_slope, 0)


def inner(u):
    """Not 0 and not 1, which would be at a bound, or in the next cell."""
    eps = float(np.finfo(u.dtype.as_numpy_dtype).eps)
    return tf.clip_by_value(u, eps, 1.0 - eps)


def copies(rows):
    """`DRAWS` copies of `[k, n]` side by side."""
    return tf.tile(rows, [1, DRAWS])


@register(method=Choice(values=("uniform", "variational")), columns=Columns(null=True), hidden=WholeList(min=1))
def dequantize(size: Size, method="uniform", columns=None, hidden=(32,)):
    """Columns of whole numbers (counts, scores, ages in years): `x = floor(y)`, with the flow a density of y.

    It must be the last layer. Each step of fitting adds new noise u between 0 and 1 to the data: "uniform", or
    "variational", whose density q(u | x) is learned along with the flow (a spline for each column, given the whole row
    and the context) and leaves the flow an easier, smooth density to fit. Draws are whole numbers. What is reported is
    no density but a probability, and **a lower bound** of it: `log_prob` is the logarithm of the mean of
    `p(x + u) / q(u | x)` over 16 draws of u that are spread evenly (a Latin hypercube, always the same one). On average
    over draws that is at most the flow's `log P(x)`, and near it unless there are many such columns (to the accuracy of
    16 points: a few thousandths of a nat where the density is steep within a cell); the loss in training is the looser
    bound with one draw.
    So `log_prob` costs 16 times what it does without, draws cost the same. Rows that are not whole numbers have
    probability 0. Latent values (`inverse`) are those of the middle of the cell. For counts put `positive` before it,
    or say so in the argument `support` of `fit`. Numbers above 10^5 need no noise, or dtype "float64".

    Args:
        method: where the noise comes from, "uniform" or "variational".
        columns: which columns, by index from 0 or by name; None: all. The others stay as they are.
        hidden: units of each hidden layer of the network of the variational noise, whole numbers >= 1.

    Shapes:
        x `[n, d]`, any d >= 1, context `[n, c]`.

    Raises:
        ArgumentError: an argument is not allowed, `columns` does not fit the data, or the layer is not the last.

    References:
        Theis, van den Oord & Bethge (2016), A note on the evaluation of generative models, arXiv:1511.01844 (uniform).
        Ho, Chen, Srinivas, Duan & Abbeel (2019), Flow++, arXiv:1902.00275 (variational).
        Burda, Grosse & Salakhutdinov (2016), Importance Weighted Autoencoders, arXiv:1509.00519 (the bound).

    Example:
        >>> flow(nsf(), positive(), dequantize())
    """
    return DequantizeMap(size, columns) if method == "uniform" else VariationalMap(size, columns, hidden)
