"""Roots of increasing functions, to float precision, with exact gradients."""

from __future__ import annotations

import numpy as np

from ..backend import tf


def solve(function, target, low, high, theta):
    """The x in [low, high] with `function(x, theta) = target`.

    Newton's method within a bracket that every step halves at least: as many steps as the dtype has binary digits are
    enough whatever the function, and usually a few are. So the search is never broken off: it ends when the bracket is
    at most four units in the last place of its larger end, and what error is left is the function's own rounding,
    divided by its slope. Gradients, in theta and target, are those of the implicit function theorem:
    `dx = (dtarget - d_theta function) / slope`.

    Args:
        function: `(x, theta) -> (value, slope in x)`, increasing in x with slopes bounded away from 0.
        target: `[d, n]`, between the values at low and high.
        low: one end, a number or `[d, n]`; constant as far as gradients are concerned.
        high: the other.
        theta: `[params, d, n]`.
    """

    @tf.custom_gradient
    def root(target, theta):
        x = _search(lambda x: function(x, theta), target, low, high)

        def gradient(upstream):
            with tf.GradientTape() as tape:
                tape.watch(theta)
                value, slope = function(x, theta)
            share = upstream / slope
            return share, tape.gradient(value, theta, output_gradients=-share)

        return x, gradient

    return root(target, theta)


def _search(function, target, low, high):
    precision = np.finfo(target.dtype.as_numpy_dtype)
    low, high = low + tf.zeros_like(target), high + tf.zeros_like(target)
    tolerance = 2.0 * float(precision.eps) * tf.maximum(tf.abs(low), tf.abs(high))
    # The ends may be off by their own rounding.
    low, high = low - tolerance, high + tolerance

    def narrowed(low, high, x):
        value, slope = function(x)
        off = value - target
        return tf.where(off <= 0.0, x, low), tf.where(off >= 0.0, x, high), off, off / slope

    def step(low, high, x):
        low, high, off, move = narrowed(low, high, x)
        middle = 0.5 * (low + high)
        low, high, off_middle, move_middle = narrowed(low, high, middle)
        nearer = tf.abs(off) < tf.abs(off_middle)
        x, move = tf.where(nearer, x, middle), tf.where(nearer, move, move_middle)
        # A little too far, so that the root ends up between two points that are close.
        return low, high, tf.clip_by_value(x - move - 0.5 * tolerance * tf.sign(move), low, high)

    low, high, x = tf.while_loop(
        lambda low, high, x: tf.reduce_any(high - low > tolerance),
        step,
        (low, high, 0.5 * (low + high)),
        # The bracket is at most 2 (1 + 2 eps) / (2 eps) tolerances long.
        maximum_iterations=precision.nmant + 2,
    )
    return tf.clip_by_value(x - narrowed(low, high, x)[3], low, high)
