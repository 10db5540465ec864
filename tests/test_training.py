"""`fit`: what it does with its options, and that nothing it promises depends on luck or on the machine's speed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
import warnings

import numpy as np
import pytest
from conftest import ROOT

import pyflows as pf
from pyflows import checkpoints, descent, spec, training_run
from pyflows.architecture import architecture_of
from pyflows.backend import tf
from pyflows.batches import Batches
from pyflows.descent import TRIES
from pyflows.errors import ArgumentError, DataError, FileError, PrecisionWarning, ShapeError, TrainingError
from pyflows.maps import Map, Size, constant
from pyflows.schedules import rate_factors
from pyflows.training_loop import loop_for

NET = pf.autoregressive(hidden=6)


def same_weights(one, two):
    assert one.weights.keys() == two.weights.keys()
    return all(np.array_equal(value, two.weights[name]) for name, value in one.weights.items())


def normal_mle(x, weights=None):
    """Mean and covariance that maximise the (weighted) likelihood."""
    return np.average(x, axis=0, weights=weights), np.cov(x.T, aweights=weights, bias=True)


def model_moments(model, d=2):
    """Mean and covariance of a fitted affine flow, from where it takes the origin and the axes."""
    origin = pf.forward(model, np.zeros((1, d)))[0]
    matrix = (pf.forward(model, np.eye(d)) - origin).T
    return origin, matrix @ matrix.T


# Full batches and small steps at the end: Adam is then at the maximum up to the last step's size.
TO_THE_MAXIMUM = {
    "epochs": 3000,
    "batch_size": 1000,
    "learning_rate": 0.02,
    "validation": 0,
    "dtype": "float64",
    "seed": 1,
    "progress": False,
    "jit_compile": False,
}


@pytest.fixture(scope="module")
def at_the_maximum(table):
    return pf.fit(pf.affine(), table, **TO_THE_MAXIMUM)


def test_affine_flow_converges_to_the_maximum_likelihood_normal(at_the_maximum, table):
    mean, covariance = normal_mle(table)
    got_mean, got_covariance = model_moments(at_the_maximum)
    np.testing.assert_allclose(got_mean, mean, atol=1e-4)
    np.testing.assert_allclose(got_covariance, covariance, rtol=1e-3, atol=1e-4)
    # At the maximum the mean log-density is that of the fitted normal: -(log det 2 pi S + d) / 2.
    best = -0.5 * (np.linalg.slogdet(2 * np.pi * covariance)[1] + 2)
    assert at_the_maximum.facts["train_log_prob"] == pytest.approx(best, abs=1e-6)


def test_weights_are_repeated_rows(table):
    weights = np.random.default_rng(3).integers(0, 4, len(table))
    weighted = pf.fit(pf.affine(), table, weights=weights, **TO_THE_MAXIMUM)
    got_mean, got_covariance = model_moments(weighted)
    mean, covariance = normal_mle(np.repeat(table, weights, axis=0))
    np.testing.assert_allclose(got_mean, mean, atol=1e-4)
    np.testing.assert_allclose(got_covariance, covariance, rtol=1e-3, atol=1e-4)
    repeated = pf.fit(pf.affine(), np.repeat(table, weights, axis=0), **TO_THE_MAXIMUM)
    np.testing.assert_allclose(pf.log_prob(weighted, table), pf.log_prob(repeated, table), atol=1e-4)
    assert weighted.facts["train_log_prob"] == pytest.approx(repeated.facts["train_log_prob"], abs=1e-6)


def test_small_batches_do_not_change_what_weights_mean(table):
    """Heavy rows must not lose weight because their batches hold other rows: the maximum stays where it is."""
    weights = np.where(np.arange(len(table)) % 15 == 0, 30.0, 1.0)
    x = table + np.where(weights[:, None] > 1, 3.0, 0.0)
    options = TO_THE_MAXIMUM | {"batch_size": 8, "epochs": 60, "learning_rate": 5e-3}
    got_mean, _ = model_moments(pf.fit(pf.affine(), x, weights=weights, **options))
    mean, covariance = normal_mle(x, weights)
    # The plain mean is a sd away; the last steps of a cosine schedule leave noise far below a tenth of one.
    assert (np.abs(x.mean(0) - mean) > 0.5 * np.sqrt(np.diag(covariance))).any()
    np.testing.assert_allclose(got_mean, mean, atol=0.1 * np.sqrt(np.diag(covariance)).min())


def test_rows_of_weight_zero_do_not_count(table, quick):
    """Even where they fill a whole batch, or all held-out rows."""
    weights = np.zeros(len(table))
    weights[:30] = 1.0
    model = pf.fit(pf.affine(), table, weights=weights, **quick | {"batch_size": 4, "validation": 0})
    assert model.facts["restarts"] == 0 and model.facts["steps"] == model.facts["epochs"] * 75
    assert np.isfinite(model.history["train_log_prob"]).all()


def test_no_weight_in_a_part_of_the_split_is_a_data_error(table, quick):
    weights = np.zeros(len(table))
    weights[0] = 1.0
    for seed in range(4):  # the one row that counts falls into either part
        with pytest.raises(DataError, match="weights"):
            pf.fit(pf.affine(), table, weights=weights, **quick | {"validation": 0.5, "seed": seed})


@pytest.mark.parametrize("standardize", [True, False])
def test_densities_are_on_the_scale_of_the_data(table, quick, standardize):
    scaled = table * [1000.0, 0.01]
    options = quick | {"epochs": 150, "learning_rate": 0.02, "standardize": standardize, "dtype": "float64"}
    model = pf.fit(pf.affine(), table, **options)
    assert model.standardize is standardize
    assert ("standardize/shift" in model.weights) is standardize
    if standardize:
        other = pf.fit(pf.affine(), scaled, **options)
        expected = pf.log_prob(model, table) - np.log(1000.0) - np.log(0.01)
        np.testing.assert_allclose(pf.log_prob(other, scaled), expected, atol=1e-8)
        np.testing.assert_allclose(pf.sample(other, 5, seed=1), pf.sample(model, 5, seed=1) * [1000.0, 0.01], rtol=1e-8)
    for part in ("train", "validation"):
        # The history tells the same numbers as the density does, up to the weights moving within an epoch.
        assert model.history[f"{part}_log_prob"][-1] == pytest.approx(model.facts[f"{part}_log_prob"], abs=0.2)


def test_facts_are_densities_of_the_parts(table, quick):
    held_out = table[:100] + 0.1
    model = pf.fit(pf.affine(), table, validation=held_out, **quick)
    assert model.facts["train_log_prob"] == pytest.approx(pf.log_prob(model, table).mean(), abs=1e-5)
    assert model.facts["validation_log_prob"] == pytest.approx(pf.log_prob(model, held_out).mean(), abs=1e-5)
    best = max(model.history["validation_log_prob"])
    assert model.facts["validation_log_prob"] == pytest.approx(best, abs=1e-5)
    assert model.facts["n"] == 300 and model.facts["n_validation"] == 100


@pytest.mark.parametrize(("share", "n", "held_out"), [(0.1, 270, 30), (0.0, 300, 0), (None, 300, 0), (0.5, 150, 150)])
def test_validation_as_a_share(table, quick, share, n, held_out):
    model = pf.fit(pf.affine(), table, validation=share, **quick)
    assert (model.facts["n"], model.facts["n_validation"]) == (n, held_out)
    assert (model.facts["validation_log_prob"] is None) == (held_out == 0)
    assert model.facts["best_epoch"] >= 1 if held_out else model.facts["best_epoch"] == model.facts["epochs"] == 3


def test_validation_as_data_of_any_form(frame, table, quick):
    model = pf.fit(pf.affine(), frame, validation=frame[["wide", "long"]][:50], **quick)
    same = pf.fit(pf.affine(), frame, validation={"x": table[:50], "weights": np.full(50, 7.0)}, **quick)
    assert same_weights(model, same)
    assert model.facts["validation_log_prob"] == pytest.approx(same.facts["validation_log_prob"], abs=1e-6)
    with pytest.raises(ShapeError, match="lacks the column wide"):
        pf.fit(pf.affine(), frame, validation=frame[["long"]], **quick)


def test_validation_weights_count(table, quick):
    weights = np.arange(50.0)
    model = pf.fit(pf.affine(), table, validation={"x": table[:50], "weights": weights}, **quick)
    expected = np.average(pf.log_prob(model, table[:50]), weights=weights)
    assert model.facts["validation_log_prob"] == pytest.approx(expected, abs=1e-5)
    assert max(model.history["validation_log_prob"]) == pytest.approx(expected, abs=1e-5)


def test_early_stopping_returns_the_best_weights(table, quick):
    """A steep learning rate on few rows overfits soon; what comes back is the best epoch, not the last."""
    options = quick | {"epochs": 300, "learning_rate": 0.03, "patience": 5, "schedule": "constant"}
    model = pf.fit(pf.autoregressive(hidden=32), table[:40], validation=table[100:200], **options)
    history, facts = model.history["validation_log_prob"], model.facts
    assert facts["stopped"] == "patience"
    assert facts["epochs"] == len(history) == facts["best_epoch"] + 5 < 300
    assert facts["best_epoch"] == int(np.argmax(history)) + 1
    assert pf.log_prob(model, table[100:200]).mean() == pytest.approx(max(history), abs=1e-4)
    longer = pf.fit(pf.autoregressive(hidden=32), table[:40], validation=table[100:200], **options | {"patience": 6})
    assert longer.facts["epochs"] >= facts["epochs"] + 1


def test_without_patience_all_epochs_are_run(table, quick):
    model = pf.fit(pf.affine(), table, **quick | {"patience": None, "epochs": 30, "learning_rate": 0.5})
    assert (model.facts["stopped"], model.facts["epochs"]) == ("epochs", 30)
    assert model.history["epoch"] == list(range(1, 31))
    assert {len(values) for values in model.history.values()} == {30}
    assert model.facts["steps"] == 30 * 3


def test_schedules():
    share = np.linspace(0, 1, 5)
    np.testing.assert_allclose(rate_factors("constant", share, "fit()"), 1.0)
    np.testing.assert_allclose(rate_factors("cosine", share, "fit()"), [1, 0.853553, 0.5, 0.146447, 0], atol=1e-6)
    np.testing.assert_allclose(rate_factors(lambda s: 1 - s, share, "fit()"), 1 - share)
    with pytest.raises(ArgumentError, match="finite factors >= 0, not nan"):
        rate_factors(lambda s: np.nan, share, "fit()")


@pytest.mark.parametrize(
    ("schedule", "message"),
    [
        (lambda s: 1 - 1.2 * s, "finite factors >= 0, not -0"),
        (lambda s: [][0] if s > 0.5 else 1.0, "`schedule` fails: IndexError"),
        (lambda s: None, "`schedule` fails: TypeError"),
    ],
)
def test_a_schedule_is_refused_before_any_training(schedule, message, table, quick):
    def progress(*_):
        pytest.fail("training has begun")

    with pytest.raises(ArgumentError, match=message):
        pf.fit(pf.affine(), table, **quick | {"schedule": schedule, "progress": progress})


def test_schedules_reach_the_optimiser(table, quick):
    def rates(schedule):
        return pf.fit(pf.affine(), table, **quick | {"schedule": schedule, "epochs": 4}).history["learning_rate"]

    np.testing.assert_allclose(rates("constant"), 1e-3)
    # The last step of each epoch: 3 steps an epoch, 12 in all.
    np.testing.assert_allclose(rates("cosine"), 0.5e-3 * (1 + np.cos(np.pi * np.array([2, 5, 8, 11]) / 12)))
    np.testing.assert_allclose(rates(lambda s: 1.0 - s), 1e-3 * (1 - np.array([2, 5, 8, 11]) / 12))
    frozen = pf.fit(pf.affine(), table, **quick | {"schedule": lambda s: 0.0})
    start = pf.build(pf.affine(), 2, seed=1)
    np.testing.assert_array_equal(frozen.weights["layers/0/shift"], start.weights["layers/0/shift"])


def test_one_step_is_one_step_of_adam_on_the_clipped_gradient(table):
    """Adam's first step moves each weight by rate * g / (|g| + eps'); clipping changes it only through eps'."""
    x = (table - table.mean(0)) / table.std(0)
    options = {"epochs": 1, "batch_size": 300, "validation": 0, "standardize": False, "dtype": "float64", "seed": 1}
    options |= {"progress": False, "jit_compile": False, "schedule": "constant", "learning_rate": 0.01}
    start = pf.build(pf.affine(), 2, seed=1, dtype="float64")
    trained = [v for v in start.variables.values() if v.trainable]
    with tf.GradientTape() as tape:
        loss = -tf.reduce_mean(pf.distribution(start).log_prob(x))
    gradients = tape.gradient(loss, trained)
    norm = np.sqrt(sum(np.sum(np.square(g)) for g in gradients))
    for clip in (None, 1e-7):
        model = pf.fit(pf.affine(), x, clip_norm=clip, **options)
        factor = 1.0 if clip is None else clip / (norm + 1e-8)
        for variable, gradient in zip(trained, gradients, strict=True):
            g = factor * gradient.numpy()
            # m = 0.1 g, v = 0.001 g^2, corrected: rate * sqrt(0.001) / 0.1 * m / (sqrt(v) + 1e-8)
            step = 0.01 * np.sqrt(0.001) / 0.1 * 0.1 * g / (np.sqrt(0.001) * np.abs(g) + 1e-8)
            np.testing.assert_allclose(model.weights[variable.name.split(":")[0]], variable.numpy() - step, atol=1e-10)


