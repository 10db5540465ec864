"""Data: synthetic for speed, real for quality. Needs numpy only, so that every environment can read it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

REAL = ("diamonds", "digits", "quakes")
FOLDER = Path(__file__).parent.parent / ".bench" / "data"
DIGIT_MARGIN = 0.01  # keeps the logit of a digit's pixel finite


def synthetic(n: int, d: int, seed: int = 0) -> np.ndarray:
    """Correlated columns, every second one bent by the one before; standardised float32."""
    rng = np.random.default_rng(seed)
    mix = rng.normal(size=(d, d)) / np.sqrt(d) + np.eye(d)
    x = rng.normal(size=(n, d)) @ mix
    odd = x[:, 1::2]
    odd += 0.5 * np.square(x[:, 0::2][:, : odd.shape[1]])
    return ((x - x.mean(0)) / x.std(0)).astype("float32")


@dataclass(frozen=True)
class Split:
    """Standardised float32 rows to train with, to validate with, and to judge by.

    `offset` takes a mean log-density of these rows to the scale of the data.
    """

    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray
    offset: float


def real(name: str, seed: int) -> Split:
    """A real data set, made continuous and split 80 : 10 : 10, both by the seed; standardised by its training rows."""
    stored = np.load(FOLDER / f"{name}.npz")
    rng = np.random.default_rng([seed, 11])
    # Rounded values would give an infinite density: spread each evenly over what was rounded to it.
    x = stored["x"] + stored["unit"] * rng.uniform(size=stored["x"].shape)
    if name == "digits":
        share = DIGIT_MARGIN + (1 - 2 * DIGIT_MARGIN) * x / 17.0
        x = np.log(share) - np.log1p(-share)
    x = x[rng.permutation(len(x))]
    tenth = len(x) // 10
    train, validation, test = x[2 * tenth :], x[:tenth], x[tenth : 2 * tenth]
    mean, sd = train.mean(0), train.std(0)
    parts = [((part - mean) / sd).astype("float32") for part in (train, validation, test)]
    return Split(*parts, offset=-float(np.log(sd).sum()))
