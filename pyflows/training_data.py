"""Rows to train on and to validate with, and how they are standardised."""

from __future__ import annotations

import dataclasses

import numpy as np

from .architecture import Architecture
from .backend import tf
from .errors import DataError
from .outer import unconstrained

# Rows of a block of held-out data.
BLOCK = 4096
Scales = dict[str, tuple[np.ndarray, np.ndarray]]


@dataclasses.dataclass(frozen=True)
class Part:
    """Rows to train on or to validate with: `x [n, d]`, `context [n, c]`, `weights [n]`.

    `log_det` is the mean log-determinant of what was done to x beforehand.
    """

    x: np.ndarray
    context: np.ndarray | None
    weights: np.ndarray | None
    log_det: float = 0.0

    def rows(self, index: np.ndarray) -> Part:
        """Some of the rows."""
        return Part(*(None if part is None else part[index] for part in (self.x, self.context, self.weights)))

    def filled_weights(self) -> np.ndarray:
        """The weights, ones where there are none."""
        return np.ones(len(self.x)) if self.weights is None else self.weights


def inside(architecture: Architecture, part: Part | None) -> Part | None:
    """The part on the inner side of the maps onto a support."""
    if part is None or not architecture.outer:
        return part
    x, log_det = unconstrained(architecture, part.x)
    weights = part.filled_weights()
    mean = np.average(log_det, weights=weights if weights.any() else None)
    return dataclasses.replace(part, x=x, log_det=float(mean))


def scales_of(part: Part, standardize: bool, unscaled: list[int], where: str) -> Scales:
    """Shift and log-scale of x and context; zeros where nothing is standardised, as in the columns `unscaled` of x."""
    scales: Scales = {}
    for name, values in (("x", part.x), ("context", part.context)):
        if values is None:
            continue
        if standardize:
            values = values.astype(np.float64, copy=False)
            with np.errstate(over="ignore", invalid="ignore"):
                mean = np.average(values, axis=0, weights=part.weights)
                variance = np.average(np.square(values - mean), axis=0, weights=part.weights)
            if not (np.isfinite(mean).all() and np.isfinite(variance).all()):
                raise DataError(f"{where}: the values in `{name}` are too large to be standardised.", argument=name)
            # A context column may be constant.
            scales[name] = mean, 0.5 * np.log(np.where(variance > 0, variance, 1.0))
        else:
            scales[name] = np.zeros(values.shape[1]), np.zeros(values.shape[1])
    for values in scales.get("x", ()):
        values[unscaled] = 0.0
    return scales


def scaled(
    part: Part, scales: Scales, dtype: str, rows: int | None = None
) -> tuple[np.ndarray, np.ndarray | None, np.ndarray]:
    """`x`, context and weights as training sees them (or the first rows), standardised in double precision."""

    def scale(values, name):
        if values is None:
            return None
        shift, log_scale = scales[name]
        return ((values[:rows] - shift) * np.exp(-log_scale)).astype(dtype)

    return scale(part.x, "x"), scale(part.context, "context"), part.filled_weights()[:rows].astype(dtype)


def blocks(part: Part, scales: Scales, dtype: str) -> dict:
    """Rows as tensors of columns, `x [v, d, m]`; sizes are rounded up so that few are ever compiled."""
    x, context, weights = scaled(part, scales, dtype)
    n = len(x)
    width = min(BLOCK, 1 << max(n - 1, 1).bit_length())
    count = -(-n // width)
    index = np.minimum(np.arange(count * width), n - 1)
    weights = weights[index] * (np.arange(count * width) < n)

    def cut(values):
        return tf.constant(values[index].reshape(count, width, -1).transpose(0, 2, 1))

    return {
        "x": cut(x),
        "context": None if context is None else cut(context),
        "weights": tf.constant(weights.reshape(count, width)),
    }