def test_float64_is_float64_throughout(table, quick):
    model = pf.fit(pf.affine(), table, **quick | {"dtype": "float64"})
    assert {value.dtype.name for value in model.weights.values()} == {"float64"}
    assert pf.log_prob(model, table).dtype == pf.sample(model, 2, seed=1).dtype == np.float64
    assert pf.log_prob(pf.fit(pf.affine(), table, **quick), table).dtype == np.float32


def test_context_regression_recovers_the_known_conditional():
    """y | c ~ normal(2 c - 1, 0.5): mean and sd of the conditional draws, and its density."""
    rng = np.random.default_rng(1)
    n = 4000
    c = rng.uniform(-1, 1, (n, 1))
    y = 2 * c - 1 + 0.5 * rng.standard_normal((n, 1))
    options = {"epochs": 60, "batch_size": 500, "learning_rate": 0.01, "seed": 1, "progress": False}
    model = pf.fit(pf.autoregressive(hidden=16, activation="tanh"), y, context=c, jit_compile=False, **options)
    at = np.array([[-0.8], [0.0], [0.8]])
    draws = [pf.sample(model, 4000, [[value]], seed=2)[:, 0] for value in at[:, 0]]
    # Four standard errors of 4000 draws and of the fit's own n / 3 rows nearby.
    np.testing.assert_allclose(np.mean(draws, 1), 2 * at[:, 0] - 1, atol=0.08)
    np.testing.assert_allclose(np.std(draws, 1), 0.5, atol=0.06)
    truth = np.mean(-0.5 * ((y - 2 * c + 1) / 0.5) ** 2 - np.log(0.5) - 0.5 * np.log(2 * np.pi))
    assert pf.log_prob(model, y, c).mean() == pytest.approx(truth, abs=0.01)
    assert model.context_size == 1


