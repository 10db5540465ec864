"""Coupling layers: some dimensions are transformed given the others, which stay as they are."""

from __future__ import annotations

import copy

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
        self._place(np.argsort(~stays, kind="stable"))

    def forward(self, weights, z, context=None):
        return self._run(self.transform.forward, weights, z, context)

    def inverse(self, weights, x, context=None):
        return self._run(self.transform.inverse, weights, x, context)

    def reordered(self, order):
        twin = copy.copy(self)
        twin._place(np.asarray(order)[self.order])
        return twin

    def _place(self, order):
        """The network's inputs, and then the dimensions that it gives parameters to, are our dimensions `order`."""
        self.order = order
        # Both are taken as they stand in the data, and the network is told which is which.
        inputs, outputs = order[: self.kept], order[self.kept :]
        self.inputs, self.outputs = np.argsort(inputs), np.argsort(outputs)
        self.places = inputs[self.inputs], outputs[self.outputs]

    def _run(self, apply, weights, value, context):
        kept, changed = (_taken(value, places) for places in self.places)
        theta = self.network(weights, kept, context, self.inputs, self.outputs)
        changed, log_derivative = apply(theta, changed)
        if self.transform.costly:
            changed = materialized(changed)
        return _put_together((kept, changed), self.places), tf.reduce_sum(log_derivative, 0)


def _is_range(places) -> bool:
    return len(places) == 0 or places[-1] - places[0] == len(places) - 1


def _taken(value, places):
    """The dimensions at those places, which ascend."""
    if not _is_range(places):
        return tf.gather(value, places)
    begin = places[0] if len(places) else 0
    return value[begin : begin + len(places)]


def _put_together(parts, places):
    """The inverse of taking both parts."""
    if all(_is_range(some) for some in places) and len(places[0]) and len(places[1]):
        return tf.concat(parts if places[0][0] < places[1][0] else parts[::-1], 0)
    return tf.gather(tf.concat(parts, 0), np.argsort(np.concatenate(places)))


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
