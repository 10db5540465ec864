"""Iterative inverses of autoregressive layers: as exact as the exact one, honest about it, with the same gradients."""

from __future__ import annotations

import numpy as np
import pytest
from cases import move, some_rows

import pyflows as pf
from pyflows import solvers
from pyflows.backend import tf
from pyflows.errors import ArgumentError

METHODS = [method for method in solvers.METHODS if method != "exact"]
every_method = pytest.mark.parametrize("method", METHODS)


def layer(**args):
    return pf.autoregressive(**{"hidden": (8, 8), "activation": "tanh", **args})


def moved(flow, d, c=0, dtype="float64", size=0.3):
    return move(pf.build(flow, d, c, seed=1, dtype=dtype), size)


@pytest.mark.parametrize(("dtype", "tolerance"), [("float32", 1e-5), ("float64", 1e-10)])
@pytest.mark.parametrize(("transform", "fast"), [("affine", "density"), ("rq_spline", "sampling")])
@pytest.mark.parametrize("method", solvers.METHODS)
def test_a_conditional_flow_of_several_layers_inverts(method, fast, transform, dtype, tolerance):
    one = layer(solver=method, fast=fast, transform=transform)
    model = moved(pf.flow(one, pf.reverse(), one, pf.reverse(), one), 6, 2, dtype, size=0.1)
    x, context = some_rows(6, 2, n=500)
    there_and_back = pf.forward(model, pf.inverse(model, x, context), context)
    assert np.max(np.abs(there_and_back - x) / (1.0 + np.abs(x))) < tolerance
    assert np.max(np.abs(pf.inverse(model, pf.forward(model, x, context), context) - x) / (1.0 + np.abs(x))) < tolerance


@every_method
@pytest.mark.parametrize("transform", ["affine", "additive", "rq_spline"])
@pytest.mark.parametrize("fast", ["density", "sampling"])
def test_solvers_give_what_the_exact_inverse_gives_and_its_gradients(fast, transform, method):
    d, c = 5, 2
    rows, context = (tf.constant(part.T) for part in some_rows(d, c))
    results = []
    for solver in ("exact", method):
        model = moved(layer(solver=solver, fast=fast, transform=transform), d, c, size=0.7)
        ((_, map_),) = model.architecture.layers
        weights = model.architecture.of_layer(model.variables, "layers/0")
        slow = map_.forward if fast == "density" else map_.inverse
        sources = [rows, context, *weights.values()]
        with tf.GradientTape() as tape:
            tape.watch(sources)
            result, log_det = slow(weights, rows, context)
            total = tf.reduce_sum(tf.sin(result)) + tf.reduce_sum(tf.square(log_det))
        results.append([result, log_det, *tape.gradient(total, sources)])
    for one, other in zip(*results, strict=True):
        np.testing.assert_allclose(other, one, rtol=1e-9, atol=1e-10)


@every_method
def test_many_layers_fit_and_sample(method):
    """Inside compiled loops, and through the gradient of training (the density is the slow direction)."""
    x, _ = some_rows(3, n=300)
    flow = pf.flow(*[layer(solver=method, fast="sampling", hidden=(6,)), pf.reverse()] * 9)
    exact = pf.flow(*[layer(fast="sampling", hidden=(6,)), pf.reverse()] * 9)
    fits = [pf.fit(f, x, epochs=2, seed=1, progress=False, dtype="float64") for f in (flow, exact)]
    np.testing.assert_allclose(*(fit.facts["train_log_prob"] for fit in fits), rtol=1e-6)
    np.testing.assert_allclose(*(pf.sample(fit, 5, seed=2) for fit in fits), rtol=1e-4)


@every_method
def test_convergence_is_reported(method):
    d = 6
    model = moved(pf.flow(layer(solver=method), pf.reverse(), layer(solver=method)), d)
    z = some_rows(d)[0]
    with solvers.watch() as found:
        pf.bijector(model).forward(tf.constant(z))
    assert [entry.method for entry in found] == [method] * 2
    # Where all is linear, Broyden's method takes at most 2 d steps (Gay 1979).
    most = 2 * d + 3 if method == "broyden" else d + 3
    assert all(1 < entry.iterations <= most and entry.residual < 1e-13 for entry in found)
    with solvers.watch() as found:
        pf.bijector(model).inverse(tf.constant(z))
    assert found == []  # the other direction solves nothing


