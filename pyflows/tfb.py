"""TFP's bijectors and what is done with them, by the names of the R package tfprobability.

    from pyflows import tfb
    b = tfb.chain([tfb.exp(), tfb.scale(2.0)])
    tfb.forward(b, [0.0, 1.0])

Arguments are checked and plain numbers converted, so that a slip is an `ArgumentError` that names the argument. Classes
that TFP dropped are here all the same. What comes back are TFP's own objects, and any other object of TFP mixes with
them; in a flow, `pyflows.tfb_layer` makes a layer of one.
"""

from __future__ import annotations

from .lowlevel import tfb as _functions
from .lowlevel.tfb import *  # noqa: F403

__all__ = _functions.__all__
