"""What is let in as data, and what is said about the rest."""

from __future__ import annotations

import numpy as np
import pandas
import pytest

from pyflows.data import SCAN_ROWS, Named, as_table, as_weights, check_fittable
from pyflows.errors import ArgumentError, DataError, ShapeError


def table(data, **options):
    return as_table(data, "x", "fit()", **options)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_missing_and_infinite_values_are_counted_and_located(bad):
    x = np.zeros((10, 3))
    x[4, 2] = x[4, 1] = x[7, 0] = bad
    with pytest.raises(DataError, match=f"`x` has 3 missing or infinite values; the first is {bad} in row 4, column 1"):
        table(x)
    with pytest.raises(DataError, match="row 4, column 'b'"):
        table(pandas.DataFrame(x, columns=list("abc")))
    with pytest.raises(DataError, match="row 4, column 'b'"):
        table(Named(x, tuple("abc")))
    x[4] = 0
    with pytest.raises(DataError, match="has 1 missing or infinite value; the first is"):
        table(x)


def test_infinities_of_both_signs_do_not_cancel():
    x = np.zeros((4, 1))
    x[1], x[2] = np.inf, -np.inf
    with pytest.raises(DataError, match=r"has 2 missing.*inf in row 1"):
        table(x)


def test_large_finite_values_whose_sum_overflows_are_let_through():
    x = np.full((4, 1), 1.7e308)
    assert len(table(x)) == 4


def test_values_beyond_the_first_block_are_seen():
    x = np.zeros((SCAN_ROWS + 10, 1), np.float32)
    x[SCAN_ROWS + 3] = np.nan
    with pytest.raises(DataError, match=f"has 1 missing.*row {SCAN_ROWS + 3}, column 0"):
        table(x)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int8", "int64", "uint8", "bool"])
def test_all_kinds_of_numbers_are_let_in(dtype):
    x = np.array([[0, 1], [1, 0], [1, 1]], dtype)
    assert table(x).width == 2
    assert table(pandas.DataFrame(x)).columns == ("0", "1")
    assert table(x.tolist()).width == 2


def test_one_dimension_is_one_column():
    assert table([1.0, 2.0, 3.0]).values.shape == (3, 1)
    assert table(np.arange(3.0), width=1).values.shape == (3, 1)
    with pytest.raises(ShapeError, match="For a single row, write x"):
        table(np.arange(3.0), width=3)


@pytest.mark.parametrize(
    ("data", "error", "message"),
    [
        (np.zeros((2, 2, 2)), ShapeError, r"2 dimensions \[rows, columns\], not shape \(2, 2, 2\)"),
        (3.0, ShapeError, r"2 dimensions \[rows, columns\], not shape \(\)"),
        ([[1, 2], [3]], ShapeError, "rows of `x` differ in length"),
        ([["a", "b"]], ArgumentError, "must be an array of numbers or a data frame"),
        ("abc", ArgumentError, "not 'abc'"),
        (None, ArgumentError, "not None"),
        (np.zeros((2, 2), complex), ArgumentError, "not complex numbers"),
        (np.array([[1, None]], object), ArgumentError, "dtype object"),
        (np.array(["2020-01-01"], "datetime64[D]"), ArgumentError, "datetime64"),
        ({"a": [1, 2]}, ArgumentError, "must be an array of numbers or a data frame"),
    ],
)
def test_what_is_no_table_is_refused(data, error, message):
    with pytest.raises(error, match=message) as caught:
        table(data)
    assert caught.value.argument == "x" and caught.value.message.startswith("fit(): ")


def test_frames_are_taken_by_name(frame):
    mixed = frame.assign(extra="text")[["extra", "wide", "long"]]
    got = table(mixed, columns=("long", "wide"), width=2)
    np.testing.assert_array_equal(got.values, frame.to_numpy())
    with pytest.raises(ShapeError, match=r"lacks the column wide\.\n.*fitted to long, wide"):
        table(frame[["long"]], columns=("long", "wide"), width=2)
    with pytest.raises(ShapeError, match="lacks the columns a, b"):
        table(frame, columns=("a", "b"), width=2)


