"""The built-in layers and presets; importing this package registers them."""

from __future__ import annotations

from .autoregressive import autoregressive
from .block_autoregressive import block_autoregressive
from .continuous import continuous
from .coupling import coupling
from .elementwise import prelu, sinh_arcsinh
from .external import tfb_layer
from .gaussianization import gaussianization
from .linear import affine
from .multivariate_presets import bnaf, cnf, gaussianization_flow, planar_flow, residual_flow
from .normalisation import actnorm, batch_norm
from .permutations import permute, reverse
from .planar import planar
from .presets import iaf, maf, nsf, real_nvp
from .radial import radial
from .residual import residual
from .sylvester import sylvester

__all__ = [
    "actnorm",
    "affine",
    "autoregressive",
    "batch_norm",
    "block_autoregressive",
    "bnaf",
    "cnf",
    "continuous",
    "coupling",
    "gaussianization",
    "gaussianization_flow",
    "iaf",
    "maf",
    "nsf",
    "permute",
    "planar",
    "planar_flow",
    "prelu",
    "radial",
    "real_nvp",
    "residual",
    "residual_flow",
    "reverse",
    "sinh_arcsinh",
    "sylvester",
    "tfb_layer",
]
