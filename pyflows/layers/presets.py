"""Presets: recipes of layers under one name."""

from __future__ import annotations

from ..checks import Choice, Flag, Whole
from ..spec import Flow, flow, register
from . import normalisation
from .autoregressive import autoregressive
from .conditioned import CHECKS, TAILS, common_args
from .coupling import coupling
from .permutations import random_permute, reverse

PRESET_CHECKS = {
    "layers": Whole(min=1),
    **CHECKS,
    "batch_norm": Flag(),
    "permutation": Choice(values=("mixed", "reverse", "none")),
}
CONDITIONER = Choice(values=("autoregressive", "coupling"))
SPLINE_CHECKS = {key: check for key, check in PRESET_CHECKS.items() if key != "transform"}


def stacked(layer: Flow, layers: int, batch_norm: bool, permutation: str) -> Flow:
    """The layer again and again, with what belongs between."""
    step = flow(layer, *[normalisation.batch_norm()] * batch_norm)
    # Nothing comes after the last layer that a new order would help.
    return flow(step, *[part for i in range(layers - 1) for part in (*_between(i, permutation), step)])


def _between(i: int, permutation: str) -> list[Flow]:
    """The change of order after layer i.

    Reversing alone gives only two orders, and for coupling layers two groups. Measured on held-out data, orders
    drawn at random in between are worth a nat on 36 columns and two on 64, and cost less than a tenth on few. Drawn
    orders alone cost more than that on six columns; coupling layers gain half as much again by them on 36.
    """
    if permutation == "none":
        return []
    return [random_permute(seed=i, derange=True) if permutation == "mixed" and i % 2 else reverse()]


@register(group="preset", **PRESET_CHECKS)
@common_args
def maf(
    layers=5,
    transform="affine",
    hidden=(64, 64),
    activation="relu",
    residual=False,
    bins=8,
    box=5.0,
    batch_norm=False,
    permutation="mixed",
):
    """Masked autoregressive flow: the first choice for densities of tables.

    `layers` autoregressive layers with another order of the columns in each. The density takes one pass of each
    layer's network, sampling a few passes (each weight is used once, in the order of the dimensions).

    Args:
        layers: number of autoregressive layers, a whole number >= 1.
        {common}
        batch_norm: put batch normalisation after each layer; helps stacks of ten layers or more.
        {permutation}

    Shapes:
        x `[n, d]`, any d >= 1, context `[n, c]`.

    Raises:
        ArgumentError: an argument is not allowed.

    References:
        Papamakarios, Pavlakou & Murray (2017), Masked Autoregressive Flow, arXiv:1705.07057.

    Example:
        >>> maf(layers=3, hidden=(32, 32))
    """
    layer = autoregressive(transform, hidden, activation, residual, bins, box, "density")
    return stacked(layer, layers, batch_norm, permutation)


@register(group="preset", **PRESET_CHECKS)
@common_args
def iaf(
    layers=5,
    transform="affine",
    hidden=(64, 64),
    activation="relu",
    residual=False,
    bins=8,
    box=5.0,
    batch_norm=False,
    permutation="mixed",
):
    """Inverse autoregressive flow: sampling in one pass.

    The mirror image of `maf`: sampling takes one pass of each layer's network, while the density of given data, and
    so every step of fitting to data, goes through the dimensions in order. Choose it where samples are drawn far
    more often than densities.

    Args:
        layers: number of autoregressive layers, a whole number >= 1.
        {common}
        batch_norm: put batch normalisation after each layer; helps stacks of ten layers or more.
        {permutation}

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
    layer = autoregressive(transform, hidden, activation, residual, bins, box, "sampling")
    return stacked(layer, layers, batch_norm, permutation)


@register(group="preset", **PRESET_CHECKS)
@common_args
def real_nvp(
    layers=8,
    transform="affine",
    hidden=(64, 64),
    activation="relu",
    residual=False,
    bins=8,
    box=5.0,
    batch_norm=False,
    permutation="mixed",
):
    """Real NVP: coupling layers, fast in both directions.

    `layers` coupling layers with the order of the columns changed between them, so that the halves change places and
    other columns meet. Density and sampling take one pass of each layer's network.

    Args:
        layers: number of coupling layers, a whole number >= 1; at least 3 to let all columns depend on each other.
        {common}
        batch_norm: put batch normalisation after each layer; helps stacks of ten layers or more.
        {permutation}

    Shapes:
        x `[n, d]`, any d >= 1, context `[n, c]`.

    Raises:
        ArgumentError: an argument is not allowed.

    References:
        Dinh, Sohl-Dickstein & Bengio (2016), Real NVP, arXiv:1605.08803.

    Example:
        >>> real_nvp(layers=6)
    """
    layer = coupling(transform, hidden, activation, residual, bins, box)
    return stacked(layer, layers, batch_norm, permutation)


@register(group="preset", conditioner=CONDITIONER, **SPLINE_CHECKS, tails=TAILS)
@common_args
def nsf(
    layers=3,
    conditioner="autoregressive",
    hidden=(64, 64),
    activation="relu",
    residual=False,
    bins=8,
    box=5.0,
    batch_norm=False,
    permutation="mixed",
    tails="identity",
):
    """Neural spline flow: rational-quadratic splines, for densities with gaps, corners and several modes.

    Each layer can bend every dimension in `bins` pieces, so that three layers reach what affine layers need ten for;
    a step costs about three times that of an affine layer.

    Args:
        layers: number of layers, a whole number >= 1.
        conditioner: "autoregressive" (better densities) or "coupling" (sampling in one pass).
        {common without transform}
        batch_norm: put batch normalisation after each layer; helps stacks of ten layers or more.
        {permutation}
        {tails}

    Shapes:
        x `[n, d]`, any d >= 1, context `[n, c]`.

    Raises:
        ArgumentError: an argument is not allowed.

    References:
        Durkan, Bekasov, Murray & Papamakarios (2019), Neural Spline Flows, arXiv:1906.04032.

    Example:
        >>> nsf(layers=2, bins=6)
    """
    make = autoregressive if conditioner == "autoregressive" else coupling
    layer = make("rq_spline", hidden, activation, residual, bins, box, tails=tails)
    return stacked(layer, layers, batch_norm, permutation)