def test_constant_context_columns_are_allowed(table, quick):
    context = np.stack([np.ones(300), np.arange(300.0)], 1)
    model = pf.fit(NET, table, context=context, **quick)
    assert np.isfinite(pf.log_prob(model, table, context)).all()


@pytest.mark.parametrize("jit", [False, True])
def test_same_seed_same_bits(table, quick, jit):
    flow = pf.flow(NET, pf.batch_norm(), pf.actnorm())
    one, two = (pf.fit(flow, table, **quick | {"jit_compile": jit, "epochs": 8}) for _ in range(2))
    assert same_weights(one, two)
    assert one.history == two.history
    other = pf.fit(flow, table, **quick | {"jit_compile": jit, "epochs": 8, "seed": 2})
    assert not same_weights(one, other)


def test_bits_do_not_depend_on_how_many_steps_a_call_makes(table, quick, monkeypatch):
    one = pf.fit(NET, table, **quick | {"epochs": 20})
    monkeypatch.setattr(descent.Pace, "saw", lambda self, steps, seconds: setattr(self, "count", 1))
    assert same_weights(one, pf.fit(NET, table, **quick | {"epochs": 20}))


def test_no_seed_is_a_seed_that_is_told(table, quick):
    model = pf.fit(NET, table, **quick | {"seed": None})
    assert isinstance(model.seed, int)
    assert same_weights(model, pf.fit(NET, table, **quick | {"seed": model.seed}))


