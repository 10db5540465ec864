"""Fitting to a target density: known targets, what is reported, and everything that can be wrong with a target."""

from __future__ import annotations

import _thread
import warnings

import numpy as np
import pytest
from scipy import stats

import pyflows as pf
from pyflows import target_run
from pyflows.backend import tf
from pyflows.errors import ArgumentError, DataError, InterruptedWarning, ShapeError, TrainingError
from pyflows.files import from_bytes, to_bytes
from pyflows.target_run import quality

MEAN, COVARIANCE = np.array([0.5, -0.5]), np.array([[1.5, 0.9], [0.9, 1.2]])
LOG_Z = np.log(2 * np.pi) + 0.5 * np.linalg.slogdet(COVARIANCE)[1]
QUICK = {"seed": 1, "progress": False, "jit_compile": False}


def normal(x):
    """A correlated normal without its constant, whose logarithm is LOG_Z."""
    precision = tf.constant(np.linalg.inv(COVARIANCE), x.dtype)
    rest = x - tf.constant(MEAN, x.dtype)
    return -0.5 * tf.reduce_sum(tf.matmul(rest, precision) * rest, axis=1)


def banana(x):
    return -0.5 * tf.square(x[:, 0]) - 2.0 * tf.square(x[:, 1] - tf.square(x[:, 0]))


@pytest.fixture(scope="module")
def fitted():
    return pf.fit_target(pf.affine(), normal, 2, epochs=8, learning_rate=0.01, batch_size=128, **QUICK)


def test_whole_numbers_are_refused():
    with pytest.raises(ArgumentError, match=r"fit_target\(\): draws of whole numbers carry no gradients"):
        pf.fit_target(pf.flow(pf.affine(), pf.dequantize()), banana, 2, **QUICK)


def test_a_normal_target_is_found_with_its_constant(fitted):
    facts = fitted.facts
    # Averaged weights of the last 100 steps: each of 5 parameters is off by about sqrt(rate) of its scale.
    assert abs(facts["log_z"] - LOG_Z) < 4.5 * facts["log_z_se"] + 1e-4
    assert facts["ess"] > 0.99 * facts["draws"]
    draws = pf.sample(fitted, 20_000, seed=2)
    np.testing.assert_allclose(draws.mean(0), MEAN, atol=0.06)
    np.testing.assert_allclose(np.cov(draws.T), COVARIANCE, atol=0.08)
    # The gap between ELBO and log Z is the divergence of two normals, which has a closed form.
    matrix = (pf.forward(fitted, np.eye(2)) - pf.forward(fitted, np.zeros((1, 2)))).T.astype(float)
    mean, covariance = pf.forward(fitted, np.zeros((1, 2)))[0].astype(float), matrix @ matrix.T
    precision = np.linalg.inv(COVARIANCE)
    gap = 0.5 * (
        np.trace(precision @ covariance)
        + (mean - MEAN) @ precision @ (mean - MEAN)
        - 2
        + np.linalg.slogdet(COVARIANCE)[1]
        - np.linalg.slogdet(covariance)[1]
    )
    assert abs(LOG_Z - gap - facts["elbo"]) < 4.5 * facts["elbo_se"] + 1e-4


def test_a_banana_is_found_by_a_coupling_flow():
    model = pf.fit_target(pf.real_nvp(layers=4, hidden=(16,)), banana, 2, epochs=12, learning_rate=5e-3, **QUICK)
    log_z = 0.5 * np.log(2 * np.pi) + 0.5 * np.log(2 * np.pi / 4)
    facts = model.facts
    assert abs(facts["log_z"] - log_z) < 4.5 * facts["log_z_se"] + 1e-3
    assert log_z - 0.05 < facts["elbo"] < log_z + 4.5 * facts["elbo_se"]
    assert len(model.history["elbo"]) == 12 and model.history["elbo"][-1] > model.history["elbo"][0]


def test_models_say_what_they_are_and_survive_a_file(fitted):
    assert "fitted to a target density: 800 steps" in repr(fitted) and "effective of 16,384 draws" in repr(fitted)
    again = from_bytes(to_bytes(fitted))
    x = np.array([[0.0, 1.0], [2.0, -1.0]])
    np.testing.assert_array_equal(pf.log_prob(again, x), pf.log_prob(fitted, x))
    assert repr(again) == repr(fitted) and again.history == fitted.history


def test_the_same_seed_gives_the_same_weights():
    one, same, other = (
        pf.fit_target(pf.affine(), normal, 2, epochs=1, **{**QUICK, "seed": seed}) for seed in (3, 3, 4)
    )
    for name, value in one.weights.items():
        np.testing.assert_array_equal(value, same.weights[name])
    assert any((one.weights[name] != other.weights[name]).any() for name in one.weights)
    assert one.facts["elbo"] == same.facts["elbo"]


def test_supports_contexts_and_other_bases():
    """p(x | c) is an exponential distribution with rate exp(c), on the positive numbers."""

    def target(x, context):
        return -tf.exp(context[:, 0]) * x[:, 0]

    context = np.linspace(-1.0, 1.0, 50)[:, None]
    flow = pf.flow(pf.autoregressive("affine", hidden=(8,)), pf.positive(), base=pf.base_student_t(df=20))
    model = pf.fit_target(flow, target, 1, context=context, epochs=6, learning_rate=0.02, dtype="float64", **QUICK)
    assert model.facts["log_z"] is None and "log Z" not in repr(model)
    draws = [pf.sample(model, 4000, context=[[c]], seed=1) for c in (-1.0, 1.0)]
    assert all((part > 0).all() for part in draws)
    means = [np.median(part) * np.exp(c) for part, c in zip(draws, (-1.0, 1.0), strict=True)]
    np.testing.assert_allclose(means, np.log(2.0), atol=0.15)


