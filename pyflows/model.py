"""A flow with weights, and what one does with it: density, draws, both directions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from . import backend
from .architecture import Architecture, architecture_of
from .backend import tf, versions
from .checks import Choice, Whole, fail
from .data import as_table
from .errors import ArgumentError, ShapeError
from .maps import Size
from .outer import check_support
from .rows import ROWS, filled_up
from .seeds import DRAWS, stream
from .spec import Flow, is_plain, to_data

# Draws from the base distribution that share a stream of random numbers, however rows are cut for computing.
STREAM_ROWS = ROWS  # what a seed gives depends on it: it must stay as it is
LARGEST_SEED = 2**31 - 1
DTYPES = ("float32", "float64")


class Model:
    """A flow with weights: built by `build`, fitted by `fit`, read by `load`.

    Attributes:
        flow: the flow as it was described.
        size: numbers and names of the columns, and the dtype.
        context_columns: names of the context's columns, or None.
        standardize: whether a fixed shift and scale is part of the flow, as its last layer before maps onto a support.
        seed: what the starting weights came from.
        history: one list an epoch for each of epoch, train_log_prob, validation_log_prob, learning_rate.
        facts: what is known of the fit, as plain data.
        variables: the weights, tf.Variables by name.
    """

    def __init__(
        self,
        flow: Flow,
        size: Size,
        weights: dict[str, np.ndarray],
        *,
        standardize: bool = False,
        context_columns: tuple[str, ...] | None = None,
        seed: int | None = None,
        history: dict[str, list] | None = None,
        facts: dict[str, Any] | None = None,
    ):
        self.flow, self.size, self.standardize = flow, size, standardize
        self.context_columns, self.seed = context_columns, seed
        self.history, self.facts = history or {}, facts or {}
        self.architecture: Architecture = architecture_of(flow, size, standardize)
        self.variables = {
            name: tf.Variable(weights[name], trainable=weight.trainable, dtype=size.dtype, name=name)
            for name, weight in self.architecture.weights.items()
        }

    @property
    def event_size(self) -> int:
        """Number of columns, d."""
        return self.size.event

    @property
    def latent_size(self) -> int:
        """Number of latent values: that of columns, or one less for each composition (`simplex`)."""
        return self.architecture.inner.event

    @property
    def context_size(self) -> int:
        """Number of context columns, c."""
        return self.size.context

    @property
    def dtype(self) -> str:
        """The floating-point type, "float32" or "float64"."""
        return self.size.dtype

    @property
    def columns(self) -> tuple[str, ...] | None:
        """Names of the columns, or None."""
        return self.size.columns

    @property
    def weights(self) -> dict[str, np.ndarray]:
        """The weights as numpy arrays, by name."""
        return {name: variable.numpy() for name, variable in self.variables.items()}

    def summary(self) -> dict[str, Any]:
        """Everything that is known of the model but its weights, as plain data."""
        return {
            "flow": to_data(self.flow) if is_plain(self.flow) else None,
            "event_size": self.event_size,
            "latent_size": self.latent_size,
            "context_size": self.context_size,
            "columns": None if self.columns is None else list(self.columns),
            "context_columns": None if self.context_columns is None else list(self.context_columns),
            "dtype": self.dtype,
            "standardize": self.standardize,
            "seed": self.seed,
            "weights_count": self.architecture.free_parameters,
            "bound": self.architecture.noisy,
            **self.facts,
            "history": self.history,
            "versions": self.facts.get("versions", versions()),
        }

    def __repr__(self) -> str:
        facts = self.facts
        lines = [repr(self.flow), f"  columns: {', '.join(self.columns) if self.columns else self.event_size}"]
        if self.context_size:
            names = self.context_columns
            lines.append(f"  context: {', '.join(names) if names else self.context_size}")
        lines.append(f"  free parameters: {self.architecture.free_parameters:,} ({self.dtype})")
        if "draws" in facts:
            return "\n".join([*lines, *_target_lines(facts)])
        if "n" not in facts:
            return "\n".join([*lines, "  not fitted"])
        lines.append(f"  fitted to {facts['n']:,} rows, {facts['epochs']} epochs in {facts['seconds']:.1f} s")
        held_out = facts.get("validation_log_prob")
        lines.append(
            f"  mean {'log-probability, a lower bound' if self.architecture.noisy else 'log-density'}: "
            f"{facts['train_log_prob']:.4f} nats (training)"
            + (f", {held_out:.4f} ({facts['n_validation']:,} held-out rows)" if held_out is not None else "")
        )
        return "\n".join(lines)


def _target_lines(facts: dict[str, Any]) -> list[str]:
    """What is known of a fit to a target density, in lines."""

    def estimate(name):
        value, error = facts[name], facts[f"{name}_se"]
        return "not finite" if value is None else f"{value:.4f}" + (f" (se {error:.4f})" if error is not None else "")

    lines = [
        f"  fitted to a target density: {facts['steps']:,} steps in {facts['seconds']:.1f} s",
        f"  ELBO: {estimate('elbo')}",
    ]
    if facts["ess"] is not None:
        lines[-1] += f", log Z: {estimate('log_z')}, {facts['ess']:,.0f} effective of {facts['draws']:,} draws"
    return lines


def build(flow: Flow, event_size: int, context_size: int = 0, seed: int | None = None, dtype: str = "float32") -> Model:
    """A model with starting weights, not fitted: near the identity, so near its base distribution.

    Args:
        flow: the flow.
        event_size: number of columns d, a whole number >= 1.
        context_size: number of context columns c, a whole number >= 0.
        seed: whole number >= 0 that the starting weights come from; None draws one and keeps it.
        dtype: "float32" or "float64".

    Returns:
        A `Model`.

    Raises:
        ArgumentError: an argument is not allowed, or a layer cannot be built for that size.

    Example:
        >>> model = build(maf(), event_size=3, seed=1)
    """
    check_flow(flow, "build()")
    event_size = Whole(min=1)("event_size", event_size, "build()")
    context_size = Whole(min=0)("context_size", context_size, "build()")
    seed = check_seed(seed, "build()")
    dtype = Choice(values=DTYPES)("dtype", dtype, "build()")
    return build_model(flow, Size(event_size, context_size, dtype), seed)


def build_model(flow: Flow, size: Size, seed: int, context_columns: tuple[str, ...] | None = None) -> Model:
    """`build` for arguments that were checked before, with names."""
    weights = architecture_of(flow, size).start(seed)
    return Model(flow, size, weights, seed=seed, context_columns=context_columns)


def check_flow(flow: Any, where: str) -> Flow:
    """Is it a flow."""
    if not isinstance(flow, Flow):
        hint = "Call it: maf() instead of maf." if callable(flow) else None
        fail("flow", "a flow such as maf() or flow(affine(), prelu())", flow, where, hint)
    return flow


def check_model(model: Any, where: str) -> Model:
    """Is it a model."""
    if not isinstance(model, Model):
        hint = "Fit it first: fit(flow, x)." if isinstance(model, Flow) else None
        fail("fit", "a fitted flow, from fit(), build() or load()", model, where, hint)
    backend.start()  # in a fork of this process: an error instead of a deadlock
    return model


def check_seed(seed: Any, where: str) -> int:
    """The seed, or a fresh one."""
    seed = Whole(min=0, max=LARGEST_SEED, null=True)("seed", seed, where)
    return int(np.random.SeedSequence().generate_state(1)[0] & LARGEST_SEED) if seed is None else seed


def log_prob(fit: Model, x: Any, context: Any = None) -> np.ndarray:
    """Log-density of each row of x, in nats, on the scale of the data.

    Args:
        fit: a fitted flow.
        x: `[n, d]` numbers, or a data frame with the columns that were fitted (in any order).
        context: `[n, c]`, or one row `[1, c]` (or `[c]`, c > 1) for all; needed if and only if the flow has one.

    Returns:
        `[n]` floats of the model's dtype, -inf outside of the flow's support. For whole numbers (`dequantize`) they are
        lower bounds of log-probabilities, in expectation. Memory beyond input and output does not grow with n.

    Raises:
        ArgumentError, ShapeError, DataError: x or context do not fit the model.

    Example:
        >>> log_prob(model, x).mean()
    """
    return _map_rows(fit, "log_prob", x, "x", context, "log_prob()")


def inverse(fit: Model, x: Any, context: Any = None) -> np.ndarray:
    """Data -> base: the latent residuals z, which are draws from the base if the model is right.

    Args, Returns and Raises as for `log_prob`, but the result is `[n, d]`, and rows outside of the flow's support raise
    a DataError.
    """
    return _map_rows(fit, "inverse", x, "x", context, "inverse()")


def forward(fit: Model, z: Any, context: Any = None) -> np.ndarray:
    """Base -> data: where the flow takes the latent values `z [n, d]`.

    Args, Returns and Raises as for `log_prob`, but the result is `[n, d]`.
    """
    return _map_rows(fit, "forward", z, "z", context, "forward()", latent=True)


def sample(fit: Model, n: int, context: Any = None, seed: int | None = None) -> np.ndarray:
    """Draw from the fitted distribution.

    Args:
        fit: a fitted flow.
        n: number of draws, a whole number >= 0.
        context: `[n, c]` (one row a draw), or one row `[1, c]` (or `[c]`, c > 1) for all; needed if the flow has one.
        seed: whole number >= 0; the same seed gives the same draws. None draws one.

    Returns:
        `[n, d]` floats of the model's dtype. Memory beyond the output does not grow with n.

    Raises:
        ArgumentError, ShapeError, DataError: an argument does not fit the model.

    Example:
        >>> sample(model, 100, seed=1)
    """
    model = check_model(fit, "sample()")
    n = Whole(min=0)("n", n, "sample()")
    seed = check_seed(seed, "sample()")
    rows = context_rows(model, context, n, "sample()")

    base, base_context = model.architecture.base, _base_context(model, n, rows)
    weights = {name: weight.numpy() for name, weight in model.architecture.of_base(model.variables).items()}

    def latent(begin: int, end: int) -> np.ndarray:
        first, last = begin // STREAM_ROWS, -(-end // STREAM_ROWS)
        draws = [
            base.sample(weights, STREAM_ROWS, stream(DRAWS, seed, part), base_context(part))
            for part in range(first, last)
        ]
        return np.concatenate(draws)[begin - first * STREAM_ROWS : end - first * STREAM_ROWS]

    return _run(model, "forward", n, latent, rows)


def _base_context(model: Model, n: int, rows: Callable | None) -> Callable:
    """A function that gives the context of one part of the base's draws, as the base sees it."""
    if not model.architecture.base.conditional or rows is None:
        return lambda part: None

    def context(part: int) -> np.ndarray:
        begin = part * STREAM_ROWS
        values = np.asarray(rows(begin, min(begin + STREAM_ROWS, n)), model.dtype)
        scaled = model.architecture.scaled_context_rows(model.variables, values)
        return filled_up(scaled.numpy(), STREAM_ROWS)

    return context


