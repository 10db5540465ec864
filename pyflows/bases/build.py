"""Base distributions from their nodes."""

from __future__ import annotations

from ..backend import tfd
from ..chain import named_errors
from ..errors import ArgumentError
from ..maps import Size
from ..spec import Node, get_kind
from .base import Base
from .external import DistributionBase


def build_base(node: Node, size: Size) -> Base:
    """The base distribution that a node describes."""
    where = f"base ({node.kind})"
    with named_errors(where):
        built = get_kind(node.kind, where).build(size, **node.args)
        if not isinstance(built, Base) and isinstance(built, tfd.Distribution):
            built = DistributionBase(size, built)
    if not isinstance(built, Base):
        raise ArgumentError(
            f"{where}: its builder must return a Base or a tfp.distributions.Distribution, not {type(built).__name__}."
        )
    return built
