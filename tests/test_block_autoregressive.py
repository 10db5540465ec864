"""Block autoregressive layers: triangular, increasing, and the whole line at both ends."""

from __future__ import annotations

import numpy as np
import pytest
from cases import moved_model, some_rows

import pyflows as pf
from pyflows.backend import tf


@pytest.mark.parametrize("variant", ["plain", "one layer"])
def test_the_jacobian_is_triangular_with_a_positive_diagonal(variant):
    d = 4
    model = moved_model("block_autoregressive", variant, d)
    rows, _ = some_rows(d, n=1)
    x = tf.constant(rows.T)
    with tf.GradientTape() as tape:
        tape.watch(x)
        z, log_det = model.architecture.inverse(dict(model.variables), x)
    jacobian = tape.jacobian(z, x).numpy()[:, 0, :, 0]
    assert (np.triu(jacobian, 1) == 0).all() and (np.diag(jacobian) > 0).all()
    assert (jacobian[np.tril_indices(d, -1)] != 0).all()
    assert float(log_det[0]) == pytest.approx(np.log(np.diag(jacobian)).sum(), rel=1e-12)


def test_far_values_have_inverses():
    model = moved_model("block_autoregressive", "plain", 3)
    far = 1e8 * np.array([[1.0, -1.0, 1.0], [-1.0, 0.0, 1.0]])
    np.testing.assert_allclose(pf.inverse(model, pf.forward(model, far)), far, rtol=1e-12, atol=1e-6)


def test_one_layer_learns_two_modes():
    rng = np.random.default_rng(1)
    x = (rng.choice([-2.0, 2.0], 1000) + 0.5 * rng.standard_normal(1000))[:, None]
    options = {"epochs": 150, "batch_size": 250, "learning_rate": 0.02, "seed": 1, "progress": False}
    model = pf.fit(pf.block_autoregressive((8, 8)), x, **options)
    normal = pf.fit(pf.affine(), x, **options)
    assert pf.log_prob(model, x).mean() > pf.log_prob(normal, x).mean() + 0.4