def test_nothing_is_traced_twice(quick):
    """A second fit, other numbers of rows, epochs and batches, and other data trace nothing anew."""
    rng = np.random.default_rng(1)
    flow = pf.flow(pf.autoregressive(hidden=5), pf.prelu(), pf.reverse())
    x = rng.normal(size=(1000, 3))
    options = quick | {"batch_size": 64, "validation": 0.1}
    first = pf.fit(flow, x, **options)
    loop = loop_for(architecture_of(flow, first.size), 100.0, False, 1)
    traced = loop.traces
    assert traced == 1
    pf.fit(flow, x, **options)
    pf.fit(flow, rng.normal(size=(1000, 3)), **options | {"epochs": 5, "learning_rate": 0.1, "patience": 3})
    pf.fit(flow, rng.normal(size=(997, 3)), **options)
    assert loop.traces == traced
    density = first.architecture.compiled
    before = density.traces
    for n in (1, 2, 999, 5000):
        pf.log_prob(first, x[:1].repeat(n, 0))
    pf.log_prob(pf.fit(flow, x, **options), x)
    assert density.traces == before


def test_batches_in_two_pieces_train_the_same(quick, monkeypatch):
    """For long runs a batch is cut in two, so that both cores are busy; the sum of the gradients is the same."""
    rng = np.random.default_rng(2)
    x, context = rng.normal(size=(150, 3)), rng.normal(size=(150, 2))
    weights = rng.uniform(0, 2, 150)
    options = quick | {
        "batch_size": 64,
        "validation": 0.1,
        "jit_compile": True,
        "dtype": "float64",
        "weights": weights,
        "context": context,
    }
    flow = pf.flow(pf.autoregressive(hidden=5), pf.reverse(), pf.affine())
    whole = pf.fit(flow, x, **options)
    made = []
    monkeypatch.setattr(training_run, "SPLIT_STEPS", 1)
    monkeypatch.setattr(training_run, "SPLIT_ROWS", 2)
    monkeypatch.setattr(training_run, "cores", lambda: 2)
    monkeypatch.setattr(training_run, "loop_for", lambda *args: made.append(loop_for(*args)) or made[-1])
    cut = pf.fit(flow, x, **options)
    assert made[0].splits == 2
    for name, value in whole.weights.items():
        np.testing.assert_allclose(cut.weights[name], value, atol=1e-10)
    pf.fit(pf.flow(pf.affine(), pf.batch_norm()), x, **options)
    assert made[1].splits == 1  # its layers look at the whole batch