def test_quality_is_its_formulas():
    """Draws of N(0, 1), weighted to N(0, s^2) / 3: the divergence and the sample size have closed forms."""
    s, x = 0.8, np.random.default_rng(1).normal(size=200_000)
    found = quality(stats.norm.logpdf(x, scale=s) - np.log(3) - stats.norm.logpdf(x))
    divergence = np.log(s) + 0.5 / s**2 - 0.5
    assert abs(found["elbo"] - (-np.log(3) - divergence)) < 4.5 * found["elbo_se"]
    assert abs(found["log_z"] + np.log(3)) < 4.5 * found["log_z_se"]
    # E w^2 for weights of mean 1 is s^-2 / sqrt(2 / s^2 - 1).
    assert found["ess"] / len(x) == pytest.approx(s**2 * np.sqrt(2 / s**2 - 1), rel=0.02)
    assert quality(np.array([-np.inf, 0.0]))["elbo"] is None


@pytest.mark.parametrize(
    ("target", "error", "message"),
    [
        (3, ArgumentError, "must be a function"),
        (lambda x: np.sum(x**2, 1), ArgumentError, "fails with NotImplementedError"),
        (lambda x: 3.0, ArgumentError, "not an object of type float"),
        (lambda x: None, ArgumentError, "not an object of type NoneType"),
        (lambda x: tf.reduce_sum(x**2), ShapeError, r"not one of shape \[\] for n = 3"),
        (lambda x: x, ShapeError, r"not one of shape \[3, 2\]"),
        (lambda x: tf.zeros_like(x[:, 0]), ArgumentError, "no gradient"),
        (lambda x: tf.numpy_function(lambda v: v.sum(1), [x], tf.float32), ArgumentError, "no gradient"),
        (lambda x: tf.cast(x[:, 0], tf.float64), ArgumentError, "of dtype float32, not float64"),
        (lambda x, context: x[:, 0], ArgumentError, "fails with TypeError"),
    ],
)
def test_targets_that_are_none_are_refused_before_any_work(target, error, message):
    with pytest.raises(error, match=message) as caught:
        pf.fit_target(pf.affine(), target, 2, **QUICK)
    assert caught.value.argument == "log_prob_fn"
    assert str(caught.value).startswith("fit_target(): `log_prob_fn` must") or "no gradient" in str(caught.value)


def test_other_arguments_are_refused():
    for name, value in {"epochs": 0, "batch_size": 0.5, "learning_rate": -1, "patience": 0, "seed": -1}.items():
        with pytest.raises(ArgumentError, match=f"fit_target.*`{name}` must be") as caught:
            pf.fit_target(pf.affine(), normal, 2, **{name: value})
        assert caught.value.argument == name
    with pytest.raises(ArgumentError, match="Call it"):
        pf.fit_target(pf.affine, normal, 2)
    with pytest.raises(ArgumentError, match="`base_mixture` carry no gradients"):
        pf.fit_target(pf.flow(base=pf.base_mixture()), normal, 2)
    with pytest.raises(DataError, match="missing or infinite"):
        pf.fit_target(pf.affine(), normal, 2, context=[[np.nan]])
    with pytest.raises(ArgumentError, match="no rows"):
        pf.fit_target(pf.affine(), normal, 2, context=np.zeros((0, 1)))


def test_a_target_that_breaks_down_says_where():
    with pytest.raises(TrainingError, match=r"`log_prob_fn` is nan at \d+ of 256 draws, as at \(") as caught:
        pf.fit_target(pf.affine(), lambda x: tf.math.log(x[:, 0]), 2, epochs=20, **QUICK)
    assert caught.value.model is not None


def test_ctrl_c_returns_the_best_so_far():
    def stop(epoch, *_):
        if epoch >= 2:
            _thread.interrupt_main()

    with pytest.warns(InterruptedWarning, match="fit_target.. was interrupted"):
        model = pf.fit_target(pf.affine(), normal, 2, epochs=100_000, **{**QUICK, "progress": stop})
    assert model.facts["stopped"] == "interrupt" and model.facts["best_epoch"] > 0
    assert np.isfinite(model.facts["elbo"])


def test_callbacks_patience_and_flows_without_weights():
    model = pf.fit_target(pf.affine(), normal, 2, epochs=50, **{**QUICK, "progress": lambda epoch, *_: epoch < 1})
    assert model.facts["stopped"] == "callback" and model.facts["steps"] < 5000
    model = pf.fit_target(
        pf.prelu(), lambda x: -0.5 * x[:, 0] ** 2, 1, epochs=60, patience=2, learning_rate=0.3, **QUICK
    )
    assert model.facts["stopped"] == "patience"
    model = pf.fit_target(pf.reverse(), normal, 2, **QUICK)
    assert model.facts["steps"] == 0 and abs(model.facts["log_z"] - LOG_Z) < 6 * model.facts["log_z_se"]


def test_xla_is_left_out_where_it_cannot_compile_the_target(monkeypatch):
    monkeypatch.setattr(target_run, "JIT_STEPS", 1)

    def target(x):
        with tf.control_dependencies([tf.py_function(lambda v: v, [x], x.dtype)]):
            return normal(x)

    options = {**QUICK, "epochs": 1}
    with pytest.raises(ArgumentError, match="XLA cannot compile"):
        pf.fit_target(pf.affine(), target, 2, **{**options, "jit_compile": True})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = pf.fit_target(pf.affine(), target, 2, **{**options, "jit_compile": None})
    assert model.facts["steps"] == 100
