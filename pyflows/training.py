"""`fit`: maximum likelihood for a flow and a table."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from .architecture import architecture_of
from .checkpoints import stored_seed
from .checks import Choice, Flag, Number, Whole, fail
from .data import Table, as_table, as_weights, check_fittable, label
from .errors import ArgumentError, DataError, PrecisionWarning
from .maps import Size
from .model import DTYPES, Model, check_flow, check_seed
from .outer import check_support
from .schedules import SCHEDULES
from .seeds import SPLIT, stream
from .spec import Flow
from .supports import with_support
from .training_data import Part
from .training_run import Options, TrainingRun

WHERE = "fit()"
# A float32 has 24 bits: with |mean| / sd above this, less than three digits of the variation are left.
FLOAT32_MEAN_TO_SD = 1e4


def fit(
    flow: Flow,
    x: Any,
    *,
    context: Any = None,
    weights: Any = None,
    validation: Any = 0.1,
    epochs: int = 200,
    batch_size: int | None = None,
    learning_rate: float = 1e-3,
    schedule: str | Callable = "constant",
    patience: int | None = 30,
    clip_norm: float | None = 100.0,
    standardize: bool = True,
    dtype: str = "float32",
    seed: int | None = None,
    checkpoint: str | None = None,
    jit_compile: bool | None = None,
    progress: bool | Callable = True,
    support: dict | None = None,
) -> Model:
    """Fit a flow to data by maximum likelihood (forward KL), with Adam.

    The weights that are judged and kept are a running mean over the last 100 steps or so of training. A part of the
    rows is held out; training stops when their density has not risen for `patience` epochs, and the weights that were
    best for them are kept. A non-finite loss or gradient does not end the fit: it goes back to the
    best weights so far, halves the learning rate and goes on with the next epoch, up to 5 times. Ctrl-C ends it early
    and returns the best weights so far, with an `InterruptedWarning`.

    Args:
        flow: the flow to fit.
        x: data, `[n, d]` numbers or a data frame with n >= 2 rows.
        context: `[n, c]` numbers or a data frame that the density is conditioned on, or None.
        weights: `[n]` observation weights >= 0, or None for equal ones.
        validation: share of rows to hold out (0 to below 1), or held-out data: an array, a data frame, or a dict with
            x and, where fitting has them, context and weights. 0 or None: no validation, no early stopping.
        epochs: passes through the training rows at the most, a whole number >= 1.
        batch_size: rows a step, a whole number >= 1; None takes a tenth of the rows, but between 32 and 256.
        learning_rate: Adam's step size at the start, > 0.
        schedule: how the learning rate goes on: "constant", "cosine" (to zero at the last epoch), or a function of
            the share of training that is done (0 to 1) that gives a factor >= 0.
        patience: epochs without a better held-out density before it stops, or None for never.
        clip_norm: largest Euclidean norm of the gradient, > 0, or None. The default only stops explosions: a tight one
            takes weight from the batches with rows far out, and then something else than the likelihood is maximised.
        standardize: shift and scale each column (and the context) to mean 0 and sd 1 inside the flow. Densities stay
            on the scale of the data.
        dtype: "float32" or "float64".
        seed: whole number >= 0; the same seed, data and machine give the same weights to the last bit. None draws one.
        checkpoint: folder where the state of training is kept, so that the same call resumes after a crash (with the
            seed of the first call, if none is given); or None.
        jit_compile: compile with XLA; None decides by the length of the run.
        progress: True for a progress bar, False for none, or a function called now and then with (epoch, epochs,
            loss, validation_loss, best_validation_loss), in nats a row; if it returns False, training stops.
        support: which values columns can have: a dict from their names or indices to "positive", ("lower", low),
            ("upper", high), ("interval", low, high), "periodic" (on a circle of length 2 pi), ("periodic", length),
            ("periodic", length, low), "simplex" (all columns with that add up to 1), "integer" (whole numbers) or
            "count" (whole numbers >= 0; both also with "variational", as in ("count", "variational")); or dict(kind=,
            low=, ...); None: any. It adds the layers of these names at the data end of the flow, for whole numbers
            `dequantize`, whose log-probabilities are lower bounds.

    Returns:
        A `Model`.

    Raises:
        ArgumentError, ShapeError, DataError: something is wrong with the arguments, before any training.
        TrainingError: training broke down for good; its `model` has the best weights.

    References:
        Kingma & Ba (2014), Adam, arXiv:1412.6980.
        Polyak & Juditsky (1992), Acceleration of stochastic approximation by averaging, doi:10.1137/0330046.

    Example:
        >>> model = fit(maf(), x, seed=1)
    """
    check_flow(flow, WHERE)
    if checkpoint is not None and not isinstance(checkpoint, (str, os.PathLike)):
        fail("checkpoint", "the path of a folder or None", checkpoint, WHERE)
    if seed is None and checkpoint is not None:
        seed = stored_seed(checkpoint)
    options = Options(
        epochs=Whole(min=1)("epochs", epochs, WHERE),
        batch_size=Whole(null=True, min=1)("batch_size", batch_size, WHERE),
        learning_rate=Number(min=0, open=True)("learning_rate", learning_rate, WHERE),
        schedule=schedule if callable(schedule) else Choice(values=SCHEDULES)("schedule", schedule, WHERE),
        patience=Whole(null=True, min=1)("patience", patience, WHERE),
        clip_norm=Number(null=True, min=0, open=True)("clip_norm", clip_norm, WHERE),
        standardize=Flag()("standardize", standardize, WHERE),
        dtype=Choice(values=DTYPES)("dtype", dtype, WHERE),
        jit_compile=Flag(null=True)("jit_compile", jit_compile, WHERE),
        seed=check_seed(seed, WHERE),
    )
    if not callable(progress):
        Flag()("progress", progress, WHERE)
    x_table, context_table, data = _tables(x, context, weights)
    flow = with_support(flow, support, x_table.columns, x_table.width, WHERE)
    size = Size(x_table.width, context_table.width if context_table else 0, options.dtype, x_table.columns)
    architecture = architecture_of(flow, size)
    check_support(architecture, x_table.values, "x", WHERE)
    training, held_out = _split(data, x_table, context_table, validation, options.seed)
    if held_out is not None:
        check_support(architecture, held_out.x, "validation", WHERE)
    _check_precision(x_table, "x", options.dtype)
    _check_precision(context_table, "context", options.dtype)
    names = context_table.columns if context_table else None
    return TrainingRun(flow, size, names, training, held_out, options, checkpoint, progress).run()


def _tables(x: Any, context: Any, weights: Any) -> tuple[Table, Table | None, Part]:
    table = as_table(x, "x", WHERE)
    check_fittable(table, "x", WHERE)
    n = len(table)
    context_table = None if context is None else as_table(context, "context", WHERE)
    _check_rows(context_table, n)
    values = None if context_table is None else context_table.values
    return table, context_table, Part(table.values, values, as_weights(weights, n, WHERE))


def _check_rows(context: Table | None, n: int, name: str = "context") -> None:
    if context is not None and len(context) != n:
        raise ArgumentError(f"{WHERE}: `{name}` must have as many rows as x, {n}, not {len(context)}.", argument=name)
    if context is not None and context.width == 0:
        raise ArgumentError(f"{WHERE}: `{name}` has no columns.", argument=name)


def _split(data: Part, x: Table, context: Table | None, validation: Any, seed: int) -> tuple[Part, Part | None]:
    """Training and held-out rows."""
    if validation is None:
        return data, None
    if np.ndim(validation) == 0 and not isinstance(validation, dict):
        share = Number(min=0, max=1)("validation", validation, WHERE)
        if share == 1.0:
            fail("validation", "a share of the rows below 1, or data", validation, WHERE)
        n = len(data.x)
        held_out = min(round(share * n), n - 1)
        if held_out == 0:
            return data, None
        order = stream(SPLIT, seed).permutation(n)
        training, validated = data.rows(np.sort(order[held_out:])), data.rows(np.sort(order[:held_out]))
        check_fittable(Table(training.x, x.columns), "x (its training rows)", WHERE)
        return _weighted(training, "training"), _weighted(validated, "held-out")
    return data, _given_validation(validation, x, context)


def _weighted(part: Part, name: str) -> Part:
    """The part with weights of mean 1."""
    if part.weights is None:
        return part
    if not part.weights.any():
        raise DataError(
            f"{WHERE}: the {name} rows that were drawn all have weight 0 in `weights`.",
            argument="weights",
            hint="Drop rows of weight 0, or give `validation` as data.",
        )
    return Part(part.x, part.context, part.weights / part.weights.mean())


def _given_validation(validation: Any, x: Table, context: Table | None) -> Part:
    given = validation if isinstance(validation, dict) else {"x": validation}
    if unknown := set(given) - {"x", "context", "weights"}:
        raise ArgumentError(
            f"{WHERE}: `validation` has an entry {sorted(map(str, unknown))[0]!r}; it takes x, context and weights.",
            argument="validation",
        )
    table = as_table(given.get("x"), "validation", WHERE, columns=x.columns, width=x.width)
    if len(table) == 0:
        raise DataError(f"{WHERE}: `validation` has no rows.", argument="validation")
    if (given.get("context") is None) != (context is None):
        verb = "lacks" if context is not None else "has"
        raise ArgumentError(
            f"{WHERE}: `validation` {verb} a context, unlike the training data.",
            argument="validation",
            hint="Give it as dict(x=, context=).",
        )
    context_values = None
    if context is not None:
        name = "validation context"
        new = as_table(given["context"], name, WHERE, columns=context.columns, width=context.width)
        _check_rows(new, len(table), name)
        context_values = new.values
    return Part(table.values, context_values, as_weights(given.get("weights"), len(table), WHERE))


def _check_precision(table: Table | None, name: str, dtype: str) -> None:
    if table is None or dtype != "float32":
        return
    values = table.values.astype(np.float64, copy=False)
    sd = values.std(0)
    ratio = np.abs(values.mean(0)) / np.where(sd > 0, sd, np.inf)
    worst = int(np.argmax(ratio))
    if ratio[worst] > FLOAT32_MEAN_TO_SD:
        warnings.warn(
            f"Column {label(worst, table.columns)} of `{name}` varies little against its mean (mean / sd = "
            f"{ratio[worst]:.0f}); float32 rounds much of that away. Subtract something from it, or use "
            'dtype="float64".',
            PrecisionWarning,
            stacklevel=3,
        )
