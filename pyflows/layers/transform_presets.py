"""Presets that are named after their univariate transform."""

from __future__ import annotations

from ..checks import Choice, Whole
from ..spec import register
from .autoregressive import autoregressive
from .conditioned import common_args
from .coupling import coupling
from .presets import SPLINE_CHECKS, stacked

CONDITIONER = Choice(values=("autoregressive", "coupling"))
NAF_CHECKS = {key: check for key, check in SPLINE_CHECKS.items() if key not in ("bins", "box")}


@register(group="preset", **NAF_CHECKS, units=Whole(min=2, max=200))
@common_args
def naf(
    layers=3,
    hidden=(64, 64),
    activation="relu",
    residual=False,
    units=8,
    batch_norm=False,
    permutation="reverse",
):
    """Neural autoregressive flow: monotone networks whose weights come from a network.

    Autoregressive layers whose transform is the logit of a mixture of sigmoids ("monotonic_network", the deep sigmoidal
    flow with one hidden layer; depth comes from `layers`). The density is smooth and takes one pass of each layer's
    network, at about the cost of a spline. Sampling searches a root for each dimension: to float precision, but some
    ten times slower than the density; `nsf` samples faster.

    Args:
        layers: number of autoregressive layers, a whole number >= 1.
        {network}
        units: sigmoids in each mixture, a whole number from 2 to 200.
        batch_norm: put batch normalisation after each layer; helps stacks of ten layers or more.
        permutation: "reverse" reverses the order of the columns between layers, "none" keeps it.

    Shapes:
        x `[n, d]`, any d >= 1, context `[n, c]`.

    Raises:
        ArgumentError: an argument is not allowed.

    References:
        Huang, Krueger, Lacoste & Courville (2018), Neural Autoregressive Flows, arXiv:1804.00779.

    Example:
        >>> naf(layers=2, units=6)
    """
    layer = autoregressive("monotonic_network", hidden, activation, residual, bins=units)
    return stacked(layer, layers, batch_norm, permutation)


@register(group="preset", conditioner=CONDITIONER, **SPLINE_CHECKS)
@common_args
def bernstein_flow(
    layers=3,
    conditioner="autoregressive",
    hidden=(64, 64),
    activation="relu",
    residual=False,
    bins=8,
    box=5.0,
    batch_norm=False,
    permutation="reverse",
):
    """Bernstein flow: increasing Bernstein polynomials, smooth and slow to change.

    Each layer bends every dimension by a polynomial on the box, straight on outside. Of all polynomials these react
    least to noise in their coefficients; they have no corners, and need a high degree for gaps and narrow peaks. The
    density takes one pass of each layer's network; sampling searches roots, to float precision, and is slower.

    Args:
        layers: number of layers, a whole number >= 1.
        conditioner: "autoregressive" (better densities) or "coupling" (sampling in one pass).
        {network}
        bins: degree of the polynomials, a whole number from 2 to 200.
        {box}
        batch_norm: put batch normalisation after each layer; helps stacks of ten layers or more.
        permutation: "reverse" reverses the order of the columns between layers, "none" keeps it.

    Shapes:
        x `[n, d]`, any d >= 1, context `[n, c]`.

    Raises:
        ArgumentError: an argument is not allowed.

    References:
        Ramasinghe, Fernando, Khan & Barnes (2021), Robust normalizing flows using Bernstein-type polynomials,
        arXiv:2102.03509.

    Example:
        >>> bernstein_flow(layers=2, bins=12)
    """
    make = autoregressive if conditioner == "autoregressive" else coupling
    return stacked(make("bernstein", hidden, activation, residual, bins, box), layers, batch_norm, permutation)


@register(group="preset", conditioner=CONDITIONER, **SPLINE_CHECKS)
@common_args
def sos_flow(
    layers=3,
    conditioner="autoregressive",
    hidden=(64, 64),
    activation="relu",
    residual=False,
    bins=8,
    box=5.0,
    batch_norm=False,
    permutation="reverse",
):
    """Sum-of-squares polynomial flow.

    Each layer bends every dimension by the integral of a sum of squared polynomials on the box, straight on outside:
    any increasing polynomial, without a constraint on its coefficients. The density takes one pass of each layer's
    network; sampling searches roots, to float precision, and is slower.

    Args:
        layers: number of layers, a whole number >= 1.
        conditioner: "autoregressive" (better densities) or "coupling" (sampling in one pass).
        {network}
        bins: the polynomials have the smallest odd degree above this, a whole number from 2 to 200.
        {box}
        batch_norm: put batch normalisation after each layer; helps stacks of ten layers or more.
        permutation: "reverse" reverses the order of the columns between layers, "none" keeps it.

    Shapes:
        x `[n, d]`, any d >= 1, context `[n, c]`.

    Raises:
        ArgumentError: an argument is not allowed.

    References:
        Jaini, Selby & Yu (2019), Sum-of-Squares Polynomial Flow, arXiv:1905.02325.

    Example:
        >>> sos_flow(layers=2, bins=6)
    """
    make = autoregressive if conditioner == "autoregressive" else coupling
    return stacked(make("sos_polynomial", hidden, activation, residual, bins, box), layers, batch_norm, permutation)
