"""Univariate transforms, each by itself: both directions, their gradients, and the formulas of the literature."""

from __future__ import annotations

import numpy as np
import pytest
from cases import move
from scipy import interpolate, special

import pyflows as pf
from pyflows.backend import tf
from pyflows.errors import ArgumentError
from pyflows.transforms import TRANSFORMS
from pyflows.transforms.base import IDENTITY_SHARE
from pyflows.transforms.bins import SMALLEST_BIN
from pyflows.transforms.lr_spline import SMALLEST_PART
from pyflows.transforms.monotonic_network import LOG_SCALE_BOUND
from pyflows.transforms.on_box import SMALLEST_SQUARES
from pyflows.transforms.spline import positive

BOX = 3.0
SPLINES = ("rq_spline", "lr_spline", "quadratic_spline", "linear_spline")
ALL = [(name, "identity") for name in TRANSFORMS] + [(name, "linear") for name in SPLINES]
SMOOTH_ON_BOX = ("bernstein", "sos_polynomial")
every_transform = pytest.mark.parametrize(("name", "tails"), ALL)
every_direction = pytest.mark.parametrize("direction", ["forward", "inverse"])
every_dtype = pytest.mark.parametrize("dtype", ["float32", "float64"])


def make(name, tails="identity", bins=5):
    return TRANSFORMS[name](bins, BOX, tails)


def some_theta(transform, d=2, n=40, seed=1, dtype="float64", size=1.0):
    """Different parameters for every value."""
    noise = np.random.default_rng(seed).normal(scale=size, size=(transform.params, d, n))
    return tf.constant(np.reshape(transform.identity, (-1, 1, 1)) + noise, dtype)


def one_theta(transform, n, seed=1):
    """The same parameters for every value of a row of n."""
    return tf.repeat(some_theta(transform, 1, 1, seed), n, 2)


def some_values(d=2, n=40, seed=2, dtype="float64"):
    """Inside and outside the box."""
    return tf.constant(np.random.default_rng(seed).uniform(-1.5 * BOX, 1.5 * BOX, (d, n)), dtype)


@every_direction
@every_transform
def test_identity_where_theta_says_so(name, tails, direction):
    transform = make(name, tails)
    values = some_values()
    theta = tf.ones([1, 2, 40], tf.float64) * np.reshape(transform.identity, (-1, 1, 1))
    result, log_derivative = getattr(transform, direction)(theta, values)
    tolerance = 0.2 if name == "monotonic_network" else 1e-12
    np.testing.assert_allclose(result, values, atol=tolerance)
    np.testing.assert_allclose(log_derivative, np.zeros((2, 40)), atol=tolerance)


@pytest.mark.parametrize("bins", [3, 40])
@every_transform
def test_round_trip(name, tails, bins):
    transform = make(name, tails, bins)
    theta, values = some_theta(transform), some_values()
    for first, second in ((transform.forward, transform.inverse), (transform.inverse, transform.forward)):
        result, log_derivative = first(theta, values)
        again, back = second(theta, result)
        np.testing.assert_allclose(again, values, atol=1e-10)
        np.testing.assert_allclose(log_derivative, -back, atol=1e-8)


@every_transform
def test_round_trip_in_single_precision(name, tails):
    transform = make(name, tails)
    theta, values = some_theta(transform, dtype="float32", size=0.5), some_values(dtype="float32")
    for first, second in ((transform.forward, transform.inverse), (transform.inverse, transform.forward)):
        again, _ = second(theta, first(theta, values)[0])
        np.testing.assert_allclose(again, values, atol=2e-5)


@every_direction
@every_transform
def test_log_derivative_is_that_of_the_map(name, tails, direction):
    transform = make(name, tails)
    theta, values = some_theta(transform), some_values()
    with tf.GradientTape() as tape:
        tape.watch(values)
        result, log_derivative = getattr(transform, direction)(theta, values)
    np.testing.assert_allclose(log_derivative, np.log(tape.gradient(result, values)), atol=1e-9)


