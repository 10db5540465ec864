"""Users' own kinds: they build, fit, print, save and load like the built-in ones."""

from __future__ import annotations

import numpy as np
import pytest

import pyflows as pf
from pyflows import spec
from pyflows.backend import tf, tfb, tfd
from pyflows.bases import Base
from pyflows.errors import ArgumentError, FileError
from pyflows.files import from_bytes, to_bytes
from pyflows.maps import Map, constant


@pytest.fixture
def registry(monkeypatch):
    """A registry that is put back after the test."""
    monkeypatch.setattr(spec, "_KINDS", {kind.name: kind for kind in spec.kinds()})
    return spec._KINDS


class Stretch(Map):
    def __init__(self, size, factor):
        self.factor = factor
        self.weights = {"log_scale": constant(0.0, (size.event,))}

    def _log_scale(self, weights):
        return tf.expand_dims(weights["log_scale"], -1) + np.log(self.factor)

    def forward(self, weights, z, context=None):
        return z * tf.exp(self._log_scale(weights)), tf.reduce_sum(self._log_scale(weights))

    def inverse(self, weights, x, context=None):
        return x * tf.exp(-self._log_scale(weights)), -tf.reduce_sum(self._log_scale(weights))


def register_stretch():
    @pf.register(factor=pf.checks.Number(min=0, open=True))
    def stretch(size, factor=2.0):
        """Stretch each dimension.

        Args:
            factor: where the scale starts.
        """
        return Stretch(size, factor)

    return stretch


def test_own_kind_is_a_kind_like_any_other(registry, table, quick):
    stretch = register_stretch()
    flow = pf.flow(stretch(3), pf.affine())
    assert repr(flow).splitlines()[1] == "  1. stretch(factor=3.0)"
    assert pf.from_json(pf.to_json(flow)) == flow
    with pytest.raises(ArgumentError, match=r"stretch\(\): `factor` must be a number > 0, not 0"):
        stretch(0)
    assert pf.catalogue()[-1]["name"] == "stretch"
    assert pf.catalogue()[-1]["args"][0]["doc"] == "where the scale starts."
    model = pf.fit(flow, table, **quick)
    again = from_bytes(to_bytes(model))
    np.testing.assert_array_equal(pf.log_prob(again, table), pf.log_prob(model, table))


def test_a_file_with_an_unregistered_kind_says_so(registry):
    data = to_bytes(pf.build(register_stretch()(), 2, seed=1))
    del registry["stretch"]
    with pytest.raises(FileError, match=r"layer 1 \(stretch\): there is no kind 'stretch'") as caught:
        from_bytes(data, "mine.safetensors")
    assert "register it" in caught.value.hint and str(caught.value).startswith("mine.safetensors cannot be rebuilt")


def test_a_builder_may_return_a_bijector(registry, table, quick):
    @pf.register()
    def triangular(size):
        start = np.eye(size.event)[np.tril_indices(size.event)]
        return tfb.ScaleMatvecTriL(tfb.FillTriangular()(tf.Variable(start, dtype=size.dtype, name="tril")))

    model = pf.fit(pf.flow(triangular()), table, **quick)
    again = from_bytes(to_bytes(model))
    np.testing.assert_array_equal(pf.log_prob(again, table), pf.log_prob(model, table))


def test_own_presets_expand(registry):
    @pf.register(group="preset", layers=pf.checks.Whole(min=1))
    def bends(layers=2):
        return pf.flow(*[pf.flow(pf.affine(), pf.prelu())] * layers)

    assert [node.kind for node in spec.expand(bends(3))] == ["affine", "prelu"] * 3
    assert "layers/5/slope" in pf.build(bends(3), 2).weights


