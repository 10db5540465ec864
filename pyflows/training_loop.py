"""The compiled part of training: many optimiser steps in one call, everything they change carried as loop state.

All trained weights live in one flat vector, so that the optimiser is a handful of operations whatever the depth.
A call runs up to `STEPS` steps: gradients, clipping, Adam, and at the end of each epoch the validation density, the
comparison with the best so far, and the decision to stop. Python and R only see blocks of steps.
"""

from __future__ import annotations

import functools

import numpy as np

from .architecture import Architecture
from .backend import tf
from .packing import Packing

# Steps in one compiled call at the most. The number run is an argument of the call, so nothing is compiled anew.
STEPS = 256
# Numbers in the batches of one call at the most (64 MB in float32).
LARGEST_BLOCK = 1 << 24
BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8
# The weights that are validated and kept are a running mean over about the last 100 steps (at the start, over the last
# few): it does what lowering the learning rate does, without having to know when. Measured on held-out data.
AVERAGING, AVERAGING_GROWTH = 0.99, 0.2
# What a call came back with.
RUNNING, OUT_OF_PATIENCE, NOT_FINITE = 0, 1, 2
COUNTERS = ("step", "best_epoch", "epoch")
# What only the end of an epoch changes.
KEPT = ("best_theta", "best_untrained", "best_loss", "best_epoch", "epoch")


