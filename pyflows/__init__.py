"""pyflows: describe a normalizing flow in one line, fit it fast, use it as a probability distribution.

    import pyflows as pf
    model = pf.fit(pf.maf(), x)
    pf.log_prob(model, x)
    pf.sample(model, 100)

Importing this package and describing flows does not import TensorFlow; the first fit or load does.
"""

from __future__ import annotations

import importlib
from typing import Any

from . import layers
from .layers import *  # noqa: F403
from .version import VERSION

__version__ = VERSION

# Where the public names live, beside the layers: modules that are imported when a name is first used.
_HOMES = {
    "spec": ("Flow", "catalogue", "flow", "from_json", "register", "to_json"),
    "layers.inline": ("register_inline",),
    "bases": (
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
    ),
    "composition": ("factorize", "freeze", "invert", "mixture_of_flows", "repeat_flow"),
    "model": ("Model", "build", "forward", "inverse", "log_prob", "sample"),
    "tfp_objects": ("bijector", "distribution"),
    "training": ("fit",),
    "target": ("fit_target",),
    "minimizing": ("minimize",),
    "files": ("load", "save"),
    "backend": ("config",),
    "lowlevel.settings": ("set_dtype",),
    "errors": (
        "ArgumentError",
        "BackendError",
        "DataError",
        "FileError",
        "ForkError",
        "InterruptedWarning",
        "PrecisionWarning",
        "PyflowsError",
        "ShapeError",
        "TrainingError",
    ),
}
_MODULE_OF = {name: module for module, names in _HOMES.items() for name in names}
_MODULES = ("checks", "errors", "tfb", "tfd")

__all__ = sorted([*_MODULE_OF, *layers.__all__, "checks", "tfb", "tfd", "__version__"])


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return importlib.import_module(f".{name}", __name__)
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'pyflows' has no attribute {name!r}")
    value = getattr(importlib.import_module(f".{_MODULE_OF[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
