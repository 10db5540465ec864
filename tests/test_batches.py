"""Which rows each step sees."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pyflows.batches import MULTIPLE, Batches

sizes = st.builds(
    Batches,
    rows=st.integers(1, 200),
    batch_size=st.integers(1, 300),
    epochs=st.integers(1, 4),
    seed=st.integers(0, 2**31 - 1),
)


@given(sizes)
def test_every_row_exactly_once_an_epoch(batches):
    assert batches.total % batches.per_epoch == 0
    rows, ends = batches.block(0, batches.total, batches.total)
    for epoch in np.split(rows, batches.total // batches.per_epoch):
        seen = epoch[epoch >= 0]
        np.testing.assert_array_equal(np.sort(seen), np.arange(batches.rows))
    np.testing.assert_array_equal(np.flatnonzero(ends) + 1, np.arange(1, ends.sum() + 1) * batches.per_epoch)
    assert ends.sum() == batches.total // batches.per_epoch


@given(sizes)
def test_batches_are_even(batches):
    rows, _ = batches.block(0, batches.per_epoch, batches.per_epoch)
    filled = (rows >= 0).sum(1)
    assert filled.max() - filled.min() <= 1 and filled.min() >= 1
    assert rows.shape[1] == batches.size < filled.max() + MULTIPLE


@given(st.integers(1, 200), st.integers(1, 300))
def test_no_batch_is_larger_than_asked(rows, batch_size):
    batches = Batches(rows, batch_size, 1, 0)
    assert batches.size <= batch_size
    assert batches.per_epoch == math.ceil(rows / batch_size)


@given(sizes, st.data())
def test_blocks_do_not_depend_on_where_they_are_cut(batches, data):
    whole, _ = batches.block(0, batches.total, batches.total)
    begin = data.draw(st.integers(0, batches.total - 1))
    count = data.draw(st.integers(1, batches.total - begin))
    rows, ends = batches.block(begin, count, count + 2)
    np.testing.assert_array_equal(rows[:count], whole[begin : begin + count])
    assert (rows[count:] == -1).all() and len(ends) == count + 2


def test_epochs_differ_and_seeds_differ():
    batches = Batches(100, 10, 2, 1)
    rows, _ = batches.block(0, 20, 20)
    assert (rows[:10] != rows[10:]).any()
    other, _ = Batches(100, 10, 2, 2).block(0, 20, 20)
    assert (rows != other).any()
    assert batches.epoch(0) == 0 and batches.epoch(10) == 1 and batches.epoch(20) == 1
