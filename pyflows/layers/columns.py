"""Some of the columns: which ones a layer is for."""

from __future__ import annotations

import numpy as np

from ..backend import tf
from ..errors import ArgumentError
from ..maps import Size


class Some:
    """Some rows of `[d, n]` arrays, taken out and put back.

    Args:
        columns: indices from 0 or names, each once; None for all.
        size: of the problem.
    """

    def __init__(self, columns: tuple[int, ...] | tuple[str, ...] | None, size: Size):
        self.index = positions(columns, size)
        self.others = [i for i in range(size.event) if i not in self.index]
        self._back = np.argsort([*self.index, *self.others]).astype("int32")

    def take(self, values):
        """The chosen rows, and the others."""
        return tf.gather(values, self.index), tf.gather(values, np.asarray(self.others, "int32"))

    def put_back(self, chosen, others):
        """The whole array again."""
        return tf.gather(tf.concat([chosen, others], 0), self._back)


def positions(columns: tuple[int, ...] | tuple[str, ...] | None, size: Size) -> list[int]:
    """The columns as indices, or an error that says what does not fit."""
    if columns is None:
        return list(range(size.event))
    if not isinstance(columns[0], str):
        if max(columns) >= size.event:
            raise ArgumentError(
                f"`columns` holds {max(columns)}, but the data have {size.event} columns, counted from 0.",
                argument="columns",
            )
        return list(columns)
    if size.columns is None:
        raise ArgumentError(
            "`columns` has names, but the data have no column names.",
            argument="columns",
            hint="Give indices, or data with names (a data frame).",
        )
    if unknown := [name for name in columns if name not in size.columns]:
        raise ArgumentError(
            f"`columns` has {unknown[0]!r}, but the columns are {', '.join(size.columns)}.", argument="columns"
        )
    return [size.columns.index(name) for name in columns]
