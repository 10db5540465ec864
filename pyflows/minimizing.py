"""Training by hand: a loss, variables and an optimiser, compiled together so that many steps are one call."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from .backend import tf
from .batches import Batches
from .checks import Number, Whole, fail
from .errors import ArgumentError, InterruptedWarning, PyflowsError, ShapeError, TrainingError
from .lowlevel.settings import dtype_in_force
from .model import check_seed
from .pace import Pace, worker_thread
from .progress import interruptible

# Steps in one compiled call at the most.
STEPS = 1024
WHERE = "minimize()"


def minimize(
    loss: Callable,
    variables: Any,
    optimizer: Any = None,
    steps: int = 100,
    learning_rate: float | None = None,
    data: Any = None,
    batch_size: int | None = None,
    seed: int | None = None,
) -> np.ndarray:
    """Make a loss small by gradient steps on some variables: training loops of one's own, without the loop.

    `loss` is called once (or twice, if `variables` is an object that makes its variables at the first use) while the
    training step is compiled, and must be made of TensorFlow operations; Python code in it (printing, random numbers of
    numpy) runs no more after that. Steps then run in compiled calls of many steps, between which Ctrl-C is heard: it
    ends the descent with an `InterruptedWarning`, and the losses so far are returned. The variables are changed in
    place.

    Args:
        loss: function without arguments, or of a batch if `data` is given, that returns one number, a tensor.
        variables: tf.Variable, a list of them, or an object with `trainable_variables`, such as a bijector or a
            distribution.
        optimizer: one of `tf.optimizers`; it keeps its state, so that a second call goes on where the first ended. None
            is Adam.
        steps: number of steps, whole number >= 1.
        learning_rate: of Adam, > 0; None is 0.01. An optimizer that is given has its own.
        data: array or tensor with a row for each observation, or None. Each step is given the next of shuffled batches.
        batch_size: rows in a batch at the most, whole number >= 1; None is 256. Only with `data`; an epoch has
            ceil(n / batch_size) steps.
        seed: where the order of the rows comes from, whole number >= 0; None draws one.

    Returns:
        The loss before each step, an array `[steps]` (shorter after Ctrl-C).

    Raises:
        ArgumentError: an argument is not of its kind, `loss` fails, or it does not depend on the variables.
        ShapeError: `loss` does not give one number.
        TrainingError: the loss or its gradient becomes infinite or NaN; the variables are as before that step.

    Example:
        >>> import tensorflow as tf
        >>> x = tf.Variable(5.0)
        >>> minimize(lambda: (x - 1.0) ** 2, x, steps=1000).shape
        (1000,)
    """
    if not callable(loss):
        fail("loss", "a function that returns a number", loss, WHERE)
    steps = Whole(min=1)("steps", steps, WHERE)
    rows = _Rows(data, batch_size, steps, check_seed(seed, WHERE))
    variables = _variables(variables, loss, rows)
    optimizer = _optimizer(optimizer, learning_rate, variables)
    descent = _Descent(loss, variables, optimizer, rows, min(steps, STEPS))
    losses: list[np.ndarray] = []
    try:
        with interruptible(), worker_thread() as worker:
            descent.compile()
            pace, done = Pace(descent.most), 0
            while done < steps:
                began = time.perf_counter()
                count = min(pace.count, steps - done)
                # Compiled calls cannot be interrupted, waiting for them can.
                part, stopped = worker.submit(descent.run, done, count).result()
                losses.append(part)
                done += len(part)
                if stopped:
                    raise _not_finite(done, losses)
                pace.saw(count, time.perf_counter() - began)
    except KeyboardInterrupt:
        done = sum(len(part) for part in losses)
        message = f"{WHERE} was interrupted after {done} of {steps} steps."
        warnings.warn(message, InterruptedWarning, stacklevel=2)
    return np.concatenate(losses) if losses else np.zeros(0)


class _Rows:
    """Shuffled batches of the data, or none."""

    def __init__(self, data: Any, batch_size: int | None, steps: int, seed: int):
        batch_size = Whole(min=1, null=True)("batch_size", batch_size, WHERE)
        if data is None:
            if batch_size is not None:
                raise ArgumentError(f"{WHERE}: `batch_size` is of use only with `data`.", argument="batch_size")
            self.data = None
            return
        self.data, self.plain = tf.convert_to_tensor(data), not tf.is_tensor(data)
        if not self.data.shape.rank or not self.data.shape[0]:
            fail("data", "an array with a row for each observation", data, WHERE)
        n = int(self.data.shape[0])
        batch_size = min(batch_size or 256, n)
        self.batches = Batches(n, batch_size, -(-steps // -(-n // batch_size)), seed)

    def first(self) -> tuple:
        """What the loss is called with before there are variables, numbers in the dtype that numbers get."""
        if self.data is None:
            return ()
        few = self.data[:2]
        return (tf.cast(few, dtype_in_force()) if self.plain and few.dtype.is_floating else few,)

    def cast(self, dtype: Any) -> None:
        """R and numpy come with double precision: the data take that of the variables."""
        if self.data is not None and self.data.dtype.is_floating:
            self.data = tf.cast(self.data, dtype)

    def block(self, position: int, count: int, height: int) -> Any:
        """Row numbers of the next steps."""
        if self.data is None:
            return tf.zeros([height, 0], tf.int32)
        return tf.constant(self.batches.block(position, count, height)[0])

    def of_step(self, rows: Any) -> tuple:
        """What the loss is called with."""
        if self.data is None:
            return ()
        return (tf.gather(self.data, tf.boolean_mask(rows, rows >= 0)),)


class _Descent:
    """The compiled steps."""

    def __init__(self, loss: Callable, variables: list, optimizer: Any, rows: _Rows, most: int):
        self.loss, self.variables, self.optimizer, self.rows, self.most = loss, variables, optimizer, rows, most
        self.dtype = variables[0].dtype
        rows.cast(self.dtype)

    def compile(self) -> None:
        """Trace the loss: here, on the thread that R's functions can run on."""
        signature = [tf.TensorSpec([self.most, None], tf.int32), tf.TensorSpec([], tf.int32)]
        self._block = tf.function(self._steps, input_signature=signature, autograph=False).get_concrete_function()

    def run(self, position: int, count: int) -> tuple[np.ndarray, bool]:
        """Some steps: their losses, and whether the last was not finite."""
        losses, done = self._block(self.rows.block(position, count, self.most), tf.constant(count, tf.int32))
        done = int(done)
        return losses.numpy()[:done].astype(np.float64), done < count

    def _steps(self, rows: Any, count: Any) -> tuple:
        def going(i, fine, losses):
            return (i < count) & fine

        def step(i, fine, losses):
            loss, gradients, finite = self._gradients(rows[i])
            applied = tf.cond(finite, lambda: self._apply(gradients), lambda: tf.constant(False))
            here = tf.range(self.most) == i
            return i + tf.cast(applied, tf.int32), applied, tf.where(here, loss, losses)

        blank = tf.fill([self.most], tf.constant(np.nan, self.dtype))
        done, _, losses = tf.while_loop(going, step, (tf.constant(0), tf.constant(True), blank))
        return losses, done

    def _gradients(self, rows: Any) -> tuple:
        """The loss, its gradients with their variables, and whether all of that is finite."""
        with tf.GradientTape() as tape:
            loss = _called(self.loss, self.rows.of_step(rows), self.dtype)
        gradients = tape.gradient(loss, self.variables)
        pairs = [
            (tf.convert_to_tensor(gradient), variable)
            for gradient, variable in zip(gradients, self.variables, strict=True)
            if gradient is not None
        ]
        if not pairs:
            raise ArgumentError(
                f"{WHERE}: `loss` does not depend on `variables`.",
                argument="loss",
                hint="All that is between the variables and the loss must be computed inside the function.",
            )
        parts = [loss, *(gradient for gradient, _ in pairs)]
        return loss, pairs, tf.reduce_all([tf.reduce_all(tf.math.is_finite(part)) for part in parts])

    def _apply(self, pairs: list) -> Any:
        try:
            self.optimizer.apply_gradients(pairs)
        except (KeyError, ValueError) as error:
            message = f"{WHERE}: `optimizer` fails: {error.args[0]}"
            hint = "An optimizer serves the variables that it was first used with: take a new one."
            raise ArgumentError(message, argument="optimizer", hint=hint) from error
        return tf.constant(True)


