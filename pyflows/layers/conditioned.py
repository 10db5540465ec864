"""What layers with univariate transforms have in common: the arguments of these and of the networks they come from."""

from __future__ import annotations

from collections.abc import Callable

from ..checks import Choice, Flag, Number, Whole, WholeList
from ..errors import ArgumentError
from ..networks import ACTIVATIONS
from ..transforms import TRANSFORMS, Transform

TAILS = Choice(values=("identity", "linear"))

CHECKS = {
    "transform": Choice(values=tuple(TRANSFORMS)),
    "hidden": WholeList(min=1),
    "activation": Choice(values=ACTIVATIONS),
    "residual": Flag(),
    "bins": Whole(min=2, max=200),
    "box": Number(min=0, open=True),
}


def make_transform(
    transform: str, hidden: tuple[int, ...], residual: bool, bins: int, box: float, tails: str = "identity"
) -> Transform:
    """The transform, after the checks that concern several arguments at once."""
    if residual and len(set(hidden)) > 1:
        raise ArgumentError(f"`residual` needs hidden layers of one size, not {hidden}.", argument="residual")
    return TRANSFORMS[transform](bins, box, tails)


_TRANSFORM = """\
transform: what is done to each dimension: "affine" (shift and scale), "additive" (shift; preserves volume),
            "sinh_arcsinh" (skewness and tail weight); splines on a box: "rq_spline" (rational-quadratic: the usual
            choice, several times the cost of "affine"), "lr_spline" (linear-rational: as flexible, without square
            roots), "quadratic_spline", "linear_spline" (the density jumps at knots), "circular_spline" (for data on
            a circle of length 2 * box, of which networks see cosine and sine); and those whose direction base -> data
            is searched as a root, and slower by an order of magnitude: "bernstein" and "sos_polynomial" (smooth
            polynomials on a box), "monotonic_network" (mixtures of sigmoids, smooth on the whole line).
        """
_NETWORK = """\
hidden: units of each hidden layer of the networks, whole numbers >= 1.
        activation: activation of the hidden units.
        residual: each hidden layer after the first adds to its input; needs layers of one size.
        """
_BINS = """\
bins: pieces of a spline, degree of a polynomial (the next odd one for "sos_polynomial") or units of a
            monotonic network, a whole number from 2 to 200 (for "quadratic_spline" from 3); other transforms
            ignore it.
        """
_PIECES = """\
bins: pieces of each spline, a whole number from 2 to 200.
        """
_BOX = """\
box: half-width of the interval around 0 on which a spline or polynomial bends, in units of the layer's input
            (standard deviations, near enough, if the data are standardised). Outside it splines are the identity, or
            what `tails` says where there is such an argument, and polynomials go straight on. Other transforms ignore
            it."""
_TAILS = """\
tails: what splines do outside the box: "identity", or "linear" (straight on with the slope at the border, which is
            then learned; for columns with tails heavier or lighter than the base's). Other transforms, and
            "circular_spline", ignore it."""
_PERMUTATION = """\
permutation: what happens to the order of the columns between layers: "mixed" reverses it and draws it at random,
            in turn (the same orders every time; two columns always change places), "reverse" only reverses it, "none"
            keeps it."""
_PARTS = {
    "{common}": _TRANSFORM + _NETWORK + _BINS + _BOX,
    "{common without transform}": _NETWORK + _PIECES + _BOX,
    "{network}": _NETWORK.rstrip(),
    "{box}": _BOX,
    "{tails}": _TAILS,
    "{permutation}": _PERMUTATION,
    "{transform}": _TRANSFORM + _BINS + _BOX,
}


def common_args(function: Callable) -> Callable:
    """Put the descriptions of common arguments where the docstring names them in braces."""
    for place, text in _PARTS.items():
        function.__doc__ = function.__doc__.replace(place, text)
    return function
