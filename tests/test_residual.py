"""Residual layers: the bound on their steps, and what follows from it."""

from __future__ import annotations

import numpy as np
import pytest
from cases import move, some_rows

import pyflows as pf
from pyflows.backend import tf
from pyflows.elimination import log_determinant, solve_systems
from pyflows.layers.residual import spectral_bound
from pyflows.smooth_networks import SMOOTH_ACTIVATIONS


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (7, 1), (64, 64), (5, 30), (30, 5)])
def test_spectral_bound_is_a_bound_and_a_close_one(shape, dtype):
    rng = np.random.default_rng(1)
    for scale in (1e-6, 1.0, 1e6):
        matrix = (scale * rng.standard_normal(shape)).astype(dtype)
        norm = np.linalg.norm(matrix.astype("float64"), 2)
        bound = float(spectral_bound(tf.constant(matrix)))
        assert norm * (1 - 100 * np.finfo(dtype).eps) <= bound <= 1.04 * norm
    # Equal singular values are the worst case.
    assert 1.0 <= float(spectral_bound(tf.eye(64, dtype="float64"))) <= 64 ** (1 / 128) + 1e-12
    assert float(spectral_bound(tf.zeros(shape, dtype))) < 1e-6


@pytest.mark.parametrize(("lipschitz", "size"), [(0.5, 0.5), (0.97, 5.0)])
@pytest.mark.parametrize("activation", SMOOTH_ACTIVATIONS)
def test_steps_are_lipschitz_whatever_the_weights(activation, lipschitz, size):
    d, rng = 3, np.random.default_rng(2)
    flow = pf.residual((8, 8), activation, lipschitz)
    model = move(pf.build(flow, d, 2, seed=1, dtype="float64"), size=size)
    x = 3.0 * rng.standard_normal((2000, d))
    y = x + 0.3 * rng.standard_normal((2000, d)) * rng.random((2000, 1))
    context = rng.standard_normal((2000, 2))
    step = (pf.inverse(model, x, context) - x) - (pf.inverse(model, y, context) - y)
    ratio = np.linalg.norm(step, axis=1) / np.linalg.norm(x - y, axis=1)
    assert ratio.max() <= lipschitz
    assert size > 1.0 or ratio.max() > 0.1 * lipschitz  # units that are not saturated use some of it
    np.testing.assert_allclose(pf.forward(model, pf.inverse(model, x, context), context), x, atol=1e-11)


def test_elimination_is_linear_algebra():
    d, n, rng = 6, 9, np.random.default_rng(3)
    matrix = rng.standard_normal((n, d, d))
    matrix = np.eye(d) + 0.95 * matrix / np.linalg.norm(matrix, 2, axis=(1, 2))[:, None, None]
    right = rng.standard_normal((n, d))
    columns = tf.constant(np.moveaxis(matrix, 0, -1))
    np.testing.assert_allclose(log_determinant(columns), np.linalg.slogdet(matrix)[1], atol=1e-12)
    expected = np.linalg.solve(matrix, right[..., None])[..., 0]
    np.testing.assert_allclose(solve_systems(columns, tf.constant(right.T)), expected.T, atol=1e-12)


def test_small_lipschitz_constants_need_few_turns():
    model = move(pf.build(pf.residual(lipschitz=1e-3), 2, seed=1, dtype="float64"))
    x, _ = some_rows(2)
    np.testing.assert_allclose(pf.forward(model, pf.inverse(model, x)), x, atol=1e-14)
