"""Named weights as one flat vector, and back."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import numpy as np

from .backend import tf
from .maps import Weight


class Packing:
    """Some weights, in a fixed order, as one vector: one argument, one gradient, one optimiser state.

    Args:
        weights: shapes by name.
        names: which, and in what order.
        dtype: of the vector.
    """

    def __init__(self, weights: Mapping[str, Weight], names: Iterable[str], dtype: str):
        self.names, self.dtype = list(names), dtype
        self.shapes = [weights[name].shape for name in self.names]
        self.sizes = [math.prod(shape) for shape in self.shapes]
        self.size = sum(self.sizes)

    def pack(self, values: Mapping[str, np.ndarray]) -> np.ndarray:
        """Named arrays -> vector."""
        return np.concatenate([np.zeros(0), *(np.ravel(values[name]) for name in self.names)])

    def unpack(self, vector: np.ndarray) -> dict[str, np.ndarray]:
        """Vector -> named arrays."""
        parts = np.split(vector, np.cumsum(self.sizes)[:-1]) if self.names else []
        return {name: part.reshape(shape) for name, part, shape in zip(self.names, parts, self.shapes, strict=True)}

    def pack_tensors(self, tensors: Mapping):
        """`pack` for tensors or variables."""
        return tf.concat([tf.zeros([0], self.dtype), *(tf.reshape(tensors[name], [-1]) for name in self.names)], 0)

    def unpack_tensors(self, vector) -> dict:
        """`unpack` for tensors."""
        parts = tf.split(vector, self.sizes) if self.names else []
        return {name: tf.reshape(part, shape) for name, part, shape in zip(self.names, parts, self.shapes, strict=True)}
