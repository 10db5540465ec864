"""Compositions: Dirichlet densities, one latent value less, and rows that are none."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

import pyflows as pf
from pyflows.backend import tf
from pyflows.errors import ArgumentError, DataError
from pyflows.files import from_bytes, to_bytes

QUIET = {"seed": 1, "progress": False, "jit_compile": False}
SHAPES = np.array([2.0, 3.0, 5.0])
NAMES = ["clay", "silt", "sand"]


def dirichlet(n, seed=1):
    return np.random.default_rng(seed).dirichlet(SHAPES, n)


def frame(n, seed=1):
    pandas = pytest.importorskip("pandas")
    return pandas.DataFrame(dirichlet(n, seed), columns=NAMES).assign(depth=np.linspace(-1, 1, n))


def test_closed_form():
    """The log-ratios of the parts to the last one, with the volume of the others as the measure."""
    x = dirichlet(50)
    model = pf.build(pf.simplex(), 3, dtype="float64")
    z = np.log(x[:, :2] / x[:, 2:])
    expected = stats.norm.logpdf(z).sum(1) - np.log(x).sum(1)
    np.testing.assert_allclose(pf.log_prob(model, x), expected, rtol=1e-12)
    np.testing.assert_allclose(pf.inverse(model, x), z, rtol=1e-12)
    np.testing.assert_allclose(pf.forward(model, z), x, rtol=1e-12)
    assert model.event_size == 3 and model.latent_size == 2 == pf.distribution(model).distribution.event_shape[0]


def test_which_part_is_last_does_not_matter():
    x = dirichlet(20)
    turned = pf.build(pf.simplex(columns=[2, 0, 1]), 3, dtype="float64")
    z = np.log(x[:, [2, 0]] / x[:, 1:2])
    np.testing.assert_allclose(pf.inverse(turned, x), z[:, ::-1], rtol=1e-12)
    np.testing.assert_allclose(pf.log_prob(turned, x), stats.norm.logpdf(z).sum(1) - np.log(x).sum(1), rtol=1e-12)


def test_dirichlet_data():
    x, new = dirichlet(3000), dirichlet(3000, 2)
    model = pf.fit(pf.maf(layers=2, hidden=(16,)), x, support=dict.fromkeys(range(3), "simplex"), epochs=30, **QUIET)
    assert model.flow == pf.flow(pf.maf(layers=2, hidden=(16,)), pf.simplex(columns=[0, 1, 2]))
    assert -0.02 < (stats.dirichlet(SHAPES).logpdf(new.T) - pf.log_prob(model, new)).mean() < 0.05
    assert model.history["train_log_prob"][-1] == pytest.approx(model.facts["train_log_prob"], abs=0.1)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_million_draws_are_compositions(dtype):
    model = pf.build(pf.flow(pf.affine(), pf.simplex()), 3, seed=1, dtype=dtype)
    model.variables["layers/0/diagonal"].assign([50.0, 50.0])  # wide enough to reach the corners
    draws = pf.sample(model, 1_000_000, seed=1)
    assert (draws > 0).all()
    np.testing.assert_allclose(draws.sum(1), 1.0, atol=8 * np.finfo(dtype).eps)
    assert np.isfinite(pf.log_prob(model, draws[:10_000])).all()


def test_beside_other_columns():
    data = frame(200)
    data["count"] = np.arange(200) % 7
    support = {**dict.fromkeys(NAMES, "simplex"), "count": "count"}
    model = pf.fit(pf.maf(layers=1, hidden=(6,)), data, support=support, epochs=2, **QUIET)
    layers = [pf.simplex(NAMES), pf.positive("count"), pf.dequantize(columns="count")]
    assert model.flow == pf.flow(pf.maf(layers=1, hidden=(6,)), *layers)
    again = from_bytes(to_bytes(model))
    np.testing.assert_array_equal(pf.log_prob(again, data), pf.log_prob(model, data))
    draws = pf.sample(model, 500, seed=1)
    np.testing.assert_allclose(draws[:, :3].sum(1), 1.0, atol=1e-6)
    assert (draws[:, 3] < 0).any() and (draws[:, 4] >= 0).all() and (draws[:, 4] == np.floor(draws[:, 4])).all()
    z = pf.inverse(model, data)
    assert z.shape == (200, 4)
    np.testing.assert_allclose(pf.forward(model, z), data, atol=2e-5)


def test_names_and_a_context_reach_the_layers_before():
    data = frame(100)
    flow = pf.flow(pf.permute(["silt", "depth", "clay"]), pf.maf(layers=1, hidden=(6,)), pf.simplex(NAMES))
    model = pf.fit(flow, data, context=np.ones((100, 1)), epochs=1, **QUIET)
    assert pf.log_prob(model, data, [[1.0]]).shape == (100,)
    distribution = pf.distribution(model, [1.0])
    rows = data.to_numpy(np.float32)
    np.testing.assert_allclose(distribution.log_prob(rows), pf.log_prob(model, data, [[1.0]]), rtol=1e-4)
    assert distribution.sample(3, seed=(1, 2)).shape == (3, 4) and distribution.event_shape == (4,)


def test_rows_that_are_none():
    model = pf.build(pf.simplex(), 3, dtype="float64")
    bad = tf.constant([[0.5, 0.5, 0.5], [0.5, 0.5, 0.0], [1.2, -0.1, -0.1]], tf.float64)
    with tf.GradientTape() as tape:
        tape.watch(bad)
        density = pf.distribution(model).log_prob(bad)
    assert (density.numpy() == -np.inf).all() and np.isfinite(tape.gradient(density, bad)).all()
    rounded = np.array([[0.333, 0.333, 0.333]])
    np.testing.assert_allclose(pf.log_prob(model, rounded), pf.log_prob(model, [[1 / 3] * 3]), rtol=1e-12)
    data, support = frame(50), dict.fromkeys(NAMES, "simplex")
    data.loc[[7, 9], "clay"] += 0.01
    message = r"in `x`, the columns 'clay', 'silt', 'sand' do not add up to 1 in 2 rows, first in row 7, .* to 1\.01"
    with pytest.raises(DataError, match=message):
        pf.fit(pf.affine(), data, support=support, **QUIET)
    data.loc[3, "silt"] = 0.0
    with pytest.raises(DataError, match=r"column 'silt' has 1 value <= 0, first in row 3; parts are > 0"):
        pf.fit(pf.affine(), data, support=support, **QUIET)


def test_where_compositions_may_stand():
    with pytest.raises(ArgumentError, match=r"layer 1 \(simplex\): a composition needs at least 2 columns, .* 1\."):
        pf.build(pf.simplex(columns=1), 3)
    with pytest.raises(ArgumentError, match=r"layer 1 \(simplex\): it must stand at the data end"):
        pf.build(pf.flow(pf.simplex(), pf.affine()), 3)
    with pytest.raises(ArgumentError, match='has "simplex" for one column'):
        pf.fit(pf.affine(), dirichlet(9), support={0: "simplex"}, **QUIET)
