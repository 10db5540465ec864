"""The built-in layers and presets; importing this package registers them."""

from __future__ import annotations

from .autoregressive import autoregressive
from .coupling import coupling
from .elementwise import prelu, sinh_arcsinh
from .external import tfb_layer
from .linear import affine
from .normalisation import actnorm, batch_norm
from .permutations import permute, reverse
from .presets import iaf, maf, nsf, real_nvp
from .supports import interval, lower, positive, upper
from .tails import heavy_tails

__all__ = [
    "actnorm",
    "affine",
    "autoregressive",
    "batch_norm",
    "coupling",
    "heavy_tails",
    "iaf",
    "interval",
    "lower",
    "maf",
    "nsf",
    "permute",
    "positive",
    "prelu",
    "real_nvp",
    "reverse",
    "sinh_arcsinh",
    "tfb_layer",
    "upper",
]
