"""Univariate transforms: what a conditioner does to each dimension. One family a file, all of one form."""

from __future__ import annotations

from collections.abc import Callable

from .affine import Additive, Affine
from .base import Transform
from .rq_spline import RQSpline

# Each takes the options that conditioners offer, and uses those that concern it.
TRANSFORMS: dict[str, Callable[[int, float], Transform]] = {
    "affine": lambda bins, box: Affine(),
    "additive": lambda bins, box: Additive(),
    "rq_spline": RQSpline,
}

__all__ = ["TRANSFORMS", "Transform"]
