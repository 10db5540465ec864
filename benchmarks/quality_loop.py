"""Training by hand, for libraries without a `fit` of their own, until a time and a number of epochs are both reached.

What counts is the held-out log-density of the weights that were best on the validation rows, as in `pyflows.fit`.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable

import numpy as np

# A loop that brought nothing better for so many epochs is over: more time would change nothing.
PATIENCE = 100


def train(
    epoch: Callable[[], None],
    log_prob: Callable[[np.ndarray], float],
    validation: np.ndarray,
    test: np.ndarray,
    seconds: float,
    epochs: int,
) -> dict:
    """Run `epoch` again and again.

    Args:
        epoch: trains one epoch.
        log_prob: mean log-density of rows under the weights as they are.
        validation, test: held-out rows.
        seconds, epochs: where the result is noted.

    Returns:
        For "time" and "epochs": test (mean log-density), epochs, seconds.
    """
    best, clock, done, fruitless = -math.inf, 0.0, 0, 0
    reached = {"test": math.nan, "epochs": 0, "seconds": 0.0}
    marks: dict[str, dict] = {}
    while len(marks) < 2:
        began = time.perf_counter()
        epoch()
        value = log_prob(validation)
        clock += time.perf_counter() - began
        done += 1
        if clock > seconds:
            marks.setdefault("time", reached)  # this epoch came too late
        fruitless += 1
        if value > best:
            # Judging the weights at once saves keeping them; the clock stands still for it.
            best, fruitless = value, 0
            reached = {"test": log_prob(test)}
        reached = {**reached, "epochs": done, "seconds": clock}
        if done == epochs:
            marks["epochs"] = reached
        if fruitless == PATIENCE:
            marks = {"time": reached, "epochs": reached, **marks}
    return marks


def batches(x: np.ndarray, size: int, rng: np.random.Generator) -> list[np.ndarray]:
    """The rows in a new order, in batches of equal size; the few rows left over sit this epoch out."""
    order = rng.permutation(len(x))
    count = max(1, len(x) // size)
    return np.array_split(x[order[: count * size]], count)
