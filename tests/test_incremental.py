"""The exact inverse of autoregressive layers against as many passes of the network as there are dimensions."""

from __future__ import annotations

import numpy as np
import pytest

import pyflows as pf
from pyflows import incremental
from pyflows.backend import tf
from pyflows.networks import MaskedNetwork
from pyflows.transforms import TRANSFORMS

# Dimensions in a span and in a block: all at once, blocks alone, spans alone, both, and what does not divide evenly.
CUTS = [(8, 8), (8, 1), (1, 1), (4, 1), (4, 2), (2, 2), (3, 2), (5, 3), (8, 3), (7, 4)]
NETWORKS = {
    "plain": ("affine", {"hidden": (11, 7)}),
    "context": ("affine", {"hidden": (11, 7), "context": 2}),
    "residual": ("affine", {"hidden": (9, 9, 9), "residual": True, "context": 1}),
    "few units": ("affine", {"hidden": (3,)}),
    "circle": ("circular_spline", {"hidden": (10, 9)}),
    "constant": ("affine", {"hidden": ()}),
    # More parameters than rows of a block's own that are worth a product before the loop.
    "spline": ("rq_spline", {"hidden": (12,), "context": 1}),
}


def made(name, d):
    kind, options = NETWORKS[name]
    transform = TRANSFORMS[kind](8, 4.0, "identity")
    options = {"context": 0, "residual": False, "activation": "tanh"} | options
    network = MaskedNetwork(d, params=transform.params, start=transform.identity, period=transform.period, **options)
    rng = np.random.default_rng(0)
    weights = {key: tf.constant(0.4 * rng.normal(size=w.shape)) for key, w in network.weights.items()}
    value = tf.constant(rng.uniform(-2.0, 2.0, (d, 6)))
    context = tf.constant(rng.normal(size=(options["context"], 6))) if options["context"] else None
    return transform, network, weights, value, context


def pass_by_pass(network, weights, value, context, apply):
    result = tf.zeros_like(value)
    for _ in range(network.event):
        result, log_derivative = apply(network(weights, result, context), value)
    return result, tf.reduce_sum(log_derivative, 0)


@pytest.mark.parametrize("cut", CUTS)
@pytest.mark.parametrize("name", NETWORKS)
def test_any_cut_gives_the_result_of_all_passes(name, cut):
    transform, network, weights, value, context = made(name, 8)
    expected = pass_by_pass(network, weights, value, context, transform.forward)
    found = incremental.invert(network, weights, value, context, transform.forward, *cut)
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=1e-12)


@pytest.mark.parametrize("d", [1, 2, 3, 5, 12, 17, 33, 130])
@pytest.mark.parametrize("name", ["plain", "context", "spline"])
def test_the_cut_for_each_size_gives_the_result_of_all_passes(name, d):
    transform, network, weights, value, context = made(name, d)
    expected = pass_by_pass(network, weights, value, context, transform.forward)
    found = incremental.invert(network, weights, value, context, transform.forward)
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=1e-10)


def test_it_can_be_differentiated():
    transform, network, weights, value, context = made("context", 6)

    def slope(solve):
        with tf.GradientTape() as tape:
            tape.watch(weights)
            result, log_det = solve(network, weights, value, context, transform.forward)
            total = tf.reduce_sum(tf.sin(result)) + tf.reduce_sum(log_det)
        return tape.gradient(total, weights)

    expected = slope(pass_by_pass)
    found = slope(lambda *args: incremental.invert(*args, 4, 2))
    for name, value in expected.items():
        np.testing.assert_allclose(found[name], value, rtol=0, atol=1e-10)


@pytest.mark.parametrize("flow", [pf.maf, pf.nsf])
@pytest.mark.parametrize("d", [3, 7, 17, 129])
def test_several_layers_as_a_plain_function(flow, d):
    model = pf.build(flow(layers=3, hidden=(8,)), d, seed=1, dtype="float64")
    draws = pf.sample(model, 40, seed=2)
    np.testing.assert_allclose(pf.forward(model, pf.inverse(model, draws)), draws, rtol=0, atol=1e-10)