class Loop:
    """Compiled blocks of training steps for one architecture; subclasses say what is minimised.

    Args:
        architecture: what is trained.
        clip_norm: largest norm of the gradient, or None.
        jit: compile with XLA.
    """

    def __init__(self, architecture: Architecture, clip_norm: float | None, jit: bool):
        self.architecture, self.clip_norm, self.jit = architecture, clip_norm, jit
        self.packing = Packing(architecture.weights, architecture.trained, architecture.size.dtype)
        self.dtype = architecture.size.dtype
        self.traces = 0
        self._block = tf.function(self._run_block, autograph=False, jit_compile=jit)

    def _rows(self, data: dict, batches: np.ndarray) -> dict:
        """What the steps of a block see, tensors `[steps, ...]` by name."""
        raise NotImplementedError

    def _gradient(self, state: dict, batch: dict):
        """The loss of a step, its gradient, and new values of untrained weights."""
        raise NotImplementedError

    def _validation_loss(self, average, untrained: dict, validation: dict):
        """The loss that the running mean of the weights is judged by."""
        raise NotImplementedError

    def initial(self, weights: dict[str, np.ndarray]) -> dict:
        """The state before the first step."""
        theta = tf.constant(self.packing.pack(weights), self.dtype)
        untrained = {name: tf.constant(weights[name], self.dtype) for name in self.architecture.untrained}
        return {
            "theta": theta,
            "average": theta,
            "moment1": tf.zeros_like(theta),
            "moment2": tf.zeros_like(theta),
            "best_theta": theta,
            "untrained": untrained,
            "best_untrained": dict(untrained),
            "best_loss": tf.constant(np.inf, self.dtype),
            **{name: tf.constant(0, tf.int32) for name in COUNTERS},
        }

    def weights(self, state: dict, which: str = "best_theta") -> dict[str, np.ndarray]:
        """The named weights of a state: the best so far ("best_theta"), the running mean ("average"), or "theta"."""
        untrained = state["best_untrained" if which == "best_theta" else "untrained"]
        vector = _average(state) if which == "average" else state[which]
        return self.packing.unpack(vector.numpy()) | {name: tensor.numpy() for name, tensor in untrained.items()}

    def run(self, state: dict, data: dict, batches: np.ndarray, plan: dict) -> tuple[dict, dict]:
        """Run one block of steps.

        Args:
            state: from `initial` or the last call.
            data: tensors by name, and `validation`, a dict of them, or None.
            batches: what distinguishes the steps, `[steps, ...]`.
            plan: arrays over the steps, `rate` and `epoch_end`, and the numbers `steps`, `patience`.

        Returns:
            The new state, and what happened: `done` steps, `status`, `loss` and `validation` by step.
        """
        rows, plan = self._rows(data, batches), self._plan(plan)
        state, report = self._block(state, rows, data["validation"], plan)
        return state, {name: tensor.numpy() for name, tensor in report.items()}

    def trace(self, state: dict, data: dict, batches: np.ndarray, plan: dict) -> None:
        """Trace `run` for arguments of that form, in the thread that this is called in."""
        self._block.get_concrete_function(state, self._rows(data, batches), data["validation"], self._plan(plan))

    def _plan(self, plan: dict) -> dict:
        return {
            "rate": tf.constant(plan["rate"], self.dtype),
            "epoch_end": tf.constant(plan["epoch_end"], tf.bool),
            "steps": tf.constant(plan["steps"], tf.int32),
            "patience": tf.constant(plan["patience"], tf.int32),
        }

    def _run_block(self, state: dict, rows: dict, validation: dict | None, plan: dict):
        self.traces += 1
        blank = tf.fill([plan["rate"].shape[0]], tf.constant(np.nan, self.dtype))
        report = {"done": tf.constant(0), "status": tf.constant(RUNNING), "loss": blank, "validation": blank}

        def going(state, report):
            return (report["done"] < plan["steps"]) & (report["status"] == RUNNING)

        # A loop of steps within a loop of epochs: what happens now and then stays out of the steps, for XLA copies
        # all that a condition may change each time it comes by it.
        def epoch(state, report):
            state, report, ended = self._steps(state, report, rows, plan)
            state, held_out = tf.cond(
                ended,
                lambda: self._end_epoch(state, report["loss"][report["done"] - 1], validation),
                lambda: (state, tf.constant(np.nan, self.dtype)),
            )
            tired = (plan["patience"] > 0) & (state["epoch"] - state["best_epoch"] >= plan["patience"])
            return state, dict(
                report,
                validation=tf.where(
                    ended, _noted(report["validation"], report["done"] - 1, held_out), report["validation"]
                ),
                status=tf.where(ended & tired, OUT_OF_PATIENCE, report["status"]),
            )

        return tf.while_loop(going, epoch, (state, report))

    def _steps(self, state: dict, report: dict, rows: dict, plan: dict):
        """Steps until the end of the epoch or of the plan, or until one is not finite; that one changes nothing."""
        lasting = {name: state[name] for name in KEPT}

        def going(state, report, ended):
            return (report["done"] < plan["steps"]) & (report["status"] == RUNNING) & ~ended

        def step(state, report, ended):
            i = report["done"]
            batch = {name: None if part is None else part[i] for name, part in rows.items()}
            loss, gradient, untrained = self._gradient(state, batch)
            norm = tf.norm(gradient)
            finite = tf.math.is_finite(loss) & tf.math.is_finite(norm)
            new = self._update(state, gradient, norm, untrained, plan["rate"][i])
            state = tf.nest.map_structure(lambda new, old: tf.where(finite, new, old), new, state)
            report = {
                "done": i + tf.cast(finite, tf.int32),
                "status": tf.where(finite, RUNNING, NOT_FINITE),
                "loss": _noted(report["loss"], i, loss),
            }
            return state, report, finite & plan["epoch_end"][i]

        changing = {name: part for name, part in state.items() if name not in KEPT}
        begin = {name: part for name, part in report.items() if name != "validation"}
        changing, done, ended = tf.while_loop(going, step, (changing, begin, tf.constant(False)))
        return changing | lasting, report | done, ended

    def _update(self, state: dict, gradient, norm, untrained: dict, rate) -> dict:
        """One step of Adam (Kingma & Ba 2014, arXiv:1412.6980), and of the running mean (Polyak & Juditsky 1992)."""
        if self.clip_norm is not None:
            gradient = gradient * tf.minimum(tf.ones_like(norm), self.clip_norm / (norm + EPSILON))
        step = state["step"] + 1
        t = tf.cast(step, self.dtype)
        one = tf.ones([], self.dtype)
        moment1 = BETA1 * state["moment1"] + (1.0 - BETA1) * gradient
        moment2 = BETA2 * state["moment2"] + (1.0 - BETA2) * tf.square(gradient)
        rate = rate * tf.sqrt(one - tf.pow(BETA2 * one, t)) / (one - tf.pow(BETA1 * one, t))
        theta = state["theta"] - rate * moment1 / (tf.sqrt(moment2) + EPSILON)
        return dict(
            state,
            theta=theta,
            average=_average(state),
            moment1=moment1,
            moment2=moment2,
            untrained=untrained,
            step=step,
        )

    def _end_epoch(self, state: dict, loss, validation: dict | None):
        """Validate, and keep the weights if they are the best so far; without validation the last are the best."""
        epoch, average = state["epoch"] + 1, _average(state)
        if validation is None:
            held_out, better = tf.constant(np.nan, self.dtype), tf.constant(True)
            best_loss = loss
        else:
            held_out = self._validation_loss(average, state["untrained"], validation)
            better = held_out < state["best_loss"]  # never true for NaN
            best_loss = held_out
        keep = functools.partial(tf.where, better)
        untrained, best = state["untrained"], state["best_untrained"]
        return dict(
            state,
            epoch=epoch,
            best_theta=keep(average, state["best_theta"]),
            best_untrained={name: keep(untrained[name], best[name]) for name in best},
            best_loss=keep(best_loss, state["best_loss"]),
            best_epoch=keep(epoch, state["best_epoch"]),
        ), held_out


