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
    "iaf",
    "maf",
    "naf",
    "nsf",
    "permute",
    "prelu",
    "real_nvp",
    "reverse",
    "sinh_arcsinh",
    "sos_flow",
    "tfb_layer",
]