@every_direction
@every_transform
def test_increasing_from_end_to_end(name, tails, direction):
    transform = make(name, tails)
    values = np.linspace(-2.0 * BOX, 2.0 * BOX, 3001)[None]
    if name == "circular_spline":
        values = values[np.abs(values) != BOX][None]  # the two ends are one point, which comes out as the lower one
    theta = one_theta(transform, values.size).numpy()
    if name == "circular_spline":
        theta[-1] = 0.0  # a turn moves values from one end to the other
    result, _ = getattr(transform, direction)(tf.constant(theta), tf.constant(values))
    assert (np.diff(result) > 0).all()
    if name in (*SPLINES, "circular_spline") and tails == "identity":
        outside = np.abs(values) >= BOX
        np.testing.assert_array_equal(result[outside], values[outside])


@every_direction
@every_transform
def test_gradients_are_those_of_finite_differences(name, tails, direction):
    transform = make(name, tails)
    theta, values = some_theta(transform), some_values()
    rng = np.random.default_rng(3)
    share = [rng.normal(size=values.shape) for _ in range(2)]

    def total(theta, values):
        result = getattr(transform, direction)(theta, values)
        return tf.reduce_sum([tf.reduce_sum(part * of) for part, of in zip(share, result, strict=True)])

    with tf.GradientTape() as tape:
        tape.watch([theta, values])
        gradients = tape.gradient(total(theta, values), [theta, values])
    for way in range(4):
        towards = [rng.normal(size=source.shape) * (way != i) for i, source in enumerate((theta, values))]
        step = 1e-6
        ends = [total(theta + s * towards[0], values + s * towards[1]) for s in (-step, step)]
        expected = (ends[1] - ends[0]) / (2 * step)
        found = sum(np.sum(g * t) for g, t in zip(gradients, towards, strict=True))
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)


@every_dtype
@every_direction
@every_transform
def test_far_values_and_borders_keep_everything_finite(name, tails, direction, dtype):
    transform = make(name, tails)
    places = np.array([0.0, 1e-30, BOX, np.nextafter(BOX, 0), 10.0, 1e3, 1e6])
    values = tf.constant(np.concatenate([places, -places])[None], dtype)
    theta = some_theta(transform, 1, 14, dtype=dtype)
    if name == "sinh_arcsinh" and direction == "forward":
        theta = 0.5 * theta  # the tail of x is that of exp(asinh(z) / t)
    with tf.GradientTape() as tape:
        tape.watch([theta, values])
        result = getattr(transform, direction)(theta, values)
        total = tf.reduce_sum(result[0]) + tf.reduce_sum(result[1])
    for part in (*result, *tape.gradient(total, [theta, values])):
        assert np.isfinite(part).all()