def _called(loss: Callable, batch: tuple, dtype: Any = None) -> Any:
    """What the loss gives, one number of the dtype; errors are told as the user's."""
    try:
        value = loss(*batch)
        value = tf.convert_to_tensor(value, None if tf.is_tensor(value) else dtype)
    except PyflowsError:
        raise
    except Exception as error:
        message = f"{WHERE}: `loss` fails: {type(error).__name__}: {error}"
        raise ArgumentError(message, argument="loss") from error
    if value.shape.rank != 0:
        raise ShapeError(
            f"{WHERE}: `loss` must give one number, not a tensor of shape {value.shape}.",
            argument="loss",
            hint="Take the mean over the rows.",
        )
    return value if dtype is None else tf.cast(value, dtype)


def _variables(variables: Any, loss: Callable, rows: _Rows) -> list:
    """A list of variables, of what has some."""
    if hasattr(variables, "trainable_variables") and not isinstance(variables, tf.Variable):
        if not variables.trainable_variables:
            # Networks make their variables when they are first called.
            _called(loss, rows.first())
        found = list(variables.trainable_variables)
        if not found:
            raise ArgumentError(f"{WHERE}: `variables` has no trainable variables.", argument="variables")
        return found
    found = list(variables) if isinstance(variables, (list, tuple)) else [variables]
    if not found or not all(isinstance(variable, tf.Variable) for variable in found):
        fail("variables", "one or more tf.Variables, or an object that has some", variables, WHERE)
    return found


def _optimizer(optimizer: Any, learning_rate: float | None, variables: list) -> Any:
    """The optimizer, with its own variables made, which can't be done while a step is compiled."""
    learning_rate = Number(min=0, open=True, null=True)("learning_rate", learning_rate, WHERE)
    if optimizer is None:
        optimizer = tf.optimizers.Adam(0.01 if learning_rate is None else learning_rate)
    elif learning_rate is not None:
        raise ArgumentError(
            f"{WHERE}: `learning_rate` can't be given together with `optimizer`.",
            argument="learning_rate",
            hint="Give it to the optimizer.",
        )
    if not hasattr(optimizer, "apply_gradients"):
        fail("optimizer", "an optimizer such as `tf.optimizers.Adam()`", optimizer, WHERE)
    # The older ones of Keras have no `build`.
    make = getattr(optimizer, "build", None) or getattr(optimizer, "_create_all_weights", None)
    if make is not None:
        make(variables)
    return optimizer


def _not_finite(done: int, losses: list) -> TrainingError:
    values = np.concatenate(losses)
    before = f"; the loss before it was {values[-1]:.4g}" if len(values) else ""
    return TrainingError(
        f"{WHERE}: the loss or its gradient became infinite or NaN at step {done + 1}{before}.",
        hint="Lower the learning rate, or keep the loss finite. The variables are as they were before that step.",
    )
