"""Radial layers: towards a point, or away from it."""

from __future__ import annotations

from ..backend import tf
from ..maps import Map, Size, Weight, constant, softplus_inverse
from ..spec import register
from .parameters import NETWORK_CHECKS, Parameters, above_minus_one

SMALLEST_RADIUS = 1e-3


class RadialMap(Map):
    """`z = x + beta (x - c) / (alpha + |x - c|)`, with alpha > 0 and beta > -alpha."""

    def __init__(self, size: Size, hidden, activation: str):
        d = size.event
        own = {
            "center": Weight((d,), lambda rng: rng.standard_normal(d)),
            "radius": constant(softplus_inverse(1.0 - SMALLEST_RADIUS), (1,)),
            "strength": constant(0.0, (1,)),
        }
        self.event = d
        self.parameters = Parameters(size, own, hidden, activation)
        self.weights = self.parameters.weights

    def _parts(self, weights, context):
        """The centre `[d, n]`, alpha and beta `[1, n]`."""
        parts = self.parameters(weights, context)
        alpha = tf.math.softplus(parts["radius"]) + SMALLEST_RADIUS
        return parts["center"], alpha, alpha * above_minus_one(parts["strength"])

    def inverse(self, weights, x, context=None):
        center, alpha, beta = self._parts(weights, context)
        r = _length(x - center)
        return x + beta * (x - center) / (alpha + r), self._log_det(r, alpha, beta)

    def forward(self, weights, z, context=None):
        center, alpha, beta = self._parts(weights, context)
        # |z - c| = r (1 + beta / (alpha + r)) is a quadratic equation of r; of its two forms, the one that does not
        # cancel.
        length = _length(z - center)
        half = 0.5 * (length - alpha - beta)
        root = tf.sqrt(half * half + alpha * length)
        r = tf.where(half > 0.0, half + root, alpha * length / (root + tf.abs(half)))
        shrink = (alpha + r) / (alpha + r + beta)
        return center + (z - center) * shrink, -self._log_det(r, alpha, beta)

    def _log_det(self, r, alpha, beta):
        # d - 1 times the slope across, and the slope along the ray.
        across, along = tf.math.log1p(beta / (alpha + r)), tf.math.log1p(alpha * beta / tf.square(alpha + r))
        return ((self.event - 1) * across + along)[0]


def _length(x):
    """The length of each column, `[1, n]`; its gradient is zero, and not NaN, where the length is."""
    squared = tf.reduce_sum(tf.square(x), 0, keepdims=True)
    zero = tf.equal(squared, 0.0)
    return tf.where(zero, tf.zeros_like(squared), tf.sqrt(tf.where(zero, tf.ones_like(squared), squared)))


@register(**NETWORK_CHECKS)
def radial(size: Size, hidden=(32,), activation="tanh"):
    """Radial layer: pulls towards a point, or pushes away from it.

    `z = x + beta (x - c) / (alpha + |x - c|)` in the direction data -> base, with `beta > -0.999 alpha`, for which it
    is invertible. Both directions are in closed form (sampling solves a quadratic equation for `|x - c|`) and cost
    O(d) a row. One layer makes or fills one round hole; use tens of them. With a context, a network of it moves c,
    alpha and beta. It starts at the identity.

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
        >>> flow(radial(), radial(), radial())
    """
    return RadialMap(size, hidden, activation)
