"""Heavy tails: Student's t, Cauchy columns, and values far out."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

import pyflows as pf
from pyflows.backend import tf
from pyflows.layers.tails import LARGEST, SMALLEST, _raw

QUIET = {"seed": 1, "progress": False}


def with_tails(left, right, d=1, dtype="float64"):
    model = pf.build(pf.heavy_tails(), d, dtype=dtype)
    model.variables["layers/0/left"].assign(np.full(d, _raw(np.array(left))))
    model.variables["layers/0/right"].assign(np.full(d, _raw(np.array(right))))
    return model


@pytest.mark.parametrize(("left", "right"), [(0.5, 0.5), (0.02, 1.0), (1.9, 1e-3)])
def test_map_and_density_are_the_formula(left, right):
    model = with_tails(left, right)
    z = np.linspace(-6, 6, 201)
    tail = np.where(z < 0, left, right)
    x = np.sign(z) * np.sqrt(np.expm1(tail * z**2) / tail)
    np.testing.assert_allclose(pf.forward(model, z)[:, 0], x, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(pf.inverse(model, x)[:, 0], z, rtol=1e-10, atol=1e-12)
    slope = np.where(z == 0, 1.0, np.exp(tail * z**2) * z / np.where(z == 0, 1.0, x))
    np.testing.assert_allclose(pf.log_prob(model, x), stats.norm.logpdf(z) - np.log(slope), rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize("df", [1, 2, 5])
def test_it_is_nearly_students_t(df):
    """The distribution function differs by less than two hundredths, once the quartiles agree."""
    model = with_tails(1 / df, 1 / df)
    levels = np.linspace(0.01, 0.99, 99)
    x = pf.forward(model, stats.norm.ppf(levels))[:, 0]
    exact = stats.t(df).ppf(levels)
    scale = x[-25] / exact[-25]
    np.testing.assert_allclose(stats.t(df).cdf(x / scale), levels, atol=0.02)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_values_from_tiny_to_huge_are_exact_with_finite_gradients(dtype):
    model = with_tails(0.5, 0.7, dtype=dtype)
    about = np.finfo(dtype)
    size = np.concatenate([[0.0], np.geomspace(1e-30, 1e30, 121)])
    x = tf.constant(np.concatenate([-size, size])[:, None], dtype)
    sources = [x, *model.variables.values()]
    with tf.GradientTape() as tape:
        tape.watch(x)
        density = pf.distribution(model).log_prob(x)
        total = tf.reduce_sum(density)
    assert np.isfinite(density).all()
    assert all(np.isfinite(gradient).all() for gradient in tape.gradient(total, sources))
    back = pf.forward(model, pf.inverse(model, x.numpy()))
    np.testing.assert_allclose(back, x, rtol=1e5 * about.eps, atol=float(about.tiny))


def test_tail_weights_have_bounds():
    model = pf.build(pf.heavy_tails(), 1, dtype="float64")
    for raw, tail in ((-1e3, SMALLEST), (1e6, LARGEST + SMALLEST)):
        model.variables["layers/0/right"].assign([raw])
        expected = np.sqrt(np.log1p(tail * 4.0) / tail)
        np.testing.assert_allclose(pf.inverse(model, [[2.0]]), [[expected]], rtol=1e-4)


@pytest.mark.parametrize("flow", [pf.flow(pf.heavy_tails(), pf.affine()), pf.heavy_tails()], ids=["affine", "alone"])
def test_students_t_with_two_degrees_of_freedom(flow):
    x = stats.t(2).rvs((5000, 1), random_state=1)
    new = stats.t(2).rvs((5000, 1), random_state=2)
    model = pf.fit(flow, x, **QUIET, epochs=60)
    assert abs(stats.t(2).logpdf(new).mean() - pf.log_prob(model, new).mean()) < 0.05


def test_cauchy_columns_fit():
    """Two dependent columns, of which one is Cauchy; a flow without tails is far off."""
    rng = np.random.default_rng(4)

    def draw(n):
        cauchy = 3.0 + 2.0 * rng.standard_cauchy(n)
        return np.stack([cauchy, np.tanh(cauchy / 4) + 0.5 * rng.standard_normal(n)], 1)

    def density(x):
        return stats.cauchy(3, 2).logpdf(x[:, 0]) + stats.norm(np.tanh(x[:, 0] / 4), 0.5).logpdf(x[:, 1])

    x, new = draw(5000), draw(5000)
    model = pf.fit(pf.flow(pf.maf(layers=2), pf.heavy_tails()), x, **QUIET, epochs=60)
    assert model.facts["restarts"] == 0
    assert density(new).mean() - pf.log_prob(model, new).mean() < 0.1


def test_starts_from_quantiles():
    """Scale and tail weight are near the truth before any training, whatever the outliers."""
    x = 10.0 + 3.0 * stats.t(2).rvs((20_000, 1), random_state=1)
    x[0] = 1e9
    model = pf.fit(pf.heavy_tails(), x, **QUIET, epochs=1, learning_rate=1e-9, standardize=False)
    new = 10.0 + 3.0 * stats.t(2).rvs((5000, 1), random_state=2)
    truth = stats.t(2, 10, 3).logpdf(new).mean()
    assert truth - pf.log_prob(model, new).mean() < 0.03


def test_columns_of_few_values_fit():
    x = np.random.default_rng(1).integers(0, 3, (300, 2)).astype(float)
    model = pf.fit(pf.heavy_tails(), x, **QUIET, epochs=2)
    assert np.isfinite(model.facts["train_log_prob"])
