"""Planar layers: a bend along one direction."""

from __future__ import annotations

import math

from ..backend import tf
from ..maps import Map, Size, Weight, constant
from ..roots import solve
from ..spec import register
from .parameters import NETWORK_CHECKS, Parameters, above_minus_one

# Added to the squared length of w where it divides: far below any length that occurs.
TINY = 1e-30


class PlanarMap(Map):
    """`z = x + u tanh(w^T x + b)`, with u corrected along w such that w^T u > -1."""

    def __init__(self, size: Size, hidden, activation: str):
        d = size.event
        own = {
            "direction": Weight((d,), lambda rng: rng.standard_normal(d) / math.sqrt(d)),
            "push": constant(0.0, (d,)),
            "offset": constant(0.0, (1,)),
        }
        self.parameters = Parameters(size, own, hidden, activation)
        self.weights = self.parameters.weights

    def _parts(self, weights, context):
        """w and u `[d, n]`, b and w^T u `[1, n]`."""
        parts = self.parameters(weights, context)
        w, u = parts["direction"], parts["push"]
        along = _dot(w, u)
        bend = above_minus_one(along)
        return w, u + (bend - along) * w / (_dot(w, w) + TINY), parts["offset"], bend

    def inverse(self, weights, x, context=None):
        w, u, b, bend = self._parts(weights, context)
        t = tf.tanh(_dot(w, x) + b)
        return x + u * t, tf.math.log1p(bend * (1.0 - t * t))[0]

    def forward(self, weights, z, context=None):
        w, u, b, bend = self._parts(weights, context)
        target = _dot(w, z)
        reach = tf.abs(bend)
        t = tf.tanh(solve(bent, target, target - reach, target + reach, (bend, b)) + b)
        return z - u * t, -tf.math.log1p(bend * (1.0 - t * t))[0]


def _dot(left, right):
    return tf.reduce_sum(left * right, 0, keepdims=True)


def bent(a, bend, shift, scale=1.0):
    """`a + bend / scale * tanh(scale * a + shift)` and its slope; increasing for bend > -1."""
    t = tf.tanh(scale * a + shift)
    return a + bend / scale * t, 1.0 + bend * (1.0 - t * t)


@register(**NETWORK_CHECKS)
def planar(size: Size, hidden=(32,), activation="tanh"):
    """Planar layer: pushes apart, or together, what lies on either side of a plane.

    `z = x + u tanh(w^T x + b)` in the direction data -> base, so that the density takes one pass with
    `log |det| = log(1 + u^T w (1 - tanh^2))`. Of u, the part along w is corrected so that `u^T w > -0.999`: then the
    map is invertible, and sampling solves one increasing equation of a single number for each row, in a bracket that
    holds its root, to the precision of the numbers. One layer bends very little; use tens of them (`planar_flow`).
    Both directions cost O(d) a row, and sampling the search for the root besides. With a context, a network of it
    moves u, w and b. It starts at the identity.

    Args:
        hidden: units of each hidden layer of the network of the context, whole numbers >= 1; without a context
            there is none.
        activation: activation of its hidden units.

    Shapes:
        x `[n, d]`, any d >= 1, context `[n, c]`.

    Raises:
        ArgumentError: an argument is not allowed.

    References:
        Rezende & Mohamed (2015), Variational Inference with Normalizing Flows, arXiv:1505.05770 (there from base to
        data; the condition for the inverse is in its appendix).

    Example:
        >>> flow(planar(), planar(), planar())
    """
    return PlanarMap(size, hidden, activation)
