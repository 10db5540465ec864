"""The functions of `pyflows.tfd`, one family a file; importing these files declares them."""

from __future__ import annotations

from ..table import entries
from . import (  # noqa: F401
    bounded,
    composed,
    discrete,
    joint,
    matrices,
    multivariate_normal,
    positive,
    processes,
    real,
    simplex,
    vectors,
    verbs,
)

globals().update({entry.name: entry.function for entry in entries("tfd")})
__all__ = [entry.name for entry in entries("tfd")]
