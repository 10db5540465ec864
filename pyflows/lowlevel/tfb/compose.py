"""Bijectors made of bijectors."""

from __future__ import annotations

from ...checks import Flag
from ..kinds import Anything, Bijector, Integers, ListOf
from ..table import bijector

_BIJECTORS = ListOf(kind=Bijector())


@bijector(
    "Chain",
    bijectors=ListOf(kind=Bijector(), null=True),
    validate_event_size=Flag(),
    parameters=Anything(),
)
def chain(bijectors=None, validate_args=False, validate_event_size=True, parameters=None, name=None):
    """One bijector after the other; the LAST of the list comes first.

    That is the order of mathematics and of TFP; flows made by `flow_*()` are listed, and piped, the other way round.

    Map:
        y = b_1(b_2(... b_n(x)))

    Args:
        bijectors: a list of bijectors; an empty one, or `None`, gives the identity.
        validate_event_size: refuse events whose size does not fit the parts.
        parameters: what the object shows as its parameters; `None`: the arguments.

    Example:
        >>> tfb.forward(tfb.chain([tfb.exp(), tfb.shift(1.0)]), [0.0, 1.0])
    """


@bijector("Invert", improved="its verbs work")
def invert(bijector, validate_args=False, name=None):
    """The inverse of a bijector, as a bijector.

    Map:
        y = b^-1(x)

    Example:
        >>> tfb.forward(tfb.invert(tfb.exp()), [1.0, 2.0])
    """


@bijector("Blockwise", bijectors=_BIJECTORS, block_sizes=Integers(null=True, min=1))
def blockwise(bijectors, block_sizes=None, validate_args=False, name=None):
    """A bijector for each block of a vector.

    Map:
        y = (b_1(x_1), ..., b_n(x_n)), the blocks x_i one after the other

    Args:
        bijectors: a list of bijectors of numbers or vectors.
        block_sizes: the size of each block; `None`: 1.

    Example:
        >>> tfb.forward(tfb.blockwise([tfb.exp(), tfb.softplus()], block_sizes=[1, 2]), [1.0, 2.0, 3.0])
    """


@bijector("JointMap", bijectors=Anything(), parameters=Anything())
def joint_map(bijectors, validate_args=False, parameters=None, name=None):
    """A bijector for each tensor of a list or dict.

    Map:
        y = [b_1(x_1), ..., b_n(x_n)]

    Args:
        bijectors: a list or dict of bijectors; x and y are lists or dicts like it.
        parameters: what the object shows as its parameters; `None`: the arguments.

    Example:
        >>> b = tfb.joint_map([tfb.exp(), tfb.scale(2.0)])
        >>> tfb.forward(b, [1.0, 2.0])
    """
