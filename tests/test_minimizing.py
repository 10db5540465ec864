"""`minimize`: gradient steps on any variables, against closed forms and hand-written loops."""

from __future__ import annotations

import numpy as np
import pytest

import pyflows as pf
from pyflows import minimizing
from pyflows.backend import tf
from pyflows.errors import ArgumentError, InterruptedWarning, ShapeError, TrainingError


def test_gradient_descent_in_closed_form():
    x = tf.Variable(5.0, dtype=tf.float64)
    losses = pf.minimize(lambda: (x - 1.0) ** 2, x, tf.optimizers.SGD(0.1), steps=50)
    # x - 1 shrinks by 1 - 2 * 0.1 in each step; Keras has the rate, 0.1, in single precision.
    np.testing.assert_allclose(losses, 16 * 0.64 ** np.arange(50), rtol=1e-5)
    np.testing.assert_allclose(x.numpy() - 1, 4 * 0.8**50, rtol=1e-5)


def test_the_same_steps_as_a_loop_by_hand():
    def start():
        return [tf.Variable([2.0, -1.0]), tf.Variable(0.5)]

    def loss(a, b):
        return tf.reduce_sum(a**4) + (b - 3.0) ** 2

    mine, theirs, optimizer = start(), start(), tf.optimizers.Adam(0.05)
    losses = pf.minimize(lambda: loss(*mine), mine, tf.optimizers.Adam(0.05), steps=5)
    for found in losses:
        with tf.GradientTape() as tape:
            value = loss(*theirs)
        optimizer.apply_gradients(zip(tape.gradient(value, theirs), theirs, strict=True))
        np.testing.assert_allclose(found, value, rtol=1e-5)
    for a, b in zip(mine, theirs, strict=True):
        np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-5)


@pytest.mark.parametrize("name", ["Adam", "legacy.Adam", "RMSprop"])
def test_an_optimizer_keeps_its_state(name):
    def run(*parts):
        x = tf.Variable([1.0, 3.0])
        optimizer = tf.optimizers
        for part in name.split("."):
            optimizer = getattr(optimizer, part)
        optimizer = optimizer(0.1)
        return [v for steps in parts for v in pf.minimize(lambda: tf.reduce_sum(x**2), x, optimizer, steps=steps)]

    np.testing.assert_allclose(run(4, 6), run(10), rtol=1e-6)


def test_batches_hold_each_row_once_an_epoch():
    x = tf.Variable(0.0)
    data = np.arange(10.0)[:, None] ** 2
    options = {"data": data, "batch_size": 4, "steps": 6, "seed": 3}
    sums = pf.minimize(lambda batch: tf.reduce_sum(batch) + 0 * x, x, **options)
    assert sums[:3].sum() == sums[3:].sum() == data.sum()
    np.testing.assert_array_equal(sums, pf.minimize(lambda batch: tf.reduce_sum(batch) + 0 * x, x, **options))


def test_variables_that_are_made_at_the_first_use():
    class Late(tf.Module):
        def __call__(self):
            if not hasattr(self, "x"):
                self.x = tf.Variable(1.0)
            return self.x**2

    late = Late()
    losses = pf.minimize(late, late, steps=3)
    assert losses[0] == 1 and losses[2] < losses[0]


def test_a_loss_that_breaks_down_leaves_the_variables():
    x = tf.Variable(1.0)
    with pytest.raises(TrainingError, match=r"infinite or NaN at step 3; the loss before it was -1\.386"):
        pf.minimize(lambda: tf.math.log(x), x, tf.optimizers.SGD(0.75), steps=10)
    assert x.numpy() == -2.75


def test_arguments():
    x = tf.Variable(1.0)
    optimizer = tf.optimizers.SGD(0.1)

    def fails():
        raise KeyError("my own")

    cases = [
        (ArgumentError, "loss", (3, x), {}),
        (ArgumentError, "loss", (fails, x), {}),
        (ArgumentError, "loss", (lambda: tf.constant(1.0), x), {}),
        (ShapeError, "loss", (lambda: x * [1.0, 2.0], x), {}),
        (ArgumentError, "variables", (lambda: x, [1.0]), {}),
        (ArgumentError, "variables", (lambda: x, tf.Module()), {}),
        (ArgumentError, "optimizer", (lambda: x, x, "adam"), {}),
        (ArgumentError, "learning_rate", (lambda: x, x, optimizer), {"learning_rate": 0.1}),
        (ArgumentError, "steps", (lambda: x, x), {"steps": 0}),
        (ArgumentError, "batch_size", (lambda: x, x), {"batch_size": 2}),
        (ArgumentError, "data", (lambda b: x, x), {"data": 3.0}),
    ]
    for error, argument, args, options in cases:
        with pytest.raises(error) as caught:
            pf.minimize(*args, **options)
        assert caught.value.argument == argument
    pf.minimize(lambda: x**2, x, optimizer, steps=1)
    y = tf.Variable(1.0)
    with pytest.raises(ArgumentError, match=r"`optimizer` fails: .*variable"):
        pf.minimize(lambda: y**2, y, optimizer)


def test_an_interrupt_gives_the_losses_so_far(monkeypatch):
    real = minimizing._Descent.run

    def run(self, position, count):
        if position > 0:
            raise KeyboardInterrupt
        return real(self, position, count)

    monkeypatch.setattr(minimizing._Descent, "run", run)
    x = tf.Variable(1.0)
    with pytest.warns(InterruptedWarning, match="after 1 of 9 steps"):
        assert pf.minimize(lambda: x**2, x, steps=9).tolist() == [1.0]
