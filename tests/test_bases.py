"""Base distributions: densities that scipy knows, and draws that have them."""

from __future__ import annotations

import numpy as np
import pytest
from cases import move, some_rows
from scipy import stats
from scipy.special import logsumexp, softmax

import pyflows as pf
from pyflows.backend import tf, tfd
from pyflows.bases.student_t import SMALLEST_DF
from pyflows.errors import ArgumentError, TrainingError
from pyflows.files import from_bytes, to_bytes
from pyflows.transforms.affine import LOG_SCALE_BOUND

STANDARD = {
    "normal": stats.norm,
    "logistic": stats.logistic,
    "laplace": stats.laplace,
    "uniform": stats.uniform,
    "student_t": stats.t(5),
}


def make(base, d=2, c=0, dtype="float64"):
    """The flow that is nothing but its base."""
    return pf.build(pf.flow(base=base), d, c, seed=1, dtype=dtype)


def log_scale_of(raw):
    return raw / (1 + np.abs(raw) / LOG_SCALE_BOUND)


@pytest.mark.parametrize("name", STANDARD)
def test_standard_bases_have_the_densities_of_scipy(name):
    model = make(name)
    x = np.concatenate([some_rows(2, n=30)[0], np.random.default_rng(1).uniform(0, 1, (5, 2)), [[0.0, 1.0]]])
    expected = STANDARD[name].logpdf(x).sum(1)
    np.testing.assert_allclose(pf.log_prob(model, x), expected, rtol=1e-10)
    np.testing.assert_allclose(pf.distribution(model).log_prob(x), expected, rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", STANDARD)
def test_standard_bases_draw_from_their_densities(name, dtype):
    model = make(name, dtype=dtype)
    draws = pf.sample(model, 20_000, seed=1)
    assert draws.dtype == dtype
    for values in (*draws.T, *pf.distribution(model).sample(5000, seed=(1, 2)).numpy().T):
        assert stats.kstest(values, STANDARD[name].cdf).pvalue > 0.01
    assert abs(stats.spearmanr(*draws.T)[0]) < 0.03


def test_uniform_has_a_box_with_its_ends():
    model = make(pf.base_uniform(low=-2, high=3))
    x = np.array([[-2.0, 3.0], [0.0, 0.0], [3.1, 0.0], [0.0, -2.1], [np.nextafter(3, 4), 0.0]])
    expected = [-2 * np.log(5)] * 2 + [-np.inf] * 3
    np.testing.assert_allclose(pf.log_prob(model, x), expected)
    np.testing.assert_allclose(pf.distribution(model).log_prob(x[:4]), expected[:4])
    with pytest.raises(ArgumentError, match=r"base \(base_uniform\): `high` must be above `low`, but they are 1 and 1"):
        make(pf.base_uniform(low=1))


def test_rows_outside_of_a_uniform_base_end_the_fit_and_name_it(table, quick):
    with pytest.raises(TrainingError, match=r"where the base \(base_uniform\) has no density"):
        pf.fit(pf.flow(pf.affine(), base="uniform"), table, **quick | {"epochs": 20})


def test_weights_that_do_not_change_the_density_stay_where_they_are(quick):
    x = np.random.default_rng(1).uniform(0, 1, (200, 2))
    flow = pf.flow(pf.coupling("additive", hidden=4), base=pf.base_uniform(low=-9, high=9))
    model = pf.fit(flow, x, **quick)
    assert model.facts["stopped"] == "epochs"


def test_student_t_has_learned_degrees_of_freedom():
    model = make(pf.base_student_t(df=1.0))
    x = some_rows(2, n=30)[0]
    np.testing.assert_allclose(pf.log_prob(model, x), stats.cauchy.logpdf(x).sum(1), rtol=1e-10)
    df = np.array([3.0, 40.0])
    model.variables["base/log_df"].assign(np.log(df - SMALLEST_DF))
    for density in (pf.log_prob(model, x), pf.distribution(model).log_prob(x)):
        np.testing.assert_allclose(density, stats.t(df).logpdf(x).sum(1), rtol=1e-10)
    draws = pf.sample(model, 20_000, seed=2)
    for i in range(2):
        assert stats.kstest(draws[:, i], stats.t(df[i]).cdf).pvalue > 0.01


def test_student_t_is_fitted_to_heavy_tails():
    rng = np.random.default_rng(3)
    x, new = (rng.standard_t(2, (4000, 1)) for _ in range(2))
    options = {"seed": 1, "progress": False, "epochs": 60, "learning_rate": 0.01, "standardize": False}
    model = pf.fit(pf.flow(pf.affine(), base=pf.base_student_t(df=10)), x, **options)
    assert abs(np.mean(pf.log_prob(model, new)) - np.mean(stats.t(2).logpdf(new))) < 0.02
    assert 1.6 < SMALLEST_DF + np.exp(model.weights["base/log_df"][0]) < 2.5


@pytest.fixture(scope="module")
def mixture():
    return move(make(pf.base_mixture(components=3)))


def test_mixture_is_the_mixture_by_hand(mixture):
    weights = mixture.weights
    shares = softmax(np.append(0.0, weights["base/logits"]))
    scales = np.exp(log_scale_of(weights["base/log_scales"]))
    x = some_rows(2, n=30)[0]
    each = [stats.norm.logpdf(x, weights["base/means"][j], scales[j]).sum(1) for j in range(3)]
    expected = logsumexp(np.array(each), axis=0, b=shares[:, None])
    np.testing.assert_allclose(pf.log_prob(mixture, x), expected, rtol=1e-10)
    np.testing.assert_allclose(pf.distribution(mixture).log_prob(x), expected, rtol=1e-10)
    draws = pf.sample(mixture, 20_000, seed=1)
    for i in range(2):

        def cdf(value, i=i):
            return sum(shares[j] * stats.norm.cdf(value, weights["base/means"][j, i], scales[j, i]) for j in range(3))

        assert stats.kstest(draws[:, i], cdf).pvalue > 0.01


def test_mixture_starts_spread_out_and_about_as_wide_as_the_standard_normal():
    model = make(pf.base_mixture(components=300), d=1)
    means = model.weights["base/means"]
    assert len(np.unique(means)) == 300
    assert np.std(pf.sample(model, 20_000, seed=1)) == pytest.approx(1.0, abs=0.1)


def test_mixture_finds_clusters():
    rng = np.random.default_rng(5)
    centres = np.array([[-4.0, 0.0], [4.0, 1.0], [0.0, 5.0]])
    x, new = (centres[rng.integers(0, 3, n)] + 0.5 * rng.standard_normal((n, 2)) for n in (1500, 2000))
    options = {"seed": 1, "progress": False, "epochs": 60, "learning_rate": 0.02}
    model = pf.fit(pf.flow(base=pf.base_mixture(components=6)), x, **options)
    each = [stats.norm.logpdf(new, centre, 0.5).sum(1) for centre in centres]
    truth = np.mean(logsumexp(np.array(each), axis=0) - np.log(3))
    assert truth - np.mean(pf.log_prob(model, new)) < 0.1


def test_conditional_base_is_a_normal_given_the_context():
    model = move(make(pf.base_conditional(hidden=(5,), activation="tanh"), c=2))
    x, context = some_rows(2, 2, n=9)
    seen = (context - model.weights["context/shift"]) * np.exp(-model.weights["context/log_scale"])
    weights = {name.removeprefix("base/"): value for name, value in model.weights.items() if name.startswith("base/")}
    # Networks see values up to 3 as they are.
    assert np.abs(seen).max() < 3
    hidden = np.tanh(seen @ weights["context/kernel"].T + weights["hidden/0/bias"])
    out = hidden @ weights["output/kernel"].T + weights["output/bias"]
    mean, scale = out[:, :2], np.exp(log_scale_of(out[:, 2:]))
    expected = stats.norm.logpdf(x, mean, scale).sum(1)
    np.testing.assert_allclose(pf.log_prob(model, x, context), expected, rtol=1e-10)
    np.testing.assert_allclose(pf.distribution(model, context).log_prob(x), expected, rtol=1e-10)
    index = np.random.default_rng(1).integers(0, 9, 20_000)
    draws = pf.sample(model, len(index), context[index], seed=1)
    for values in ((draws - mean[index]) / scale[index]).T:
        assert stats.kstest(values, stats.norm.cdf).pvalue > 0.01
    single = pf.distribution(model, context[0]).sample(5000, seed=(1, 2)).numpy()
    assert stats.kstest((single[:, 0] - mean[0, 0]) / scale[0, 0], stats.norm.cdf).pvalue > 0.01


def test_conditional_base_needs_a_context(table, quick):
    flow = pf.flow(pf.affine(), base=pf.base_conditional())
    with pytest.raises(ArgumentError, match=r"base \(base_conditional\): there is no context, and this base needs one"):
        pf.fit(flow, table, **quick)


def test_conditional_base_learns_a_regression():
    rng = np.random.default_rng(7)
    context = rng.uniform(-2, 2, (2000, 1))
    scale = np.exp(0.3 * context)
    y = np.sin(context) + scale * rng.standard_normal((2000, 1))
    flow = pf.flow(base=pf.base_conditional(hidden=(32,)))
    model = pf.fit(flow, y, context=context, seed=1, progress=False, epochs=60, learning_rate=0.005)
    grid = np.linspace(-1.8, 1.8, 7)[:, None]
    draws = np.stack([pf.sample(model, 4000, row, seed=1)[:, 0] for row in grid])
    np.testing.assert_allclose(draws.mean(1), np.sin(grid[:, 0]), atol=0.35)
    np.testing.assert_allclose(draws.std(1), np.exp(0.3 * grid[:, 0]), rtol=0.2)


@pytest.mark.parametrize("base", [pf.base_conditional(hidden=(5,)), pf.base_mixture(), pf.base_student_t()])
def test_draws_do_not_depend_on_how_many_there_are(base):
    model = move(make(base, c=1))
    context = np.random.default_rng(1).standard_normal((5000, 1))
    many = pf.sample(model, 5000, context, seed=4)
    for n in (1, 7, 3000):
        np.testing.assert_allclose(pf.sample(model, n, context[:n], seed=4), many[:n], rtol=1e-12)


def test_tfd_base_is_the_distribution_that_was_given():
    rng = np.random.default_rng(1)
    matrix = np.array([[2.0, 0.0], [0.5, 1.0]])
    live = tfd.MultivariateNormalTriL(tf.Variable([1.0, 2.0], dtype="float64"), matrix)
    model = make(pf.base_tfd(live))
    assert set(model.weights) == {"base/variable/0"}
    x = rng.standard_normal((9, 2))
    expected = stats.multivariate_normal([1.0, 2.0], matrix @ matrix.T).logpdf(x)
    np.testing.assert_allclose(pf.log_prob(model, x), expected, rtol=1e-10)
    draws = pf.sample(model, 20_000, seed=1)
    assert stats.kstest(draws[:, 0], stats.norm(1, 2).cdf).pvalue > 0.01
    np.testing.assert_array_equal(pf.sample(model, 9, seed=1), draws[:9])
    model.variables["base/variable/0"].assign([5.0, 5.0])
    np.testing.assert_allclose(
        pf.distribution(model).log_prob(x), stats.multivariate_normal([5, 5], matrix @ matrix.T).logpdf(x)
    )


def test_tfd_base_must_fit_the_columns():
    for wrong in (tfd.Normal(0.0, 1.0), tfd.Sample(tfd.Normal(0.0, 1.0), 3), tfd.Normal([0.0, 0.0], 1.0)):
        with pytest.raises(
            ArgumentError, match=r"base \(base_tfd\): `distribution` .* event shape \(2,\).*not"
        ) as caught:
            make(pf.base_tfd(wrong), dtype="float32")
        assert "tfd.Independent" in caught.value.hint
    with pytest.raises(ArgumentError, match="dtype float64"):
        make(pf.base_tfd(tfd.Sample(tfd.Normal(0.0, 1.0), 2)))
    with pytest.raises(ArgumentError, match=r"`distribution` must be a tfp.distributions.Distribution, not 3"):
        make(pf.base_tfd(3))


def test_weights_of_bases_are_trained_saved_and_loaded(table, context_table, quick):
    for base, leaf in (("student_t", "log_df"), ("mixture", "means"), ("conditional", "output/bias")):
        model = pf.fit(pf.flow(pf.affine(), base=base), table, context=context_table, **quick)
        start = pf.build(model.flow, 2, 1, seed=1).weights
        assert (model.weights[f"base/{leaf}"] != start[f"base/{leaf}"]).any()
        again = from_bytes(to_bytes(model))
        np.testing.assert_array_equal(
            pf.log_prob(again, table, context_table), pf.log_prob(model, table, context_table)
        )
        np.testing.assert_array_equal(
            pf.sample(again, 300, context_table, seed=1), pf.sample(model, 300, context_table, seed=1)
        )


def test_a_base_is_not_lost_when_flows_are_joined():
    heavy = pf.flow(pf.affine(), base="student_t")
    assert pf.flow(heavy, pf.prelu()).base == heavy.base == pf.flow(heavy, heavy).base
    assert pf.flow(pf.prelu(), heavy, base="normal").base.kind == "base_normal"
    with pytest.raises(ArgumentError, match=r"`flows\[1\]` must be a flow without a base of its own"):
        pf.flow(pf.prelu(), heavy)
