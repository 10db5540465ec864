"""Roots of increasing functions: precision, hard cases, gradients."""

from __future__ import annotations

import numpy as np
import pytest

from pyflows.backend import tf
from pyflows.roots import solve


def cube(x, scale):
    return scale * x**3, 3.0 * scale * x**2


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_roots_are_right_to_a_few_units_in_the_last_place(dtype):
    target = tf.constant(np.linspace(-3.0, 3.0, 101), dtype)
    one = tf.ones([], dtype)
    root = solve(lambda x: (x + tf.sinh(x), 1.0 + tf.cosh(x)), target, -10.0 * one, 10.0 * one).numpy()
    np.testing.assert_allclose(root + np.sinh(root), target, rtol=20 * np.finfo(dtype).eps, atol=1e-30)


def test_functions_on_which_newton_fails_are_bisected():
    target = tf.constant([-8.0, -1e-6, 0.0, 1e-6, 8.0, 27.0], tf.float64)
    far = tf.constant(1e3, tf.float64)
    # A root where the slope is zero is found to the width of the bracket times epsilon^2.
    found = solve(lambda x: cube(x, 1.0), target, -far, far).numpy()
    np.testing.assert_allclose(found, np.cbrt(target), rtol=1e-14, atol=1e-26)

    def steps(x):  # flat almost everywhere, so that Newton's steps lead nowhere
        return tf.tanh(1e4 * (x - 0.3)) + 1e-9 * x, 1e4 / tf.cosh(tf.minimum(1e4 * tf.abs(x - 0.3), 300.0)) ** 2 + 1e-9

    low, high = tf.constant([-1e3], tf.float64), tf.constant([1e3], tf.float64)
    np.testing.assert_allclose(solve(steps, tf.constant([0.5], tf.float64), low, high), [0.3], atol=1e-4)


def test_a_root_at_the_end_of_its_bracket():
    low = tf.constant([2.0, 2.0, 1.0], tf.float64)
    high = tf.constant([2.0, 5.0, 2.0], tf.float64)
    found = solve(lambda x: (2.0 * x, 2.0 * tf.ones_like(x)), tf.constant([4.0, 4.0, 4.0], tf.float64), low, high)
    np.testing.assert_allclose(found, [2.0, 2.0, 2.0], rtol=1e-15)


@pytest.mark.parametrize("jit", [False, True])
def test_gradients_are_those_of_the_implicit_function_theorem(jit):
    @tf.function(jit_compile=jit, autograph=False)
    def run(target, scale):
        with tf.GradientTape() as tape:
            tape.watch([target, scale])
            root = solve(cube, target, tf.zeros_like(target), 10.0 * tf.ones_like(target), (scale,))
        return root, *tape.gradient(root, [target, scale])

    target, scale = np.array([1.0, 8.0, 50.0]), np.array(2.0)
    root, by_target, by_scale = run(tf.constant(target), tf.constant(scale))
    np.testing.assert_allclose(root, np.cbrt(target / scale), rtol=1e-14)
    np.testing.assert_allclose(by_target, np.cbrt(target / scale) / (3 * target), rtol=1e-12)
    np.testing.assert_allclose(by_scale, (-np.cbrt(target / scale) / (3 * scale)).sum(), rtol=1e-12)


@pytest.mark.parametrize("unit", [0.0, 4.0])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_roots_of_awkward_functions(dtype, unit):
    """Kinks, steps and cubes on which Newton's method alone jumps about."""
    functions = [
        lambda x: (
            tf.where(x < 1.0, 0.01 * x, 100.0 * x - 99.99),
            tf.where(x < 1.0, 0.01 * tf.ones_like(x), 100.0 * tf.ones_like(x)),
        ),
        lambda x: (x**3 + 0.01 * x, 3 * x**2 + 0.01),
        lambda x: (tf.tanh(50 * x) + 0.01 * x, 50 * (1 - tf.tanh(50 * x) ** 2) + 0.01),
        lambda x: (x + 0.99 * tf.sin(x), 1 + 0.99 * tf.cos(x)),
    ]
    eps = np.finfo(dtype).eps
    for function in functions:
        expected = tf.constant(np.sort(np.random.default_rng(1).uniform(-4, 4, (1, 200))), dtype)
        target, slope = function(expected)
        found = solve(function, target, -4.0, 4.0, unit=unit)
        # The function's own rounding, divided by its slope, and that of x.
        allowed = 32 * eps * (1 + np.abs(expected) + np.maximum(np.abs(target), 1) / slope.numpy())
        assert (np.abs(found - expected) <= allowed).all()


def test_a_unit_saves_turns_and_bounds_the_error():
    """Roots near 0 of a function whose own rounding is that of numbers near 5."""
    target = tf.constant(np.linspace(-1e-6, 1e-6, 50))
    turns = []

    def function(x):
        turns.append(0)
        return (x + 5.0) * 1.1 - 5.5, 1.1 * tf.ones_like(x)

    for unit, most in ((0.0, 200), (5.0, 15)):
        turns.clear()
        root = solve(function, target, -5.0, 5.0, unit=unit)
        np.testing.assert_allclose(root, target / 1.1, atol=20 * np.finfo("float64").eps)
        assert len(turns) <= most
    assert solve(function, tf.constant([0.0], tf.float64), -5, 5.0, unit=5.0).dtype == tf.float64


def test_nan_comes_out_as_nan_and_leaves_the_others_alone():
    target = tf.constant([np.nan, 8.0], tf.float64)
    found = solve(lambda x: cube(x, 1.0), target, tf.constant(0.0, tf.float64), tf.constant(10.0, tf.float64)).numpy()
    assert found[1] == pytest.approx(2.0, rel=1e-14)
