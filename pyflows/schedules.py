"""How the learning rate goes on in the course of training. Imports no TensorFlow."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .checks import fail

SCHEDULES = ("cosine", "constant")


def rate_factors(schedule: str | Callable, share: np.ndarray) -> np.ndarray:
    """The factor on the learning rate at each share (0 to 1) of the training.

    Raises:
        ArgumentError: the user's function gave something else than finite numbers >= 0.
    """
    if schedule == "constant":
        return np.ones_like(share)
    if schedule == "cosine":
        return 0.5 * (1.0 + np.cos(np.pi * share))
    factors = np.array([schedule(float(s)) for s in share], float)
    if not (np.isfinite(factors).all() and (factors >= 0).all()):
        wrong = factors[~(np.isfinite(factors) & (factors >= 0))][0]
        fail("schedule", "a function that gives finite factors >= 0", float(wrong), "fit()")
    return factors
