"""Univariate transforms: what a conditioner does to each dimension. One a file, all of one form."""

from __future__ import annotations

from .affine import Additive, Affine
from .base import Transform

TRANSFORMS: dict[str, type[Transform]] = {"affine": Affine, "additive": Additive}

__all__ = ["TRANSFORMS", "Transform"]