def test_own_base(registry):
    class Gumbel(Base):
        def __init__(self, size):
            self.size = size

        def log_prob(self, weights, z, context=None):
            return -tf.reduce_sum(z + tf.exp(-z), 0)

        def sample(self, weights, n, rng, context=None):
            return rng.gumbel(size=(n, self.size.event))

    @pf.register(group="base")
    def base_gumbel(size):
        return Gumbel(size)

    model = pf.build(pf.flow(pf.affine(), base="gumbel"), 1, dtype="float64", seed=1)
    assert model.flow == pf.from_json(pf.to_json(model.flow))
    np.testing.assert_allclose(pf.log_prob(model, [0.0]), -1.0, atol=1e-6)
    assert pf.sample(model, 5, seed=1).shape == (5, 1)


def test_own_base_from_a_distribution(registry, table, quick):
    @pf.register(group="base")
    def base_gumbel(size):
        scale = tf.Variable(tf.ones([size.event], size.dtype))
        return tfd.Independent(tfd.Gumbel(tf.zeros([], size.dtype), scale), 1)

    model = pf.fit(pf.flow(pf.affine(), base="gumbel"), table, **quick)
    assert (model.weights["base/variable/0"] != 1).all()
    again = from_bytes(to_bytes(model))
    np.testing.assert_array_equal(pf.log_prob(again, table), pf.log_prob(model, table))
    np.testing.assert_array_equal(pf.sample(again, 9, seed=1), pf.sample(model, 9, seed=1))


def test_own_base_must_be_a_base(registry):
    @pf.register(group="base")
    def base_wrong(size):
        return 3

    with pytest.raises(ArgumentError, match=r"base \(base_wrong\): its builder must return a Base .*, not int"):
        pf.build(pf.flow(base="wrong"), 1)


def test_names_are_not_taken_twice(registry):
    with pytest.raises(ArgumentError, match=r"`name` 'affine' is already taken by pyflows.layers.linear"):

        @pf.register("affine")
        def mine(size):
            return None


def test_the_same_function_may_be_registered_again(registry):
    register_stretch()
    assert register_stretch()(2).layers[0].args == {"factor": 2.0}


def test_checks_must_name_arguments(registry):
    with pytest.raises(ArgumentError, match=r"odd\(\) has no argument 'rank' to check"):

        @pf.register(rank=pf.checks.Whole())
        def odd(size):
            return None


def test_builders_that_return_something_else_are_named(registry):
    @pf.register()
    def nothing(size):
        return None

    with pytest.raises(ArgumentError, match=r"layer 2 \(nothing\): its builder must return a Map.*not NoneType"):
        pf.build(pf.flow(pf.prelu(), nothing()), 2)


def test_live_bijectors_must_fit_the_columns():
    with pytest.raises(ArgumentError, match=r"layer 1 \(tfb_layer\): `bijector`.*maps 3 columns to shape \(4,\)"):
        pf.build(pf.tfb_layer(tfb.Pad()), 3)
    with pytest.raises(ArgumentError, match=r"`bijector` \(.*\) cannot map 3 columns of dtype float32"):
        pf.build(pf.tfb_layer(tfb.Scale(tf.constant(2.0, tf.float64))), 3)


def test_a_new_live_object_is_never_taken_for_an_old_one(registry):
    """Objects are told apart while they live; an address that is used again must not bring back the old object."""

    @pf.register()
    def moved(size, by):
        return tfb.Shift(tf.constant(by, size.dtype))

    for value in range(40):
        model = pf.build(moved(np.array([float(value)])), 1, seed=1)
        assert pf.forward(model, [0.0])[0, 0] == value


@pytest.mark.parametrize("repeats", [2, 9])
def test_one_live_bijector_may_be_used_several_times(repeats, table):
    scale = tfb.Scale(tf.Variable([2.0, 0.5]))
    model = pf.build(pf.flow(*[pf.tfb_layer(scale)] * repeats), 2, seed=1)
    np.testing.assert_allclose(pf.forward(model, [[1.0, 1.0]]), [[2.0**repeats, 0.5**repeats]], rtol=1e-6)
    np.testing.assert_allclose(pf.log_prob(model, table), pf.distribution(model).log_prob(table), rtol=1e-4)
