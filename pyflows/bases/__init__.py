"""Base distributions: where a flow starts. Importing this package registers them."""

from __future__ import annotations

from .base import Base
from .conditional import base_conditional
from .external import base_tfd
from .flows import base_flows
from .mixture import base_mixture
from .resampled import base_resampled
from .standard import base_laplace, base_logistic, base_normal, base_uniform
from .student_t import base_student_t

__all__ = [
    "Base",
    "base_conditional",
    "base_flows",
    "base_laplace",
    "base_logistic",
    "base_mixture",
    "base_normal",
    "base_resampled",
    "base_student_t",
    "base_tfd",
    "base_uniform",
]
