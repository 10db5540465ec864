"""`fit_target`: a flow for a density that is known up to a constant."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .architecture import architecture_of
from .backend import tf
from .checks import Choice, Flag, Number, Whole, fail
from .data import Table, as_table
from .errors import ArgumentError, ShapeError
from .maps import Size
from .model import DTYPES, Model, check_flow, check_seed
from .schedules import SCHEDULES
from .spec import Flow
from .target_run import TargetOptions, TargetRun

WHERE = "fit_target()"


def fit_target(
    flow: Flow,
    log_prob_fn: Callable,
    event_size: int,
    *,
    context: Any = None,
    epochs: int = 50,
    batch_size: int = 256,
    learning_rate: float = 1e-3,
    schedule: str | Callable = "constant",
    patience: int | None = None,
    clip_norm: float | None = 100.0,
    dtype: str = "float32",
    seed: int | None = None,
    jit_compile: bool | None = None,
    progress: bool | Callable = True,
) -> Model:
    """Fit a flow to a target density that is known up to a constant, by reverse KL, with Adam.

    It maximises the ELBO, the mean of `log p(x) - log q(x)` over draws x of the flow q, which is at most log Z, the
    logarithm of the integral of p; the gap is `KL(q || p)`. The gradient goes through the draws (reparameterisation).
    The weights that are judged and kept are a running mean over the last 100 steps or so; every 100 steps, which are an
    epoch here, they are judged by the ELBO over 1024 draws that stay the same, and the best are kept. A step that is
    not finite does not end the fit, and Ctrl-C ends it early, both as in `fit`.

    Reverse KL keeps q out of where p is low: of modes that are far apart it may find one only, and tails come out too
    thin. The effective sample size shows the second, and not the first. Every step draws, so take a flow that
    is fast in that direction: `iaf`, `real_nvp`, `nsf(conditioner="coupling")`. Let the flow end in `positive` or
    another map onto a support where p has one.

    Args:
        flow: the flow to fit. Its base must have draws that carry gradients, as all but mixtures, resampled ones and
            live distributions with variables have.
        log_prob_fn: log p up to a constant: a function of a tensor x `[n, d]` of that dtype that gives a tensor `[n]`,
            by operations of TensorFlow; with a context, of x and the context `[n, c]`. It is called a few times to be
            traced, and not in every step.
        event_size: number of columns d, a whole number >= 1.
        context: `[m, c]` numbers or a data frame that the target depends on, or None; each draw gets a row at random.
        epochs: hundreds of steps, a whole number >= 1.
        batch_size: draws a step, a whole number >= 1.
        learning_rate: Adam's step size at the start, > 0.
        schedule: how the learning rate goes on, as in `fit`.
        patience: epochs without a better ELBO before it stops, or None for never.
        clip_norm: largest Euclidean norm of the gradient, > 0, or None.
        dtype: "float32" or "float64".
        seed: whole number >= 0; the same seed, target and machine give the same weights. None draws one.
        jit_compile: compile with XLA; None does so for long runs, if it can.
        progress: True for a progress bar, False for none, or a function as in `fit`; its losses are negative ELBOs.

    Returns:
        A `Model`. Its facts have, from 16,384 draws that training has not seen: `elbo` and `elbo_se`, its standard
        error; `log_z`, log Z by importance sampling, `log_z_se`, and `ess`, the effective sample size (None with a
        context, as each of its rows has a Z of its own). Its history has lists of `train_elbo` and `elbo` by epoch.

    Raises:
        ArgumentError, ShapeError, DataError: something is wrong with the arguments, before any training.
        TrainingError: training broke down for good; its `model` has the best weights.

    References:
        Rezende & Mohamed (2015), Variational Inference with Normalizing Flows, arXiv:1505.05770.
        Kingma, Salimans, Jozefowicz, Chen, Sutskever & Welling (2016), Inverse Autoregressive Flow, arXiv:1606.04934.
        Mueller, McWilliams, Rousselle, Gross & Novak (2019), Neural Importance Sampling, arXiv:1808.03856.

    Example:
        >>> def log_prob(x):
        ...     return -(x[:, 0] ** 2) / 2 - (x[:, 1] - x[:, 0] ** 2) ** 2
        >>> model = fit_target(real_nvp(layers=4), log_prob, 2, epochs=20, seed=1)
    """
    check_flow(flow, WHERE)
    if not callable(log_prob_fn):
        fail("log_prob_fn", "a function of a tensor [n, d] that gives a tensor [n]", log_prob_fn, WHERE)
    event_size = Whole(min=1)("event_size", event_size, WHERE)
    options = TargetOptions(
        epochs=Whole(min=1)("epochs", epochs, WHERE),
        batch_size=Whole(min=1)("batch_size", batch_size, WHERE),
        learning_rate=Number(min=0, open=True)("learning_rate", learning_rate, WHERE),
        schedule=schedule if callable(schedule) else Choice(values=SCHEDULES)("schedule", schedule, WHERE),
        patience=Whole(null=True, min=1)("patience", patience, WHERE),
        clip_norm=Number(null=True, min=0, open=True)("clip_norm", clip_norm, WHERE),
        dtype=Choice(values=DTYPES)("dtype", dtype, WHERE),
        seed=check_seed(seed, WHERE),
        jit_compile=Flag(null=True)("jit_compile", jit_compile, WHERE),
    )
    if not callable(progress):
        Flag()("progress", progress, WHERE)
    table = None if context is None else _context_table(context)
    size = Size(event_size, table.width if table else 0, options.dtype)
    architecture = architecture_of(flow, size)
    if architecture.noisy:
        raise ArgumentError(
            f"{WHERE}: draws of whole numbers carry no gradients, and fitting to a target needs them.",
            argument="flow",
            hint="Leave out `dequantize`: fit to a density.",
        )
    if not architecture.base.reparameterized:
        raise ArgumentError(
            f"{WHERE}: the draws of `{flow.base.kind}` carry no gradients to its weights, and fitting to a target "
            "needs them.",
            argument="flow",
            hint="Use another base, such as base_normal() or base_student_t().",
        )
    check_target(log_prob_fn, size)
    return TargetRun(flow, size, log_prob_fn, table, options, progress).run()


def _context_table(context: Any) -> Table:
    table = as_table(context, "context", WHERE)
    if not len(table) or not table.width:
        raise ArgumentError(f"{WHERE}: `context` has no rows or no columns.", argument="context")
    return table


def check_target(log_prob_fn: Callable, size: Size) -> None:
    """Trace the function for rows of that size, and say what is wrong with what it gives."""
    takes = f"[n, {size.event}]" + (f" and a context [n, {size.context}]" if size.context else "")
    wanted = f"{WHERE}: `log_prob_fn` must take a tensor {takes} and give a tensor [n]"
    found: dict[str, Any] = {}

    def run(*rows):
        found["value"] = value = log_prob_fn(*rows)
        if not tf.is_tensor(value):
            return rows[0]
        found["reached"] = tf.gradients(value, rows[0])[0] is not None
        return value

    widths = [size.event, size.context] if size.context else [size.event]
    specs = [tf.TensorSpec([3, width], size.dtype) for width in widths]
    try:
        tf.function(run, autograph=False).get_concrete_function(*specs)
    except Exception as error:  # whatever the user's function does
        raise ArgumentError(
            f"{wanted}, by operations of TensorFlow; it fails with {type(error).__name__}: {_first_line(error)}",
            argument="log_prob_fn",
            hint="Use tf.math and operators on tensors instead of numpy, and tf.where instead of `if`.",
        ) from error
    value = found["value"]
    if not tf.is_tensor(value):
        raise ArgumentError(
            f"{wanted}, not an object of type {type(value).__name__}.",
            argument="log_prob_fn",
            hint="It must be made of operations of TensorFlow: numpy and float() cut it off from the weights.",
        )
    if value.dtype != tf.as_dtype(size.dtype):
        raise ArgumentError(
            f"{wanted} of dtype {size.dtype}, not {value.dtype.name}.",
            argument="log_prob_fn",
            hint="Constants in it should have x.dtype; or give fit_target() another `dtype`.",
        )
    if not found["reached"]:
        raise ArgumentError(
            f"{WHERE}: no gradient of `log_prob_fn` reaches x; it is constant, or something in it is not TensorFlow.",
            argument="log_prob_fn",
            hint="For a density that is constant on the flow's support, add 0.0 * tf.reduce_sum(x, axis=1).",
        )
    if value.shape.rank != 1 or value.shape[0] not in (3, None):
        shape = str(value.shape.as_list() if value.shape.rank is not None else "unknown")
        raise ShapeError(
            f"{wanted}, not one of shape {shape} for n = 3.",
            argument="log_prob_fn",
            hint="Sums over columns are tf.reduce_sum(..., axis=1).",
        )


def _first_line(error: Exception) -> str:
    """What the error says, without TensorFlow's account of the traceback."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    told = [line for line in lines if not line.startswith(("File ", "in user code", "Traceback"))]
    return (told or [""])[-1 if lines and lines[0].startswith("in user code") else 0]
