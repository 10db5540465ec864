"""Autoregressive layers: each dimension is transformed given the ones before it."""

from __future__ import annotations

from .. import incremental
from ..backend import tf
from ..checks import Choice, Flag, Whole, WholeList
from ..errors import ArgumentError
from ..maps import Map, Size
from ..networks import ACTIVATIONS, MaskedNetwork
from ..spec import Flow, flow, register
from ..transforms import TRANSFORMS
from . import normalisation
from .permutations import reverse

FAST = ("density", "sampling")
CHECKS = {
    "transform": Choice(values=tuple(TRANSFORMS)),
    "hidden": WholeList(min=1),
    "activation": Choice(values=ACTIVATIONS),
    "residual": Flag(),
}


class AutoregressiveMap(Map):
    """The direction whose conditions are its own input takes one pass; the other goes block by block."""

    def __init__(self, size: Size, transform, hidden, activation, residual, fast):
        self.transform, self.fast = TRANSFORMS[transform](), fast
        self.network = MaskedNetwork(
            size.event, size.context, self.transform.params, hidden, activation, residual, self.transform.identity
        )
        self.weights = self.network.weights
        self.sequential = "forward" if fast == "density" else "inverse"

    def forward(self, weights, z, context=None):
        run = self._one_pass if self.fast == "sampling" else self._sequential
        return run(self.transform.forward, weights, z, context)

    def inverse(self, weights, x, context=None):
        run = self._one_pass if self.fast == "density" else self._sequential
        return run(self.transform.inverse, weights, x, context)

    def _one_pass(self, apply, weights, value, context):
        result, log_derivative = apply(self.network(weights, value, context), value)
        return result, tf.reduce_sum(log_derivative, 0)

    def _sequential(self, apply, weights, value, context):
        return incremental.invert(self.network, weights, value, context, apply)


@register(**CHECKS, fast=Choice(values=FAST))
def autoregressive(size: Size, transform="affine", hidden=(64, 64), activation="relu", residual=False, fast="density"):
    """One autoregressive layer: a masked network gives each dimension its transform, given the dimensions before.

    `x_i = f(z_i; theta_i)` with an increasing function f, whose parameters theta_i come from a masked network
    (MADE) of x_1 ... x_(i-1) and the context. The density takes one pass of the network, sampling d of them;
    with `fast = "sampling"` the network sees z instead of x, and it is the other way round. Put `reverse` or
    `permute` between layers. It starts near the identity.

    Args:
        transform: the function f: "affine" (shift and scale) or "additive" (shift; preserves volume).
        hidden: units of each hidden layer, whole numbers >= 1.
        activation: activation of the hidden units.
        residual: each hidden layer after the first adds to its input; needs layers of one size.
        fast: which direction takes one pass: "density" (data -> base) or "sampling" (base -> data).

    Shapes:
        x `[n, d]`, any d >= 1 (d = 1 without context is an elementwise map), context `[n, c]`.

    Raises:
        ArgumentError: an argument is not allowed, or `residual` with hidden layers of several sizes.

    References:
        Germain, Gregor, Murray & Larochelle (2015), MADE, arXiv:1502.03509.
        Papamakarios, Pavlakou & Murray (2017), Masked Autoregressive Flow, arXiv:1705.07057.

    Example:
        >>> autoregressive(hidden=(32, 32), activation="tanh")
    """
    if residual and len(set(hidden)) > 1:
        raise ArgumentError(f"`residual` needs hidden layers of one size, not {hidden}.", argument="residual")
    return AutoregressiveMap(size, transform, hidden, activation, residual, fast)


PRESET_CHECKS = {
    "layers": Whole(min=1),
    **CHECKS,
    "batch_norm": Flag(),
    "permutation": Choice(values=("reverse", "none")),
}


def _stack(fast, layers, transform, hidden, activation, residual, use_batch_norm, permutation):
    parts = [autoregressive(transform, hidden, activation, residual, fast)]
    parts += [normalisation.batch_norm()] * use_batch_norm + [reverse()] * (permutation == "reverse")
    stack = flow(*parts * layers)
    # Nothing comes after the last layer that a new order would help.
    return Flow(stack.layers[:-1], stack.base) if permutation == "reverse" else stack


@register(group="preset", **PRESET_CHECKS)
def maf(
    layers=5,
    transform="affine",
    hidden=(64, 64),
    activation="relu",
    residual=False,
    batch_norm=False,
    permutation="reverse",
):
    """Masked autoregressive flow: the first choice for densities of tables.

    `layers` autoregressive layers with the order of the columns reversed between them. The density takes one pass
    of each layer's network, sampling d passes.

    Args:
        layers: number of autoregressive layers, a whole number >= 1.
        transform: what each layer does to a dimension: "affine" or "additive".
        hidden: units of each hidden layer, whole numbers >= 1.
        activation: activation of the hidden units.
        residual: each hidden layer after the first adds to its input; needs layers of one size.
        batch_norm: put batch normalisation after each autoregressive layer; helps stacks of ten layers or more.
        permutation: "reverse" reverses the order between layers, "none" keeps it.

    Shapes:
        x `[n, d]`, any d >= 1, context `[n, c]`.

    Raises:
        ArgumentError: an argument is not allowed.

    References:
        Papamakarios, Pavlakou & Murray (2017), Masked Autoregressive Flow, arXiv:1705.07057.

    Example:
        >>> maf(layers=3, hidden=(32, 32))
    """
    return _stack("density", layers, transform, hidden, activation, residual, batch_norm, permutation)


@register(group="preset", **PRESET_CHECKS)
def iaf(
    layers=5,
    transform="affine",
    hidden=(64, 64),
    activation="relu",
    residual=False,
    batch_norm=False,
    permutation="reverse",
):
    """Inverse autoregressive flow: sampling in one pass.

    The mirror image of `maf`: sampling takes one pass of each layer's network, the density of given data d passes,
    and so does every step of fitting to data. Choose it where samples are drawn far more often than densities.

    Args:
        layers: number of autoregressive layers, a whole number >= 1.
        transform: what each layer does to a dimension: "affine" or "additive".
        hidden: units of each hidden layer, whole numbers >= 1.
        activation: activation of the hidden units.
        residual: each hidden layer after the first adds to its input; needs layers of one size.
        batch_norm: put batch normalisation after each autoregressive layer; helps stacks of ten layers or more.
        permutation: "reverse" reverses the order between layers, "none" keeps it.

    Shapes:
        x `[n, d]`, any d >= 1, context `[n, c]`.

    Raises:
        ArgumentError: an argument is not allowed.

    References:
        Kingma, Salimans, Jozefowicz, Chen, Sutskever & Welling (2016), Improved Variational Inference with Inverse
        Autoregressive Flow, arXiv:1606.04934.

    Example:
        >>> iaf(layers=3, hidden=(32, 32))
    """
    return _stack("sampling", layers, transform, hidden, activation, residual, batch_norm, permutation)
