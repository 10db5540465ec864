"""Columns on a circle: continuous across the seam, and the densities of von Mises."""

from __future__ import annotations

import numpy as np
import pytest
from cases import move
from scipy import stats

import pyflows as pf
from pyflows.errors import ArgumentError

TURN = 2.0 * np.pi
QUIET = {"seed": 1, "progress": False, "jit_compile": False}
every_conditioner = pytest.mark.parametrize("conditioner", ["autoregressive", "coupling"])


def torus(n, rng):
    """Two dependent angles: the second is von Mises around twice the first."""
    first = rng.vonmises(0.5, 1.5, n)
    return np.stack([first, 2.0 * first + rng.vonmises(0.0, 4.0, n)], 1)


def torus_log_density(x):
    return stats.vonmises(1.5, loc=0.5).logpdf(x[:, 0]) + stats.vonmises(4.0).logpdf(x[:, 1] - 2.0 * x[:, 0])


def test_closed_forms():
    """The base is uniform on the circle; values that differ by its length are one point."""
    x = np.array([-3.0, 0.0, 1.0, 7.0, 359.9999, 360.0])
    np.testing.assert_allclose(pf.log_prob(pf.build(pf.periodic(360.0), 1), x), -np.log(360.0), rtol=1e-5)
    model = pf.build(pf.periodic(4.0, low=-1.0), 1, dtype="float64")
    z = np.linspace(-6, 6, 25)
    np.testing.assert_allclose(pf.forward(model, z)[:, 0], -1.0 + 4.0 * stats.norm.cdf(z), rtol=1e-12)
    np.testing.assert_allclose(pf.inverse(model, -1.0 + 4.0 * stats.norm.cdf(z) - 8.0)[:, 0], z, atol=1e-5)
    np.testing.assert_allclose(pf.log_prob(pf.build(pf.circle(), 1), x[:3]), -np.log(TURN), rtol=1e-5)
    assert pf.log_prob(pf.build(pf.circle(), 1), [3.5]) == -np.inf


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("length", "low"), [(TURN, 0.0), (360.0, -180.0), (1e-3, 7.7)])
def test_a_million_draws_stay_on_the_circle(length, low, dtype):
    model = pf.build(pf.flow(pf.affine(), pf.periodic(length, low)), 1, seed=1, dtype=dtype)
    model.variables["layers/0/diagonal"].assign([50.0])  # wide enough to reach both ends
    draws = pf.sample(model, 1_000_000, seed=1)
    number = np.dtype(dtype).type
    assert draws.min() >= number(low) and draws.max() < number(low + length)
    assert np.isfinite(pf.log_prob(model, draws[:10_000])).all()


@every_conditioner
def test_no_seam_in_joint_and_conditional_densities(conditioner):
    """Any weights: joint densities on both sides of both seams, and their slopes, agree."""
    model = pf.build(pf.ncsf(layers=2, conditioner=conditioner, hidden=(6,)), 2, 1, seed=1, dtype="float64")
    move(model, 0.6)
    other = np.linspace(0.05, TURN - 0.05, 40)
    for column in (0, 1):
        at = np.zeros((40, 2))
        at[:, 1 - column] = other
        step = np.eye(2)[column] * 1e-6
        beyond = TURN * np.eye(2)[column]
        left, here, right = (pf.log_prob(model, at + k * step, [[0.3]]) for k in (-1, 0, 1))
        np.testing.assert_allclose(left, right, atol=1e-4)
        np.testing.assert_allclose(here, right, atol=1e-4)
        np.testing.assert_allclose(pf.log_prob(model, at + 1e-9 - beyond, [[0.3]]), here, atol=1e-6)
        np.testing.assert_allclose(pf.log_prob(model, at - 1e-9 * step, [[0.3]]), here, atol=1e-6)


@pytest.mark.parametrize(
    "options",
    [{"adjacency": [[0, 0, 0], [1, 0, 0], [1, 1, 0]]}, {"solver": "newton"}, {"fast": "sampling", "residual": True}],
    ids=["graph", "newton", "sampling"],
)
def test_networks_see_circles_however_they_are_inverted(options):
    flow = pf.autoregressive("circular_spline", (6, 6), "tanh", box=np.pi, bins=3, **options)
    model = move(pf.build(flow, 3, seed=1, dtype="float64"))
    x = np.random.default_rng(1).uniform(-np.pi, np.pi, (9, 3))
    np.testing.assert_allclose(pf.forward(model, pf.inverse(model, x)), x, atol=1e-9)
    if "fast" not in options:  # there the network sees latent values
        ends = [np.array([[end, 1.0, -2.0], [1.0, end, 0.5]]) for end in (-np.pi + 1e-9, np.pi - 1e-9)]
        low, high = (np.exp(1j * pf.inverse(model, end)) for end in ends)
        np.testing.assert_allclose(low, high, atol=1e-7)


