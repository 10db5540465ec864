"""Flows made of flows."""

from __future__ import annotations

import dataclasses

import numpy as np

from .backend import tf
from .chain import Chain
from .checks import Whole
from .errors import ArgumentError
from .flow_checks import ColumnBlocks, FlowArg, FlowList
from .maps import Map, Size
from .spec import Flow, make_node, register
from .stacks import run_map

INNER = "inner"
OTHER_WAY = {"forward": "inverse", "inverse": "forward", None: None}


def repeat_flow(flow: Flow, k: int) -> Flow:
    """A flow's layers several times over, each time with weights of their own.

    Args:
        flow: the flow; its base stays the base.
        k: how often, a whole number >= 1.

    Returns:
        A `Flow` with k times as many layers.

    Raises:
        ArgumentError: `flow` is not a flow, or `k` not a whole number >= 1.

    Example:
        >>> repeat_flow(flow(affine(), prelu()), 3)
    """
    flow = FlowArg(any_base=True)("flow", flow, "repeat_flow()")
    return Flow(flow.layers * Whole(min=1)("k", k, "repeat_flow()"), flow.base)


class InvertedMap(Map):
    """A chain the other way round; in training too it is the fixed map of its weights."""

    def __init__(self, size: Size, flow: Flow):
        self.chain = Chain(flow, size, INNER)
        self.weights, self.stackable = self.chain.weights, self.chain.stackable
        self.jit_compilable = self.chain.jit_compilable
        self.sequential = OTHER_WAY[self.chain.sequential]

    def forward(self, weights, z, context=None):
        return self.chain.inverse(weights, z, context)

    def inverse(self, weights, x, context=None):
        return self.chain.forward(weights, x, context)


@register(flow=FlowArg())
def invert(size: Size, flow):
    """A flow the other way round.

    What was data -> base becomes base -> data: the layers in reverse order, each in its other direction, so that the
    fast direction and the slow one change places (`invert(maf())` draws in one pass). Weights start as in the flow
    itself, but none start from the data, and `batch_norm` keeps the moments it starts with. It costs what the flow
    costs.

    Args:
        flow: the flow, without a base of its own.

    Shapes:
        x `[n, d]` and context `[n, c]` as the flow takes them.

    Raises:
        ArgumentError: `flow` is not a flow, or has a base of its own.

    Example:
        >>> flow(affine(), invert(sinh_arcsinh()))
    """
    return InvertedMap(size, flow)


class FrozenMap(Map):
    """A chain none of whose weights are trained."""

    def __init__(self, size: Size, flow: Flow):
        self.chain = Chain(flow, size, INNER)
        self.weights = {
            name: dataclasses.replace(weight, trainable=False) for name, weight in self.chain.weights.items()
        }
        self.stackable, self.jit_compilable = self.chain.stackable, self.chain.jit_compilable
        self.sequential = self.chain.sequential

    def forward(self, weights, z, context=None):
        return self.chain.forward(weights, z, context)

    def inverse(self, weights, x, context=None):
        return self.chain.inverse(weights, x, context)

    @property
    def starts_from_data(self):
        return self.chain.starts_from_data

    def start_on(self, weights, x, row_weights, context=None):
        return self.chain.start_on(weights, x, row_weights, context)


@register(flow=FlowArg())
def freeze(size: Size, flow):
    """A flow whose weights are not trained.

    They keep the values they start with: random ones from the seed, or those that `actnorm` and `batch_norm` take
    from the data when fitting begins. So `freeze(actnorm())` standardises, and a frozen flow with random weights is
    a fixed bend. They are named and saved like all weights, but do not count as free parameters. Both
    directions cost what the flow costs; a step of fitting costs less.

    Args:
        flow: the flow, without a base of its own.

    Shapes:
        x `[n, d]` and context `[n, c]` as the flow takes them.

    Raises:
        ArgumentError: `flow` is not a flow, or has a base of its own.

    Example:
        >>> flow(affine(), freeze(actnorm()))
    """
    return FrozenMap(size, flow)


def mixture_of_flows(k: int, flow: Flow) -> Flow:
    """A mixture of k copies of a flow, each with weights of its own.

    The density is `sum_j w_j p_j(x)` with learned shares w_j. A draw picks a component, then draws from it. So this is
    no invertible map, but a base distribution, `base_flows`: an empty flow over it, to which further layers can be
    added.

    Args:
        k: number of components, a whole number >= 1.
        flow: the flow that each component is; its base is part of it.

    Returns:
        A `Flow` without layers, whose base is the mixture.

    Raises:
        ArgumentError: `k` is not a whole number >= 1, or `flow` not a flow.

    References:
        Izmailov, Kirichenko, Finzi & Wilson (2020), Semi-Supervised Learning with Normalizing Flows,
        arXiv:1912.13025.

    Example:
        >>> mixture_of_flows(3, maf(layers=2))
    """
    flow = FlowArg(any_base=True)("flow", flow, "mixture_of_flows()")
    k = Whole(min=1)("k", k, "mixture_of_flows()")
    return Flow(base=make_node("base_flows", {"flow": flow, "components": k}))