@every_transform
def test_compiled_equals_plain(name, tails):
    transform = make(name, tails, bins=3)
    theta, values = some_theta(transform), some_values()

    def both(theta, values):
        with tf.GradientTape(persistent=True) as tape:
            tape.watch([theta, values])
            results = [transform.inverse(theta, values), transform.forward(theta, values)]
            total = tf.add_n([tf.reduce_sum(part) for result in results for part in result])
        return results, tape.gradient(total, [theta, values])

    compiled = tf.nest.flatten(tf.function(both, jit_compile=True, autograph=False)(theta, values))
    for one, other in zip(tf.nest.flatten(both(theta, values)), compiled, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("name", [*SPLINES, *SMOOTH_ON_BOX])
def test_linear_tails_go_on_with_the_slope_at_the_border(name):
    transform = make(name, "linear")
    eps = 1e-9
    values = tf.constant([[-BOX - eps, -BOX + eps, BOX - eps, BOX + eps, 2 * BOX, -2 * BOX]], tf.float64)
    z, log_slope = transform.inverse(one_theta(transform, 6), values)
    log_slope = log_slope.numpy()[0]
    np.testing.assert_allclose(log_slope[[0, 2]], log_slope[[1, 3]], atol=1e-6)
    assert (np.abs(log_slope) > 1e-3).all()
    np.testing.assert_allclose(z[0, 4], BOX * (1.0 + np.exp(log_slope[3])), rtol=1e-12)
    np.testing.assert_allclose(z[0, 5], -BOX * (1.0 + np.exp(log_slope[0])), rtol=1e-12)


def test_quadratic_splines_with_identity_tails_need_three_bins():
    with pytest.raises(ArgumentError, match="at least 3") as caught:
        pf.build(pf.elementwise("quadratic_spline", bins=2), 1)
    assert caught.value.argument == "bins"
    pf.build(pf.elementwise("quadratic_spline", bins=2, tails="linear"), 1)


# What the literature says, written down another way.


def grid_and_theta(transform, n=500):
    x = np.linspace(-BOX, BOX, n + 2)[1:-1]
    theta = one_theta(transform, n)
    return x, theta, theta.numpy()[:, 0, 0]


def shares(raw):
    return (1.0 - len(raw) * SMALLEST_BIN) * special.softmax(raw) + SMALLEST_BIN


def knots(raw):
    return BOX * (2.0 * np.concatenate([[0.0], np.cumsum(shares(raw))]) - 1.0)


def slopes(raw):
    return np.concatenate([[1.0], positive(raw), [1.0]])


def run(transform, theta, x):
    z, log_slope = transform.inverse(theta, tf.constant(x[None]))
    return z.numpy()[0], np.exp(log_slope.numpy()[0])


def test_linear_splines_interpolate():
    transform = make("linear_spline")
    x, theta, raw = grid_and_theta(transform)
    z, _ = run(transform, theta, x)
    np.testing.assert_allclose(z, np.interp(x, knots(raw[:5]), knots(raw[5:])), atol=1e-12)
    back, _ = transform.forward(theta, tf.constant(x[None]))
    np.testing.assert_allclose(back[0], np.interp(x, knots(raw[5:]), knots(raw[:5])), atol=1e-12)


def test_quadratic_splines_have_slopes_that_interpolate():
    transform = make("quadratic_spline")
    x, theta, raw = grid_and_theta(transform)
    z, slope = run(transform, theta, x)
    places, free = knots(raw[:5]), positive(raw[5:]).numpy()

    def area(factor):
        at_knots = np.array([1.0, *factor * free, 1.0])
        return np.sum(np.diff(places) * (at_knots[:-1] + at_knots[1:])) / 2.0

    # The area is linear in the factor, which is such that the box is filled.
    factor = (2.0 * BOX - area(0.0)) / (area(1.0) - area(0.0))
    density = interpolate.make_interp_spline(places, [1.0, *factor * free, 1.0], k=1)
    np.testing.assert_allclose(slope, density(x), atol=1e-12)
    np.testing.assert_allclose(z, density.antiderivative()(x) - density.antiderivative()(-BOX) - BOX, atol=1e-12)


def test_rational_quadratic_splines_are_those_of_gregory_and_delbourgo():
    transform = make("rq_spline")
    x, theta, raw = grid_and_theta(transform)
    xs, zs, ds = knots(raw[:5]), knots(raw[5:10]), slopes(raw[10:])
    k = np.searchsorted(xs, x, side="right") - 1
    w, h = np.diff(xs)[k], np.diff(zs)[k]
    s, t = h / w, (x - xs[k]) / w
    numerator = zs[k + 1] * s * t**2 + (zs[k] * ds[k + 1] + zs[k + 1] * ds[k]) * t * (1 - t) + zs[k] * s * (1 - t) ** 2
    expected = numerator / (s + (ds[k + 1] + ds[k] - 2 * s) * t * (1 - t))
    np.testing.assert_allclose(run(transform, theta, x)[0], expected, atol=1e-12)


def test_linear_rational_splines_are_those_of_dolatabadi_and_others():
    transform = make("lr_spline")
    x, theta, raw = grid_and_theta(transform)
    xs, zs, ds = knots(raw[:5]), knots(raw[5:10]), slopes(raw[10:14])
    parts = SMALLEST_PART + (1 - 2 * SMALLEST_PART) * special.expit(raw[14:])
    k = np.searchsorted(xs, x, side="right") - 1
    part, phi, s = parts[k], (x - xs[k]) / np.diff(xs)[k], np.diff(zs)[k] / np.diff(xs)[k]
    left, right = 1.0, np.sqrt(ds[k] / ds[k + 1])
    middle = (part * left * ds[k] + (1 - part) * right * ds[k + 1]) / s
    z_middle = ((1 - part) * left * zs[k] + part * right * zs[k + 1]) / ((1 - part) * left + part * right)
    first = (left * zs[k] * (part - phi) + middle * z_middle * phi) / (left * (part - phi) + middle * phi)
    second = (middle * z_middle * (1 - phi) + right * zs[k + 1] * (phi - part)) / (
        middle * (1 - phi) + right * (phi - part)
    )
    z, _ = run(transform, theta, x)
    np.testing.assert_allclose(z, np.where(phi < part, first, second), atol=1e-11)
    # At the knots the slopes are the parameters.
    inner = np.repeat(xs[1:-1], 2) + np.tile([-1e-9, 1e-9], 4)
    _, at_knots = run(transform, theta[:, :, :8], inner)
    np.testing.assert_allclose(at_knots, np.repeat(ds[1:-1], 2), rtol=1e-5)


def test_bernstein_polynomials_are_those_of_scipy():
    transform = make("bernstein")
    x, theta, raw = grid_and_theta(transform)
    polynomial = interpolate.BPoly(knots(raw)[:, None], [-BOX, BOX])
    z, slope = run(transform, theta, x)
    np.testing.assert_allclose(z, (1 - IDENTITY_SHARE) * polynomial(x) + IDENTITY_SHARE * x, atol=1e-12)
    derivative = polynomial.derivative()(x)
    np.testing.assert_allclose(slope, (1 - IDENTITY_SHARE) * derivative + IDENTITY_SHARE, atol=1e-12)


def test_sums_of_squares_integrate_to_the_map():
    transform = make("sos_polynomial")
    x, theta, raw = grid_and_theta(transform)
    p, q = (np.polynomial.Polynomial(part / np.arange(1.0, 5.0)) for part in np.split(raw, 2))
    density = p**2 + q**2 + SMALLEST_SQUARES
    integral = density.integ(lbnd=-1)
    z, slope = run(transform, theta, x)
    curve = BOX * (2 * integral(x / BOX) / integral(1) - 1)
    np.testing.assert_allclose(z, (1 - IDENTITY_SHARE) * curve + IDENTITY_SHARE * x, atol=1e-12)
    np.testing.assert_allclose(
        slope, (1 - IDENTITY_SHARE) * 2 * density(x / BOX) / integral(1) + IDENTITY_SHARE, atol=1e-12
    )


def test_monotonic_networks_are_the_logit_of_a_mixture():
    transform = make("monotonic_network")
    x, theta, raw = grid_and_theta(transform)
    weights, places, log_slopes = shares(raw[:5]), raw[5:10], raw[10:] / (1 + np.abs(raw[10:]) / LOG_SCALE_BOUND)
    mixture = special.expit(np.exp(log_slopes) * x[:, None] + places) @ weights
    z, _ = run(transform, theta, x)
    np.testing.assert_allclose(z, (1 - IDENTITY_SHARE) * special.logit(mixture) + IDENTITY_SHARE * x, atol=1e-10)


def test_circular_splines_have_no_seam():
    """The density on the circle and its map are continuous where the interval ends, and where the turn ends it."""
    model = pf.build(pf.elementwise("circular_spline", bins=4, box=np.pi), 1, seed=1, dtype="float64")
    variable = model.variables["layers/0/theta"]
    variable.assign(np.random.default_rng(1).normal(size=variable.shape))
    turn = float(variable.numpy()[-1, 0])
    at = np.pi - 1e-9
    ends = np.exp(pf.log_prob(model, [[-at], [at]]))
    assert abs(ends[0] - ends[1]) < 1e-8
    seam = turn % (2 * np.pi) - np.pi
    across = np.exp(pf.log_prob(model, [[seam - 1e-9], [seam + 1e-9]]))
    assert abs(across[0] - across[1]) < 1e-8
    z = pf.inverse(model, [[seam - 1e-9], [seam + 1e-9]])
    np.testing.assert_allclose(np.abs(z), np.pi, atol=1e-6)


@pytest.mark.parametrize("make", [pf.coupling, pf.autoregressive, pf.nsf])
def test_conditioned_splines_have_tails_to_choose(make):
    """Far out they are the identity, or go straight on with a slope that the network gives."""
    far = np.array([[0.3, 100.0], [0.3, 200.0], [0.3, -100.0], [0.3, -200.0]])
    for tails in ("identity", "linear"):
        options = {"layers": 1} if make is pf.nsf else {"transform": "rq_spline"}
        model = move(pf.build(make(hidden=(4,), box=3.0, tails=tails, **options), 2, seed=1, dtype="float64"))
        z = pf.inverse(model, far)[:, 1]
        slopes = np.array([z[1] - z[0], z[2] - z[3]]) / 100
        if tails == "identity":
            np.testing.assert_allclose(z, far[:, 1], rtol=1e-12)
        else:
            assert (slopes > 0).all() and (np.abs(slopes - 1) > 0.01).all() and abs(slopes[0] - slopes[1]) > 0.01
