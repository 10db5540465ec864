"""One run of fitting to a target density: from checked arguments to a model."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable

import numpy as np

from .architecture import CONTEXT, architecture_of
from .backend import tf, versions
from .data import Table
from .descent import Descent
from .errors import ArgumentError
from .maps import Size
from .model import Model
from .spec import Flow
from .target_loop import TargetLoop
from .training_data import Part, scales_of

# Steps between two times that the weights are judged.
STEPS_PER_EPOCH = 100
# Fewer steps than this are done before XLA has compiled them.
JIT_STEPS = 600
# Blocks of draws that a fit is described by at its end.
BLOCKS = 16


@dataclasses.dataclass(frozen=True)
class TargetOptions:
    """The checked options of a fit to a target."""

    epochs: int
    batch_size: int
    learning_rate: float
    schedule: str | Callable
    patience: int | None
    clip_norm: float | None
    dtype: str
    seed: int
    jit_compile: bool | None


class Seeds:
    """The seeds of the noise of each step, in the form of `Batches`: the seed of the run, and the number of the step.

    Negative numbers are free for what is no step.
    """

    def __init__(self, options: TargetOptions):
        self.seed, self.size, self.per_epoch = options.seed, options.batch_size, STEPS_PER_EPOCH
        self.total = STEPS_PER_EPOCH * options.epochs

    def epoch(self, position: int) -> int:
        """The epoch (from 0) that a step belongs to."""
        return min(position, self.total - 1) // self.per_epoch

    def block(self, position: int, count: int, height: int) -> tuple[np.ndarray, np.ndarray]:
        """Seeds `[height, 2]` of the steps from `position` on, and whether each ends an epoch."""
        steps = position + np.arange(height)
        return self.of(steps), (steps + 1) % self.per_epoch == 0

    def of(self, numbers: np.ndarray) -> np.ndarray:
        """The seeds with these numbers, `[k, 2]`."""
        return np.stack([np.full(len(numbers), self.seed), numbers], 1)


class TargetRun(Descent):
    """Trains a flow on a target density, with arguments that were checked before."""

    where = "fit_target()"
    scores = ("train_elbo", "elbo")
    hint = (
        "Lower `learning_rate`, use dtype='float64', or let the flow end in a map onto the target's support, such as "
        "positive()."
    )
    unjudged = "the ELBO was never finite. The last weights are returned; look at `log_prob_fn` far out."

    def __init__(
        self,
        flow: Flow,
        size: Size,
        log_prob_fn: Callable,
        context: Table | None,
        options: TargetOptions,
        progress: bool | Callable,
    ):
        self.began = time.perf_counter()
        self.flow, self.size, self.context = flow, size, context
        self.log_prob_fn, self.options = log_prob_fn, options
        architecture = architecture_of(flow, size)
        batches = Seeds(options)
        jit = options.jit_compile
        if jit is None:
            jit = batches.total >= JIT_STEPS and architecture.jit_compilable
        width = options.batch_size * (size.event + size.context)
        super().__init__(options, batches, self._loop(architecture, jit), width, progress)

    def _loop(self, architecture, jit: bool) -> TargetLoop:
        values = None if self.context is None else self.context.values.astype(self.size.dtype)
        options = self.options
        return TargetLoop(architecture, options.clip_norm, jit, self.log_prob_fn, options.batch_size, values)

    def _data(self):
        return {"validation": {"seed": tf.constant(self.batches.of(np.array([-1]))[0], tf.int32)}}

    def _start(self, data):
        weights = super()._start(data)
        if self.context is not None:
            shift, log_scale = scales_of(Part(None, self.context.values, None), True, [], self.where)["context"]
            weights |= {f"{CONTEXT}/shift": shift, f"{CONTEXT}/log_scale": log_scale}
        return weights

    def _train(self, data, report, worker):
        try:
            self._trace(data)
            super()._train(data, report, worker)
        except (tf.errors.InvalidArgumentError, tf.errors.UnimplementedError) as error:
            if not self.loop.jit or self.log.position:
                raise
            if self.options.jit_compile:
                raise ArgumentError(
                    f"{self.where}: XLA cannot compile the flow or `log_prob_fn`: {str(error).splitlines()[0]}",
                    argument="jit_compile",
                    hint="Use jit_compile=False.",
                ) from None
            # Nobody asked for XLA.
            self.loop = self._loop(self.architecture, False)
            self._trace(data)
            super()._train(data, report, worker)

    def _trace(self, data) -> None:
        """Call `log_prob_fn` here for the steps: a function of R's can be called in the main thread only."""
        seeds, ends = self.batches.block(0, 1, self.block_steps)
        plan = {"rate": np.zeros(len(seeds)), "epoch_end": ends, "steps": 0, "patience": 0}
        self.loop.trace(self.state, data, seeds, plan)

    def _first_not_finite(self):
        weights = {name: tf.constant(value) for name, value in self.loop.weights(self.state, "theta").items()}
        seed = tf.constant(self.batches.of(np.array([self.log.position]))[0], tf.int32)
        x, context = self.loop.draws(weights, seed, self.options.batch_size)
        seen = self.architecture.scaled_context(weights, context)
        for i, (name, map_) in enumerate(self.architecture.layers):
            x, log_det = map_.forward(self.architecture.of_layer(weights, name), x, seen)
            if not (np.isfinite(x).all() and np.isfinite(log_det).all()):
                kind = self.architecture.nodes[i].kind
                return f"The first layer (from the base) that is not finite is layer {i + 1} ({kind})."
        values = np.asarray(self.loop.target(x, context))
        wrong = ~np.isfinite(values)
        if wrong.any():
            i = np.argmax(wrong)
            at = ", ".join(f"{value:.4g}" for value in np.asarray(x)[:, i])
            return f"`log_prob_fn` is {values[i]} at {wrong.sum()} of {len(values)} draws, as at ({at})."
        return "The flow and `log_prob_fn` are finite for its draws; the gradient is not."

    def _model(self, weights):
        model = Model(
            self.flow,
            self.size,
            weights,
            context_columns=self.context.columns if self.context else None,
            seed=self.options.seed,
            history=self.log.history,
        )
        model.facts = {
            "epochs": len(self.log.history["epoch"]),
            "best_epoch": int(self.state["best_epoch"]) if self.architecture.trained else 0,
            "steps": self.log.steps,
            "batch_size": self.options.batch_size,
            "stopped": self.log.stopped,
            "restarts": self.log.restarts,
            **self._quality(weights),
            "seconds": time.perf_counter() - self.began,
            "versions": versions(),
        }
        return model

    def _quality(self, weights) -> dict:
        """What independent draws say of the fit."""
        seeds = self.batches.of(-2 - np.arange(1 if self.log.stopped == "interrupt" else BLOCKS))
        values = self.loop.many_log_weights(weights, seeds).astype(np.float64)
        found = quality(values)
        if self.context is not None:  # each row of the context has a log Z of its own
            found |= dict.fromkeys(("log_z", "log_z_se", "ess"))
        return {"draws": len(values), **found}


def quality(log_weights: np.ndarray) -> dict[str, float | None]:
    """ELBO, log Z and effective sample size, from `log p(x) - log q(x)` at draws x of q; None for what is not finite.

    The ELBO is the mean, and log Z the logarithm of the mean of the importance weights, whose standard error is that of
    the delta method. The effective sample size is `(sum w)^2 / sum w^2` (Kong 1992).
    """
    n = len(log_weights)
    with np.errstate(all="ignore"):
        top = np.max(log_weights)
        weights = np.exp(log_weights - top)
        ess = np.square(weights.sum()) / np.square(weights).sum()
        found = {
            "elbo": log_weights.mean(),
            "elbo_se": log_weights.std(ddof=1) / np.sqrt(n),
            "log_z": top + np.log(weights.mean()),
            "log_z_se": np.sqrt(max(1.0 / ess - 1.0 / n, 0.0)),
            "ess": ess,
        }
    return {name: float(value) if np.isfinite(value) else None for name, value in found.items()}
