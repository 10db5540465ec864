"""Density, draws and both directions of a model: in blocks, reproducible, with and without context."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from cases import make_model, move

import pyflows as pf
from pyflows import model as model_module
from pyflows import rows
from pyflows.rows import BLOCK, JIT_ROWS


@pytest.fixture(scope="module")
def conditional():
    return move(make_model("autoregressive", "affine", 2, 1, "float32"))


@pytest.fixture(scope="module")
def plain():
    return move(make_model("autoregressive", "affine", 2, 0, "float32"))


@pytest.mark.parametrize("n", [0, 1, 15, 16, 17, 100])
def test_blocks_do_not_change_results(plain, conditional, n, monkeypatch):
    rng = np.random.default_rng(1)
    x, context = rng.normal(size=(n, 2)), rng.normal(size=(n, 1))
    whole = [verb(conditional, x, context) for verb in (pf.log_prob, pf.forward, pf.inverse)]
    monkeypatch.setattr(rows, "ROWS", 16)
    parts = [verb(conditional, x, context) for verb in (pf.log_prob, pf.forward, pf.inverse)]
    for one, other in zip(whole, parts, strict=True):
        assert one.shape == other.shape and one.dtype == np.float32
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)
    by_row = [pf.log_prob(plain, x[i : i + 1])[0] for i in range(min(n, 3))]
    np.testing.assert_allclose(pf.log_prob(plain, x)[:3], by_row, rtol=1e-5)


def test_many_rows_take_the_compiled_way_to_the_same_values(plain):
    rng = np.random.default_rng(1)
    x = rng.normal(size=(JIT_ROWS + 17, 2))
    density = pf.log_prob(plain, x)
    np.testing.assert_allclose(density[:100], pf.log_prob(plain, x[:100]), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(density[-100:], pf.log_prob(plain, x[-100:]), rtol=1e-4, atol=1e-5)


def test_memory_is_bounded_by_the_block(plain):
    """Beyond input and output, which numpy counts, the peak must not grow with n."""

    def peak(n):
        x = np.zeros((n, 2), np.float32)
        pf.log_prob(plain, x[:100])
        tracemalloc.start()
        pf.log_prob(plain, x)
        extra = tracemalloc.get_traced_memory()[1] - 4 * n
        tracemalloc.stop()
        return extra

    small, large = peak(4 * BLOCK), peak(7 * BLOCK)
    assert large < small + 200_000


def test_same_seed_same_draws(plain, conditional):
    one, same, other = (pf.sample(plain, 50, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert (one != other).any()
    assert (pf.sample(plain, 5) != pf.sample(plain, 5)).any()
    np.testing.assert_array_equal(pf.sample(conditional, 5, [[1.0]], seed=1), pf.sample(conditional, 5, [1.0], seed=1))


def test_more_draws_begin_with_the_same_ones(plain):
    np.testing.assert_allclose(pf.sample(plain, 10, seed=3), pf.sample(plain, 2000, seed=3)[:10], rtol=1e-5, atol=1e-6)


def test_streams_of_draws_are_independent(monkeypatch):
    monkeypatch.setattr(model_module, "DRAWS", 16)
    model = pf.build(pf.flow(), 1, seed=1, dtype="float64")
    draws = pf.sample(model, 4000, seed=1)[:, 0]
    assert len(np.unique(draws)) == 4000
    lagged = np.corrcoef(draws[:-16], draws[16:])[0, 1]  # the same place in the next stream
    assert abs(lagged) < 5 / np.sqrt(4000)
    assert abs(draws.mean()) < 5 / np.sqrt(4000) and abs(draws.std() - 1) < 5 / np.sqrt(8000)


def test_no_draws(plain, conditional):
    assert pf.sample(plain, 0).shape == (0, 2)
    assert pf.sample(conditional, 0, [[1.0]]).shape == (0, 2)
    assert pf.sample(conditional, 0, np.zeros((0, 1))).shape == (0, 2)


def test_draws_have_the_models_density():
    """For an affine flow, the mean log-density of its draws is minus the entropy of the normal."""
    model = move(make_model("affine", "rank 2", 3))
    draws = pf.sample(model, 20_000, seed=1)
    matrix = pf.forward(model, np.eye(3)) - pf.forward(model, np.zeros((1, 3)))
    entropy = 0.5 * 3 * np.log(2 * np.pi * np.e) + np.linalg.slogdet(matrix)[1]
    # The log-density of a normal has variance d / 2.
    assert pf.log_prob(model, draws).mean() == pytest.approx(-entropy, abs=5 * np.sqrt(1.5 / 20_000))


def test_one_context_goes_for_all_rows(conditional):
    x = np.random.default_rng(1).normal(size=(20, 2))
    expected = pf.log_prob(conditional, x, np.full((20, 1), 0.7))
    for context in ([[0.7]], [0.7], np.array([[0.7]], np.float32)):
        np.testing.assert_allclose(pf.log_prob(conditional, x, context), expected, rtol=1e-6)
    assert np.ptp(pf.log_prob(conditional, x[:1].repeat(20, 0), np.linspace(-1, 1, 20))) > 0.01


def test_one_context_of_several_columns():
    model = move(make_model("autoregressive", "affine", 2, 3))
    x = np.random.default_rng(1).normal(size=(5, 2))
    expected = pf.log_prob(model, x, np.tile([1.0, 2.0, 3.0], (5, 1)))
    np.testing.assert_allclose(pf.log_prob(model, x, [1.0, 2.0, 3.0]), expected)
    np.testing.assert_allclose(pf.log_prob(model, x, [[1.0, 2.0, 3.0]]), expected)


def test_context_frames_are_taken_by_name(table, quick):
    import pandas

    context = pandas.DataFrame({"a": table[:, 0] ** 2, "b": table[:, 1]})
    model = pf.fit(pf.autoregressive(hidden=4), table, context=context, **quick)
    assert model.context_columns == ("a", "b")
    expected = pf.log_prob(model, table, context)
    np.testing.assert_array_equal(pf.log_prob(model, table, context[["b", "a"]]), expected)
    np.testing.assert_array_equal(pf.log_prob(model, table, context.to_numpy()), expected)
    one = context.iloc[[3]]
    np.testing.assert_array_equal(pf.sample(model, 4, one, seed=1), pf.sample(model, 4, one.to_numpy(), seed=1))
    with pytest.raises(pf.ShapeError, match="lacks the column b"):
        pf.log_prob(model, table, context[["a"]])


def test_distribution_broadcasts_over_contexts(conditional):
    contexts = np.linspace(-1, 1, 4)[:, None].astype("float32")
    distribution = pf.distribution(conditional, contexts)
    assert distribution.batch_shape == (4,) and distribution.event_shape == (2,)
    assert distribution.sample(3, seed=(1, 2)).shape == (3, 4, 2)
    x = np.ones((4, 2), np.float32)
    np.testing.assert_allclose(distribution.log_prob(x), pf.log_prob(conditional, x, contexts), rtol=1e-5)
    np.testing.assert_allclose(distribution.log_prob(x[:1]), pf.log_prob(conditional, x, contexts), rtol=1e-5)


def test_distribution_of_standardised_fits(fitted, fitted_context, frame, table, context_table):
    x = frame.to_numpy("float32")
    np.testing.assert_allclose(pf.distribution(fitted).log_prob(x), pf.log_prob(fitted, x), rtol=1e-4, atol=1e-5)
    context = context_table.astype("float32")
    live = pf.distribution(fitted_context, context).log_prob(table.astype("float32"))
    np.testing.assert_allclose(live, pf.log_prob(fitted_context, table, context), rtol=1e-4, atol=1e-5)


def test_changed_variables_change_the_density():
    model = make_model("affine", "plain", 2)
    distribution, x = pf.distribution(model), np.ones((1, 2))
    before = pf.log_prob(model, x)
    model.variables["layers/0/shift"].assign([1.0, 1.0])
    assert pf.log_prob(model, x) > before
    np.testing.assert_allclose(distribution.log_prob(x), pf.log_prob(model, x))


def test_models_print(fitted, fitted_context):
    lines = repr(fitted).splitlines()
    assert lines[0].startswith("<flow: base_normal() -> data, 2 layers>")
    assert "  columns: long, wide" in lines
    assert any(line.startswith("  fitted to 270 rows, 3 epochs in ") for line in lines)
    assert any("nats (training)" in line and "(30 held-out rows)" in line for line in lines)
    assert "  context: 1" in repr(fitted_context).splitlines()
    assert "not fitted" in repr(pf.build(pf.affine(), 2)) and "free parameters: 5 (float32)" in repr(
        pf.build(pf.affine(), 2)
    )


def test_models_know_what_they_are(fitted):
    assert (fitted.event_size, fitted.context_size, fitted.dtype, fitted.seed) == (2, 0, "float32", 1)
    assert fitted.columns == ("long", "wide") and fitted.context_columns is None
    assert set(fitted.weights) == {
        "layers/0/shift",
        "layers/0/diagonal",
        "layers/0/lower",
        "layers/1/slope",
        "standardize/shift",
        "standardize/log_scale",
    }
    assert {variable.name.split(":")[0] for variable in fitted.variables.values()} == set(fitted.weights)
    assert set(fitted.history) == {"epoch", "train_log_prob", "validation_log_prob", "learning_rate"}


def test_layers_have_streams_of_random_numbers_of_their_own():
    """A layer's start does not depend on how many numbers the layers before it took."""
    one = pf.build(pf.flow(pf.affine(rank=1), pf.autoregressive(hidden=4)), 3, seed=1).weights
    two = pf.build(pf.flow(pf.affine(rank=2), pf.autoregressive(hidden=4)), 3, seed=1).weights
    name = "layers/1/hidden/0/kernel"
    np.testing.assert_array_equal(one[name], two[name])
    twice = pf.build(pf.maf(layers=2, hidden=4), 3, seed=1).weights
    assert (twice["layers/0/hidden/0/kernel"] != twice["layers/2/hidden/0/kernel"]).any()
