"""Presets that are named after their univariate transform."""

from __future__ import annotations

import math

from ..checks import Columns, Number, Whole
from ..composition import invert
from ..spec import flow, register
from .autoregressive import autoregressive
from .circles import circle, periodic
from .conditioned import common_args
from .coupling import coupling
from .presets import CONDITIONER, SPLINE_CHECKS, stacked

NCSF_CHECKS = {key: check for key, check in SPLINE_CHECKS.items() if key not in ("box", "batch_norm")}
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
    permutation="mixed",
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
        {permutation}

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
    permutation="mixed",
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
        {permutation}

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
    permutation="mixed",
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
        {permutation}

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


@register(
    group="preset",
    conditioner=CONDITIONER,
    **NCSF_CHECKS,
    length=Number(null=True, min=0, open=True),
    low=Number(),
    columns=Columns(null=True),
)
@common_args
def ncsf(
    layers=3,
    conditioner="autoregressive",
    hidden=(64, 64),
    activation="relu",
    residual=False,
    bins=8,
    permutation="mixed",
    length=2.0 * math.pi,
    low=0.0,
    columns=None,
):
    """Neural circular spline flow: for angles, directions, phases.

    Layers of circular splines, which turn the circle and bend it with the same slope at both ends; their networks see
    cosine and sine of the other angles, so that densities and conditional densities are continuous across the seam.
    Data are taken modulo `length`, and draws lie in [low, low + length); see `periodic`, which is the last layer. The
    density takes one pass of each layer's network, at about the cost of `nsf`.

    In a table with other columns besides, `columns` says which ones lie on a circle, or leave that to the argument
    `support` of `fit` (`length = None`). The layers then bend the others too, each as a line that is closed far out:
    what the density of the circles depends on is continuous everywhere, and the tails of the others are those of the
    normal base.

    Args:
        layers: number of layers, a whole number >= 1.
        conditioner: "autoregressive" (better densities) or "coupling" (sampling in one pass).
        {network}
        bins: pieces of each spline, a whole number from 2 to 200.
        {permutation}
        length: the length of the circle, > 0, in the unit of the columns: 2 pi for radians, 360 for degrees. None: no
            column is put on a circle by the flow itself.
        low: where draws begin.
        columns: which columns lie on the circle, by index from 0 or by name; None: all.

    Shapes:
        x `[n, d]`, any d >= 1, context `[n, c]`.

    Raises:
        ArgumentError: an argument is not allowed, or the flow is not at the data end.

    References:
        Rezende, Papamakarios, Racanière et al. (2020), Normalizing Flows on Tori and Spheres, arXiv:2002.02428.

    Example:
        >>> ncsf(layers=2, bins=6, length=360)
    """
    make = autoregressive if conditioner == "autoregressive" else coupling
    layer = make("circular_spline", hidden, activation, residual, bins, math.pi)
    inner = flow(circle(), stacked(layer, layers, False, permutation), invert(circle()))
    return inner if length is None else flow(inner, periodic(length, low, columns))
