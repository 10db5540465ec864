"""Independent streams of random numbers from one seed: one for each purpose, and for each part of it."""

from __future__ import annotations

import numpy as np

# What a stream is for. It comes first: numpy takes [s, 2] and [s, 2, 0] for the same seed.
START, SPLIT, SHUFFLE, DRAWS, NOISE = 1, 2, 3, 4, 5


def stream(purpose: int, seed: int, part: int = 0) -> np.random.Generator:
    """The random numbers for a part (layer, epoch, block of rows) of a purpose."""
    return np.random.default_rng([purpose, seed, part])
