"""The kinds of arguments: what they let through, in which form, and what they say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyflows.checks import (
    Adjacency,
    Choice,
    Flag,
    Mask,
    Number,
    Object,
    Order,
    Permutation,
    Whole,
    WholeList,
    show,
)
from pyflows.errors import ArgumentError

anything = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(),
    st.binary(),
    st.lists(st.one_of(st.integers(), st.floats(), st.text(), st.none(), st.booleans())),
    st.dictionaries(st.text(), st.integers()),
    st.builds(object),
    st.builds(np.float32, st.floats(width=32)),
    st.builds(np.int64, st.integers(-100, 100)),
    st.just(np.bool_(True)),
    st.just(np.arange(4.0)),
    st.just(np.zeros((2, 2))),
    st.complex_numbers(),
)
CHECKS = [
    Whole(),
    Whole(min=1, max=5),
    Whole(null=True, min=0),
    Number(),
    Number(min=0, max=1, open=True),
    Number(min=0, max=1),
    Choice(values=("a", "b")),
    Flag(),
    Flag(null=True),
    WholeList(min=1),
    Permutation(),
    Order(),
    Mask(),
    Adjacency(null=True),
    Object(),
]


@pytest.mark.parametrize("check", CHECKS, ids=repr)
@given(value=anything)
def test_a_check_gives_a_plain_value_or_an_argument_error(check, value):
    try:
        plain = check("size", value, "maf()")
    except ArgumentError as error:
        assert error.argument == "size"
        assert error.message.startswith("maf(): `size` must be ")
        assert check.allowed() in error.message
        return
    assert isinstance(check, Object) or type(plain) in (int, float, bool, str, tuple, type(None))
    assert repr(check("size", plain)) == repr(plain)  # what came out goes in again


@pytest.mark.parametrize(
    ("check", "value", "plain"),
    [
        (Whole(min=0), 3.0, 3),
        (Whole(min=0), np.int32(3), 3),
        (Whole(min=0), np.float64(3), 3),
        (Whole(null=True), None, None),
        (Whole(min=1, max=3), 3, 3),
        (Number(), 2, 2.0),
        (Number(min=0, max=1), 0, 0.0),
        (Choice(values=("a",)), "a", "a"),
        (Flag(), np.bool_(False), False),
        (WholeList(min=1), 8, (8,)),
        (WholeList(min=1), [8.0, np.int64(4)], (8, 4)),
        (WholeList(min=1), np.array([8, 4]), (8, 4)),
        (Permutation(), [1, 0], (1, 0)),
        (Permutation(), 0, (0,)),
        (Permutation(), np.array([2, 0, 1]), (2, 0, 1)),
        (Permutation(), ["b", "a"], ("b", "a")),
        (Order(), "random", "random"),
        (Order(), [1, 0], (1, 0)),
        (Order(), ["b", "a"], ("b", "a")),
        (Mask(), "half", "half"),
        (Mask(), [1.0, 0], (1, 0)),
        (Mask(), np.array([True, False]), (1, 0)),
        (Adjacency(), np.array([[0, 1], [0, 0]]), ((0, 1), (0, 0))),
        (Adjacency(), [[False, True], [False, False]], ((0, 1), (0, 0))),
    ],
)
def test_values_come_out_in_plain_form(check, value, plain):
    got = check("size", value)
    assert got == plain and type(got) is type(plain)


@pytest.mark.parametrize(
    ("check", "value", "message"),
    [
        (Whole(min=1), 0, "`size` must be a whole number >= 1, not 0."),
        (Whole(min=1, max=5), 6, "`size` must be a whole number between 1 and 5, not 6."),
        (Whole(), 1.5, "`size` must be a whole number, not 1.5."),
        (Whole(null=True, min=1), "a", "`size` must be a whole number >= 1 or None, not 'a'."),
        (Whole(), np.zeros(3), "`size` must be a whole number, not a ndarray of shape (3,)."),
        (Number(min=0, open=True), 0, "`size` must be a number > 0, not 0."),
        (Number(max=1), 2, "`size` must be a number <= 1, not 2."),
        (Number(min=0, max=1, open=True), 1, "`size` must be a number between 0 and 1 (both excluded), not 1."),
        (Choice(values=("a", "b")), "c", '`size` must be one of "a", "b", not \'c\'.'),
        (Flag(), 1, "`size` must be True or False, not 1."),
        (WholeList(min=1), [0], "`size` must be one or more whole numbers >= 1, not [0]."),
        (
            Permutation(),
            [0, 0],
            "`size` must be the indices 0 to d - 1, each once, or the column names, each once, not [0, 0].",
        ),
        (
            Mask(),
            [1, 1],
            '`size` must be "half", "alternating", or 1 for each column that stays and 0 for each that changes, '
            "not [1, 1].",
        ),
        (Adjacency(), [[0, 1]], "`size` must be a square matrix of 0 and 1, not [[0, 1]]."),
    ],
)
def test_messages(check, value, message):
    with pytest.raises(ArgumentError) as caught:
        check("size", value)
    assert str(caught.value) == message


def test_long_values_are_shown_short():
    assert len(show(list(range(1000)))) < 90
    assert show("x") == "'x'"


def test_checks_export_for_r():
    assert Whole(min=1).export() == {"type": "whole", "null": False, "min": 1, "max": None}
    assert WholeList(min=1).export()["type"] == "whole_list"
    assert Number(min=0, open=True).export()["open"] is True
    assert list(Choice(values=("a",)).export()["values"]) == ["a"]