def test_frames_of_text_dates_and_doubled_names_are_refused(frame):
    with pytest.raises(DataError, match="column 'word' of `x` is not numeric"):
        table(frame.assign(word="a"))
    with pytest.raises(DataError, match="column 'day' of `x` is not numeric"):
        table(frame.assign(day=pandas.Timestamp("2020-01-01")))
    with pytest.raises(DataError, match="column 'group' of `x` is not numeric, but category"):
        table(frame.assign(group=pandas.Categorical(["a"] * len(frame))))
    with pytest.raises(DataError, match="more than one column named 'long'"):
        table(pandas.concat([frame, frame[["long"]]], axis=1))


def test_frames_with_missing_values_of_pandas_own_types():
    nullable = pandas.DataFrame({"a": pandas.array([1, None, 3], "Int64"), "b": [1.0, 2.0, 3.0]})
    with pytest.raises(DataError, match=r"`x` has 1 missing.*row 1, column 'a'"):
        table(nullable)
    assert table(nullable.dropna()).values.shape == (2, 2)
    sparse = pandas.DataFrame({"a": pandas.arrays.SparseArray([0.0, 1.0])})
    np.testing.assert_array_equal(table(sparse).values, [[0.0], [1.0]])


def test_frames_of_whole_numbers_and_flags():
    got = table(pandas.DataFrame({"a": [1, 2], "b": [True, False], "c": [0.5, 1.5]}))
    np.testing.assert_array_equal(got.values, [[1, 1, 0.5], [2, 0, 1.5]])


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (np.zeros((0, 2)), "`x` has no rows; a density needs at least 2"),
        (np.zeros((1, 2)), "`x` has one row; a density needs at least 2"),
        (np.zeros((3, 0)), "`x` has no columns"),
        (np.array([[1.0, 2.0], [0.0, 2.0]]), "column 1 of `x` is constant \\(2 in every row\\)"),
    ],
)
def test_data_without_a_density_are_refused(x, message):
    with pytest.raises(DataError, match=message):
        check_fittable(table(x), "x", "fit()")


def test_constant_columns_are_named():
    frame = pandas.DataFrame({"a": [1.0, 2.0], "b": [3, 3]})
    with pytest.raises(DataError, match="column 'b' of `x` is constant"):
        check_fittable(table(frame), "x", "fit()")


def test_observation_weights():
    assert as_weights(None, 3, "fit()") is None
    np.testing.assert_allclose(as_weights([1, 2, 3], 3, "fit()"), [0.5, 1.0, 1.5])
    np.testing.assert_allclose(as_weights([True, False], 2, "fit()"), [2.0, 0.0])
    with pytest.raises(DataError, match="entry 1 is nan"):
        as_weights([1, np.nan], 2, "fit()")


def test_models_take_what_was_fitted(pf, fitted, frame):
    expected = pf.log_prob(fitted, frame)
    assert fitted.columns == ("long", "wide")
    np.testing.assert_array_equal(pf.log_prob(fitted, frame[["wide", "long"]].assign(more=1)), expected)
    np.testing.assert_array_equal(pf.log_prob(fitted, frame.to_numpy()), expected)
    np.testing.assert_array_equal(pf.log_prob(fitted, frame.to_numpy().tolist()), expected)
    np.testing.assert_array_equal(pf.log_prob(fitted, np.asfortranarray(frame.to_numpy())), expected)
    assert pf.log_prob(fitted, frame[:0]).shape == (0,)
    assert pf.inverse(fitted, frame[:1]).shape == (1, 2)


def test_data_are_not_changed(pf, frame, quick):
    x = frame.to_numpy().copy()
    before = x.copy()
    pf.fit(pf.affine(), x, **quick)
    np.testing.assert_array_equal(x, before)
