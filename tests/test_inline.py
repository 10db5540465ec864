"""Layers of three functions, and users' own subclasses of tfb.Bijector: fitted, saved, loaded, and refused."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

import pyflows as pf
from pyflows import spec
from pyflows.backend import tf, tfb
from pyflows.errors import ArgumentError, FileError
from pyflows.files import from_bytes, to_bytes


@pytest.fixture
def registry(monkeypatch):
    """A registry that is put back after the test."""
    monkeypatch.setattr(spec, "_KINDS", {kind.name: kind for kind in spec.kinds()})
    return spec._KINDS


def register_leaky():
    """A leaky ReLU whose slope below 0 is learned."""

    def slope(parameters, value):
        return tf.where(value < 0, tf.exp(parameters["log_slope"]), tf.ones_like(value))

    return pf.register_inline(
        "leaky",
        forward=lambda p, z: z * slope(p, z),
        inverse=lambda p, x: x / slope(p, x),
        log_det=lambda p, z: tf.math.log(slope(p, z)),
        parameters={"log_slope": -0.5},
    )


def register_squash():
    """The classic custom sigmoid, between learned ends."""
    return pf.register_inline(
        "squash",
        forward=lambda p, z: p["low"] + tf.exp(p["log_width"]) * tf.sigmoid(z),
        inverse=lambda p, x: (lambda u: tf.math.log(u) - tf.math.log1p(-u))((x - p["low"]) * tf.exp(-p["log_width"])),
        log_det=lambda p, z: p["log_width"] + tf.math.log_sigmoid(z) + tf.math.log_sigmoid(-z),
        parameters={"low": -20.0, "log_width": np.log([40.0])},
    )


def register_turn():
    """A rotation of two columns: not elementwise, one learned angle."""

    def turn(angle, value):
        c, s = tf.cos(angle[0]), tf.sin(angle[0])
        return tf.matmul(value, tf.stack([tf.stack([c, s]), tf.stack([-s, c])]))

    return pf.register_inline(
        "turn",
        forward=lambda p, z: turn(p["angle"], z),
        inverse=lambda p, x: turn(-p["angle"], x),
        log_det=lambda p, z: tf.zeros_like(z[:, 0]),
        parameters={"angle": [0.3]},
    )


@pytest.mark.parametrize("make", [register_leaky, register_squash, register_turn])
def test_inline_layers_fit_save_and_load(registry, make, table, quick):
    layer = make()
    flow = pf.flow(pf.affine(), layer(), pf.affine())
    assert pf.from_json(pf.to_json(flow)) == flow
    model = pf.fit(flow, table, **quick)
    name = next(key for key in model.weights if key.startswith("layers/1/"))
    assert (model.weights[name] != pf.build(flow, 2, seed=1).weights[name]).any()
    data = to_bytes(model)
    make()  # registered again, as in a new session
    again = from_bytes(data)
    np.testing.assert_array_equal(pf.log_prob(again, table), pf.log_prob(model, table))
    np.testing.assert_array_equal(pf.sample(again, 20, seed=3), pf.sample(model, 20, seed=3))
    np.testing.assert_allclose(pf.forward(model, pf.inverse(model, table)), table, rtol=1e-3, atol=1e-3)
    np.testing.assert_allclose(pf.distribution(model).log_prob(table), pf.log_prob(model, table), rtol=1e-4, atol=1e-4)


def test_densities_are_right(registry):
    x = np.linspace(-3, 3, 40)
    model = pf.build(register_leaky()(), 1, dtype="float64")
    scale = np.where(x < 0, np.exp(-0.5), 1.0)
    np.testing.assert_allclose(pf.log_prob(model, x), stats.norm.logpdf(x / scale) - np.log(scale), rtol=1e-10)
    assert model.weights["layers/0/log_slope"].shape == (1,)
    model = pf.build(register_squash()(), 3, dtype="float64")
    assert model.weights["layers/0/low"].shape == (3,) and model.weights["layers/0/log_width"].shape == (1,)
    u = (x + 20) / 40
    expected = stats.norm.logpdf(np.log(u / (1 - u))) - np.log(40 * u * (1 - u))
    np.testing.assert_allclose(pf.log_prob(model, np.stack([x, x, x], 1)), 3 * expected, rtol=1e-10)


def test_gradients_reach_the_parameters(registry, table):
    model = pf.build(pf.flow(*[register_leaky()()] * 9), 2, seed=1)  # equal layers run as a loop
    with tf.GradientTape() as tape:
        total = tf.reduce_sum(pf.distribution(model).log_prob(table.astype("float32") - 5.0))
    assert all((np.abs(g) > 0).all() for g in tape.gradient(total, list(model.variables.values())))
    expected = pf.distribution(model).log_prob(table.astype("float32"))
    np.testing.assert_allclose(pf.log_prob(model, table), expected, rtol=1e-4)


def test_a_file_with_an_inline_layer_that_is_not_registered_says_so(registry):
    data = to_bytes(pf.build(register_leaky()(), 2, seed=1))
    del registry["leaky"]
    with pytest.raises(FileError, match=r"layer 1 \(leaky\): there is no kind 'leaky'") as caught:
        from_bytes(data, "mine.safetensors")
    assert "register it" in caught.value.hint


def test_functions_that_do_not_fit_each_other_are_refused(registry):
    def build(**changes):
        functions = {
            "forward": lambda p, z: 2.0 * z,
            "inverse": lambda p, x: x / 2.0,
            "log_det": lambda p, z: np.log(2.0) * tf.ones_like(z),
        }
        return pf.build(pf.register_inline("odd", **(functions | changes))(), 2, seed=1)

    assert build()
    with pytest.raises(ArgumentError, match=r"layer 1 \(odd\): `inverse` does not undo `forward`: it gives .* instead"):
        build(inverse=lambda p, x: x / 3.0)
    with pytest.raises(ArgumentError, match=r"`log_det` is not the log .* of `forward`: it gives 0 instead of 1.38"):
        build(log_det=lambda p, z: tf.zeros_like(z))
    with pytest.raises(ArgumentError, match=r"`log_det` must give \[n, 2\] \(of each element\) or \[n\]") as caught:
        build(log_det=lambda p, z: tf.constant(np.log(2.0), tf.float32))
    assert "zeros_like" in caught.value.hint
    with pytest.raises(ArgumentError, match=r"`forward` must give values \[n, 2\], not"):
        build(forward=lambda p, z: z[:, :1])
    with pytest.raises(ArgumentError, match=r"`forward` fails for values .* of dtype float32.*wrong"):
        build(forward=lambda p, z: p["wrong"] * z)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": "not a name"}, "`name` must be a name"),
        ({"name": 3}, "`name` must be a name"),
        ({"name": "affine"}, "`name` 'affine' is already taken by pyflows.layers.linear"),
        ({"inverse": 3}, r"`inverse` must be a function of \(parameters, value\), not 3"),
        ({"parameters": [1.0]}, "`parameters` must be a dict of names and starting values"),
        ({"parameters": {"a": "b"}}, "`parameters` must be a dict .*\n.*Entry 'a' is not numeric"),
        ({"parameters": {"a": np.nan}}, "`parameters` must be finite starting values"),
        ({"parameters": {1: 0.0}}, "`parameters` must be a dict of names"),
    ],
)
def test_arguments_are_checked(registry, change, message):
    given = {"name": "mine", **dict.fromkeys(("forward", "inverse", "log_det"), lambda p, v: v), "parameters": None}
    with pytest.raises(ArgumentError, match=message):
        pf.register_inline(**(given | change))


def register_cube():
    """A user's own subclass of tfb.Bijector, with a variable: x = sinh(exp(a) asinh(z))."""

    class Cube(tfb.Bijector):
        def __init__(self, size):
            parameters = dict(locals())
            self.log_power = tf.Variable(np.zeros(size.event), dtype=size.dtype, name="log_power")
            super().__init__(forward_min_event_ndims=0, dtype=size.dtype, parameters=parameters, name="cube")

        def _forward(self, z):
            return tf.math.sinh(tf.exp(self.log_power) * tf.math.asinh(z))

        def _inverse(self, x):
            return tf.math.sinh(tf.exp(-self.log_power) * tf.math.asinh(x))

        def _forward_log_det_jacobian(self, z):
            u = tf.math.asinh(z)
            inner = tf.exp(self.log_power) * u
            return self.log_power + tf.math.log(tf.math.cosh(inner)) - tf.math.log(tf.math.cosh(u))

    @pf.register()
    def cube(size):
        return Cube(size)

    return cube


def test_a_users_own_bijector_class_fits_saves_and_loads(registry, table, quick):
    flow = pf.flow(register_cube()(), pf.affine())
    model = pf.fit(flow, table, **quick)
    assert (model.weights["layers/0/variable/0"] != 0).all()
    data = to_bytes(model)
    register_cube()
    again = from_bytes(data)
    np.testing.assert_array_equal(pf.log_prob(again, table), pf.log_prob(model, table))
    np.testing.assert_array_equal(pf.sample(again, 20, seed=3), pf.sample(model, 20, seed=3))
    del registry["cube"]
    with pytest.raises(FileError, match=r"there is no kind 'cube'"):
        from_bytes(data)
