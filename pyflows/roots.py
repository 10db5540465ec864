"""Roots of increasing functions, to the precision of the numbers, with exact gradients.

Each value has a bracket in which its root lies for certain. Newton's steps and bisection take turns: Newton is fast,
and the bisections bound the number of turns, whatever the function. The gradient is that of the implicit function
theorem, not of the search.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from .backend import tf


def solve(function: Callable, target, low, high, parameters: Sequence = ()):
    """Solve `function(x, *parameters) = target` for x, each element on its own.

    Args:
        function: `(x, *parameters) -> (value, slope)`, increasing in x, with its derivative, shaped like x.
        target: any shape.
        low: where the value is at most the target; broadcasts to its shape.
        high: where the value is at least the target.
        parameters: tensors that the function also depends on, any shapes.

    Returns:
        x, shaped like the target. Its error is a few units in the last place of x, or of the width of the first
        bracket squared precision, or what rounding in the function makes of it. Gradients reach `target` and
        `parameters`.
    """
    fixed = [tf.stop_gradient(parameter) for parameter in parameters]
    root = _search(lambda x: function(x, *fixed), *(tf.stop_gradient(value) for value in (target, low, high)))
    # One more step of Newton, of which only the gradient is kept: dx = (d target - d function) / slope.
    value, slope = function(root, *parameters)
    return with_gradient_of(tf.math.divide_no_nan(target - value, tf.stop_gradient(slope)), root)


def with_gradient_of(other, value):
    """The value as it is, with the gradient of something else."""
    return tf.stop_gradient(value) + (other - tf.stop_gradient(other))


def _search(function: Callable, target, low, high):
    epsilon = float(np.finfo(target.dtype.as_numpy_dtype).eps)
    low, high = (end + tf.zeros_like(target) for end in (low, high))
    smallest = epsilon * epsilon * (high - low)

    def tolerance(x):
        return tf.maximum(2.0 * epsilon * tf.abs(x), smallest)

    def wide(turn, low, high, best, miss, slope):
        return tf.reduce_any(high - low > 4.0 * tolerance(best))

    def step(turn, low, high, best, miss, slope):
        # A little further than where Newton points, so that the root soon lies between two close ends.
        newton = best - miss / slope - tf.sign(miss) * tolerance(best)
        usable = tf.equal(turn % 2, 1) & tf.equal(newton, newton)
        here = tf.where(usable, tf.clip_by_value(newton, low, high), low + 0.5 * (high - low))
        value, slope_here = function(here)
        miss_here = value - target
        closer = tf.abs(miss_here) < tf.abs(miss)
        return (
            turn + 1,
            tf.where(miss_here <= 0.0, here, low),
            tf.where(miss_here >= 0.0, here, high),
            tf.where(closer, here, best),
            tf.where(closer, miss_here, miss),
            tf.where(closer, slope_here, slope),
        )

    # Every second turn halves the bracket at least, down to epsilon^2 of its first width.
    turns = 2 * math.ceil(-2.0 * math.log2(epsilon)) + 2
    unknown = tf.fill(tf.shape(target), tf.constant(np.inf, target.dtype)) + tf.zeros_like(target)
    begin = (0, low, high, low + 0.5 * (high - low), unknown, tf.ones_like(target))
    _, low, high, best, miss, slope = tf.while_loop(wide, step, begin, maximum_iterations=turns)
    return tf.clip_by_value(best - tf.math.divide_no_nan(miss, slope), low, high)