def test_two_rows_and_large_batches(quick):
    model = pf.fit(pf.affine(), [[0.0, 1.0], [1.0, -1.0]], **quick | {"batch_size": 10_000})
    assert model.facts["n"] == 2 and model.facts["n_validation"] == 0 and model.facts["steps"] == 3
    assert np.isfinite(pf.log_prob(model, [[0.5, 0.5]])).all()
    half = pf.fit(pf.affine(), [[0.0], [1.0], [3.0]], **quick | {"validation": 0.4})
    assert (half.facts["n"], half.facts["n_validation"]) == (2, 1)


def test_one_column_and_whole_numbers(quick):
    x = np.random.default_rng(1).poisson(5, 200)
    model = pf.fit(pf.maf(layers=2, hidden=4), x, **quick)
    assert model.event_size == 1 and pf.sample(model, 3, seed=1).shape == (3, 1)


def test_split_that_leaves_a_constant_column_is_refused(quick):
    x = np.zeros((20, 1))
    x[7] = 1.0
    with pytest.raises(DataError, match=r"training rows.* is constant"):
        for seed in range(60):
            pf.fit(pf.affine(), x, **quick | {"seed": seed, "validation": 0.2, "epochs": 1})


def test_far_data_in_float32_is_warned_of(table, quick):
    with pytest.warns(PrecisionWarning, match='Column 0 of `x` varies little.*dtype="float64"'):
        pf.fit(pf.affine(), table + np.array([1e6, 0.0]), **quick)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        pf.fit(pf.affine(), table + np.array([1e6, 0.0]), **quick | {"dtype": "float64"})


