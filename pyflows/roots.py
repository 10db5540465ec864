"""Roots of increasing functions, to the precision of the numbers, with exact gradients.

Each value has a bracket in which its root lies for certain. Every turn makes a step of Newton's method, which is fast,
and then halves what is left of the bracket, which bounds the number of turns, whatever the function. So the search is
never broken off. The gradient is that of the implicit function theorem, not of the search.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from .backend import tf


def solve(function: Callable, target, low, high, parameters: Sequence = (), unit=0.0):
    """Solve `function(x, *parameters) = target` for x, each element on its own.

    Args:
        function: `(x, *parameters) -> (value, slope)`, increasing in x, with its derivative, shaped like x.
        target: any shape.
        low: where the value is at most the target: a number, or a tensor that broadcasts to its shape.
        high: where the value is at least the target, likewise.
        parameters: tensors that the function also depends on, any shapes.
        unit: x is wanted to the precision of numbers of this size where it is smaller: a number, or a tensor like
            `low`. Where the function itself is no better, that saves the turns in which only its rounding is seen.

    Returns:
        x, shaped like the target. Its error is a few units in the last place of x or of `unit`, or of the width of the
        first bracket squared precision, or what rounding in the function makes of it. Gradients reach `target` and
        `parameters`.
    """
    fixed = [tf.stop_gradient(parameter) for parameter in parameters]
    ends = (tf.convert_to_tensor(end, target.dtype) for end in (low, high, unit))
    root = _search(lambda x: function(x, *fixed), *(tf.stop_gradient(value) for value in (target, *ends)))
    # One more step of Newton, of which only the gradient is kept: dx = (d target - d function) / slope.
    value, slope = function(root, *parameters)
    return with_gradient_of(tf.math.divide_no_nan(target - value, tf.stop_gradient(slope)), root)


def with_gradient_of(other, value):
    """The value as it is, with the gradient of something else."""
    return tf.stop_gradient(value) + (other - tf.stop_gradient(other))


def _search(function: Callable, target, low, high, unit):
    epsilon = float(np.finfo(target.dtype.as_numpy_dtype).eps)
    low, high = (end + tf.zeros_like(target) for end in (low, high))
    smallest = tf.maximum(epsilon * epsilon * (high - low), 2.0 * epsilon * unit)

    def tolerance(x):
        return tf.maximum(2.0 * epsilon * tf.abs(x), smallest)

    def narrowed(low, high, x):
        value, slope = function(x)
        miss = value - target
        return tf.where(miss <= 0.0, x, low), tf.where(miss >= 0.0, x, high), miss, tf.math.divide_no_nan(miss, slope)

    def step(low, high, x):
        low, high, miss, move = narrowed(low, high, x)
        middle = low + 0.5 * (high - low)
        low, high, miss_middle, move_middle = narrowed(low, high, middle)
        nearer = tf.abs(miss) < tf.abs(miss_middle)
        x, move = tf.where(nearer, x, middle), tf.where(nearer, move, move_middle)
        # A little further than where Newton points, so that the root soon lies between two close ends.
        return low, high, tf.clip_by_value(x - move - 0.5 * tolerance(x) * tf.sign(move), low, high)

    # The bracket is halved until it is as small as epsilon^2 makes it.
    turns = math.ceil(-2.0 * math.log2(epsilon)) + 2
    begin = (low, high, low + 0.5 * (high - low))
    low, high, x = tf.while_loop(
        lambda low, high, x: tf.reduce_any(high - low > tolerance(x)), step, begin, maximum_iterations=turns
    )
    return tf.clip_by_value(x - narrowed(low, high, x)[3], low, high)
