"""The form that every univariate transform has, and what they do outside the box they bend on."""

from __future__ import annotations

from ..backend import tf

# Share of the identity in every map that has no inverse in closed form: slopes have a lower bound, so roots are sharp.
IDENTITY_SHARE = 0.01


class Transform:
    """An increasing map of the line, with `params` parameters that a conditioner gives for every value.

    Shapes:
        theta `[params, d, n]`, values `[d, n]`; both methods return the mapped values and the log-derivative of the
        direction that was computed, each `[d, n]`.
    """

    params: int
    # Long arithmetic, of which it matters how often XLA does it.
    costly = False
    # Length of the circle that the values lie on; None on the line.
    period: float | None = None
    # Parameters at which the map is the identity, or near it, `[params]`.
    identity: tuple[float, ...]

    def forward(self, theta, z):
        raise NotImplementedError

    def inverse(self, theta, x):
        raise NotImplementedError


def clamp(value, box: float):
    """Which values are inside the box, and the values with 0 for those outside.

    Values outside take part in no arithmetic, so that nothing overflows there, and no gradient is NaN.
    """
    inside = tf.abs(value) < box
    return inside, tf.where(inside, value, tf.zeros_like(value))


def join(inside, value, result, log_slope):
    """What was computed inside, and the identity outside."""
    return tf.where(inside, result, value), tf.where(inside, log_slope, tf.zeros_like(value))


def join_straight(inside, value, result, log_slope, box: float, log_slopes):
    """What was computed inside, and straight on outside, from the corners (-box, -box) and (box, box).

    `log_slopes` are those at the lower and at the upper corner, `[d, n]` each, in the direction computed.
    """
    outer = tf.where(value < 0.0, *log_slopes)
    corner = tf.sign(value) * box
    beyond = tf.where(inside, tf.zeros_like(value), value - corner)
    return tf.where(inside, result, corner + beyond * tf.exp(outer)), tf.where(inside, log_slope, outer)


def with_identity(curve, identity):
    """A curve mixed with the identity, or its slope with 1."""
    return (1.0 - IDENTITY_SHARE) * curve + IDENTITY_SHARE * identity
