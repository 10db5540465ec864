"""Supports: exact bounds, densities of known distributions, and standardising on the inner side."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

import pyflows as pf
from pyflows.backend import tf
from pyflows.errors import ArgumentError, DataError
from pyflows.files import from_bytes, to_bytes
from pyflows.supports import with_support

LAYERS = {
    "positive": (pf.positive(), 0.0, np.inf),
    "lower": (pf.lower(0.3), 0.3, np.inf),
    "lower negative": (pf.lower(-7.7), -7.7, np.inf),
    "upper": (pf.upper(0.3), -np.inf, 0.3),
    "upper at 0": (pf.upper(0.0), -np.inf, 0.0),
    "interval": (pf.interval(0.1, 0.7), 0.1, 0.7),
    "interval around 0": (pf.interval(-1.0, 1e-3), -1.0, 1e-3),
}
every_layer = pytest.mark.parametrize("name", list(LAYERS))
every_dtype = pytest.mark.parametrize("dtype", ["float32", "float64"])


def frame(n=400, seed=1):
    """A table of mixed supports: a log-normal price, a share in (0, 1), and a score without bounds."""
    pandas = pytest.importorskip("pandas")
    z = np.random.default_rng(seed).standard_normal((n, 3))
    share = 1 / (1 + np.exp(-(0.5 * z[:, 1] + z[:, 0])))
    return pandas.DataFrame({"price": 100.0 * np.exp(0.8 * z[:, 0]), "share": share, "score": z[:, 2] + z[:, 1]})


SUPPORT = {"price": "positive", "share": ("interval", 0, 1)}


@every_dtype
@every_layer
def test_a_million_draws_stay_strictly_inside(name, dtype):
    layer, low, high = LAYERS[name]
    model = pf.build(pf.flow(pf.affine(), layer), 1, seed=1, dtype=dtype)
    model.variables["layers/0/diagonal"].assign([50.0])  # wide enough to reach both ends
    draws = pf.sample(model, 1_000_000, seed=1)
    assert draws.dtype == dtype and np.isfinite(draws).all()
    assert (draws.astype(np.float64) > low).all() and (draws.astype(np.float64) < high).all()
    assert np.isfinite(pf.log_prob(model, draws[:10_000])).all()


@every_dtype
@every_layer
def test_outside_the_density_is_zero_and_nothing_is_nan(name, dtype):
    layer, low, high = LAYERS[name]
    model = pf.build(pf.flow(pf.affine(), layer), 2, seed=1, dtype=dtype)
    inside = (low if np.isfinite(low) else high - 2.0) + 0.5 * min(high - low, 2.0)
    bad = [bound for bound in (low, high, low - 1.0, high + 1.0, -1e30, 1e30) if np.isfinite(bound)]
    bad = [value for value in bad if not low < value < high]
    x = tf.constant([[inside, value] for value in bad], dtype)
    with tf.GradientTape() as tape:
        tape.watch(x)
        density = pf.distribution(model).log_prob(x)
        total = tf.reduce_sum(density)
    assert (density.numpy() == -np.inf).all()
    assert np.isfinite(tape.gradient(total, x)).all()
    assert (pf.log_prob(model, x.numpy()) == -np.inf).all()
    assert np.isfinite(pf.log_prob(model, [[inside, inside]])).all()
    with pytest.raises(DataError, match=r"inverse\(\): in `x`, column 1 has"):
        pf.inverse(model, x.numpy())


@every_dtype
def test_far_and_near_values_are_exact(dtype):
    """Round trip and log-determinant over the whole range of the dtype."""
    model = pf.build(pf.positive(), 1, dtype=dtype)
    about = np.finfo(dtype)
    x = np.geomspace(float(about.tiny), float(about.max) / 10, 200)[:, None]
    np.testing.assert_allclose(pf.log_prob(model, x), stats.lognorm(1).logpdf(x.astype(dtype)[:, 0]), rtol=1e-5)
    np.testing.assert_allclose(pf.forward(model, pf.inverse(model, x)), x, rtol=1000 * about.eps)
    model = pf.build(pf.interval(0.0, 1.0), 1, dtype=dtype)
    z = np.linspace(-80, 80, 161)[:, None]
    x = pf.forward(model, z)
    near = z[:, 0] < 10  # nearer to 1 than that, the numbers are too coarse
    np.testing.assert_allclose(pf.inverse(model, x[near]), z[near], rtol=1e4 * about.eps)
    bijector = pf.bijector(model)
    np.testing.assert_allclose(
        bijector.forward_log_det_jacobian(tf.constant(z, dtype)), stats.logistic.logpdf(z[:, 0]), rtol=1e-5
    )


def test_closed_forms():
    x = np.linspace(0.05, 0.95, 30)
    normal = stats.norm.logpdf
    density = {
        "positive": (pf.positive(), stats.lognorm(1).logpdf(x)),
        "lower": (pf.lower(-1.5), stats.lognorm(1, loc=-1.5).logpdf(x)),
        "upper": (pf.upper(1.5), stats.lognorm(1).logpdf(1.5 - x)),
        "interval": (pf.interval(), normal(np.log(x / (1 - x))) - np.log(x * (1 - x))),
        "wide": (pf.interval(-1, 3), normal(np.log((x + 1) / (3 - x))) + np.log(4 / ((x + 1) * (3 - x)))),
    }
    for layer, expected in density.values():
        np.testing.assert_allclose(pf.log_prob(pf.build(layer, 1, dtype="float64"), x), expected, rtol=1e-10)


def test_columns_by_index_and_name():
    x = np.array([[2.0, -3.0, 0.5]])
    model = pf.build(pf.flow(pf.positive(columns=0), pf.interval(columns=[2])), 3, dtype="float64")
    expected = stats.lognorm(1).logpdf(2.0) + stats.norm.logpdf(-3.0) + stats.norm.logpdf(0.0) + np.log(4)
    np.testing.assert_allclose(pf.log_prob(model, x), expected)
    assert pf.positive(columns="price") == pf.positive(columns=["price"])
    with pytest.raises(ArgumentError, match=r"layer 1 \(positive\): `columns` holds 3, but the data have 3 columns"):
        pf.build(pf.positive(columns=3), 3)
    with pytest.raises(ArgumentError, match="`columns` has names, but the data have no column names"):
        pf.build(pf.positive(columns="price"), 3)
    with pytest.raises(ArgumentError, match="`columns` has 'cost', but the columns are price, share, score"):
        pf.fit(pf.positive(columns="cost"), frame(), progress=False)


def test_bounds_must_leave_room():
    with pytest.raises(ArgumentError, match=r"layer 1 \(interval\): no float32 numbers lie between 1 and 0"):
        pf.build(pf.interval(1, 0), 1)
    with pytest.raises(ArgumentError, match="no float32 numbers lie between"):
        pf.build(pf.interval(1e8, 1e8 + 1), 1)
    assert pf.build(pf.interval(1e8, 1e8 + 1), 1, dtype="float64")


def test_the_argument_of_fit_adds_layers_that_show_save_and_load(quick):
    data = frame()
    model = pf.fit(pf.affine(), data, support=SUPPORT, **quick)
    added = pf.flow(pf.affine(), pf.positive(columns=["price"]), pf.interval(columns=["share"]))
    assert model.flow == added and "positive(columns=('price',))" in repr(model)
    assert pf.from_json(pf.to_json(model.flow)) == model.flow
    same = pf.fit(added, data, **quick)
    np.testing.assert_array_equal(pf.log_prob(same, data), pf.log_prob(model, data))
    again = from_bytes(to_bytes(model))
    np.testing.assert_array_equal(pf.log_prob(again, data), pf.log_prob(model, data))
    np.testing.assert_array_equal(pf.sample(again, 5, seed=1), pf.sample(model, 5, seed=1))
    draws = pf.sample(model, 10_000, seed=2)
    assert (draws[:, 0] > 0).all() and (draws[:, 1] > 0).all() and (draws[:, 1] < 1).all() and (draws[:, 2] < 0).any()
    np.testing.assert_allclose(pf.forward(model, pf.inverse(model, data)), data, rtol=1e-3)
    np.testing.assert_allclose(pf.distribution(model).log_prob(data), pf.log_prob(model, data), rtol=1e-4)


@pytest.mark.parametrize("standardize", [True, False])
def test_reported_densities_are_on_the_scale_of_the_data(standardize, quick):
    """Of the history too, which is computed on the inner side; there it is of the weights while they were trained."""
    data = frame()
    options = {**quick, "validation": frame(200, seed=2), "standardize": standardize, "learning_rate": 1e-7}
    model = pf.fit(pf.affine(), data, support=SUPPORT, weights=np.linspace(0.5, 1.5, len(data)), **options)
    history = model.history
    assert history["train_log_prob"][-1] == pytest.approx(model.facts["train_log_prob"], abs=1e-3)
    assert history["validation_log_prob"][-1] == pytest.approx(model.facts["validation_log_prob"], abs=1e-3)
    held_out = pf.log_prob(model, frame(200, seed=2)).mean()
    assert model.facts["validation_log_prob"] == pytest.approx(held_out, abs=1e-4)


def test_what_is_standardised_is_on_the_inner_side(quick):
    data = frame()
    model = pf.fit(pf.flow(), data, support=SUPPORT, **{**quick, "validation": 0})
    logit = np.log(data["share"] / (1 - data["share"]))
    inner = np.stack([np.log(data["price"]), logit, data["score"]], 1)
    np.testing.assert_allclose(model.weights["standardize/shift"], inner.mean(0), rtol=1e-4)
    np.testing.assert_allclose(np.exp(model.weights["standardize/log_scale"]), inner.std(0), rtol=1e-4)
    assert [name for name, _ in model.architecture.layers] == ["standardize", "layers/0", "layers/1"]


def test_a_fit_does_not_depend_on_the_unit_of_a_positive_column(quick):
    data = frame(100)[["price"]].to_numpy()
    options = {**quick, "validation": 0, "support": {0: "positive"}, "dtype": "float64"}
    one, other = (pf.fit(pf.prelu(), factor * data, **options) for factor in (1.0, 1e6))
    np.testing.assert_allclose(
        pf.log_prob(other, 1e6 * data) + np.log(1e6), pf.log_prob(one, data), rtol=1e-8, atol=1e-8
    )


def test_log_normal_data_are_fitted_exactly():
    x = np.random.default_rng(3).lognormal(2.0, 1.5, (2000, 1))
    model = pf.fit(pf.flow(), x, support={0: "positive"}, validation=0, progress=False, seed=1)
    logs = np.log(x)
    expected = stats.lognorm(logs.std(), scale=np.exp(logs.mean())).logpdf(x).mean()
    assert model.facts["train_log_prob"] == pytest.approx(expected, abs=1e-4)


def test_data_outside_are_refused_before_training(quick):
    data = frame()
    data.loc[17, "price"] = 0.0
    data.loc[[40, 50], "price"] = -1.0
    message = r"fit\(\): in `x`, column 'price' has 3 values <= 0, first in row 17; the support is \(0, inf\)\."
    with pytest.raises(DataError, match=message) as caught:
        pf.fit(pf.affine(), data, support=SUPPORT, **quick)
    assert caught.value.argument == "x" and "Drop these rows" in caught.value.hint
    with pytest.raises(DataError, match=message):
        pf.fit(pf.flow(pf.affine(), pf.positive("price")), data, **quick)
    with pytest.raises(DataError, match="in `validation`, column 'price' has 3 values"):
        pf.fit(pf.affine(), frame(), support=SUPPORT, **{**quick, "validation": data})
    other = frame().assign(share=lambda d: d["share"].where(d.index > 1, 1.0 - d.index))
    with pytest.raises(DataError, match=r"column 'share' has 2 values <= 0 or >= 1, first in row 0; .* \(0, 1\)"):
        pf.fit(pf.affine(), other, support=SUPPORT, **quick)


def test_values_that_rounding_takes_to_the_bound_are_named_as_such(quick):
    data = frame()
    data.loc[5, "share"] = 1.0 - 1e-12
    with pytest.raises(DataError, match="column 'share' has 1 value >= 1, first in row 5") as caught:
        pf.fit(pf.affine(), data, support=SUPPORT, **quick)
    assert 'use dtype="float64"' in caught.value.hint
    assert np.isfinite(pf.fit(pf.affine(), data, support=SUPPORT, **quick, dtype="float64").facts["train_log_prob"])


@pytest.mark.parametrize(
    ("support", "message"),
    [
        ("positive", "`support` must be a dict from columns to .*, or None, not 'positive'"),
        ({"cost": "positive"}, r"`support` must give each column by a name \(price, share\) or an index from 0 to 1"),
        ({2: "positive"}, "an index from 0 to 1, not 2"),
        ({True: "positive"}, "not True"),
        ({0: "positive", "price": "positive"}, "`support` has column 'price' twice"),
        ({"price": "negative"}, "column 'price': `support` must be .*, not 'negative'"),
        ({"price": None}, "not None"),
        ({"price": ()}, r"not \(\)"),
        ({"price": ("lower", 1, 2)}, "must be"),
        ({"price": [["lower"], 1]}, "must be"),
        ({"price": {"kind": "lower", "high": 1}}, "must be"),
        ({"price": {"low": 1}}, "must be"),
        ({"price": "lower"}, r"`support` of 'price' \(lower\): `low` is missing; it must be a number"),
        ({"price": ("lower", "a")}, "`low` must be a number, not 'a'"),
        ({"price": ("periodic", -1)}, r"`support` of 'price' \(periodic\): `length` must be a number > 0, not -1"),
        ({"price": ("simplex", 1)}, "must be"),
        ({"price": ("count", "normal")}, "`method` must be one of"),
        ({"price": {"kind": "integer", "low": 1}}, '"integer" or "count", not'),
    ],
)
def test_wrong_supports_are_refused(support, message):
    with pytest.raises(ArgumentError, match=message):
        with_support(pf.flow(), support, ("price", "share"), 2, "fit()")


def test_ways_to_write_a_support():
    columns = ("a", "b", "c", "d")
    support = {"d": {"kind": "interval", "low": 2, "high": 5}, 1: ["lower", 3], "c": "positive", "a": ("lower", 3.0)}
    found = with_support(pf.affine(), support, columns, 4, "fit()")
    layers = [pf.lower(3, ["a", "b"]), pf.positive("c"), pf.interval(2, 5, "d")]
    assert found == pf.flow(pf.affine(), *layers)
    assert with_support(pf.affine(), {1: "positive"}, None, 4, "fit()") == pf.flow(pf.affine(), pf.positive(1))
    assert with_support(pf.affine(), None, columns, 4, "fit()") == pf.affine()


def test_supports_of_circles_and_whole_numbers():
    columns = ("a", "b", "c", "d")
    support = {"d": {"kind": "periodic", "length": 24, "low": -12}, "b": "integer", "c": "count", "a": "periodic"}
    found = with_support(pf.affine(), support, columns, 4, "fit()")
    circles = [pf.periodic(2 * np.pi, columns="a"), pf.periodic(24, -12, "d")]
    assert found == pf.flow(pf.affine(), circles[0], pf.positive("c"), circles[1], pf.dequantize(columns=["b", "c"]))
    found = with_support(pf.affine(), {0: ("count", "variational")}, None, 1, "fit()")
    assert found == pf.flow(pf.affine(), pf.positive(0), pf.dequantize("variational", 0))
