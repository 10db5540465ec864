"""The resampled base: its density, its draws, and how well its integral is known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

import pyflows as pf
from pyflows.backend import tf


def steep(d, steps=8, seed=4):
    """A base whose network was moved far from its start: acceptance from next to nothing to nearly always."""
    model = pf.build(pf.flow(base=pf.base_resampled(steps=steps, hidden=(8,))), d, seed=1, dtype="float64")
    rng = np.random.default_rng(seed)
    for name, variable in model.variables.items():
        variable.assign(variable + (2.0 if "output" in name else 0.5) * rng.normal(size=variable.shape))
    return model


def acceptance(model, z):
    base, weights = model.architecture.base, model.architecture.of_base(model.variables)
    return 1.0 / (1.0 + np.exp(-base.logits(weights, tf.constant(z.T)).numpy()))


@pytest.mark.parametrize(("d", "most"), [(1, 1e-5), (2, 1e-4), (3, 0.01), (5, 0.01), (10, 0.01)])
def test_the_integral_is_known_to_what_the_help_page_says(d, most):
    """Against finer grids for d = 1 and 2, and else against 200,000 draws, which are off by about 0.001 themselves."""
    for seed in (1, 2, 3):
        model = steep(d, seed=seed)
        found = float(model.architecture.base.log_normalizer(model.architecture.of_base(model.variables)))
        if d <= 2:
            cells = 4001 if d == 1 else 501
            t = (np.arange(cells) + 0.5) / cells * 20.0 - 10.0
            grid = np.stack(np.meshgrid(*[t] * d, indexing="ij"), -1).reshape(-1, d)
            shares = stats.norm.pdf(grid).prod(1) * (20.0 / cells) ** d
            expected, error = np.log((shares * acceptance(model, grid)).sum()), 0.0
        else:
            values = acceptance(model, np.random.default_rng(seed).standard_normal((200_000, d)))
            expected, error = np.log(values.mean()), values.std() / values.mean() / np.sqrt(len(values))
        assert abs(found - expected) < most + 4 * error


@pytest.mark.parametrize("steps", [1, 2, 8])
def test_density_is_that_of_the_draws(steps):
    """Moments of draws, from both samplers, against those of the density on a grid."""
    model, n = steep(1, steps), 40_000
    x = np.linspace(-8, 8, 4001)
    density = np.exp(pf.log_prob(model, x[:, None]))
    assert density.sum() * 0.004 == pytest.approx(1.0, abs=1e-6)
    if steps == 1:
        np.testing.assert_allclose(density, stats.norm.pdf(x), rtol=1e-10)
    for draws in (pf.sample(model, n, seed=1), pf.distribution(model).sample(n, seed=(1, 2)).numpy()):
        for power in (1, 2, 3):
            mean = (density * x**power).sum() * 0.004
            sd = np.sqrt((density * x ** (2 * power)).sum() * 0.004 - mean**2)
            assert abs(np.mean(draws**power) - mean) < 4.5 * sd / np.sqrt(n)


def test_chances_of_one_step_are_those_of_the_formula():
    """With a constant acceptance every proposal is alike, so the density is the normal one whatever the rule."""
    model = pf.build(pf.flow(base=pf.base_resampled(steps=3, hidden=(4,))), 2, seed=1, dtype="float64")
    model.variables["base/output/kernel"].assign(tf.zeros_like(model.variables["base/output/kernel"]))
    model.variables["base/output/bias"].assign([-3.0])
    x = np.random.default_rng(1).normal(size=(20, 2))
    np.testing.assert_allclose(pf.log_prob(model, x), stats.norm.logpdf(x).sum(1), atol=1e-8)


def test_a_hole_is_learnt():
    rng = np.random.default_rng(3)
    x = rng.normal(size=(3000, 1))
    x = x[np.abs(x[:, 0]) > 0.6]
    model = pf.fit(
        pf.flow(base=pf.base_resampled(hidden=(16,))),
        x,
        epochs=40,
        batch_size=60,
        learning_rate=0.02,
        seed=1,
        progress=False,
        standardize=False,
        jit_compile=False,
    )
    truth = stats.norm.logpdf(x[:, 0]).mean() - np.log(2 * stats.norm.sf(0.6))
    assert pf.log_prob(model, x).mean() > truth - 0.08
    assert np.mean(np.abs(pf.sample(model, 2000, seed=1)) < 0.5) < 0.05  # 0.38 for the normal
