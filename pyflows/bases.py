"""Base distributions: where the flow starts."""

from __future__ import annotations

import math

import numpy as np

from .backend import tf, tfd
from .maps import Size
from .spec import register


class NormalBase:
    """Independent standard normals."""

    def __init__(self, size: Size):
        self.event, self.dtype = size.event, size.dtype

    def log_prob(self, z):
        """Log-density of `z [d, n]`, `[n]`."""
        return -0.5 * (tf.reduce_sum(tf.square(z), 0) + self.event * math.log(2.0 * math.pi))

    def sample(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Draws in rows, `[n, d]`."""
        return rng.standard_normal((n, self.event), dtype=self.dtype)

    def distribution(self):
        """The same as a TFP distribution over vectors."""
        return tfd.MultivariateNormalDiag(loc=tf.zeros([self.event], self.dtype))


@register(group="base")
def base_normal(size: Size):
    """Standard normal base distribution.

    d independent normals with mean 0 and standard deviation 1; the default.

    Shapes:
        z `[n, d]`, any d >= 1.

    Example:
        >>> flow(affine(), base=base_normal())
    """
    return NormalBase(size)
