"""The built-in layers and presets; importing this package registers them."""

from __future__ import annotations

from .autoregressive import autoregressive
from .block_autoregressive import block_autoregressive
from .circles import circle, periodic
from .continuous import continuous
from .coupling import coupling
from .dequantize import dequantize
from .elementwise import prelu, sinh_arcsinh
from .external import tfb_layer
from .gaussianization import gaussianization
from .linear import affine
from .linear_presets import glow, nice
from .lu import lu
from .multivariate_presets import bnaf, cnf, gaussianization_flow, planar_flow, residual_flow
from .normalisation import actnorm, batch_norm
from .permutations import permute, random_permute, reverse
from .planar import planar
from .presets import iaf, maf, nsf, real_nvp
from .radial import radial
from .residual import residual
from .rotations import givens, householder
from .simplex import simplex
from .supports import interval, lower, positive, upper
from .sylvester import sylvester
from .tails import heavy_tails
from .transform_presets import bernstein_flow, naf, ncsf, sos_flow
from .unconditional import elementwise

__all__ = [
    "actnorm",
    "affine",
    "autoregressive",
    "batch_norm",
    "bernstein_flow",
    "block_autoregressive",
    "bnaf",
    "circle",
    "cnf",
    "continuous",
    "coupling",
    "dequantize",
    "elementwise",
    "gaussianization",
    "gaussianization_flow",
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
    "ncsf",
    "nice",
    "nsf",
    "periodic",
    "permute",
    "planar",
    "planar_flow",
    "positive",
    "prelu",
    "radial",
    "random_permute",
    "real_nvp",
    "residual",
    "residual_flow",
    "reverse",
    "simplex",
    "sinh_arcsinh",
    "sos_flow",
    "sylvester",
    "tfb_layer",
    "upper",
]
