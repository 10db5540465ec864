"""TFP's distributions and what is done with them, by the names of the R package tfprobability.

    from pyflows import tfd
    d = tfd.normal(0, 1)
    tfd.log_prob(d, [0.0, 1.0])

Arguments are checked and plain numbers converted, so that a slip is an `ArgumentError` that names the argument. Classes
that TFP dropped are here all the same. What comes back are TFP's own objects, and any other object of TFP mixes with
them; in a flow, `pyflows.base_tfd` makes a base of one.
"""

from __future__ import annotations

from .lowlevel import tfd as _functions
from .lowlevel.tfd import *  # noqa: F403

__all__ = _functions.__all__