def test_actnorm_starts_from_the_data(table, quick):
    options = quick | {"standardize": False, "learning_rate": 1e-12, "epochs": 1, "validation": 0}
    model = pf.fit(pf.actnorm(), table, **options)
    latent = pf.inverse(model, table)
    np.testing.assert_allclose(latent.mean(0), 0, atol=1e-4)
    np.testing.assert_allclose(latent.std(0), 1, atol=1e-4)


def test_batch_norm_keeps_running_moments(table, quick):
    options = quick | {"standardize": False, "learning_rate": 1e-12, "epochs": 200, "validation": 0, "batch_size": 300}
    model = pf.fit(pf.batch_norm(momentum=0.5), table, **options)
    np.testing.assert_allclose(model.weights["layers/0/mean"], table.mean(0), rtol=1e-4)
    np.testing.assert_allclose(model.weights["layers/0/variance"], table.var(0), rtol=1e-4)


def test_flows_with_nothing_to_train(table, quick):
    model = pf.fit(pf.reverse(), table, **quick)
    assert model.facts["epochs"] == 0 and model.facts["steps"] == 0
    assert np.isfinite(model.facts["train_log_prob"])
    np.testing.assert_allclose(pf.inverse(model, table).mean(0), 0, atol=0.3)


def test_progress_is_told_and_may_stop(table, quick):
    told = []
    model = pf.fit(NET, table, **quick | {"epochs": 500, "progress": lambda *args: told.append(args)})
    assert all(len(args) == 5 and args[1] == 500 for args in told)
    epochs = [args[0] for args in told]
    assert epochs == sorted(epochs) and epochs[-1] == model.facts["epochs"]
    losses = np.array([args[2:] for args in told if np.isfinite(args[2])])
    np.testing.assert_allclose(losses[-1][0], -model.history["train_log_prob"][-1])
    np.testing.assert_allclose(losses[-1][2], -max(model.history["validation_log_prob"]))

    def stop(epoch, epochs, loss, validation_loss, best):
        return epoch < 5

    stopped = pf.fit(NET, table, **quick | {"epochs": 5000, "progress": stop})
    assert stopped.facts["stopped"] == "callback" and 5 <= stopped.facts["epochs"] < 5000
    assert np.isfinite(pf.log_prob(stopped, table)).all()


def test_errors_of_the_callback_come_through(table, quick):
    def broken(*args):
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        pf.fit(NET, table, **quick | {"progress": broken})


def test_progress_bar_writes_to_stderr_only(table, quick, capsys):
    pf.fit(NET, table, **quick | {"progress": True})
    out, error = capsys.readouterr()
    assert out == "" and "fit" in error


# --- breaking down ------------------------------------------------------------------------------------------------


