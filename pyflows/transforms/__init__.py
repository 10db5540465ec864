"""Univariate transforms: what a conditioner does to each dimension. One family a file, all of one form."""

from __future__ import annotations

from collections.abc import Callable

from .affine import Additive, Affine
from .base import Transform
from .circular_spline import CircularSpline
from .lr_spline import LRSpline
from .monotonic_network import MonotonicNetwork
from .on_box import Bernstein, SOSPolynomial
from .rq_spline import RQSpline
from .sinh_arcsinh import SinhArcsinh
from .spline import LinearSpline, QuadraticSpline

# Each takes the options that conditioners offer (bins, box, tails), and uses those that concern it.
TRANSFORMS: dict[str, Callable[[int, float, str], Transform]] = {
    "affine": lambda bins, box, tails: Affine(),
    "additive": lambda bins, box, tails: Additive(),
    "rq_spline": RQSpline,
    "lr_spline": LRSpline,
    "quadratic_spline": QuadraticSpline,
    "linear_spline": LinearSpline,
    "circular_spline": lambda bins, box, tails: CircularSpline(bins, box),
    "sinh_arcsinh": lambda bins, box, tails: SinhArcsinh(),
    "bernstein": lambda bins, box, tails: Bernstein(bins, box),
    "sos_polynomial": lambda bins, box, tails: SOSPolynomial(bins, box),
    "monotonic_network": lambda bins, box, tails: MonotonicNetwork(bins),
}

__all__ = ["TRANSFORMS", "Transform"]
