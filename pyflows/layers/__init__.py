"""The built-in layers and presets; importing this package registers them."""

from __future__ import annotations

from .autoregressive import autoregressive
from .coupling import coupling
from .elementwise import prelu, sinh_arcsinh
from .external import tfb_layer
from .linear import affine
from .linear_presets import glow, nice
from .lu import lu
from .normalisation import actnorm, batch_norm
from .permutations import permute, random_permute, reverse
from .presets import iaf, maf, nsf, real_nvp
from .rotations import givens, householder
from .supports import interval, lower, positive, upper
from .tails import heavy_tails
from .transform_presets import bernstein_flow, naf, sos_flow
from .unconditional import elementwise

__all__ = [
    "actnorm",
    "affine",
    "autoregressive",
    "batch_norm",
    "bernstein_flow",
    "coupling",
    "elementwise",
    "givens",
    "glow",
    "heavy_tails",
    "householder",
    "iaf",
    "interval",
    "lower",
    "lu",
    "maf",
    "naf",
    "nice",
    "nsf",
    "permute",
    "positive",
    "prelu",
    "random_permute",
    "real_nvp",
    "reverse",
    "sinh_arcsinh",
    "sos_flow",
    "tfb_layer",
    "upper",
]