@pytest.fixture
def fragile(monkeypatch):
    """A registered kind, a shift that turns into NaN as soon as it has gone further than `limit`."""
    monkeypatch.setattr(spec, "_KINDS", {kind.name: kind for kind in spec.kinds()})

    class Fragile(Map):
        def __init__(self, size, limit):
            self.limit = limit
            self.weights = {"shift": constant(0.0, (size.event,))}

        def forward(self, weights, z, context=None):
            return z + self._shift(weights), tf.zeros([], z.dtype)

        def inverse(self, weights, x, context=None):
            return x - self._shift(weights), tf.zeros([], x.dtype)

        def _shift(self, weights):
            shift = tf.expand_dims(weights["shift"], -1)
            one = tf.ones([], shift.dtype)
            return shift * tf.stop_gradient(tf.where(tf.reduce_max(tf.abs(shift)) > self.limit, np.nan * one, one))

    @pf.register(limit=pf.checks.Number(min=0))
    def fragile(size, limit=1.0):
        return Fragile(size, limit)

    return fragile


BREAKING = {"standardize": False, "learning_rate": 0.1, "schedule": "constant", "epochs": 200, "clip_norm": None}


def test_divergence_rolls_back_and_goes_on(fragile, table, quick):
    """The maximum (the mean, 5) is out of reach at 1: it breaks, comes back with half the rate, and at last gives up,
    with the best weights it had."""
    with pytest.raises(TrainingError) as caught:
        pf.fit(fragile(1.0), table, **quick | BREAKING)
    error = caught.value
    assert f"{TRIES + 1} times" in error.message and "layer 1 (" in error.message
    assert "step " in error.message and "nats" in error.message and "learning_rate" in error.hint
    best = error.model
    assert 0.5 < np.abs(best.weights["layers/0/shift"]).max() <= 1.0
    assert best.facts["restarts"] == TRIES
    assert np.isfinite(pf.log_prob(best, table)).all()
    assert best.facts["validation_log_prob"] == pytest.approx(max(best.history["validation_log_prob"]), abs=1e-4)
    rates = best.history["learning_rate"]
    assert rates[0] == pytest.approx(0.1) and min(rates) < 0.1
    assert sorted(rates, reverse=True) == rates


def test_a_fit_that_recovers_is_a_fit(fragile, table, quick):
    """A step that overshoots once: with a smaller rate it never does again."""
    x = table - table.mean(0) + 0.95
    options = quick | BREAKING | {"learning_rate": 0.4, "epochs": 40}
    model = pf.fit(fragile(1.1), x, **options)
    assert 1 <= model.facts["restarts"] <= TRIES
    assert model.facts["stopped"] in ("epochs", "patience")
    np.testing.assert_allclose(model.weights["layers/0/shift"], 0.95, atol=0.15)
    again = pf.fit(fragile(1.1), x, **options)
    assert same_weights(model, again)


def test_divergence_at_the_first_step_gives_the_start(fragile, table, quick):
    with pytest.raises(TrainingError) as caught:
        pf.fit(pf.flow(fragile(0.0), pf.affine()), table, **quick | BREAKING)
    assert np.isfinite(pf.log_prob(caught.value.model, table)).all()


# --- checkpoints and interrupts -----------------------------------------------------------------------------------

KILLED = """
    import os, signal, sys
    import numpy as np
    import pyflows as pf
    from pyflows import checkpoints
    checkpoints.INTERVAL = 0.0

    def die(epoch, *rest):
        if epoch >= 30:
            os.kill(os.getpid(), signal.SIGKILL)

    x = np.load(sys.argv[1])
    pf.fit(pf.flow(pf.autoregressive(hidden=6), pf.batch_norm()), x, epochs=60, batch_size=100, seed=1,
           jit_compile=False, checkpoint=sys.argv[2], progress=die)
"""