class TrainingLoop(Loop):
    """Steps of maximum likelihood, on rows of data.

    The data are `x [n, d]`, `weights [n]`, `context [n, c]` or None, and for validation `x [v, d, m]`,
    `weights [v, m]`, `context`; batches are `[steps, batch]` row numbers, -1 where a batch is not full.

    Args:
        splits: into how many pieces of equal size a batch is cut; they run at the same time.
        The others are those of `Loop`.
    """

    def __init__(self, architecture: Architecture, clip_norm: float | None, jit: bool, splits: int = 1):
        super().__init__(architecture, clip_norm, jit)
        self.splits = splits
        self._gather = tf.function(gather_batches, autograph=False)

    def _rows(self, data, batches):
        return self._gather(data["x"], data["weights"], data["context"], tf.constant(batches, tf.int32))

    def _gradient(self, state: dict, batch: dict):
        """The weighted mean loss of a batch, its gradient, and new values of untrained weights."""
        size = batch["x"].shape[1] // self.splits
        losses, gradients = [], []
        for begin in range(0, size * self.splits, size):
            piece = {
                name: batch[name] if batch[name] is None else batch[name][..., begin : begin + size]
                for name in ("x", "context", "weights")
            }
            loss, gradient, updates = self._gradient_of_piece(state, piece, batch["rows"])
            losses.append(loss)
            gradients.append(gradient)
        return tf.add_n(losses), tf.add_n(gradients), state["untrained"] | updates

    def _gradient_of_piece(self, state: dict, piece: dict, rows):
        """What some rows of a batch add to its loss and its gradient."""
        theta = state["theta"]
        with tf.GradientTape() as tape:
            tape.watch(theta)
            weights = self.packing.unpack_tensors(theta) | state["untrained"]
            log_prob, updates = self.architecture.log_prob_training(
                weights, piece["x"], piece["context"], piece["weights"]
            )
            # Weights have mean 1 over all rows. Dividing by the number of rows, and not by the sum of their weights,
            # keeps the gradient unbiased in small batches.
            loss = -_weighted_sum(log_prob, piece["weights"]) / rows
        # Where nothing of the density depends on the weights (a volume-preserving flow of a uniform base), it is 0.
        return loss, tape.gradient(loss, theta, unconnected_gradients=tf.UnconnectedGradients.ZERO), updates

    def _validation_loss(self, average, untrained, validation):
        weights = self.packing.unpack_tensors(average) | untrained

        def add(i, total):
            context = None if validation["context"] is None else validation["context"][i]
            log_prob = self.architecture.log_prob(weights, validation["x"][i], context)
            return i + 1, total - _weighted_sum(log_prob, validation["weights"][i])

        blocks = validation["x"].shape[0]
        total = tf.while_loop(lambda i, _: i < blocks, add, (0, tf.zeros([], self.dtype)))[1]
        return total / tf.reduce_sum(validation["weights"])


def _average(state: dict):
    """The running mean up to the last step. The state has that of one step before, for then no step has to wait for,
    or compute again, what the optimiser makes of the weights.
    """
    step = tf.cast(state["step"], state["theta"].dtype)
    share = tf.maximum(1.0 / (1.0 + AVERAGING_GROWTH * tf.maximum(step - 1.0, 0.0)), 1.0 - AVERAGING)
    return state["average"] + share * (state["theta"] - state["average"])


def _noted(values, i, value):
    """The same with a value at place i."""
    return tf.where(tf.range(values.shape[0]) == i, value, values)


def _weighted_sum(values, weights):
    # A row of weight 0 only fills up the batch: whatever its value, it must not reach the sum.
    return tf.reduce_sum(tf.where(weights > 0, values * weights, tf.zeros_like(values)))


def gather_batches(x, weights, context, batches):
    """Rows of each step as columns: `x [steps, d, batch]`, `weights [steps, batch]`, `context [steps, c, batch]`.

    Places that are not filled have weight 0; `rows [steps]` is the number of those that are.
    """
    index = tf.maximum(batches, 0)
    full = tf.cast(batches >= 0, weights.dtype)
    columns = [0, 2, 1]
    return {
        "x": tf.transpose(tf.gather(x, index), columns),
        "weights": tf.gather(weights, index) * full,
        "rows": tf.reduce_sum(full, 1),
        "context": None if context is None else tf.transpose(tf.gather(context, index), columns),
    }


@functools.lru_cache(maxsize=16)
def loop_for(architecture: Architecture, clip_norm: float | None, jit: bool, splits: int) -> TrainingLoop:
    """The loop of that architecture and setting; the same one, with all it has compiled, each time."""
    return TrainingLoop(architecture, clip_norm, jit, splits)
