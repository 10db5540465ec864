"""Permutations that layers take into their own order: the same numbers, layer by layer."""

from __future__ import annotations

import numpy as np
import pytest

import pyflows as pf
from pyflows.architecture import architecture_of
from pyflows.backend import tf
from pyflows.maps import Size
from pyflows.reordering import PermuteMap

SMALL = {"hidden": (6, 6)}
D = 5
FLOWS = {
    "reversed": pf.maf(layers=4, permutation="reverse", **SMALL),
    "mixed": pf.maf(layers=5, **SMALL),
    "drawn": pf.flow(
        pf.autoregressive(**SMALL), pf.random_permute(1), pf.autoregressive(**SMALL), pf.random_permute(2)
    ),
    "ordered": pf.flow(pf.reverse(), pf.autoregressive(order="random", **SMALL), pf.permute([2, 0, 4, 1, 3])),
    "circular": pf.flow(pf.reverse(), pf.autoregressive("circular_spline", box=3.0, **SMALL), pf.random_permute(3)),
    "fast sampling": pf.iaf(layers=3, **SMALL),
    "fixed point": pf.flow(pf.random_permute(4), pf.autoregressive(solver="fixed_point", **SMALL), pf.reverse()),
    "graph": pf.flow(pf.reverse(), pf.autoregressive(adjacency=np.tri(D, k=-1).tolist(), **SMALL), pf.reverse()),
    "halves": pf.real_nvp(layers=3, permutation="reverse", **SMALL),
    "alternating": pf.flow(pf.coupling(mask="alternating", **SMALL), pf.random_permute(5), pf.coupling(**SMALL)),
    "all changed": pf.flow(pf.reverse(), pf.coupling(mask=[0] * D, **SMALL), pf.random_permute(6)),
    "in the way": pf.flow(
        pf.reverse(), pf.autoregressive(**SMALL), pf.reverse(), pf.actnorm(), pf.reverse(), pf.affine()
    ),
    "a loop": pf.maf(layers=10, permutation="reverse", **SMALL),
    "a mixed loop": pf.maf(layers=10, batch_norm=True, **SMALL),
    "a mixed loop the other way": pf.iaf(layers=10, **SMALL),
    "a mixed loop of halves": pf.real_nvp(layers=10, **SMALL),
}


@pytest.fixture(params=FLOWS)
def architecture(request):
    return architecture_of(FLOWS[request.param], Size(event=D, dtype="float64"))


@pytest.fixture
def weights(architecture):
    # Moved away from the start, where outputs are nearly the same for all dimensions.
    rng = np.random.default_rng(0)
    values = architecture.start(0)
    return {name: tf.constant(value + 0.1 * rng.normal(size=value.shape)) for name, value in values.items()}


@pytest.mark.parametrize("direction", ["forward", "inverse"])
def test_the_numbers_are_those_of_layer_by_layer(architecture, weights, direction):
    value = tf.constant(np.random.default_rng(1).normal(size=(D, 20)))
    result, log_det = getattr(architecture, direction)(weights, value)
    expected, total = value, 0.0
    for name, map_ in architecture.layers if direction == "forward" else reversed(architecture.layers):
        expected, part = getattr(map_, direction)(architecture.of_layer(weights, name), expected)
        total = total + part
    np.testing.assert_allclose(result, expected, rtol=0, atol=1e-9)
    np.testing.assert_allclose(log_det, total, rtol=0, atol=1e-9)


def test_gradients_reach_the_same_weights(architecture, weights):
    x = tf.constant(np.random.default_rng(2).normal(size=(D, 20)))
    names = [name for name in architecture.trained if name.startswith("layers/")]
    sources = [weights[name] for name in names]
    with tf.GradientTape() as tape:
        tape.watch(sources)
        found = tf.reduce_sum(architecture.log_prob(weights, x))
    gradients = tape.gradient(found, sources, unconnected_gradients=tf.UnconnectedGradients.ZERO)
    direction = [tf.constant(np.random.default_rng(3).normal(size=part.shape)) for part in sources]
    step = 1e-6

    def moved(sign):
        there = {name: part + sign * step * way for name, part, way in zip(names, sources, direction, strict=True)}
        return float(tf.reduce_sum(architecture.log_prob({**weights, **there}, x)))

    slope = sum(float(tf.reduce_sum(g * way)) for g, way in zip(gradients, direction, strict=True))
    assert (moved(1) - moved(-1)) / (2 * step) == pytest.approx(slope, rel=1e-4, abs=1e-4)


@pytest.mark.parametrize(
    ("flow", "direction", "compiled"),
    [
        (pf.maf(layers=5), "inverse_training", 5),
        (pf.maf(layers=5), "forward", 2),
        (pf.maf(layers=20), "inverse_training", 2),
        (pf.maf(layers=20, permutation="reverse"), "inverse_training", 2),
        (pf.maf(layers=21, batch_norm=True), "inverse_training", 4),
        (pf.real_nvp(layers=20), "forward", 2),
        (pf.flow(pf.affine(), pf.prelu(), pf.maf(layers=4)), "forward", 4),
    ],
)
def test_layers_in_different_orders_are_compiled_once(flow, direction, compiled):
    sequence = architecture_of(flow, Size(event=D, dtype="float64")).sequence
    assert sum(part.compiled_in(direction) for part in sequence.parts_in(direction)) == compiled


@pytest.mark.parametrize(("name", "left"), [("reversed", 1), ("drawn", 1), ("halves", 0), ("in the way", 1)])
def test_few_permutations_are_left(name, left):
    sequence = architecture_of(FLOWS[name], Size(event=D, dtype="float64")).sequence
    maps = [map_ for part in sequence.parts for _, map_ in part.layers]
    assert sum(isinstance(map_, PermuteMap) for map_ in maps) == left