def test_resume_after_kill_is_bit_identical(table, quick, tmp_path, python):
    np.save(tmp_path / "x.npy", table)
    folder = tmp_path / "run"
    done = python(textwrap.dedent(KILLED), tmp_path / "x.npy", folder, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert (folder / checkpoints.FILE).exists()
    flow, options = pf.flow(pf.autoregressive(hidden=6), pf.batch_norm()), quick | {"epochs": 60}
    started = []
    resumed = pf.fit(flow, table, checkpoint=folder, **options | {"progress": lambda epoch, *_: started.append(epoch)})
    assert started[0] >= 1
    whole = pf.fit(flow, table, **options)
    assert same_weights(resumed, whole)
    assert resumed.history == whole.history
    assert resumed.facts["best_epoch"] == whole.facts["best_epoch"]
    # A run that is done gives its result again.
    assert same_weights(pf.fit(flow, table, checkpoint=str(folder), **options), whole)


def test_checkpoint_of_another_run_is_refused(table, quick, tmp_path):
    pf.fit(pf.affine(), table, checkpoint=tmp_path, **quick)
    others = [
        (pf.prelu(), table, quick),
        (pf.affine(), table + 1, quick),
        (pf.affine(), table, quick | {"seed": 2}),
        (pf.affine(), table, quick | {"learning_rate": 0.5}),
    ]
    for flow, x, options in others:
        with pytest.raises(ArgumentError, match="other data, another flow or other options") as caught:
            pf.fit(flow, x, checkpoint=tmp_path, **options)
        assert caught.value.argument == "checkpoint"


def test_broken_checkpoints_are_refused(table, quick, tmp_path):
    pf.fit(pf.affine(), table, checkpoint=tmp_path, **quick)
    path = tmp_path / checkpoints.FILE
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(FileError, match="damaged or truncated"):
        pf.fit(pf.affine(), table, checkpoint=tmp_path, **quick)
    with pytest.raises(FileError, match="cannot be made a folder"):
        pf.fit(pf.affine(), table, checkpoint=path / "below", **quick)


def test_checkpoints_leave_nothing_else_behind(table, quick, tmp_path, monkeypatch):
    monkeypatch.setattr(checkpoints, "INTERVAL", 0.0)
    pf.fit(pf.affine(), table, checkpoint=tmp_path / "a" / "b", **quick | {"epochs": 20})
    assert os.listdir(tmp_path / "a" / "b") == [checkpoints.FILE]


INTERRUPTED = """
    import sys
    import numpy as np
    import pyflows as pf

    compiling = sys.argv[1] == "compiling"
    told, begun = [], []

    def tell(epoch, *rest):
        if epoch >= 3 and not told:
            told.append(print("now", flush=True))

    def rate(share):
        if share == 0.0:
            begun.append(1)
        if compiling and len(begun) == 2 and not told:  # it was tried out before
            told.append(print("now", flush=True))  # the first compiled call comes next
        return 1.0

    x = np.random.default_rng(1).normal(size=(2000, 4))
    flow = pf.maf(layers=10 if compiling else 2, hidden=(16,))
    model = pf.fit(flow, x, epochs=10**6, patience=None, seed=1, schedule=rate, jit_compile=compiling,
                   progress=(lambda *_: True) if compiling else tell)
    print(model.facts["stopped"], flush=True)
    print(np.isfinite(pf.log_prob(model, x)).all(), model.facts["best_epoch"] > 0)
"""


@pytest.mark.parametrize("when", ["running", "compiling"])
def test_ctrl_c_returns_the_best_weights_within_two_seconds(when):
    command = [sys.executable, "-c", textwrap.dedent(INTERRUPTED), when]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, start_new_session=True
    ) as child:
        assert child.stdout.readline() == "now\n"
        began = time.monotonic()
        child.send_signal(signal.SIGINT)
        assert child.stdout.readline() == "interrupt\n"
        taken = time.monotonic() - began
        rest, errors = child.stdout.read(), child.stderr.read()
        assert child.wait(60) == 0, errors
    assert rest == f"True {when == 'running'}\n"
    assert "InterruptedWarning: fit() was interrupted in epoch" in errors
    assert taken < 3.0  # two seconds are promised; the rest is for a busy machine


def test_batches_of_a_fit_have_one_shape():
    assert Batches(997, 64, 1, 1).size == Batches(1000, 64, 1, 1).size == 64
    assert Size(2) == Size(2, 0, "float32", None)
