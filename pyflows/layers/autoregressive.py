"""Autoregressive layers: each dimension is transformed given the ones before it."""

from __future__ import annotations

from .. import incremental
from ..backend import tf
from ..checks import Choice
from ..maps import Map, Size, materialized
from ..networks import MaskedNetwork
from ..spec import register
from ..transforms import Transform
from .conditioned import CHECKS, common_args, make_transform

FAST = ("density", "sampling")


class AutoregressiveMap(Map):
    """The direction whose conditions are its own input takes one pass; the other goes block by block."""

    def __init__(self, size: Size, transform: Transform, hidden, activation, residual, fast):
        self.transform, self.fast = transform, fast
        self.network = MaskedNetwork(
            size.event, size.context, transform.params, hidden, activation, residual, transform.identity
        )
        self.weights = self.network.weights
        self.sequential = "forward" if fast == "density" else "inverse"

    def forward(self, weights, z, context=None):
        run = self._one_pass if self.fast == "sampling" else self._block_by_block
        return run(self.transform.forward, weights, z, context)

    def inverse(self, weights, x, context=None):
        run = self._one_pass if self.fast == "density" else self._block_by_block
        return run(self.transform.inverse, weights, x, context)

    def _one_pass(self, apply, weights, value, context):
        result, log_derivative = apply(self.network(weights, value, context), value)
        if self.transform.costly:
            result = materialized(result)
        return result, tf.reduce_sum(log_derivative, 0)

    def _block_by_block(self, apply, weights, value, context):
        return incremental.invert(self.network, weights, value, context, apply)


@register(**CHECKS, fast=Choice(values=FAST))
@common_args
def autoregressive(
    size: Size,
    transform="affine",
    hidden=(64, 64),
    activation="relu",
    residual=False,
    bins=8,
    box=5.0,
    fast="density",
):
    """One autoregressive layer: a masked network gives each dimension its transform, given the dimensions before.

    `x_i = f(z_i; theta_i)` with an increasing function f, whose parameters theta_i come from a masked network
    (MADE) of x_1 ... x_(i-1) and the context. The density takes one pass of the network. Sampling goes through the
    dimensions in order, but uses each weight once, so that it costs a few passes and not d of them; with
    `fast = "sampling"` the network sees z instead of x, and it is the other way round. Put `reverse` or `permute`
    between layers. It starts near the identity.

    Args:
        {common}
        fast: which direction takes one pass: "density" (data -> base) or "sampling" (base -> data).

    Shapes:
        x `[n, d]`, any d >= 1 (d = 1 without context is an elementwise map), context `[n, c]`.

    Raises:
        ArgumentError: an argument is not allowed, or `residual` with hidden layers of several sizes.

    References:
        Germain, Gregor, Murray & Larochelle (2015), MADE, arXiv:1502.03509.
        Papamakarios, Pavlakou & Murray (2017), Masked Autoregressive Flow, arXiv:1705.07057.
        Durkan, Bekasov, Murray & Papamakarios (2019), Neural Spline Flows, arXiv:1906.04032 (rq_spline).

    Example:
        >>> autoregressive(hidden=(32, 32), activation="tanh")
    """
    transform = make_transform(transform, hidden, residual, bins, box)
    return AutoregressiveMap(size, transform, hidden, activation, residual, fast)
