"""Random estimates in training steps: unbiased, for training alone, and from the seed."""

from __future__ import annotations

import numpy as np
import pytest
from cases import some_rows

import pyflows as pf
from pyflows.backend import tf
from pyflows.stacks import LOOP_FROM

D = 5
# Of the differential equation; its error at the end is a few times that of a step.
TOLERANCE = 1e-4
LAYERS = {
    "roulette": (
        pf.residual((D,), lipschitz=0.8, log_det="roulette"),
        pf.residual((D,), lipschitz=0.8, log_det="exact"),
    ),
    "hutchinson": (
        pf.continuous((D,), "tanh", TOLERANCE, "hutchinson"),
        pf.continuous((D,), "tanh", TOLERANCE, "exact"),
    ),
}
every_estimate = pytest.mark.parametrize("name", list(LAYERS))


def moved(flow, d=D):
    """Weights that make the log-determinant differ from 0 by a lot: each dimension shrinks, and a little more."""
    model = pf.build(flow, d, seed=1, dtype="float64")
    for name, sign in (("hidden/0/kernel", 1.0), ("output/kernel", -1.0)):
        variable = model.variables[f"layers/0/{name}"]
        noise = 0.2 * np.random.default_rng(len(name)).normal(size=variable.shape)
        variable.assign(0.6 * sign * np.eye(*variable.shape) + noise)
    return model


@every_estimate
def test_estimates_are_unbiased_and_so_are_their_gradients(name):
    """The mean of many draws is the exact value within five standard errors of it, for every row and weight."""
    model, draws = moved(LAYERS[name][0]), 100
    ((layer, map_),) = model.architecture.layers
    weights = model.architecture.of_layer({key: tf.constant(v) for key, v in model.weights.items()}, layer)
    kernel = "hidden/0/kernel"
    x = tf.constant(some_rows(D, n=3)[0].T)

    def total(kernel_value, draw):
        given = {**weights, kernel: kernel_value, "draw": draw}
        z, log_det, new = map_.inverse_training(given, x)
        return z, log_det, new["draw"]

    # Under XLA too, where there is something to compile: its random numbers are others.
    @tf.function(autograph=False, jit_compile=map_.jit_compilable)
    def one(draw):
        with tf.GradientTape() as tape:
            tape.watch(weights[kernel])
            z, log_det, following = total(weights[kernel], draw)
            value = tf.reduce_sum(log_det)
        return z, log_det, tape.gradient(value, weights[kernel]), following

    with tf.GradientTape() as tape:
        tape.watch(weights[kernel])
        exact_z, exact = map_.inverse(weights, x)
        value = tf.reduce_sum(exact)
    exact_gradient = tape.gradient(value, weights[kernel])
    draw, found = tf.constant(17.0, tf.float64), []
    for _ in range(draws):
        z, *values, draw = one(draw)
        found.append([value.numpy().ravel() for value in values])
    # The solver of the differential equation takes other steps, within its tolerance.
    np.testing.assert_allclose(z, exact_z, atol=10 * TOLERANCE)
    for estimates, expected in zip(zip(*found, strict=True), (exact, exact_gradient), strict=True):
        estimates = np.stack(estimates)
        error = estimates.std(0, ddof=1) / np.sqrt(draws)
        assert (error > 0).any()
        assert (np.abs(estimates.mean(0) - expected.numpy().ravel()) < 5 * error + 10 * TOLERANCE).all()
    assert np.abs(exact).max() > 0.3


@every_estimate
def test_reported_densities_are_exact(name):
    random, exact = (moved(flow) for flow in LAYERS[name])
    x = some_rows(D)[0]
    np.testing.assert_array_equal(pf.log_prob(random, x), pf.log_prob(exact, x))
    np.testing.assert_allclose(pf.forward(random, pf.inverse(random, x)), x, atol=10 * TOLERANCE)
    assert random.architecture.free_parameters == exact.architecture.free_parameters


@every_estimate
def test_fits_with_noise_are_reproducible_and_near_those_without(name, table, eagerly):
    def score(flow):
        model = pf.fit(flow, table[:80], epochs=1, batch_size=36, seed=1, progress=False, jit_compile=False)
        return model, model.facts["train_log_prob"]

    random, exact = LAYERS[name]
    (one, first), (two, second), (_, other) = score(random), score(random), score(exact)
    assert first == second
    assert float(one.weights["layers/0/draw"]) == float(two.weights["layers/0/draw"])
    start = pf.build(random, 2, seed=1).weights["layers/0/draw"]
    assert float(one.weights["layers/0/draw"]) == start + one.facts["steps"]
    assert first != other and abs(first - other) < 0.05


@pytest.mark.parametrize(("flow", "few", "many"), [(pf.residual(), 15, 16), (pf.continuous(), 3, 4)])
def test_estimates_begin_with_the_number_of_columns(flow, few, many):
    names = [{name for name in pf.build(flow, d, seed=1).weights if name.endswith("draw")} for d in (few, many)]
    assert names == [set(), {"layers/0/draw"}]


def test_many_layers_draw_each_for_itself():
    """As many as are run as a loop over stacked weights."""
    layers = LOOP_FROM
    flow = pf.flow(*[pf.residual(hidden=(2,), log_det="roulette")] * layers)
    options = {"epochs": 1, "batch_size": 32, "validation": 0, "seed": 1, "progress": False, "jit_compile": False}
    model = pf.fit(flow, some_rows(2, n=64)[0], **options)
    draws = [value for name, value in model.weights.items() if name.endswith("draw")]
    starts = pf.build(flow, 2, seed=1).weights
    assert len(draws) == layers == len(set(map(float, draws)))
    assert all(float(model.weights[name] - starts[name]) == 2.0 for name in starts if name.endswith("draw"))
