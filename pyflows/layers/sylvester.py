"""Sylvester layers: several bends at once."""

from __future__ import annotations

import numpy as np

from ..backend import tf
from ..checks import Whole
from ..maps import Map, Size, bounded, constant
from ..roots import solve
from ..spec import register
from .parameters import NETWORK_CHECKS, Parameters, above_minus_one
from .planar import bent
from .reflections import orthogonal, reflections

LOG_SCALE_BOUND = 3.0


class SylvesterMap(Map):
    """`z = x + Q A tanh(B Q^T x + b)`, Q with orthonormal columns, A and B upper-triangular with `a_ii b_ii > -1`."""

    sequential = "forward"

    def __init__(self, size: Size, rank: int, hidden, activation: str):
        d, m = size.event, min(rank, size.event)
        self.rank = m
        own = {name: constant(0.0, (m,)) for name in ("bend", "log_scale", "offset")}
        if m > 1:
            own |= {name: constant(0.0, (m * (m - 1) // 2,)) for name in ("outer", "inner")}
        diagonal = np.arange(m)
        upper = np.triu_indices(m, 1)
        self.places = np.stack([np.concatenate([diagonal, part]) for part in upper], 1).astype("int32")
        self.parameters = Parameters(size, own, hidden, activation)
        self.weights = dict(self.parameters.weights)
        if d > 1:
            self.weights["reflections"] = reflections(m, d)

    def _basis(self, weights, like):
        """Q `[d, m]`."""
        if "reflections" not in weights:
            return tf.ones([1, 1], like.dtype)
        return orthogonal(tf.convert_to_tensor(weights["reflections"]))[:, : self.rank]

    def _parts(self, weights, context):
        """The products a_ii b_ii and b_ii, b `[m, n]`, A and B `[m, m, n]`, all with n = 1 without a context."""
        parts = self.parameters(weights, context)
        bend, scale = above_minus_one(parts["bend"]), tf.exp(bounded(parts["log_scale"], LOG_SCALE_BOUND))
        outer = self._triangle(bend / scale, parts.get("outer"))
        return bend, scale, parts["offset"], outer, self._triangle(scale, parts.get("inner"))

    def _triangle(self, diagonal, upper):
        values = diagonal if upper is None else tf.concat([diagonal, upper], 0)
        return tf.scatter_nd(self.places, values, tf.stack([self.rank, self.rank, tf.shape(diagonal)[1]]))

    def _product(self, matrix, y):
        if self.parameters.network is None:
            return tf.matmul(matrix[..., 0], y)
        return tf.reduce_sum(matrix * y, 1)

    def inverse(self, weights, x, context=None):
        basis = self._basis(weights, x)
        bend, _, offset, outer, inner = self._parts(weights, context)
        t = tf.tanh(self._product(inner, tf.matmul(basis, x, transpose_a=True)) + offset)
        return x + tf.matmul(basis, self._product(outer, t)), _log_det(bend, t)

    def forward(self, weights, z, context=None):
        basis = self._basis(weights, z)
        bend, scale, offset, outer, inner = self._parts(weights, context)
        t = self._solve(bend, scale, offset, outer, inner, tf.matmul(basis, z, transpose_a=True))
        return z - tf.matmul(basis, self._product(outer, t)), -_log_det(bend, t)

    def _solve(self, bend, scale, offset, outer, inner, target):
        """The tanh `[m, n]` for which `y + A tanh(B y + b)` is the target: triangular, so from the last row up."""

        def step(k, y, t):
            i = self.rank - 1 - k
            # Of y and t the rows below i are known, and the others zero.
            shift = tf.reduce_sum(inner[i] * y, 0) + offset[i]
            rest = target[i] - tf.reduce_sum(outer[i] * t, 0)
            reach = tf.abs(bend[i] / scale[i])
            here = solve(bent, rest, rest - reach, rest + reach, (bend[i], shift, scale[i]))
            t_here = tf.tanh(scale[i] * here + shift)
            return k + 1, _put(y, i, here), _put(t, i, t_here)

        begin = (0, tf.zeros_like(target), tf.zeros_like(target))
        return tf.while_loop(lambda k, *_: k < self.rank, step, begin, maximum_iterations=self.rank)[2]


def _put(rows, i, row):
    return tf.tensor_scatter_nd_update(rows, [[i]], row[None])


def _log_det(bend, t):
    return tf.reduce_sum(tf.math.log1p(bend * (1.0 - t * t)), 0)


@register(rank=Whole(min=1), **NETWORK_CHECKS)
def sylvester(size: Size, rank=4, hidden=(32,), activation="tanh"):
    """Sylvester layer: bends along several directions at once.

    `z = x + Q A tanh(B Q^T x + b)` in the direction data -> base, with `rank` orthonormal columns Q (a product of
    Householder reflections) and upper-triangular A and B. Its log-determinant is `sum_i log(1 + a_ii b_ii (1 -
    tanh_i^2))`; with `a_ii b_ii > -0.999` the map is invertible. The density takes one pass, O(d rank) a row.
    Sampling solves `rank` increasing equations of a single number, one after the other, to the precision of the
    numbers. One layer does what about `rank` planar layers do. With a context, a network of it moves A, B and b. It
    starts at the identity.

    Args:
        rank: number of directions, a whole number >= 1; never more than d are used.
        hidden: units of each hidden layer of the network of the context, whole numbers >= 1; without a context
            there is none.
        activation: activation of its hidden units.

    Shapes:
        x `[n, d]`, any d >= 1, context `[n, c]`.

    Raises:
        ArgumentError: an argument is not allowed.

    References:
        van den Berg, Hasenclever, Tomczak & Welling (2018), Sylvester Normalizing Flows, arXiv:1803.05649 (there from
        base to data).

    Example:
        >>> flow(sylvester(rank=2), sylvester(rank=2))
    """
    return SylvesterMap(size, rank, hidden, activation)
