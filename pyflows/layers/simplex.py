"""Compositions: positive parts of a whole."""

from __future__ import annotations

import math

import numpy as np

from ..backend import tf
from ..checks import Columns
from ..data import label, place
from ..errors import ArgumentError
from ..maps import Map, Size
from ..spec import register
from .columns import Some

# How far a row of shares may be from adding up to 1: what rounding to three digits does.
TOLERANCE = 1e-3


class SimplexMap(Map):
    """`x_i = exp(z_i) / (1 + sum_j exp(z_j))`, and the last part is what is left; it has no latent value."""

    outer = last = True

    def __init__(self, size: Size, columns):
        self.columns = Some(columns, size)
        if len(self.columns.index) < 2:
            raise ArgumentError(
                f"a composition needs at least 2 columns, and there is {len(self.columns.index)}.", argument="columns"
            )
        self.given = (self.columns.index[-1],)
        kept = [i for i in range(size.event) if i not in self.given]
        free = tuple(kept.index(i) for i in self.columns.index[:-1])
        self.free = Some(free, Size(size.event - 1))
        self.tiny = float(np.finfo(size.dtype).tiny)

    def forward(self, weights, z, context=None):
        free, others = self.free.take(z)
        logs = tf.nn.log_softmax(tf.concat([free, tf.zeros_like(free[:1])], 0), axis=0)
        return self.columns.put_back(tf.maximum(tf.exp(logs), self.tiny), others), tf.reduce_sum(logs, 0)

    def inverse(self, weights, x, context=None):
        parts, others = self.columns.take(x)
        inside = tf.maximum(parts, self.tiny)
        total = tf.reduce_sum(inside, 0)
        logs = tf.math.log(inside) - tf.math.log(total)
        outside = tf.reduce_any(tf.not_equal(inside, parts), 0) | (tf.abs(total - 1.0) > TOLERANCE)
        log_det = tf.where(outside, tf.constant(-math.inf, x.dtype), -tf.reduce_sum(logs, 0))
        return self.free.put_back(logs[:-1] - logs[-1:], others), log_det

    def check_data(self, x, columns):
        for i in self.columns.index:
            if (wrong := x[i] < self.tiny).any():
                count, row = int(wrong.sum()), int(np.argmax(wrong))
                values = f"{count} value{'s' * (count > 1)} <= 0"
                return f"column {label(i, columns)} has {values}, first in row {place(row)}; parts are > 0"
        total = x[self.columns.index].sum(0)
        if (wrong := np.abs(total - 1.0) > TOLERANCE).any():
            count, row = int(wrong.sum()), int(np.argmax(wrong))
            names = ", ".join(label(i, columns) for i in self.columns.index)
            return (
                f"the columns {names} do not add up to 1 in {count} "
                f"row{'s' * (count > 1)}, first in row {place(row)}, where they add up to {total[row]:g}"
            )
        return None


@register(columns=Columns(null=True))
def simplex(size: Size, columns=None):
    """Compositions: columns of positive parts that add up to 1 in each row.

    For shares of a budget, of votes, of minerals. `x_i = exp(z_i) / (1 + sum_j exp(z_j))`, and the last part is what is
    left, so that `z_i = log(x_i / x_last)`. It must be the last layer, or stand among others for supports. Of k parts,
    k - 1 are free: the flow before it has one column less than the data, that of the last part, and so have latent
    values. The density is with respect to the volume (Lebesgue measure) of all parts but one, which is the convention
    of the Dirichlet distribution; it does not depend on which part is last. Draws are positive and add up to 1, to
    rounding. Rows may be off by 0.001, as rounded data are, and are taken divided by their sum; where they are further
    off, or a part is 0 or less, the density is 0. Both directions cost next to nothing.

    Args:
        columns: which columns, two or more, by index from 0 or by name; None: all. The others stay as they are.

    Shapes:
        x `[n, d]`, d >= 2, latent values `[n, d - 1]`.

    Raises:
        ArgumentError: `columns` does not fit the data, or is a single one, or the layer is not at the data end.

    References:
        Aitchison (1982), The Statistical Analysis of Compositional Data, JRSS B 44(2),
        doi:10.1111/j.2517-6161.1982.tb01195.x.

    Example:
        >>> flow(maf(), simplex())
    """
    return SimplexMap(size, columns)
