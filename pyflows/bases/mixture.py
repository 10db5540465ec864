"""A mixture of normals."""

from __future__ import annotations

import math

import numpy as np

from ..backend import tf, tfd, tfp_util
from ..checks import Whole
from ..maps import Size, Weight, bounded, constant
from ..spec import register
from ..transforms.affine import LOG_SCALE_BOUND
from .base import Base

# At the start the means have this standard deviation, and the components one that makes the whole mixture's 1.
SPREAD = 0.8
START_LOG_SCALE = 0.5 * math.log(1.0 - SPREAD**2)


class MixtureBase(Base):
    """`sum_j w_j N(means_j, diag(scales_j)^2)`."""

    reparameterized = False

    def __init__(self, size: Size, components: int):
        self.event, self.dtype = size.event, size.dtype
        shape = (components, size.event)
        self.components = components
        self.weights = {
            **logit_weights(components),
            "means": Weight(shape, lambda rng: SPREAD * rng.standard_normal(shape)),
            "log_scales": constant(START_LOG_SCALE / (1.0 + START_LOG_SCALE / LOG_SCALE_BOUND), shape),
        }

    def log_prob(self, weights, z, context=None):
        log_scales = _log_scales(weights["log_scales"])
        u = (z - weights["means"][:, :, None]) * tf.exp(-log_scales)[:, :, None]
        constants = tf.reduce_sum(log_scales, 1) + 0.5 * self.event * math.log(2.0 * math.pi)
        heights = tf.math.log_softmax(logits_of(weights, self.dtype)) - constants
        return tf.reduce_logsumexp(heights[:, None] - 0.5 * tf.reduce_sum(tf.square(u), 1), 0)

    def sample(self, weights, n, rng, context=None):
        which = draw_components(weights, n, rng)
        raw = weights["log_scales"]
        scales = np.exp(raw / (1.0 + np.abs(raw) / LOG_SCALE_BOUND))
        noise = rng.standard_normal((n, self.event), dtype=self.dtype)
        return weights["means"][which] + scales[which] * noise

    def distribution(self, weights, context=None):
        scales = tfp_util.DeferredTensor(weights["log_scales"], lambda raw: tf.exp(_log_scales(raw)))
        normals = tfd.Independent(tfd.Normal(weights["means"], scales), 1)
        return tfd.MixtureSameFamily(categorical(weights, self.dtype, self.components), normals)


def _log_scales(raw):
    # Bounded like the scales of layers: the likelihood of a component that shrinks onto one row has no bound.
    return bounded(raw, LOG_SCALE_BOUND)


def logit_weights(components: int) -> dict[str, Weight]:
    """The weight that the shares of components come from; as they add up to 1, the first has none."""
    return {"logits": constant(0.0, (components - 1,))} if components > 1 else {}


def logits_of(weights: dict, dtype: str):
    """Logits of all components; that of the first is 0."""
    first = tf.zeros([1], dtype)
    return tf.concat([first, tf.cast(weights["logits"], dtype)], 0) if "logits" in weights else first


def draw_components(weights: dict, n: int, rng: np.random.Generator) -> np.ndarray:
    """Numbers of components, `[n]`, drawn with their shares."""
    logits = logits_of(weights, "float64").numpy()
    shares = np.exp(logits - logits.max())
    return rng.choice(len(shares), n, p=shares / shares.sum())


def categorical(weights: dict, dtype: str, components: int, context=None):
    """The distribution of the number of the component, with the batch shape of a context `[..., c]`."""
    batch = [] if context is None else context.shape[:-1].as_list()

    def spread(rest):
        logits = logits_of({"logits": rest}, dtype)
        return logits if not batch else tf.broadcast_to(logits, tf.concat([tf.shape(context)[:-1], [components]], 0))

    rest = weights.get("logits", tf.zeros([0], dtype))
    return tfd.Categorical(logits=tfp_util.DeferredTensor(rest, spread, shape=[*batch, components]))


@register(group="base", components=Whole(min=1))
def base_mixture(size: Size, components=8):
    """Mixture of normals as the base distribution.

    `p(z) = sum_j w_j N(z; m_j, diag(s_j^2))` with learned weights, means and scales: for data in clusters, between
    which a flow over a single normal leaves bridges. The means start at random (from the seed), and the whole about
    as wide as a standard normal. Which component takes which cluster depends on that start: where it matters, compare
    a few seeds. A density costs as much as that of `components` normals.

    Args:
        components: number of normals, a whole number >= 1; a few more than there are clusters do no harm.

    Shapes:
        z `[n, d]`, any d >= 1.

    Raises:
        ArgumentError: `components` is not a whole number >= 1.

    References:
        Izmailov, Kirichenko, Finzi & Wilson (2020), Semi-Supervised Learning with Normalizing Flows,
        arXiv:1912.13025.

    Example:
        >>> flow(maf(layers=2), base=base_mixture(components=4))
    """
    return MixtureBase(size, components)
