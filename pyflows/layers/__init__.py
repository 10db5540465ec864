"""The built-in layers and presets; importing this package registers them."""

from __future__ import annotations

from .autoregressive import autoregressive, iaf, maf
from .elementwise import prelu, sinh_arcsinh
from .external import tfb_layer
from .linear import affine
from .normalisation import actnorm, batch_norm
from .permutations import permute, reverse

__all__ = [
    "actnorm",
    "affine",
    "autoregressive",
    "batch_norm",
    "iaf",
    "maf",
    "permute",
    "prelu",
    "reverse",
    "sinh_arcsinh",
    "tfb_layer",
]
