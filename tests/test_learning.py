"""Flows learn what they should: fits to made data whose density is known."""

from __future__ import annotations

import numpy as np
import pytest

import pyflows as pf
from benchmarks.shapes import SHAPES, log_mean_exp, log_normal


@pytest.mark.parametrize("name", SHAPES)
def test_the_known_densities_are_right(name):
    """They integrate to one, and are those of the draws: as many in each cell as the density says."""
    shape = SHAPES[name]
    edges = np.linspace(-6, 6, 25)
    # The density's borders are borders of cells; its narrowest bumps are two cells wide, enough for the midpoint rule.
    fine = np.arange(-6, 6, 0.05) + 0.025
    points = np.stack(np.meshgrid(fine, fine, indexing="ij"), -1).reshape(-1, 2)
    mass = np.exp(shape.log_density(points)) * 0.05**2
    cells = np.histogram2d(*points.T, bins=[edges, edges], weights=mass)[0]
    n = 20_000
    x = shape.sample(n, np.random.default_rng(1))
    counts = np.histogram2d(*x.T, bins=[edges, edges])[0]
    outside = n - counts.sum()  # the banana's arms leave the square
    assert abs(mass.sum() - (1 - outside / n)) < 0.005
    # Five standard deviations of a count, and one for the quadrature.
    assert np.all(np.abs(counts - n * cells) <= 5 * np.sqrt(n * cells) + 0.002 * n * cells + 8)


def _conditional(n, rng):
    """Two modes, whose distance and spread depend on x: rows `y [n, 2]` given `x [n, 1]`."""
    x = rng.uniform(-1, 1, (n, 1))
    side = rng.choice([-1.0, 1.0], (n, 1))
    first = side * (1.0 + 0.4 * x) + _spread(x) * rng.normal(size=(n, 1))
    return np.hstack([first, first * x + 0.3 * rng.normal(size=(n, 1))]), x


def _spread(x):
    return 0.6 + 0.2 * x


def _log_conditional(y, x):
    first, second = y[:, :1], y[:, 1:]
    sides = [log_normal((first - side * (1.0 + 0.4 * x)) / _spread(x), 1.0) for side in (-1.0, 1.0)]
    return log_mean_exp(np.stack(sides), 0) - np.log(_spread(x[:, 0])) + log_normal(second - first * x, 0.3)


@pytest.mark.parametrize("preset", ["maf", "real_nvp", "nsf"])
def test_conditional_densities_are_recovered(preset):
    rng = np.random.default_rng(1)
    y, x = _conditional(10_000, rng)
    model = pf.fit(getattr(pf, preset)(hidden=(32, 32)), y, context=x, epochs=40, seed=1, progress=False)
    y, x = _conditional(10_000, rng)
    short = _log_conditional(y, x) - pf.log_prob(model, y, x)
    assert -0.01 < short.mean() < 0.05


def test_a_factor_as_context():
    """Groups by one-hot columns: each group gets its own density."""
    rng = np.random.default_rng(2)
    group = rng.integers(3, size=6000)
    centre, sd = np.array([-2.0, 0.0, 3.0]), np.array([0.5, 1.0, 2.0])
    y = (centre[group] + sd[group] * rng.normal(size=6000))[:, None]
    one_hot = np.eye(3)[group]
    model = pf.fit(pf.maf(layers=1, hidden=(16,)), y, context=one_hot, epochs=60, seed=1, progress=False)
    truth = log_normal((y - centre[group][:, None]) / sd[group][:, None], 1.0) - np.log(sd[group])
    assert abs((truth - pf.log_prob(model, y, one_hot)).mean()) < 0.02
