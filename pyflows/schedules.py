"""How the learning rate goes on in the course of training. Imports no TensorFlow."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .checks import fail
from .errors import ArgumentError

SCHEDULES = ("cosine", "constant")


def rate_factors(schedule: str | Callable, share: np.ndarray, where: str) -> np.ndarray:
    """The factor on the learning rate at each share (0 to 1) of the training.

    Raises:
        ArgumentError: the user's function failed, or gave something else than finite numbers >= 0.
    """
    if schedule == "constant":
        return np.ones_like(share)
    if schedule == "cosine":
        return 0.5 * (1.0 + np.cos(np.pi * share))
    try:
        factors = np.array([float(schedule(float(s))) for s in share])
    except Exception as error:  # whatever the user's function does
        raise ArgumentError(
            f"{where}: `schedule` fails: {type(error).__name__}: {error}",
            argument="schedule",
            hint="It is called with a share of the training (from 0 to 1), and gives a factor on the learning rate.",
        ) from error
    if not (np.isfinite(factors).all() and (factors >= 0).all()):
        wrong = factors[~(np.isfinite(factors) & (factors >= 0))][0]
        fail("schedule", "a function that gives finite factors >= 0", float(wrong), where)
    return factors
