"""The functions of `pyflows.tfb`, one family a file; importing this package declares them."""

from __future__ import annotations

from .affine import affine, scale
from .inline import inline
from .verbs import forward, forward_log_det_jacobian, inverse, inverse_log_det_jacobian

__all__ = [
    "affine",
    "forward",
    "forward_log_det_jacobian",
    "inline",
    "inverse",
    "inverse_log_det_jacobian",
    "scale",
]
