"""Coupling layers: some dimensions are transformed given the others, which stay as they are."""

from __future__ import annotations

import numpy as np

from ..backend import tf
from ..checks import Mask
from ..errors import ArgumentError
from ..maps import Map, Size, materialized
from ..networks import Network
from ..spec import register
from ..transforms import Transform
from .conditioned import CHECKS, TAILS, common_args, make_transform


class CouplingMap(Map):
    """Both directions take one pass of a network that sees the dimensions that stay."""

    def __init__(self, size: Size, transform: Transform, hidden, activation, residual, mask):
        d, stays = size.event, staying(mask, size.event)
        self.transform, self.kept = transform, int(stays.sum())
        # A single dimension is transformed by itself (given the context).
        hidden = hidden if self.kept or size.context else ()
        self.network = Network(
            self.kept,
            d - self.kept,
            size.context,
            transform.params,
            hidden,
            activation,
            residual,
            transform.identity,
            transform.period,
        )
        self.weights = self.network.weights
        order = np.argsort(~stays, kind="stable")
        self.order, self.back = order.astype("int32"), np.argsort(order).astype("int32")
        self.in_order = bool((order == np.arange(d)).all())

    def forward(self, weights, z, context=None):
        return self._run(self.transform.forward, weights, z, context)

    def inverse(self, weights, x, context=None):
        return self._run(self.transform.inverse, weights, x, context)

    def _run(self, apply, weights, value, context):
        if not self.in_order:
            value = tf.gather(value, self.order)
        kept, changed = value[: self.kept], value[self.kept :]
        changed, log_derivative = apply(self.network(weights, kept, context), changed)
        if self.transform.costly:
            changed = materialized(changed)
        result = tf.concat([kept, changed], 0)
        if not self.in_order:
            result = tf.gather(result, self.back)
        return result, tf.reduce_sum(log_derivative, 0)


def staying(mask, d: int) -> np.ndarray:
    """For each of d dimensions, does the mask leave it as it is."""
    if isinstance(mask, str):
        return np.arange(d) < d // 2 if mask == "half" else np.arange(d) % 2 == 1
    if len(mask) != d:
        raise ArgumentError(f"`mask` has {len(mask)} entries, but the data have {d} columns.", argument="mask")
    return np.array(mask, bool)


@register(**CHECKS, mask=Mask(), tails=TAILS)
@common_args
def coupling(
    size: Size,
    transform="affine",
    hidden=(64, 64),
    activation="relu",
    residual=False,
    bins=8,
    box=5.0,
    mask="half",
    tails="identity",
):
    """One coupling layer: a network of one half of the dimensions gives the other half its transform.

    `x_b = f(z_b; theta(z_a, context))` with an increasing function f, and `x_a = z_a`. Both directions take one pass
    of the network: sampling is as fast as the density. Each layer says less than an autoregressive one, so more of
    them are needed; put `reverse` or `permute` between them. It starts near the identity.

    Args:
        {common}
        mask: which dimensions stay: "half" (the first d // 2), "alternating" (the second, the fourth ...), or for each
            dimension a 1 if it stays and a 0 if it is changed; a mask of zeros changes all, given the context alone.
        {tails}

    Shapes:
        x `[n, d]`, any d >= 1 (d = 1 without context is an elementwise map), context `[n, c]`.

    Raises:
        ArgumentError: an argument is not allowed, `residual` with hidden layers of several sizes, or a mask that does
            not fit the number of columns.

    References:
        Dinh, Krueger & Bengio (2014), NICE, arXiv:1410.8516 (additive).
        Dinh, Sohl-Dickstein & Bengio (2016), Real NVP, arXiv:1605.08803 (affine).
        Durkan, Bekasov, Murray & Papamakarios (2019), Neural Spline Flows, arXiv:1906.04032 (rq_spline).

    Example:
        >>> flow(coupling(), reverse(), coupling())
    """
    transform = make_transform(transform, hidden, residual, bins, box, tails)
    return CouplingMap(size, transform, hidden, activation, residual, mask)