def test_von_mises_data():
    """Around the seam itself: within 0.05 nats of the truth, and continuous to 1e-6."""
    rng = np.random.default_rng(1)
    truth = stats.vonmises(2.0, loc=0.2)
    x, new = truth.rvs(4000, random_state=rng), truth.rvs(5000, random_state=rng)
    model = pf.fit(pf.ncsf(layers=1), x, epochs=30, learning_rate=0.01, dtype="float64", **QUIET)
    assert abs((truth.logpdf(new) - pf.log_prob(model, new)).mean()) < 0.05
    low, high = pf.log_prob(model, [1e-9, TURN - 1e-9])
    assert abs(low - high) < 1e-6
    grid = (np.arange(4000) + 0.5) * TURN / 4000
    assert np.exp(pf.log_prob(model, grid)).mean() * TURN == pytest.approx(1.0, abs=1e-4)


def test_a_dependent_torus():
    rng = np.random.default_rng(2)
    x, new = torus(4000, rng), torus(4000, rng)
    model = pf.fit(pf.ncsf(layers=2, hidden=(32,)), x, epochs=25, learning_rate=0.01, **QUIET)
    assert -0.02 < (torus_log_density(new) - pf.log_prob(model, new)).mean() < 0.05


def test_directions_beside_other_columns():
    """The speed depends on the direction, without a jump at north; both supports come from `support`."""
    rng = np.random.default_rng(3)

    def draw(n):
        angle = rng.vonmises(0.0, 1.0, n)
        speed = np.exp(0.5 + 0.8 * np.cos(angle) + 0.4 * rng.standard_normal(n))
        return np.stack([np.degrees(angle), speed], 1)

    x, new = draw(3000), draw(3000)
    support = {0: ("periodic", 360), 1: "positive"}
    flow = pf.ncsf(layers=1, hidden=(32,), length=None)
    model = pf.fit(flow, x, support=support, epochs=25, learning_rate=0.01, dtype="float64", **QUIET)
    assert model.flow == pf.flow(flow, pf.periodic(360.0, columns=[0]), pf.positive(columns=[1]))
    assert model.weights["standardize/shift"][0] == model.weights["standardize/log_scale"][0] == 0.0
    mean = 0.5 + 0.8 * np.cos(np.radians(new[:, 0]))
    truth = stats.vonmises(1.0).logpdf(np.radians(new[:, 0])) + np.log(np.pi / 180)
    truth += stats.lognorm(0.4, scale=np.exp(mean)).logpdf(new[:, 1])
    assert (truth - pf.log_prob(model, new)).mean() < 0.1
    speeds = np.linspace(0.5, 6.0, 20)
    sides = [pf.log_prob(model, np.stack([np.full(20, angle), speeds], 1)) for angle in (1e-7, 360 - 1e-7)]
    np.testing.assert_allclose(*sides, atol=1e-5)
    draws = pf.sample(model, 2000, seed=1)
    assert (draws[:, 0] >= 0).all() and (draws[:, 0] < 360).all() and (draws[:, 1] > 0).all()


def test_data_at_the_seam_fit():
    """Whole degrees, 0 among them, where the line is at its end."""
    x = np.round(np.degrees(np.random.default_rng(4).vonmises(0.0, 3.0, 500))) % 360
    model = pf.fit(pf.ncsf(layers=1, length=360), x, epochs=3, **QUIET)
    assert model.facts["restarts"] == 0 and np.isfinite(pf.log_prob(model, [0.0, 360.0])).all()


def test_where_circles_may_stand():
    with pytest.raises(ArgumentError, match=r"layer 1 \(periodic\): it must stand at the data end .*, and layer 2"):
        pf.build(pf.flow(pf.periodic(1.0), pf.affine()), 1)
    with pytest.raises(ArgumentError, match=r"layer 1 \(periodic\): .*, not inside another layer"):
        pf.build(pf.invert(pf.periodic(1.0)), 1)
    for after in (pf.periodic(1.0), pf.positive(), pf.interval(columns=0)):
        with pytest.raises(ArgumentError, match=r"before layers that put its columns on a circle \(in `ncsf`: length"):
            pf.build(pf.flow(pf.ncsf(), after), 1)
    with pytest.raises(ArgumentError, match="no float32 numbers lie between"):
        pf.build(pf.periodic(1e-9, low=1e3), 1)
    assert pf.build(pf.flow(pf.ncsf(columns=0), pf.positive(columns=1)), 2)
