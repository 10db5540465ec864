"""One run of training: from checked data to a model."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import time
from collections.abc import Callable

import numpy as np

from .architecture import CONTEXT, STANDARDIZE, Architecture, architecture_of
from .backend import cores, tf, versions
from .batches import Batches
from .checkpoints import Checkpoint
from .descent import Descent
from .maps import Size
from .model import Model, log_prob
from .outer import inner_flow
from .spec import Flow
from .training_data import Part, blocks, inside, scaled, scales_of
from .training_loop import loop_for

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


class TrainingRun(Descent):
    """Trains a flow on data that were checked before, by maximum likelihood."""

    where = "fit()"
    scores = ("train_log_prob", "validation_log_prob")
    hint = "Look for outliers in the data, lower `learning_rate`, or use dtype='float64'."
    unjudged = (
        "the held-out log-density was never finite. The last weights are returned; look for outliers in the held-out "
        "rows."
    )

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
        self.training, self.held_out, self.options = training, held_out, options
        self.began = time.perf_counter()
        # What is fixed is done once here, and training sees the flow without it: maps onto a support, standardising.
        whole = architecture_of(flow, size)
        self.seen, self.seen_held_out = inside(whole, training), inside(whole, held_out)
        self.scales = scales_of(self.seen, options.standardize, whole.unscaled, self.where)
        self.applied = self.scales
        if whole.noisy:
            # Noise is new in each step, so each step begins with the data as they are.
            self.seen, self.seen_held_out = training, held_out
            self.applied = self.scales | {"x": (np.zeros(size.event), np.zeros(size.event))}
            architecture = architecture_of(flow, size, options.standardize)
        else:
            architecture = architecture_of(inner_flow(flow, whole), whole.inner)
        n = len(training.x)
        batch_size = options.batch_size or min(max(n // 10, SMALLEST_BATCH), LARGEST_BATCH)
        batches = Batches(n, batch_size, options.epochs, options.seed)
        jit = options.jit_compile
        if jit is None:
            jit = batches.total >= JIT_STEPS and architecture.jit_compilable
        loop = loop_for(architecture, options.clip_norm, jit, _splits(architecture, batches) if jit else 1)
        width = batches.size * (size.event + size.context + 1)
        state = Checkpoint(checkpoint, self._fingerprint(), options.seed) if checkpoint else None
        super().__init__(options, batches, loop, width, progress, state)

    def _score(self, which, loss):
        part = (self.seen, self.seen_held_out)[which]
        return None if part is None else self._offset(part) - loss

    def _first_not_finite(self) -> str:
        """Which layer breaks, with the weights as they are, on (some of) the training data."""
        weights = {name: tf.constant(value) for name, value in self.loop.weights(self.state, "theta").items()}
        x, context, _ = scaled(self.seen, self.applied, self.size.dtype, START_ROWS)
        x, context = _columns(x, self.size.dtype), None if context is None else _columns(context, self.size.dtype)
        for name, map_ in reversed(self.architecture.layers):
            x, log_det = map_.inverse(self.architecture.of_layer(weights, name), x, context)
            if not (np.isfinite(x).all() and np.isfinite(log_det).all()):
                return f"The first layer (from the data) that is not finite is {self._place(name)}."
        base = self.architecture.base
        if not np.isfinite(base.log_prob(self.architecture.of_base(weights), x, context)).all():
            return f"The layers take training rows to where the base ({self.flow.base.kind}) has no density."
        return "All layers are finite for the training data; the gradient is not."

    def _place(self, name: str) -> str:
        """A layer in words, by its name."""
        if name == STANDARDIZE:
            return "the one that standardises"
        i = int(name.split("/")[1])
        return f"layer {i + 1} ({self.architecture.nodes[i].kind})"

    def _offset(self, part: Part) -> float:
        """What the fixed layers add to the mean log-density of a part."""
        return part.log_det - float(np.sum(self.applied["x"][1]))

    def _data(self) -> dict:
        """The tensors that the loop works on."""
        x, context, weights = scaled(self.seen, self.applied, self.size.dtype)
        constant = tf.constant
        return {
            "x": constant(x),
            "context": None if context is None else constant(context),
            "weights": constant(weights),
            "validation": None if self.held_out is None else blocks(self.seen_held_out, self.applied, self.size.dtype),
        }

    def _start(self, data: dict) -> dict[str, np.ndarray]:
        """Starting weights; layers that start from the data see what the layers after them let through."""
        weights = self.architecture.start(self.options.seed)
        layers = self.architecture.layers
        if STANDARDIZE in dict(layers):
            weights |= self._scale_weights("x", STANDARDIZE)
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
        if self.options.standardize:
            weights = weights | self._scale_weights("x", STANDARDIZE)
        if self.size.context:
            weights = weights | self._scale_weights("context", CONTEXT)
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

    def _scale_weights(self, name: str, layer: str) -> dict[str, np.ndarray]:
        """The weights of what standardises x or the context."""
        shift, log_scale = (np.asarray(values, self.size.dtype) for values in self.scales[name])
        return {f"{layer}/shift": shift, f"{layer}/log_scale": log_scale}

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


def _splits(architecture: Architecture, batches: Batches) -> int:
    """How many pieces a batch is cut into: two, where that pays and no layer looks at the batch as a whole."""
    whole = any(map_.updated for _, map_ in architecture.layers)
    pays = cores() > 1 and batches.total >= SPLIT_STEPS and batches.size >= SPLIT_ROWS and batches.size % 2 == 0
    return 2 if pays and not whole else 1


def _columns(rows, dtype: str):
    return tf.transpose(tf.convert_to_tensor(rows, dtype))
