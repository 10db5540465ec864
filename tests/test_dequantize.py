"""Whole numbers: bounds near the truth, noise that is new in each step, and rows that are not whole."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

import pyflows as pf
from pyflows.backend import tf
from pyflows.errors import ArgumentError, DataError
from pyflows.files import from_bytes, to_bytes
from pyflows.layers.dequantize import DRAWS

QUIET = {"seed": 1, "progress": False, "jit_compile": False}


@pytest.mark.parametrize(
    ("law", "method"),
    [(stats.poisson(4.0), "uniform"), (stats.poisson(4.0), "variational"), (stats.geom(0.3, loc=-1), "uniform")],
    ids=["poisson uniform", "poisson variational", "geometric uniform"],
)
def test_the_bound_is_near_the_truth(law, method):
    """And is one, to the accuracy of 16 points: on average over rows of the true law, no density exceeds it."""
    x, new = (law.rvs((4000, 1), random_state=seed) for seed in (1, 2))
    flow = pf.elementwise("rq_spline", tails="linear")
    model = pf.fit(flow, x, support={0: ("count", method)}, epochs=12, learning_rate=0.02, **QUIET)
    gap = law.logpmf(new[:, 0]) - pf.log_prob(model, new)
    assert -0.01 < gap.mean() < 0.05
    total = np.exp(pf.log_prob(model, np.arange(200.0))).sum()
    assert 0.97 < total < 1.01


def test_the_bound_is_that_of_importance_sampling():
    """Against a probability in closed form: a normal, rounded down."""
    model = pf.build(pf.dequantize(), 1, seed=1, dtype="float64")
    k = np.arange(-4.0, 4.0)
    exact = np.log(np.diff(stats.norm.cdf(np.arange(-4.0, 5.0))))
    # The midpoint rule is off by p'' / (24 DRAWS^2), relative to p at most (4^2 - 1) / (24 DRAWS^2).
    np.testing.assert_allclose(pf.log_prob(model, k), exact, atol=15 / (24 * DRAWS**2))
    points = model.architecture.layers[0][1].points
    assert points.shape == (1, DRAWS)
    np.testing.assert_allclose(np.sort(np.floor(points * DRAWS)), [range(DRAWS)])  # one in each slice
    each = stats.norm.pdf(k[:, None] + points)
    np.testing.assert_allclose(pf.log_prob(model, k), np.log(each.mean(1)), rtol=1e-12)


def test_variational_noise_has_its_density():
    """p(x + u) / q(u | x) averages to the probability, whatever q; and q integrates to one."""
    model = pf.build(pf.dequantize("variational", hidden=(4,)), 1, seed=1, dtype="float64")
    rng = np.random.default_rng(1)
    for name, variable in model.variables.items():
        if "kernel" in name or "bias" in name:
            variable.assign(variable + 0.3 * rng.standard_normal(variable.shape))
    name, map_ = model.architecture.layers[0]
    own = model.architecture.of_layer(model.variables, name)
    e = tf.constant((np.arange(4000) + 0.5)[None] / 4000)
    u, log_density = map_._noise(own, tf.fill([1, 4000], tf.constant(2.0, tf.float64)), None, e)
    u = u.numpy()[0]
    assert (np.diff(u) > 0).all() and 0 < u[0] < 1e-2 and 1 - 1e-2 < u[-1] < 1
    np.testing.assert_allclose(np.diff(u) * np.exp(log_density)[1:] * 4000, 1.0, atol=0.02)


def test_noise_is_new_in_each_step_and_the_same_for_a_seed():
    model = pf.build(pf.dequantize(), 2, seed=1)
    map_, draw = model.architecture.layers[0][1], model.variables["layers/0/draw"]
    x = tf.constant(np.arange(8.0).reshape(2, 4), tf.float32)
    one, log_det, updates = map_.inverse_training({"draw": draw}, x)
    other = map_.inverse_training(updates, x)[0]
    assert ((one > x) & (one < x + 1)).numpy().all() and (one != other).numpy().all() and not log_det.numpy().any()
    np.testing.assert_array_equal(one, map_.inverse_training({"draw": draw}, x)[0])
    rows, options = np.random.default_rng(1).poisson(3.0, (200, 2)), {"validation": 0, "standardize": False, **QUIET}
    fits = [pf.fit(pf.flow(pf.affine(), pf.dequantize()), rows, epochs=2, **options) for _ in range(2)]
    for name, value in fits[0].weights.items():
        np.testing.assert_array_equal(value, fits[1].weights[name])
    # As many draws as steps; the weight that counts them is kept, but is no free parameter.
    steps = fits[0].weights["layers/1/draw"] - pf.build(fits[0].flow, 2, seed=1).weights["layers/1/draw"]
    assert steps == fits[0].facts["steps"] and fits[0].summary()["weights_count"] == 5


def test_standardising_is_inside_and_the_report_says_bound():
    x = 100 + np.random.default_rng(1).poisson(50.0, (500, 1))
    model = pf.fit(pf.flow(), x, support={0: "integer"}, validation=0, epochs=1, **QUIET)
    assert model.weights["standardize/shift"] == pytest.approx(x.mean() + 0.5, rel=1e-5)
    assert "mean log-probability, a lower bound: " in repr(model)
    assert model.summary()["bound"] is True and pf.fit(pf.flow(), x, epochs=1, **QUIET).summary()["bound"] is False
    again = from_bytes(to_bytes(model))
    np.testing.assert_array_equal(pf.log_prob(again, x), pf.log_prob(model, x))
    assert again.summary() == model.summary()


@pytest.mark.parametrize("support", ["integer", "count"])
def test_a_million_draws_are_whole_numbers(support):
    x = np.random.default_rng(1).poisson(1.0, (200, 1))
    model = pf.fit(pf.affine(), x, support={0: support}, epochs=1, **QUIET)
    draws = pf.sample(model, 1_000_000, seed=1)
    assert np.isfinite(draws).all() and (draws == np.floor(draws)).all()
    assert draws.min() == 0 if support == "count" else draws.min() < 0
    assert np.isfinite(pf.log_prob(model, draws[:1000])).all()


def test_rows_that_are_not_whole():
    model = pf.build(pf.flow(pf.positive(), pf.dequantize()), 2, seed=1, dtype="float64")
    x = tf.constant([[0.0, 1.5], [2.0, 0.0], [0.0, -1.0]], tf.float64)
    with tf.GradientTape() as tape:
        tape.watch(x)
        density = pf.distribution(model).log_prob(x)
    np.testing.assert_array_equal(np.isfinite(density), [False, True, False])
    assert np.isfinite(tape.gradient(density, x)).all()
    np.testing.assert_allclose(pf.log_prob(model, x.numpy()), density)
    counts = np.random.default_rng(1).poisson(3.0, (50, 2)).astype(float)
    counts[4, 1] = 2.5
    message = r"in `x`, column 1 has 1 value that is not a whole number, first 2\.5 in row 4\."
    with pytest.raises(DataError, match=message):
        pf.fit(pf.affine(), counts, support={1: "integer"}, **QUIET)
    counts[4, 1] = -1.0
    message = r"in `x` with 0\.5 added to whole numbers, column 1 has 1 value <= 0, first in row 4; .* \(0, inf\)"
    with pytest.raises(DataError, match=message):
        pf.fit(pf.affine(), counts, support={1: "count"}, **QUIET)


def test_where_noise_may_stand():
    with pytest.raises(ArgumentError, match=r"layer 1 \(dequantize\): .* as the last layer of all"):
        pf.build(pf.flow(pf.dequantize(), pf.positive()), 1)
    with pytest.raises(ArgumentError, match=r"layer 1 \(dequantize\): .*, not inside another layer"):
        pf.build(pf.freeze(pf.dequantize()), 1)
    with pytest.raises(ArgumentError, match="one method for all columns of whole numbers"):
        pf.fit(pf.affine(), np.eye(3), support={0: "count", 1: ("integer", "variational")}, **QUIET)
