"""Real data as .npz: `x [n, d]` and `unit [d]`, what each column was rounded to. Run where scikit-learn is."""

from __future__ import annotations

import numpy as np
from sklearn.datasets import load_digits

from .data import FOLDER

UNITS = {
    "diamonds": {"carat": 0.01, "depth": 0.1, "table": 1, "price": 1, "x": 0.01, "y": 0.01, "z": 0.01},
    "quakes": {"lat": 0.01, "long": 0.01, "depth": 1, "mag": 0.1, "stations": 1},
}


def main() -> None:
    for name, units in UNITS.items():
        x = np.genfromtxt(FOLDER / f"{name}.csv", delimiter=",", names=True)
        assert x.dtype.names == tuple(units), x.dtype.names
        x = np.stack([x[column] for column in units], 1)
        if name == "diamonds":
            x = x[_possible(x[:, -3:])]
        np.savez(FOLDER / f"{name}.npz", x=x, unit=np.array(list(units.values()), float))
    x = load_digits().data
    np.savez(FOLDER / "digits.npz", x=x, unit=np.ones(x.shape[1]))


def _possible(sides: np.ndarray) -> np.ndarray:
    """Without the 23 stones that have a side of 0 or of 3 cm and more: slips, each of which would decide a mean."""
    return ((sides > 0) & (sides < 30)).all(1)


if __name__ == "__main__":
    main()
