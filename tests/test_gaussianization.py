"""Gaussianization layers, and the map between the normal and the logistic distribution under them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special, stats

import pyflows as pf
from pyflows.backend import tf
from pyflows.layers.gaussianization import first_mixture
from pyflows.tails import log_mills, logistic_from_normal, normal_from_logistic


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_normal_quantiles_are_right_in_both_tails(dtype):
    size = np.concatenate([[0.0], np.geomspace(1e-8, 1e6, 300)])
    u = np.concatenate([-size[::-1], size]).astype(dtype)
    z, log_slope = normal_from_logistic(tf.constant(u))
    exact, eps = z.numpy().astype("float64"), np.finfo(dtype).eps
    assert (exact * u >= 0.0).all()
    tail = special.log_expit(-np.abs(u.astype("float64")))
    np.testing.assert_allclose(special.log_ndtr(-np.abs(exact)), tail, rtol=20 * eps)
    expected = tail + special.log_expit(np.abs(u.astype("float64"))) - stats.norm.logpdf(exact)
    near = np.abs(u) < 30.0
    np.testing.assert_allclose(log_slope.numpy()[near], expected[near], atol=200 * eps)
    back, log_slope_back = logistic_from_normal(z)
    np.testing.assert_allclose(back, u, rtol=50 * eps, atol=20 * eps)
    np.testing.assert_allclose(log_slope_back, -log_slope, atol=20 * eps)


def test_gradients_of_the_quantiles_are_their_slopes():
    u = tf.constant([-300.0, -3.0, -1e-9, 0.0, 1e-9, 0.5, 40.0, 1e5], tf.float64)
    for function in (normal_from_logistic, logistic_from_normal):
        value = u if function is normal_from_logistic else tf.sign(u) * tf.minimum(tf.abs(u), 40.0)
        with tf.GradientTape() as tape:
            tape.watch(value)
            total = tf.reduce_sum(function(value)[0])
        np.testing.assert_allclose(tape.gradient(total, value), np.exp(function(value)[1]), rtol=1e-12)


def test_mills_ratio():
    z = np.array([0.0, 0.3, 2.0, 30.0, 1e3])
    np.testing.assert_allclose(log_mills(tf.constant(z)), special.log_ndtr(-z) - stats.norm.logpdf(z), atol=1e-9)


def test_normal_values_come_back_whatever_the_weights():
    """From z and back. From x and back holds where F is not flat: between far modes z says nothing of x."""
    d, rng = 3, np.random.default_rng(8)
    z = rng.standard_normal((200, d))
    for seed in range(5):
        model = pf.build(pf.gaussianization(5, 3), d, seed=seed, dtype="float64")
        for variable in model.variables.values():
            variable.assign(5.0 * rng.standard_normal(variable.shape))
        np.testing.assert_allclose(pf.inverse(model, pf.forward(model, z)), z, atol=1e-10)


@pytest.mark.parametrize("components", [4, 8, 20])
def test_the_first_mixture_is_nearly_normal(components):
    means, scale, logits = first_mixture(components)
    x = np.linspace(-3, 3, 61)
    below = (special.softmax(logits)[:, None] * special.expit((x - means[:, None]) / scale)).sum(0)
    np.testing.assert_allclose(special.ndtri(below), x, atol=0.25 if components == 4 else 0.03)


def test_one_column_has_the_density_of_the_mixture():
    """With a normal base, and before any rotation, each column is its mixture of logistics."""
    model = pf.build(pf.gaussianization(3, 0), 1, seed=1, dtype="float64")
    means, raw, logits = np.array([-2.0, 0.5, 4.0]), np.array([0.3, -0.4, 1.0]), np.array([0.2, 1.0, -0.5])
    for name, value in {"means": means, "log_scales": raw, "logits": logits}.items():
        model.variables[f"layers/0/{name}"].assign(value[:, None])
    scales = np.exp(raw / (1 + np.abs(raw) / 3.0)) * first_mixture(3)[1]
    x = np.linspace(-60, 80, 401)
    parts = stats.logistic.logpdf(x, means[:, None], scales[:, None]) + special.log_softmax(logits)[:, None]
    np.testing.assert_allclose(pf.log_prob(model, x[:, None]), special.logsumexp(parts, 0), rtol=1e-10, atol=1e-10)
