"""Two-dimensional distributions with known densities, to see what a flow can learn. Numpy only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

ARC_POINTS = 2000  # of the quadrature along an arc


@dataclass(frozen=True)
class Shape:
    """A distribution: `sample(n, rng)` gives `[n, 2]`, `log_density(x)` gives `[n]` in nats."""

    sample: Callable[[int, np.random.Generator], np.ndarray]
    log_density: Callable[[np.ndarray], np.ndarray]


def log_mean_exp(values: np.ndarray, axis: int) -> np.ndarray:
    """log(mean(exp(values))) without overflow."""
    top = values.max(axis, keepdims=True)
    with np.errstate(invalid="ignore"):
        return np.squeeze(top, axis) + np.log(np.mean(np.exp(values - top), axis))


def log_normal(x: np.ndarray, sd: np.ndarray | float) -> np.ndarray:
    """Log-density of independent normals with mean 0 over the last axis."""
    sd = np.broadcast_to(sd, x.shape[-1:])
    return -0.5 * np.sum(np.square(x / sd), -1) - np.sum(np.log(sd)) - 0.5 * x.shape[-1] * np.log(2 * np.pi)


def turned(x: np.ndarray, angle: np.ndarray) -> np.ndarray:
    """Each row of `x [n, 2]` turned about the origin."""
    cos, sin = np.cos(angle), np.sin(angle)
    return np.stack([cos * x[:, 0] - sin * x[:, 1], sin * x[:, 0] + cos * x[:, 1]], 1)


# ---- Two half circles --------------------------------------------------------------------------------------

MOON_SD = 0.1


def _moons(angle: np.ndarray) -> np.ndarray:
    """Points of both arcs at an angle from 0 to pi, `[2, n, 2]`."""
    upper = np.stack([np.cos(angle), np.sin(angle)], -1)
    lower = np.stack([1.0 - np.cos(angle), 0.5 - np.sin(angle)], -1)
    return np.stack([upper, lower])


def _sample_moons(n, rng):
    arcs = _moons(rng.uniform(0, np.pi, n))
    return arcs[rng.integers(2, size=n), np.arange(n)] + rng.normal(scale=MOON_SD, size=(n, 2))


def _log_moons(x):
    # The noise is spread evenly along the arcs: a mean over many points of them.
    centres = _moons((np.arange(ARC_POINTS) + 0.5) * np.pi / ARC_POINTS).reshape(-1, 2)
    blocks = np.array_split(x, max(1, len(x) // 500))
    return np.concatenate([log_mean_exp(log_normal(b[:, None] - centres[None], MOON_SD), 1) for b in blocks])


# ---- Pinwheel ----------------------------------------------------------------------------------------------

ARMS, ARM_CENTRE, ARM_SD, TWIST = 5, np.array([1.6, 0.0]), np.array([0.5, 0.12]), 0.6


def _twist(x, sign):
    """Turn each point by an angle that depends on its radius alone: areas stay as they are."""
    return turned(x, sign * TWIST * np.square(np.linalg.norm(x, axis=1)) / 2)


def _sample_pinwheel(n, rng):
    arm = ARM_CENTRE + ARM_SD * rng.normal(size=(n, 2))
    return _twist(turned(arm, 2 * np.pi * rng.integers(ARMS, size=n) / ARMS), 1.0)


def _log_pinwheel(x):
    straight = _twist(x, -1.0)
    angles = 2 * np.pi * np.arange(ARMS) / ARMS
    each = [log_normal(turned(straight, np.full(len(x), -a)) - ARM_CENTRE, ARM_SD) for a in angles]
    return log_mean_exp(np.stack(each), 0)


# ---- Ring of eight normals -----------------------------------------------------------------------------------

RING_SD = 0.25
RING = 2.0 * np.stack([np.cos(np.arange(8) * np.pi / 4), np.sin(np.arange(8) * np.pi / 4)], 1)


def _sample_ring(n, rng):
    return RING[rng.integers(8, size=n)] + rng.normal(scale=RING_SD, size=(n, 2))


def _log_ring(x):
    return log_mean_exp(log_normal(x[:, None] - RING[None], RING_SD), 1)


# ---- Checkerboard --------------------------------------------------------------------------------------------


def _sample_checkerboard(n, rng):
    column, row = rng.integers(4, size=n), 2 * rng.integers(2, size=n)
    corner = np.stack([column, row + column % 2], 1) - 2.0
    return corner + rng.uniform(size=(n, 2))


def _log_checkerboard(x):
    cell = np.floor(x).astype(int)
    inside = (np.abs(x) < 2).all(1) & (cell.sum(1) % 2 == 0)
    return np.where(inside, -np.log(8.0), -np.inf)


# ---- Banana --------------------------------------------------------------------------------------------------

BANANA_SD = 0.4


def _sample_banana(n, rng):
    z = rng.normal(size=(n, 2))
    return np.stack([z[:, 0], np.square(z[:, 0]) + BANANA_SD * z[:, 1]], 1)


def _log_banana(x):
    return log_normal(np.stack([x[:, 0], x[:, 1] - np.square(x[:, 0])], 1), np.array([1.0, BANANA_SD]))


SHAPES = {
    "two moons": Shape(_sample_moons, _log_moons),
    "pinwheel": Shape(_sample_pinwheel, _log_pinwheel),
    "ring": Shape(_sample_ring, _log_ring),
    "checkerboard": Shape(_sample_checkerboard, _log_checkerboard),
    "banana": Shape(_sample_banana, _log_banana),
}