class FactorizedMap(Map):
    """`x_j = f_j(z_j; x_1 ... x_(j-1), context)` for blocks of columns, in order."""

    def __init__(self, size: Size, blocks: list[tuple[int, ...]], flows: tuple[Flow, ...]):
        self.blocks = [np.asarray(block, "int32") for block in blocks]
        self.back = np.argsort(np.concatenate(self.blocks)).astype("int32")
        self.chains, before = [], 0
        for i, (block, flow) in enumerate(zip(blocks, flows, strict=True)):
            columns = size.columns and tuple(size.columns[column] for column in block)
            own = Size(len(block), size.context + before, size.dtype, columns)
            self.chains.append(Chain(flow, own, f"{INNER}/{i}"))
            before += len(block)
        self.weights = {name: weight for chain in self.chains for name, weight in chain.weights.items()}
        self.updated = tuple(name for chain in self.chains for name in chain.updated)
        self.stackable = all(chain.stackable for chain in self.chains)
        self.jit_compilable = all(chain.jit_compilable for chain in self.chains)
        self.sequential = next((chain.sequential for chain in self.chains if chain.sequential), None)

    def forward(self, weights, z, context=None):
        parts, total = [], tf.zeros_like(z[0])
        for part, chain in zip(self._split(z), self.chains, strict=True):
            part, log_det = chain.forward(weights, part, _given(parts, context))
            parts.append(part)
            total = total + log_det
        return self._join(parts), total

    def inverse(self, weights, x, context=None):
        return self._inverse("inverse", weights, x, context)[:2]

    def inverse_training(self, weights, x, context=None, row_weights=None):
        return self._inverse("inverse_training", weights, x, context, row_weights)

    def _inverse(self, direction, weights, x, context, row_weights=None):
        given, parts, total, updates = self._split(x), [], tf.zeros_like(x[0]), {}
        for i, chain in enumerate(self.chains):
            before = _given(given[:i], context)
            part, log_det, new = run_map(chain, direction, weights, given[i], before, row_weights)
            parts.append(part)
            total, updates = total + log_det, updates | new
        return self._join(parts), total, updates

    def _split(self, value) -> list:
        return [tf.gather(value, block) for block in self.blocks]

    def _join(self, parts: list):
        return tf.gather(tf.concat(parts, 0), self.back)

    @property
    def starts_from_data(self):
        return any(chain.starts_from_data for chain in self.chains)

    def start_on(self, weights, x, row_weights, context=None):
        given, parts = self._split(x), []
        for i, chain in enumerate(self.chains):
            weights, part = chain.start_on(weights, given[i], row_weights, _given(given[:i], context))
            parts.append(part)
        return weights, self._join(parts)


def _given(before: list, context):
    """What a block is conditioned on: the blocks before it, and the context."""
    rows = [*before, *([] if context is None else [context])]
    return tf.concat(rows, 0) if rows else None


def factorize(columns=None, flows=None, **named):
    """A joint density as a product of conditional ones: p(x1) p(x2 | x1) p(x3 | x1, x2) ...

    Each block of columns has a flow of its own, which sees the blocks before it as context, beside the context of the
    whole: `x_j = f_j(z_j; x_1 ... x_(j-1), context)`. It says what depends on what, where that is known, and lets
    columns of different kinds have different layers; layers that take no context ignore it. `fit` standardises the data
    before they come here, so a support (`positive` ...) stands behind `factorize`, with its `columns`, or in `support`.
    The density takes the passes of all flows, which do not wait for each other; draws take them one after another.

    Args:
        columns: the blocks, a list of lists of columns, by name or by number (from 0), which together are all columns
            of the data. None: each flow has one column, in order.
        flows: the flows, one for each block, without bases of their own.
        **named: instead of the two above, a flow for each column by its name: `factorize(x1=maf(), x2=maf())`.

    Shapes:
        x `[n, d]`, d the number of columns in all blocks, context `[n, c]`.

    Raises:
        ArgumentError: an argument is not allowed, or the blocks are not those of the data.

    Example:
        >>> factorize(columns=[["long"], ["wide"]], flows=[affine(), maf(layers=2)])
    """
    if not named:
        return _factorize(columns, flows)
    if columns is not None or flows is not None:
        raise ArgumentError("factorize(): give `columns` and `flows`, or columns by name, not both.", argument="flows")
    for name, value in named.items():
        FlowArg()(name, value, "factorize()")
    return _factorize([[name] for name in named], list(named.values()))


def build_factorized(size: Size, columns=None, flows=None):
    """The map that `factorize` describes."""
    blocks = [(i,) for i in range(len(flows))] if columns is None else columns
    if len(blocks) != len(flows):
        raise ArgumentError(
            f"`columns` has {len(blocks)} blocks, but there are {len(flows)} flows in `flows`.", argument="columns"
        )
    blocks = [_positions(block, size) for block in blocks]
    if sorted(column for block in blocks for column in block) != list(range(size.event)):
        names = size.columns or range(size.event)
        raise ArgumentError(
            f"`columns` must have each column of the data once; those are {', '.join(map(str, names))}.",
            argument="columns",
        )
    return FactorizedMap(size, blocks, flows)


def _positions(block: tuple, size: Size) -> tuple[int, ...]:
    if not isinstance(block[0], str):
        return block
    if size.columns is None:
        raise ArgumentError(
            "`columns` has names, but the data have no column names.",
            argument="columns",
            hint="Give numbers, or data with names (a data frame).",
        )
    if unknown := set(block) - set(size.columns):
        raise ArgumentError(
            f"`columns` has {sorted(unknown)[0]!r}, but the columns are {', '.join(size.columns)}.",
            argument="columns",
        )
    return tuple(size.columns.index(name) for name in block)


build_factorized.__doc__ = factorize.__doc__
_factorize = register("factorize", columns=ColumnBlocks(null=True), flows=FlowList())(build_factorized)
