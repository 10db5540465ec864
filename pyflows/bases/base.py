"""The form that every base distribution has."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from ..maps import Tensors, Weight


class Base:
    """A distribution over vectors of length d, with named weights like those of a map.

    Weights come in as a dict under their short names: tensors for the density, numpy arrays for draws, tf.Variables
    for the TFP object. Contexts are standardised where the fit was.
    """

    weights: Mapping[str, Weight] = MappingProxyType({})
    # True where the distribution differs with the context; others are given none for their draws.
    conditional = False
    # False where draws of `distribution` do not carry gradients to the weights.
    reparameterized = True
    # False where XLA cannot compile the density, or where nobody knows.
    jit_compilable = True

    def log_prob(self, weights: Tensors, z, context=None):
        """Log-density of `z [d, n]` given `context [c, n]`, `[n]`; -inf outside the support."""
        raise NotImplementedError

    def sample(self, weights: dict[str, np.ndarray], n: int, rng: np.random.Generator, context=None) -> np.ndarray:
        """Draws in rows `[n, d]`, given `context [n, c]` in rows. All randomness comes from `rng`."""
        raise NotImplementedError

    def distribution(self, weights: dict, context=None):
        """The same as a TFP distribution over vectors, that reads its variables when it is used.

        Where the base is conditional, `context [..., c]` gives the batch shape.
        """
        raise NotImplementedError
