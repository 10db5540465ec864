"""Any live TFP bijector as a layer."""

from __future__ import annotations

from ..backend import tfb
from ..checks import Object, fail
from ..maps import Size
from ..spec import register


@register(bijector=Object())
def tfb_layer(size: Size, bijector):
    """A live TFP bijector as a layer of the flow.

    Forward (base -> data) is the bijector's own forward. Its trainable variables are trained with the rest of the
    flow, starting from the values they had when it was first used; fitting changes the object itself. A flow that
    holds one fits, samples and scores like any other, but has no JSON form: to save it, register a kind that makes
    the bijector (`pyflows.register`).

    Args:
        bijector: a `tfp.bijectors.Bijector` that maps vectors of length d to vectors of length d, or scalars to
            scalars (then it is applied to each dimension).

    Shapes:
        x `[n, d]`, d as the bijector takes it.

    Raises:
        ArgumentError: it is not a bijector, or changes the number of dimensions.

    Example:
        >>> from tensorflow_probability import bijectors as tfb
        >>> flow(affine(), tfb_layer(tfb.Softplus()))
    """
    if not isinstance(bijector, tfb.Bijector):
        fail("bijector", "a tfp.bijectors.Bijector", bijector)
    return bijector
