"""One run of training: from checked data to a model."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import time
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from .architecture import CONTEXT, STANDARDIZE, Architecture, architecture_of
from .backend import cores, tf, versions
from .batches import Batches
from .checkpoints import Checkpoint
from .errors import InterruptedWarning, PrecisionWarning, TrainingError
from .maps import Size
from .model import Model, log_prob
from .outer import inner_flow, unconstrained
from .pace import Pace, worker_thread
from .progress import interruptible, reporter
from .schedules import rate_factors
from .solvers import explained
from .spec import Flow
from .training_data import Part, blocks, scaled, scales_of
from .training_loop import LARGEST_BLOCK, NOT_FINITE, OUT_OF_PATIENCE, STEPS, TrainingLoop, loop_for

# Rolled back this often, with half the learning rate each time, training gives up.
TRIES = 5
# Fewer steps than this are done before XLA has compiled them.
JIT_STEPS = 600
# Batches cut in two keep both cores busy (measured: 1.1 to 1.4 times the steps), but take 1.5 to 3 s more to compile.
SPLIT_STEPS, SPLIT_ROWS = 10_000, 128
# Batches, if the user leaves them to us: at least ten steps an epoch, or small tables are hardly trained.
SMALLEST_BATCH, LARGEST_BATCH = 32, 256
# Rows that the densities of an interrupted fit are computed from, at the most.
HASTY_ROWS = 4096
# Rows that data-dependent starts are computed from, at the most.
START_ROWS = 16_384


@dataclasses.dataclass(frozen=True)
class Options:
    """The checked options of a fit."""

    epochs: int
    batch_size: int | None
    learning_rate: float
    schedule: str | Callable
    patience: int | None
    clip_norm: float | None
    standardize: bool
    dtype: str
    seed: int
    jit_compile: bool | None


@dataclasses.dataclass
class Log:
    """What Python keeps of a run beside the tensors: plain data, saved with each checkpoint."""

    position: int = 0  # steps behind it, those given up in a roll-back included
    steps: int = 0  # steps that changed the weights
    factor: float = 1.0  # on the learning rate
    restarts: int = 0
    stopped: str | None = None
    losses: list[float] = dataclasses.field(default_factory=list)  # of the epoch under way
    history: dict[str, list] = dataclasses.field(
        default_factory=lambda: {"epoch": [], "train_log_prob": [], "validation_log_prob": [], "learning_rate": []}
    )


class TrainingRun:
    """Trains a flow on data that were checked before. `run` gives the model."""

    def __init__(
        self,
        flow: Flow,
        size: Size,
        context_columns: tuple[str, ...] | None,
        training: Part,
        held_out: Part | None,
        options: Options,
        checkpoint: str | None,
        progress: bool | Callable,
    ):
        self.flow, self.size, self.context_columns = flow, size, context_columns
        self.training, self.held_out, self.options, self.progress = training, held_out, options, progress
        self.began = time.perf_counter()
        # What is fixed is done once here, and training sees the flow without it: maps onto a support, standardising.
        whole = architecture_of(flow, size)
        self.seen, self.seen_held_out = _unconstrained(whole, training), _unconstrained(whole, held_out)
        self.scales = scales_of(self.seen, options.standardize)
        n = len(training.x)
        batch_size = options.batch_size or min(max(n // 10, SMALLEST_BATCH), LARGEST_BATCH)
        self.batches = Batches(n, batch_size, options.epochs, options.seed)
        self.checkpoint = Checkpoint(checkpoint, self._fingerprint(), options.seed) if checkpoint else None
        self.architecture: Architecture = architecture_of(inner_flow(flow, whole), size)
        jit = options.jit_compile
        if jit is None:
            jit = self.batches.total >= JIT_STEPS and self.architecture.jit_compilable
        splits = self._splits() if jit else 1
        self.loop: TrainingLoop = loop_for(self.architecture, options.clip_norm, jit, splits)
        width = self.batches.size * (size.event + size.context + 1)
        self.block_steps = max(1, min(STEPS, LARGEST_BLOCK // width))
        self.log = Log()

    def run(self) -> Model:
        """Train, and return the model with the best weights."""
        data = self._data()
        weights = self._start(data)
        if not self.architecture.trained:
            self.log.stopped = "epochs"
            return self._model(weights)
        self.state = self.loop.initial(weights)
        if self.checkpoint and (saved := self.checkpoint.read(self.state)):
            self.state, self.log = saved[0], Log(**saved[1])
        try:
            with interruptible(), reporter(self.progress, self.options.epochs) as report, worker_thread() as worker:
                self._train(data, report, worker)
        except KeyboardInterrupt:
            self.log.stopped = "interrupt"
            epoch = self.batches.epoch(self.log.position) + 1
            warnings.warn(
                f"fit() was interrupted in epoch {epoch}; the best weights so far are returned.",
                InterruptedWarning,
                stacklevel=3,
            )
        return self._model(self._final_weights())

    def _splits(self) -> int:
        """How many pieces a batch is cut into: two, where that pays and no layer looks at the batch as a whole."""
        whole = any(map_.updated for _, map_ in self.architecture.layers)
        size = self.batches.size
        pays = cores() > 1 and self.batches.total >= SPLIT_STEPS and size >= SPLIT_ROWS and size % 2 == 0
        return 2 if pays and not whole else 1

    def _final_weights(self) -> dict[str, np.ndarray]:
        """The best weights; where no epoch was judged, the running mean of what there is."""
        log = self.log
        if int(self.state["best_epoch"]):
            return self.loop.weights(self.state)
        if log.restarts:
            raise TrainingError(
                f"fit(): in all {self.options.epochs} epochs the loss or its gradient became infinite or NaN.",
                hint="Look for outliers in the data, lower `learning_rate`, or use dtype='float64'.",
            )
        if log.stopped in ("epochs", "patience"):
            warnings.warn(
                "fit() could not judge any epoch: the held-out log-density was never finite. The last weights are "
                "returned; look for outliers in the held-out rows.",
                PrecisionWarning,
                stacklevel=4,
            )
        return self.loop.weights(self.state, "average")

    def _train(self, data: dict, report: Callable, worker: ThreadPoolExecutor) -> None:
        pace, log = Pace(self.block_steps), self.log
        while log.stopped is None:
            began = time.perf_counter()
            count = min(pace.count, self.batches.total - log.position)
            rows, ends = self.batches.block(log.position, count, self.block_steps)
            plan = {
                "rate": self._rates(count),
                "epoch_end": ends,
                "steps": count,
                "patience": self.options.patience or 0,
            }
            # Compiled calls cannot be interrupted, waiting for them can. What a call changes is taken over at once,
            # after it: an interrupt leaves a whole state behind.
            with explained():
                self.state, happened = worker.submit(self.loop.run, self.state, data, rows, plan).result()
            self._record(happened, ends, plan["rate"])
            pace.saw(int(happened["done"]), time.perf_counter() - began)
            if happened["status"] == NOT_FINITE:
                self._roll_back()
            elif happened["status"] == OUT_OF_PATIENCE:
                log.stopped = "patience"
            if log.stopped is None and log.position >= self.batches.total:
                log.stopped = "epochs"
            if report(*self._status()) is False and log.stopped is None:
                log.stopped = "callback"
            if self.checkpoint:
                if log.stopped in ("epochs", "patience"):
                    self.checkpoint.write(self.state, dataclasses.asdict(log))
                elif log.stopped is None:
                    self.checkpoint.write_now_and_then(self.state, dataclasses.asdict(log))

    def _rates(self, count: int) -> np.ndarray:
        """Learning rates of the steps of the next block."""
        share = (self.log.position + np.arange(count)) / self.batches.total
        rates = np.zeros(self.block_steps)
        rates[:count] = self.options.learning_rate * self.log.factor * rate_factors(self.options.schedule, share)
        return rates

    def _record(self, happened: dict, ends: np.ndarray, rates: np.ndarray) -> None:
        """Take what a block reported into the log."""
        log, done = self.log, int(happened["done"])
        for i in range(done):
            log.losses.append(float(happened["loss"][i]))
            if ends[i]:
                history = log.history
                history["epoch"].append(self.batches.epoch(log.position + i) + 1)
                history["train_log_prob"].append(self._offset(self.seen) - float(np.mean(log.losses)))
                held_out = float(happened["validation"][i])
                history["validation_log_prob"].append(
                    None if self.held_out is None else self._offset(self.seen_held_out) - held_out
                )
                history["learning_rate"].append(float(rates[i]))
                log.losses = []
        log.position += done
        log.steps += done

    def _roll_back(self) -> None:
        """After a non-finite step: the best weights so far, fresh moments, half the rate, on with the next epoch."""
        log = self.log
        if log.restarts == TRIES:
            raise TrainingError(
                f"fit(): the loss or its gradient became infinite or NaN {TRIES + 1} times, last at step "
                f"{log.position + 1} (epoch {self.batches.epoch(log.position) + 1}); "
                f"the loss before that was {log.losses[-1] if log.losses else float('nan'):.4g} nats. "
                f"{self._first_not_finite()}",
                hint="Look for outliers in the data, lower `learning_rate`, or use dtype='float64'.",
                model=self._model(self.loop.weights(self.state)),
            )
        log.restarts += 1
        log.factor *= 0.5
        log.losses = []
        epoch = self.batches.epoch(log.position) + 1
        log.position = epoch * self.batches.per_epoch
        self.state = dict(
            self.loop.initial(self.loop.weights(self.state)),
            best_loss=self.state["best_loss"],
            best_epoch=self.state["best_epoch"],
            epoch=tf.constant(epoch, tf.int32),
        )

    def _first_not_finite(self) -> str:
        """Which layer breaks, with the weights as they are, on (some of) the training data."""
        weights = {name: tf.constant(value) for name, value in self.loop.weights(self.state, "theta").items()}
        x, context, _ = scaled(self.seen, self.scales, self.size.dtype, START_ROWS)
        x, context = _columns(x, self.size.dtype), None if context is None else _columns(context, self.size.dtype)
        for i, (name, map_) in reversed(list(enumerate(self.architecture.layers))):
            x, log_det = map_.inverse(self.architecture.of_layer(weights, name), x, context)
            if not (np.isfinite(x).all() and np.isfinite(log_det).all()):
                kind = self.architecture.nodes[i].kind
                return f"The first layer (from the data) that is not finite is layer {i + 1} ({kind})."
        base = self.architecture.base
        if not np.isfinite(base.log_prob(self.architecture.of_base(weights), x, context)).all():
            return f"The layers take training rows to where the base ({self.flow.base.kind}) has no density."
        return "All layers are finite for the training data; the gradient is not."

    def _status(self) -> tuple[int, int, float, float, float]:
        """What the reporter is told: epoch, epochs, loss, held-out loss, best held-out loss (in nats a row)."""
        history, nan = self.log.history, float("nan")
        held_out = [value for value in history["validation_log_prob"] if value is not None]
        loss = -history["train_log_prob"][-1] if history["train_log_prob"] else nan
        best = np.nanmax(held_out) if np.isfinite(held_out).any() else nan
        epoch = self.log.position // self.batches.per_epoch
        return epoch, self.options.epochs, loss, -held_out[-1] if held_out else nan, -float(best)

    def _offset(self, part: Part) -> float:
        """What the fixed layers add to the mean log-density of a part."""
        return part.log_det - float(np.sum(self.scales["x"][1]))

    def _data(self) -> dict:
        """The tensors that the loop works on."""
        x, context, weights = scaled(self.seen, self.scales, self.size.dtype)
        constant = tf.constant
        return {
            "x": constant(x),
            "context": None if context is None else constant(context),
            "weights": constant(weights),
            "validation": None if self.held_out is None else blocks(self.seen_held_out, self.scales, self.size.dtype),
        }

    def _start(self, data: dict) -> dict[str, np.ndarray]:
        """Starting weights; layers that start from the data see what the layers after them let through."""
        weights = self.architecture.start(self.options.seed)
        layers = self.architecture.layers
        if not any(map_.starts_from_data for _, map_ in layers):
            return weights
        # Rows from all over the table, which may be sorted.
        few = slice(None, None, -(-len(self.training.x) // START_ROWS))
        x, context = (
            None if part is None else _columns(part[few], self.size.dtype) for part in (data["x"], data["context"])
        )
        row_weights = self.training.filled_weights()[few]
        if not row_weights.any():
            row_weights = np.ones_like(row_weights)
        for name, map_ in reversed(layers):
            own, x = map_.start_on(self.architecture.of_layer(weights, name), x, row_weights, context)
            weights |= {f"{name}/{key}": value for key, value in own.items()}
        return weights

    def _model(self, weights: dict[str, np.ndarray]) -> Model:
        """The model on the scale of the data, with what is known of the fit."""
        for name, scale in (("x", STANDARDIZE), ("context", CONTEXT)):
            if name in self.scales and (name == "context" or self.options.standardize):
                shift, log_scale = self.scales[name]
                weights = weights | {f"{scale}/shift": shift, f"{scale}/log_scale": log_scale}
        model = Model(
            self.flow,
            self.size,
            weights,
            standardize=self.options.standardize,
            context_columns=self.context_columns,
            seed=self.options.seed,
            history=self.log.history,
        )
        best_epoch = int(self.state["best_epoch"]) if self.architecture.trained else 0
        model.facts = {
            "n": len(self.training.x),
            "n_validation": 0 if self.held_out is None else len(self.held_out.x),
            "epochs": len(self.log.history["epoch"]),
            "best_epoch": best_epoch,
            "steps": self.log.steps,
            "stopped": self.log.stopped,
            "restarts": self.log.restarts,
            "train_log_prob": self._mean_log_prob(model, self.training),
            "validation_log_prob": None if self.held_out is None else self._mean_log_prob(model, self.held_out),
            "seconds": time.perf_counter() - self.began,
            "versions": versions(),
        }
        return model

    def _mean_log_prob(self, model: Model, part: Part) -> float:
        """The mean log-density of a part; of some rows only where somebody waits for the end after Ctrl-C."""
        few = slice(HASTY_ROWS if self.log.stopped == "interrupt" else None)
        values = log_prob(model, part.x[few], None if part.context is None else part.context[few])
        weights = part.filled_weights()[few]
        return float(np.average(values.astype(np.float64), weights=weights if weights.any() else None))

    def _fingerprint(self) -> str:
        """A digest of all that the weights depend on."""
        total = hashlib.sha256()
        options = dataclasses.asdict(self.options)
        if callable(options["schedule"]):
            options["schedule"] = "function"
        total.update(json.dumps([versions(), repr(self.flow), repr(self.size), options], sort_keys=True).encode())
        for part in (self.training, self.held_out):
            for values in (part.x, part.context, part.weights) if part else ():
                total.update(b"-" if values is None else np.ascontiguousarray(values).tobytes())
        return total.hexdigest()


def _unconstrained(architecture: Architecture, part: Part | None) -> Part | None:
    """The part on the inner side of the maps onto a support."""
    if part is None or not architecture.outer:
        return part
    x, log_det = unconstrained(architecture, part.x)
    weights = part.filled_weights()
    mean = np.average(log_det, weights=weights if weights.any() else None)
    return dataclasses.replace(part, x=x, log_det=float(mean))


def _columns(rows, dtype: str):
    return tf.transpose(tf.convert_to_tensor(rows, dtype))
