"""What autoregressive and coupling layers have in common: the arguments of their networks and transforms."""

from __future__ import annotations

from collections.abc import Callable

from ..checks import Choice, Flag, Number, Whole, WholeList
from ..errors import ArgumentError
from ..networks import ACTIVATIONS
from ..transforms import TRANSFORMS, Transform

CHECKS = {
    "transform": Choice(values=tuple(TRANSFORMS)),
    "hidden": WholeList(min=1),
    "activation": Choice(values=ACTIVATIONS),
    "residual": Flag(),
    "bins": Whole(min=2, max=200),
    "box": Number(min=0, open=True),
}


def make_transform(transform: str, hidden: tuple[int, ...], residual: bool, bins: int, box: float) -> Transform:
    """The transform, after the checks that concern several arguments at once."""
    if residual and len(set(hidden)) > 1:
        raise ArgumentError(f"`residual` needs hidden layers of one size, not {hidden}.", argument="residual")
    return TRANSFORMS[transform](bins, box)


_TRANSFORM = """\
transform: what is done to each dimension: "affine" (shift and scale), "additive" (shift; preserves volume) or
            "rq_spline" (rational-quadratic spline: the most flexible, several times the cost).
        """
_NETWORK = """\
hidden: units of each hidden layer of the networks, whole numbers >= 1.
        activation: activation of the hidden units.
        residual: each hidden layer after the first adds to its input; needs layers of one size.
        bins: pieces of a spline, a whole number from 2 to 200; other transforms ignore it.
        box: half-width of the interval around 0 on which a spline bends, in units of the layer's input (standard
            deviations, near enough, if the data are standardised); outside it is the identity. Other transforms
            ignore it."""


def common_args(function: Callable) -> Callable:
    """Put the descriptions of the common arguments where the docstring says `{common}`."""
    doc = function.__doc__.replace("{common}", _TRANSFORM + _NETWORK)
    function.__doc__ = doc.replace("{common without transform}", _NETWORK)
    return function
