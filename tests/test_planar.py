"""Planar, radial and Sylvester layers in closed form; inverses of all multivariate maps whatever the weights."""

from __future__ import annotations

import numpy as np
import pytest
from cases import moved_model, some_rows
from test_closed_forms import set_weights

import pyflows as pf
from pyflows.backend import tf
from pyflows.layers.reflections import orthogonal, rotations

KINDS = {
    "planar": pf.planar,
    "radial": pf.radial,
    "sylvester": lambda: pf.sylvester(3),
    "block_autoregressive": lambda: pf.block_autoregressive((4, 4)),
    "residual": lambda: pf.residual((8, 8)),
}


@pytest.mark.parametrize("c", [0, 2])
@pytest.mark.parametrize("name", list(KINDS))
def test_inverses_hold_for_extreme_weights(name, c):
    """Weights with sd 5. Slopes of all these maps are bounded from below, hence the loss of precision is too."""
    d, rng = 4, np.random.default_rng(8)
    rows, context = some_rows(d, c, n=200)
    for seed in range(5):
        model = pf.build(KINDS[name](), d, c, seed=seed, dtype="float64")
        for variable in model.variables.values():
            variable.assign(5.0 * rng.standard_normal(variable.shape))
        if c:
            model.variables["context/log_scale"].assign([0.0, 0.0])
        z = pf.inverse(model, rows, context)
        assert np.isfinite(pf.log_prob(model, rows, context)).all()
        np.testing.assert_allclose(pf.forward(model, z, context), rows, rtol=1e-9, atol=1e-7)


def softplus_inverse(y):
    return np.log(np.expm1(y))


def test_planar_is_its_formula():
    d, rng = 3, np.random.default_rng(1)
    w, u, b = rng.normal(size=d), rng.normal(size=d), 0.4
    model = set_weights(pf.build(pf.planar(), d, seed=1, dtype="float64"), direction=w, push=u, offset=b)
    bend = np.log1p(np.exp(w @ u + softplus_inverse(0.999))) - 0.999
    u = u + (bend - w @ u) * w / (w @ w)
    assert w @ u == pytest.approx(bend) and bend > -0.999
    x, _ = some_rows(d, n=20)
    t = np.tanh(x @ w + b)
    z = x + t[:, None] * u
    np.testing.assert_allclose(pf.inverse(model, x), z, rtol=1e-12)
    expected = -0.5 * (z**2 + np.log(2 * np.pi)).sum(1) + np.log1p(w @ u * (1 - t**2))
    np.testing.assert_allclose(pf.log_prob(model, x), expected, rtol=1e-12)


@pytest.mark.parametrize("strength", [-3.0, 2.0])
def test_radial_is_its_formula(strength):
    d, rng = 3, np.random.default_rng(2)
    center = rng.normal(size=d)
    model = pf.build(pf.radial(), d, seed=1, dtype="float64")
    set_weights(model, center=center, radius=softplus_inverse(0.7 - 1e-3), strength=strength)
    beta = 0.7 * (np.log1p(np.exp(strength + softplus_inverse(0.999))) - 0.999)
    x, _ = some_rows(d, n=20)
    r = np.linalg.norm(x - center, axis=1)
    z = x + beta * (x - center) / (0.7 + r)[:, None]
    np.testing.assert_allclose(pf.inverse(model, x), z, rtol=1e-12)
    # The image of the centre is the centre.
    np.testing.assert_allclose(pf.forward(model, center[None]), center[None], rtol=1e-15)
    log_det = 2 * np.log1p(beta / (0.7 + r)) + np.log1p(0.7 * beta / (0.7 + r) ** 2)
    expected = -0.5 * (z**2 + np.log(2 * np.pi)).sum(1) + log_det
    np.testing.assert_allclose(pf.log_prob(model, x), expected, rtol=1e-12)


def test_sylvester_of_rank_one_is_planar():
    d = 3
    model = moved_model("sylvester", "rank 1", d)
    (_, map_) = model.architecture.layers[0]
    weights = {name: model.variables[f"layers/0/{name}"].numpy() for name in map_.weights}
    v = weights["reflections"][0]
    direction = np.eye(d)[0] - 2 * v * v[0] / (v @ v)
    raw = weights["log_scale"][0]
    scale = np.exp(raw / (1 + abs(raw) / 3))
    bend = np.log1p(np.exp(weights["bend"][0] + softplus_inverse(0.999))) - 0.999
    x, _ = some_rows(d, n=20)
    t = np.tanh(scale * x @ direction + weights["offset"][0])
    np.testing.assert_allclose(pf.inverse(model, x), x + np.outer(t, bend / scale * direction), rtol=1e-12)


def test_rotations_are_orthogonal_whatever_the_vectors():
    rng = np.random.default_rng(3)
    matrix = orthogonal(tf.constant(1e3 * rng.normal(size=(6, 4)))).numpy()
    np.testing.assert_allclose(matrix @ matrix.T, np.eye(4), atol=1e-14)
    assert np.linalg.det(matrix) == pytest.approx(1.0)
    start = tf.constant(rotations(2, 4).start(rng))
    np.testing.assert_allclose(orthogonal(start), np.eye(4), atol=1e-14)
