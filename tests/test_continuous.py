"""Continuous layers, and the solver of differential equations under them."""

from __future__ import annotations

import numpy as np
import pytest
from cases import move, some_rows
from scipy import linalg

import pyflows as pf
from pyflows.backend import tf
from pyflows.ode import integrate


def rotate(t, state, matrix):
    return tf.linalg.matmul(matrix, state)


@pytest.mark.parametrize("tolerance", [1e-4, 1e-7, 1e-10])
def test_linear_equations_are_matrix_exponentials(tolerance):
    rng = np.random.default_rng(1)
    matrix, start = rng.standard_normal((3, 3)), rng.standard_normal((3, 5))
    found = integrate(rotate, tf.constant(start), (tf.constant(matrix),), tolerance)
    np.testing.assert_allclose(found, linalg.expm(matrix) @ start, atol=100 * tolerance)


def test_the_method_has_order_five():
    """The error of a step of size h falls like h^6: measured by the tolerance that chooses the steps."""
    start = tf.constant([[1.0], [0.0]], tf.float64)
    matrix = tf.constant([[0.0, 6.0], [-6.0, 0.0]], tf.float64)
    steps, errors = [], []
    for tolerance in (1e-5, 1e-10):
        calls = []

        def rate(t, state, matrix, calls=calls):
            calls.append(t)
            return tf.matmul(matrix, state)

        found = integrate(rate, start, (matrix,), tolerance).numpy()[:, 0]
        errors.append(np.abs(found - [np.cos(6.0), -np.sin(6.0)]).max())
        steps.append(len(calls) / 7)
    assert np.log(errors[0] / errors[1]) / np.log(steps[1] / steps[0]) == pytest.approx(5.0, abs=1.2)


@pytest.mark.parametrize("traced", [False, True])
def test_gradients_are_those_of_the_numbers_that_came_out(traced):
    def run(matrix, start):
        with tf.GradientTape() as tape:
            tape.watch([matrix, start])
            total = tf.reduce_sum(tf.square(integrate(rotate, start, (matrix,), 1e-10)))
        return tape.gradient(total, [matrix, start])

    rng = np.random.default_rng(2)
    matrix, start = rng.standard_normal((2, 2)), rng.standard_normal((2, 3))
    by_matrix, by_start = (tf.function(run, autograph=False) if traced else run)(
        tf.constant(matrix), tf.constant(start)
    )
    end = linalg.expm(matrix)
    np.testing.assert_allclose(by_start, 2 * end.T @ end @ start, rtol=1e-8)
    for i, j in np.ndindex(2, 2):
        direction = np.zeros((2, 2))
        direction[i, j] = 1.0
        change = linalg.expm_frechet(matrix, direction, compute_expm=False) @ start
        assert float(by_matrix[i, j]) == pytest.approx(2 * (change * (end @ start)).sum(), rel=1e-7)


def test_an_end_that_is_not_reached_is_nan():
    explode = integrate(lambda t, y: y * y, tf.constant([2.0], tf.float64), (), 1e-6)  # infinite at time 1/2
    assert np.isnan(explode.numpy()).all()


def test_smaller_tolerances_come_nearer():
    d = 2
    rows, context = some_rows(d, 1)
    exact, *others = (
        pf.log_prob(move(pf.build(pf.continuous((8,), tolerance=t), d, 1, seed=1, dtype="float64")), rows, context)
        for t in (1e-12, 1e-8, 1e-4)
    )
    errors = [np.abs(other - exact).max() for other in others]
    assert errors[0] < 1e-7 and errors[1] < 1e-3


def test_a_continuous_flow_fits():
    rng = np.random.default_rng(4)
    x = rng.standard_normal((200, 2)) @ [[1.0, 0.8], [0.0, 0.6]]
    model = pf.fit(pf.cnf(hidden=(8,)), x, epochs=3, batch_size=50, seed=1, progress=False)
    assert np.isfinite(pf.log_prob(model, x)).all()
    assert pf.sample(model, 4, seed=1).shape == (4, 2)
