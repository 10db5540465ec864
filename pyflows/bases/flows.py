"""A mixture of flows."""

from __future__ import annotations

import functools

import numpy as np

from .. import noise
from ..backend import tf, tfd
from ..chain import Chain
from ..checks import Whole
from ..errors import ArgumentError
from ..flow_checks import FlowArg
from ..maps import Map, Size, Weight, column
from ..spec import Flow, make_node, register
from .base import Base
from .build import build_base
from .mixture import categorical, draw_components, logit_weights, logits_of

# Components that start alike get the same gradients and stay alike: each is shifted, at random with this sd.
SPREAD = 0.5


class ShiftedChain(Chain):
    """The layers of a flow, and a shift after them."""

    def __init__(self, flow: Flow, size: Size):
        super().__init__(flow, size, "layers")
        start = Weight((size.event,), lambda rng: SPREAD * rng.standard_normal(size.event))
        self.weights = {**self.weights, "shift": start}

    def forward(self, weights, z, context=None):
        x, log_det = super().forward(weights, z, context)
        return x + column(weights["shift"]), log_det

    def inverse(self, weights, x, context=None):
        return super().inverse(weights, x - column(weights["shift"]), context)


class FlowsBase(Base):
    """Components differ in the values of their weights only, so that there is one map and one base for all."""

    reparameterized = False

    def __init__(self, size: Size, flow: Flow, components: int):
        self.size, self.components = size, components
        self.map: Map = ShiftedChain(flow, size)
        self.base = build_base(flow.base, size)
        if any(not name.endswith(f"/{noise.NAME}") for name in self.map.updated):
            raise ArgumentError(
                "`flow` holds batch normalisation, whose moments would be those of all components together.",
                argument="flow",
                hint="Use actnorm, or none.",
            )
        own = {**self.map.weights, **{f"base/{key}": weight for key, weight in self.base.weights.items()}}
        self.weights = logit_weights(components)
        self.weights |= {f"flows/{i}/{key}": weight for i in range(components) for key, weight in own.items()}
        self.conditional = size.context > 0
        self.jit_compilable = self.map.jit_compilable and self.base.jit_compilable

    def log_prob(self, weights, z, context=None):
        shares = tf.math.log_softmax(logits_of(weights, self.size.dtype))
        parts = [shares[i] + self._log_prob(weights, i, z, context) for i in range(self.components)]
        return tf.reduce_logsumexp(tf.stack(parts), 0)

    def _log_prob(self, weights, i: int, x, context):
        z, log_det = self.map.inverse(_of(f"flows/{i}/", self.map, weights), x, context)
        return self.base.log_prob(_of(f"flows/{i}/base/", self.base, weights), z, context) + log_det

    def sample(self, weights, n, rng, context=None):
        which = draw_components(weights, n, rng)
        out = np.empty((n, self.size.event), self.size.dtype)
        for i in range(self.components):
            rows = np.flatnonzero(which == i)
            if not rows.size:
                continue
            given = [] if context is None else [context[rows]]
            z = self.base.sample(_of(f"flows/{i}/base/", self.base, weights), len(rows), rng, *given)
            out[rows] = self._forward(_of(f"flows/{i}/", self.map, weights), z, *given).numpy()
        return out

    @functools.cached_property
    def _forward(self):
        """Base -> data of one component, in rows; traced once."""

        def run(weights, z, context=None):
            context = None if context is None else tf.transpose(context)
            return tf.transpose(self.map.forward(weights, tf.transpose(z), context)[0])

        size = self.size
        run.__qualname__ = "pyflows.component"
        widths = [size.event, size.context] if size.context else [size.event]
        weights = {key: tf.TensorSpec(weight.shape, size.dtype) for key, weight in self.map.weights.items()}
        rows = [tf.TensorSpec([None, width], size.dtype) for width in widths]
        return tf.function(run, input_signature=[weights, *rows], autograph=False)

    def distribution(self, weights, context=None):
        from ..bijectors.from_map import MapBijector  # defining the class imports TensorFlow

        batched = context is not None and context.shape.rank > 1
        components = []
        for i in range(self.components):
            base = self.base.distribution(_of(f"flows/{i}/base/", self.base, weights), context)
            if batched and base.batch_shape.rank == 0:
                base = tfd.BatchBroadcast(base, with_shape=tf.shape(context)[:-1])
            own = MapBijector(self.map, _of(f"flows/{i}/", self.map, weights), context, name=f"flow_{i}")
            components.append(tfd.TransformedDistribution(base, own, name=f"component_{i}"))
        return tfd.Mixture(categorical(weights, self.size.dtype, self.components, context), components)


def _of(prefix: str, part: Map | Base, weights: dict) -> dict:
    """The weights of a part, by their short names."""
    return {key: weights[f"{prefix}{key}"] for key in part.weights}


@register(group="base", flow=FlowArg(null=True, any_base=True), components=Whole(min=1))
def base_flows(size: Size, flow=None, components=2):
    """Mixture of flows as the base distribution.

    `p(z) = sum_j w_j p_j(z)` with learned shares w_j, where each component is the whole flow (its own base included)
    with weights of its own, and a learned shift, which starts at random (from the seed) so that components differ.
    For data in clusters of different shapes, where `base_mixture` would need many normals. The density costs that of
    `components` flows; a draw costs one. Layers over it are shared by all components; `mixture_of_flows` makes a flow
    of the mixture alone. Weights of layers inside do not start from the data, and `batch_norm` is refused.

    Args:
        flow: the flow that each component is; None takes `affine()`, which gives normals with any covariance.
        components: number of components, a whole number >= 1.

    Shapes:
        z `[n, d]` and context `[n, c]` as the flow takes them.

    Raises:
        ArgumentError: an argument is not allowed, or `flow` holds batch normalisation.

    References:
        Izmailov, Kirichenko, Finzi & Wilson (2020), Semi-Supervised Learning with Normalizing Flows,
        arXiv:1912.13025.

    Example:
        >>> flow(affine(), base=base_flows(maf(layers=2), components=3))
    """
    return FlowsBase(size, Flow((make_node("affine", {}),)) if flow is None else flow, components)
