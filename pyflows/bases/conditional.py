"""A normal whose mean and scale are functions of the context."""

from __future__ import annotations

import math

import numpy as np

from ..backend import tf, tfd, tfp_util
from ..checks import Choice, WholeList
from ..errors import ArgumentError
from ..maps import Size, bounded
from ..networks import ACTIVATIONS, Network
from ..spec import register
from ..transforms.affine import LOG_SCALE_BOUND
from .base import Base


class ConditionalBase(Base):
    conditional = True

    def __init__(self, size: Size, hidden: tuple[int, ...], activation: str):
        self.event, self.dtype = size.event, size.dtype
        self.network = Network(0, size.event, size.context, 2, hidden, activation, False, (0.0, 0.0))
        self.weights = self.network.weights

    def log_prob(self, weights, z, context=None):
        mean, log_scale = self._moments(weights, context)
        squares = tf.square((z - mean) * tf.exp(-log_scale))
        return -tf.reduce_sum(0.5 * squares + log_scale, 0) - 0.5 * self.event * math.log(2.0 * math.pi)

    def sample(self, weights, n, rng, context=None):
        noise = rng.standard_normal((n, self.event), dtype=self.dtype)
        tensors = {name: tf.constant(value) for name, value in weights.items()}
        mean, log_scale = (part.numpy().T for part in self._moments(tensors, tf.transpose(tf.constant(context))))
        return mean + np.exp(log_scale) * noise

    def distribution(self, weights, context=None):
        def part(give):
            def of_rows(context):
                columns = tf.transpose(tf.reshape(context, [-1, context.shape[-1]]))
                values = give(*self._moments(weights, columns))
                return tf.reshape(tf.transpose(values), tf.concat([tf.shape(context)[:-1], [self.event]], 0))

            shape = [*context.shape[:-1], self.event]
            return tfp_util.DeferredTensor(context, of_rows, shape=shape, also_track=list(weights.values()))

        mean = part(lambda mean, log_scale: mean)
        return tfd.Independent(tfd.Normal(mean, part(lambda mean, log_scale: tf.exp(log_scale))), 1)

    def _moments(self, weights, context):
        """Mean and log-scale, `[d, n]` each, for a context `[c, n]`."""
        nothing = tf.zeros(tf.stack([0, tf.shape(context)[1]]), context.dtype)
        mean, raw = tf.unstack(self.network(weights, nothing, context))
        return mean, bounded(raw, LOG_SCALE_BOUND)


@register(group="base", hidden=WholeList(min=1), activation=Choice(values=ACTIVATIONS))
def base_conditional(size: Size, hidden=(64, 64), activation="relu"):
    """Normal base distribution that moves with the context.

    d independent normals whose means and log-scales come from a network of the context (log-scales stay within 3 of
    0). It makes any flow conditional, even of layers that take no context, and takes the plain shift and scale with
    the context off the hands of those that do. It starts near the standard normal, and costs one pass of the network.

    Args:
        hidden: units of each hidden layer of the network, whole numbers >= 1.
        activation: activation of the hidden units.

    Shapes:
        z `[n, d]`, any d >= 1, context `[n, c]`, c >= 1.

    Raises:
        ArgumentError: an argument is not allowed, or the flow is built without a context.

    References:
        Winkler, Worrall, Hoogeboom & Welling (2019), Learning Likelihoods with Conditional Normalizing Flows,
        arXiv:1912.00042.

    Example:
        >>> flow(affine(), base=base_conditional(hidden=(32, 32)))
    """
    if not size.context:
        raise ArgumentError(
            "there is no context, and this base needs one.",
            argument="context",
            hint="Give `context`, or use another base, such as base_normal().",
        )
    return ConditionalBase(size, hidden, activation)
