"""One run of stochastic gradient descent, whatever it minimises: blocks of steps, the log, roll-backs, Ctrl-C."""

from __future__ import annotations

import dataclasses
import time
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from .backend import tf
from .checkpoints import Checkpoint
from .errors import InterruptedWarning, PrecisionWarning, TrainingError
from .model import Model
from .pace import Pace, worker_thread
from .progress import interruptible, reporter
from .schedules import rate_factors
from .solvers import explained
from .training_loop import LARGEST_BLOCK, NOT_FINITE, OUT_OF_PATIENCE, STEPS, Loop

# Rolled back this often, with half the learning rate each time, training gives up.
TRIES = 5
# Where the user's schedule is tried out before training.
SHARES = np.linspace(0.0, 1.0, 1000, endpoint=False)


@dataclasses.dataclass
class Log:
    """What Python keeps of a run beside the tensors: plain data, saved with each checkpoint."""

    position: int = 0  # steps behind it, those given up in a roll-back included
    steps: int = 0  # steps that changed the weights
    factor: float = 1.0  # on the learning rate
    restarts: int = 0
    stopped: str | None = None
    losses: list[float] = dataclasses.field(default_factory=list)  # of the epoch under way
    history: dict[str, list] = dataclasses.field(default_factory=dict)  # one list an epoch


class Descent:
    """Trains a flow with arguments that were checked before. `run` gives the model; subclasses say what is minimised.

    Args:
        options: with epochs, learning_rate, schedule, patience.
        batches: what distinguishes the steps: `Batches`, or what has its form.
        loop: the compiled steps.
        width: numbers in the batch of a step.
        progress: as in `fit`.
        checkpoint: or None.
    """

    # The function that the user called; entries of the history, for training and for what the weights are judged by.
    where = ""
    scores = ("", "")
    # What to do where the loss is not finite; what may be wrong where nothing could be judged.
    hint = unjudged = ""

    def __init__(self, options, batches, loop: Loop, width: int, progress: bool | Callable, checkpoint=None):
        self.options, self.batches, self.loop, self.progress = options, batches, loop, progress
        rate_factors(options.schedule, SHARES, self.where)  # a function is refused now, and not half-way
        self.checkpoint: Checkpoint | None = checkpoint
        self.architecture = loop.architecture
        self.block_steps = max(1, min(STEPS, LARGEST_BLOCK // width))
        self.log = Log(history={name: [] for name in ("epoch", *self.scores, "learning_rate")})

    def _data(self) -> dict:
        """The tensors that the loop works on."""
        raise NotImplementedError

    def _start(self, data: dict) -> dict[str, np.ndarray]:
        """Starting weights."""
        return self.architecture.start(self.options.seed)

    def _score(self, which: int, loss: float) -> float | None:
        """A loss as it stands in the history: of training (0), or of what the weights are judged by (1)."""
        return -loss

    def _first_not_finite(self) -> str:
        """Where the loss breaks, with the weights as they are, in a sentence."""
        raise NotImplementedError

    def _model(self, weights: dict[str, np.ndarray]) -> Model:
        """The model with these weights, with what is known of the fit."""
        raise NotImplementedError

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
                f"{self.where} was interrupted in epoch {epoch}; the best weights so far are returned.",
                InterruptedWarning,
                stacklevel=3,
            )
        return self._model(self._final_weights())

    def _final_weights(self) -> dict[str, np.ndarray]:
        """The best weights; where no epoch was judged, the running mean of what there is."""
        log = self.log
        if int(self.state["best_epoch"]):
            return self.loop.weights(self.state)
        if log.restarts and log.stopped == "epochs" and not log.history["epoch"]:
            raise TrainingError(
                f"{self.where}: in all {self.options.epochs} epochs the loss or its gradient became infinite or NaN.",
                hint=self.hint,
            )
        if log.stopped in ("epochs", "patience"):
            warnings.warn(
                f"{self.where} could not judge any epoch: {self.unjudged}",
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
        rates[:count] = (
            self.options.learning_rate * self.log.factor * rate_factors(self.options.schedule, share, self.where)
        )
        return rates

    def _record(self, happened: dict, ends: np.ndarray, rates: np.ndarray) -> None:
        """Take what a block reported into the log."""
        log, done = self.log, int(happened["done"])
        for i in range(done):
            log.losses.append(float(happened["loss"][i]))
            if ends[i]:
                history = log.history
                history["epoch"].append(self.batches.epoch(log.position + i) + 1)
                for which, loss in enumerate((np.mean(log.losses), happened["validation"][i])):
                    history[self.scores[which]].append(self._score(which, float(loss)))
                history["learning_rate"].append(float(rates[i]))
                log.losses = []
        log.position += done
        log.steps += done

    def _roll_back(self) -> None:
        """After a non-finite step: the best weights so far, fresh moments, half the rate, on with the next epoch."""
        log = self.log
        if log.restarts == TRIES:
            raise TrainingError(
                f"{self.where}: the loss or its gradient became infinite or NaN {TRIES + 1} times, last at step "
                f"{log.position + 1} (epoch {self.batches.epoch(log.position) + 1}); "
                f"the loss before that was {log.losses[-1] if log.losses else float('nan'):.4g} nats. "
                f"{self._first_not_finite()}",
                hint=self.hint,
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

    def _status(self) -> tuple[int, int, float, float, float]:
        """What the reporter is told: epoch, epochs, loss, held-out loss, best held-out loss (in nats a row)."""
        nan = float("nan")
        train, judged = (self.log.history[name] for name in self.scores)
        held_out = [value for value in judged if value is not None]
        best = np.nanmax(held_out) if np.isfinite(held_out).any() else nan
        epoch = self.log.position // self.batches.per_epoch
        loss = -train[-1] if train else nan
        return epoch, self.options.epochs, loss, -held_out[-1] if held_out else nan, -float(best)