@every_method
def test_independent_dimensions_need_one_step_and_one_look(method):
    model = pf.build(layer(solver=method), 6, seed=1, dtype="float64")
    model.variables["layers/0/output/kernel"].assign(tf.zeros_like(model.variables["layers/0/output/kernel"]))
    with solvers.watch() as found:
        pf.bijector(model).forward(tf.constant(some_rows(6)[0]))
    # The other methods hand over to the fixed point, which looks once more.
    assert found[0].iterations <= 3


def test_newton_arrives_by_itself_mostly_and_falls_back_where_it_fails(monkeypatch):
    d = 6
    model = moved(layer(solver="newton", transform="rq_spline", box=8.0), d)
    z = tf.constant(3.0 * some_rows(d, n=300)[0])
    exact = moved(layer(transform="rq_spline", box=8.0), d)
    expected = pf.bijector(exact).forward(z)
    for extra in (solvers.EXTRA_STEPS, 2 - d):  # enough steps, and far too few
        monkeypatch.setattr(solvers, "EXTRA_STEPS", extra)
        with solvers.watch() as found:
            np.testing.assert_allclose(pf.bijector(model).forward(tf.identity(z)), expected, atol=1e-11)
        assert found[0].residual < 1e-13
        assert found[0].iterations <= (d + extra + 2 if extra > 0 else 2 + d)


def test_broyden_goes_back_from_steps_that_lead_astray(monkeypatch):
    """The fixed point of a function with a steep part: without going back, the first steps leave for far away."""
    target = tf.constant([[0.5, -2.0, 3.0], [1.0, 0.1, -4.0], [0.0, 2.0, 1.0]], tf.float64)

    def step(x):
        first = target[0]
        second = target[1] + 30.0 * tf.tanh(2.0 * x[0])
        return tf.stack([first, second, target[2] + tf.exp(tf.clip_by_value(0.2 * x[1], -9.0, 9.0))])

    expected = step(step(step(tf.zeros_like(target))))
    begin, state = solvers._broyden(step, tf.zeros_like(target))
    x, turns = solvers._repeat(begin, state, solvers.BROYDEN_STEPS, 1e-9)
    np.testing.assert_allclose(x, expected, rtol=1e-8)
    assert int(turns) < solvers.BROYDEN_STEPS


@every_method
def test_what_has_not_converged_is_not_returned(method, monkeypatch):
    repeat = solvers._repeat
    monkeypatch.setattr(solvers, "_repeat", lambda step, state, limit, small: repeat(step, state, 1, small))
    model = moved(layer(solver=method, hidden=(9, 9)), 5, size=1.0)
    with pytest.raises(tf.errors.InvalidArgumentError, match="did not converge"):
        pf.bijector(model).forward(tf.constant(some_rows(5)[0]))
    with pytest.raises(ArgumentError, match=r"did not converge \(largest residual \d") as caught:
        pf.forward(model, some_rows(5)[0])
    assert caught.value.argument == "solver"


@every_method
def test_solvers_work_for_graphs_and_orders(method):
    x = some_rows(4)[0]
    chain = np.eye(4, k=1, dtype=int)
    for args in ({"adjacency": chain}, {"order": "reversed"}):
        one, exact = (moved(layer(solver=solver, **args), 4) for solver in (method, "exact"))
        np.testing.assert_allclose(pf.forward(one, x), pf.forward(exact, x), atol=1e-12)


@every_method
def test_no_rows_and_one_dimension(method):
    model = moved(layer(solver=method), 1)
    assert pf.forward(model, np.zeros((0, 1))).shape == (0, 1)
    x = some_rows(1)[0]
    np.testing.assert_allclose(pf.forward(model, pf.inverse(model, x)), x, atol=1e-12)
