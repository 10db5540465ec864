"""Presets built on linear layers: NICE, and Glow for vectors."""

from __future__ import annotations

from ..checks import Whole
from ..spec import flow, register
from .conditioned import CHECKS, common_args
from .coupling import coupling
from .lu import lu
from .normalisation import actnorm
from .permutations import reverse

NICE_CHECKS = {"layers": Whole(min=1)} | {key: CHECKS[key] for key in ("hidden", "activation", "residual")}


@register(group="preset", **NICE_CHECKS)
def nice(layers=4, hidden=(64, 64), activation="relu", residual=False):
    """NICE: additive coupling layers and one scaling, the simplest flow that is fast in both directions.

    `layers` couplings shift one half of the columns by a network of the other half, with the order reversed between
    them; at the base end one `actnorm` scales each dimension. All rows share one log-determinant, so the flow can bend
    the data but not make them denser in one place than in another, except by the scaling. Choose it where that is
    known to hold, or where steps must be cheap; otherwise `real_nvp` says more at little more cost.

    Args:
        layers: number of coupling layers, a whole number >= 1; 4 as in the paper, and at least 3 to let all columns
            depend on each other.
        hidden: units of each hidden layer of the networks, whole numbers >= 1.
        activation: activation of the hidden units.
        residual: each hidden layer after the first adds to its input; needs layers of one size.

    Shapes:
        x `[n, d]`, any d >= 1, context `[n, c]`.

    Raises:
        ArgumentError: an argument is not allowed.

    References:
        Dinh, Krueger & Bengio (2014), NICE: Non-linear Independent Components Estimation, arXiv:1410.8516.

    Example:
        >>> nice(layers=4, hidden=(32, 32))
    """
    layer = coupling("additive", hidden, activation, residual)
    return flow(actnorm(), layer, *[reverse(), layer] * (layers - 1))


@register(group="preset", layers=Whole(min=1), **CHECKS)
@common_args
def glow(
    layers=6,
    transform="affine",
    hidden=(64, 64),
    activation="relu",
    residual=False,
    bins=8,
    box=5.0,
):
    """Glow for vectors: steps of a coupling, a learned linear mixing, and a learned scaling.

    Each of the `layers` steps is (base -> data) a coupling layer, a reversed order, the linear map of `lu` and
    `actnorm`, so that which dimensions go together is learned, and not drawn as in `real_nvp`. The reversed order is
    the permutation P of `P L U`; it makes the halves change places while the linear maps, which start at the identity,
    have not learned yet. Density and sampling take one pass of each network, and a product or two solves with a d x d
    matrix. The scalings start from the data.

    Args:
        layers: number of steps, a whole number >= 1.
        {common}

    Shapes:
        x `[n, d]`, any d >= 1, context `[n, c]`.

    Raises:
        ArgumentError: an argument is not allowed.

    References:
        Kingma & Dhariwal (2018), Glow: Generative Flow with Invertible 1x1 Convolutions, arXiv:1807.03039.

    Example:
        >>> glow(layers=3, hidden=(32, 32))
    """
    step = [coupling(transform, hidden, activation, residual, bins, box), reverse(), lu(), actnorm()]
    return flow(*step * layers)
