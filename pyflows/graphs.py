"""Networks of a known graph: the parameters of each dimension depend on its parents in the graph, and on nothing else.

Degrees, as in MADE, say how many of the dimensions before it a hidden unit may know. Here each unit has a set: the
parents of some dimension. It sees inputs of its set and units whose sets are parts of its own.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .backend import tf
from .errors import ArgumentError
from .maps import Size, Tensors
from .networks import Network


def parents_of(adjacency, size: Size) -> np.ndarray:
    """An adjacency matrix as an array of bools, after a look at whether it fits the data."""
    if len(adjacency) != size.event:
        raise ArgumentError(
            f"`adjacency` has {len(adjacency)} rows, but the data have {size.event} columns.", argument="adjacency"
        )
    return np.array(adjacency, bool)


def depth_of(parents: np.ndarray, columns: tuple[str, ...] | None = None) -> int:
    """The number of dimensions on the longest path through the graph; `ArgumentError` if it has a cycle."""
    known, depth = np.zeros(len(parents), bool), 0
    while not known.all():
        unknown_parents = parents & ~known
        ready = ~known & ~unknown_parents.any(1)
        if not ready.any():
            _refuse_cycle(unknown_parents, int(np.argmin(known)), columns)
        known, depth = known | ready, depth + 1
    return depth


def _refuse_cycle(unknown_parents: np.ndarray, start: int, columns):
    # Everything that is left has a parent that is left, so going from parent to parent ends in a circle.
    path = [start]
    while path[-1] not in path[:-1]:
        path.append(int(np.argmax(unknown_parents[path[-1]])))
    cycle = path[path.index(path[-1]) :]
    names = [f"column {i}" if columns is None else columns[i] for i in cycle]
    raise ArgumentError(
        f"`adjacency` must have no cycle, but {names[0]} depends on {', which depends on '.join(names[1:])}.",
        argument="adjacency",
        hint="Row i has a 1 for each column that column i depends on"
        + (" (columns are counted from 0)." if columns is None else "."),
    )


class GraphNetwork(Network):
    """A network from d dimensions to the parameters of the same d, those of each seeing its parents only.

    Args:
        parents: `[d, d]` bools; row i has the parents of dimension i.
        columns: names of the columns, for messages.

    The other arguments are those of `Network`.
    """

    def __init__(self, parents, columns, context, params, hidden, activation, residual, start, period=None):
        self.event, self.parents, self.depth = len(parents), parents, depth_of(parents, columns)
        sets = np.unique(parents, axis=0)
        # Without a context a unit that knows no dimension knows nothing.
        self.sets = sets if context else sets[sets.any(1)]
        hidden = tuple(hidden) if len(self.sets) else ()
        if hidden and min(hidden) < len(self.sets):
            raise ArgumentError(
                f"`adjacency` has {len(self.sets)} different sets of parents, and each needs a unit in every hidden "
                f"layer; `hidden` has a layer of {min(hidden)}.",
                argument="hidden",
            )
        super().__init__(self.event, self.event, context, params, hidden, activation, residual, start, period)

    def _masks(self):
        masks, before = {}, np.repeat(np.eye(self.event, dtype=bool), self.features, 0)
        for i, units in enumerate(self.hidden):
            sets = self.sets[np.arange(units) * len(self.sets) // units]
            masks[f"hidden/{i}/kernel"] = _contains(sets, before)
            before = sets
        masks["output/kernel"] = np.tile(_contains(self.parents, before), (self.params, 1))
        return masks


def _contains(outer: np.ndarray, inner: np.ndarray) -> np.ndarray:
    """`[a, b]`: does each of a sets contain each of b sets (rows of bools)."""
    outside = (~outer).astype(int) @ inner.T.astype(int)
    return outside == 0


def invert(network: GraphNetwork, weights: Tensors, value, context, apply: Callable):
    """Solve `result_i = apply(theta_i(parents of i in the result), value_i)` for the result.

    Each pass of the network makes one more generation right, so that it takes as many as the longest path has
    dimensions, and no more.

    Args and Returns as for `incremental.invert`.
    """

    def step(turn, result):
        return turn + 1, apply(network(weights, result, context), value)[0]

    result, before = tf.zeros_like(value), network.depth - 1
    if before:
        _, result = tf.while_loop(lambda turn, _: turn < before, step, (0, result), maximum_iterations=before)
    result, log_derivative = apply(network(weights, result, context), value)
    return result, tf.reduce_sum(log_derivative, 0)