def _map_rows(fit, direction, data, name, context, where, latent=False) -> np.ndarray:
    model = check_model(fit, where)
    width = model.latent_size if latent else model.event_size
    table = as_table(data, name, where, columns=None if latent else model.columns, width=width)
    rows = context_rows(model, context, len(table), where)
    if direction == "inverse":  # outside of the support the density is 0, but there is no latent value
        check_support(model.architecture, table.values, name, where)
    return _run(model, direction, len(table), lambda begin, end: table.values[begin:end], rows)


def context_rows(model: Model, context: Any, n: int, where: str) -> Callable | None:
    """A function that gives the context of rows begin to end, or None."""
    if not model.context_size:
        if context is not None:
            raise ArgumentError(f"{where}: `context` was given, but the flow was made without one.", argument="context")
        return None
    if context is None:
        raise ArgumentError(
            f"{where}: `context` is missing; the flow needs {model.context_size} context columns.",
            argument="context",
        )
    if not hasattr(context, "columns") and np.ndim(context) == 1 and model.context_size > 1:
        context = np.asarray(context)[None, :]  # one context for all rows
    table = as_table(context, "context", where, columns=model.context_columns, width=model.context_size)
    if len(table) not in (1, n):
        raise ShapeError(f"{where}: `context` must have 1 row or {n} rows, not {len(table)}.", argument="context")
    if len(table) == n:
        return lambda begin, end: table.values[begin:end]
    return lambda begin, end: np.broadcast_to(table.values, (end - begin, model.context_size))


def _run(model: Model, direction: str, n: int, rows: Callable, context: Callable | None) -> np.ndarray:
    functions = model.architecture.compiled
    return functions.run(direction, functions.packed(model.variables), n, rows, context)
