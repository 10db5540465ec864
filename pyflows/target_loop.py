"""Steps that bring a flow to a target density: draws from the flow, scored by both (reverse KL).

Draws are functions of the weights and of noise that does not depend on them, so the gradient goes through the draws.
All noise comes from the seed and the number of the step.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .architecture import Architecture
from .backend import tf
from .training_loop import Loop

# Draws that the running mean is judged by, and in each block of those that a fit is described by at its end.
BLOCK_DRAWS = 1024
# What a part of the noise of one step is for.
BASE_NOISE, CONTEXT_ROWS = 1, 2


class TargetLoop(Loop):
    """Compiled blocks of steps of reverse KL: they maximise the mean of `log p(x) - log q(x)` over draws x of the flow.

    Args:
        architecture: what is trained.
        clip_norm: largest norm of the gradient, or None.
        jit: compile with XLA.
        log_prob_fn: log p, `[n, d] -> [n]`, or `([n, d], [n, c]) -> [n]` where there is a context.
        batch_size: draws of a step.
        context: `[m, c]`, of which each draw gets a row at random; or None.
    """

    def __init__(
        self, architecture: Architecture, clip_norm, jit: bool, log_prob_fn: Callable, batch_size: int, context
    ):
        super().__init__(architecture, clip_norm, jit)
        self.log_prob_fn, self.batch_size, self.context = log_prob_fn, batch_size, context
        self._blocks = tf.function(self._run_blocks, autograph=False)

    def _rows(self, data, batches):
        return {"seed": tf.constant(batches, tf.int32)}

    def _gradient(self, state, batch):
        theta = state["theta"]
        with tf.GradientTape() as tape:
            tape.watch(theta)
            weights = self.packing.unpack_tensors(theta) | state["untrained"]
            loss = -tf.reduce_mean(self.log_weights(weights, batch["seed"], self.batch_size))
        gradient = tape.gradient(loss, theta, unconnected_gradients=tf.UnconnectedGradients.ZERO)
        return loss, gradient, state["untrained"]

    def _validation_loss(self, average, untrained, validation):
        weights = self.packing.unpack_tensors(average) | untrained
        return -tf.reduce_mean(self.log_weights(weights, validation["seed"], BLOCK_DRAWS))

    def draws(self, weights: dict, seed, count: int):
        """Draws of the base `z [d, count]`, and the context `[c, count]` of each."""
        base, context, seen = self.architecture.base, None, None
        if self.context is not None:
            part = tf.random.experimental.stateless_fold_in(seed, CONTEXT_ROWS)
            rows = tf.random.stateless_uniform([count], part, 0, self.context.shape[0], tf.int32)
            context = tf.transpose(tf.gather(tf.constant(self.context, self.dtype), rows))
            seen = tf.transpose(self.architecture.scaled_context(weights, context))
        part = tf.random.experimental.stateless_fold_in(seed, BASE_NOISE)
        own = self.architecture.of_base(weights)
        if base.conditional:
            z = base.distribution(own, seen).sample(seed=part)
        else:
            z = base.distribution(own).sample(count, seed=part)
        return tf.transpose(z), context

    def log_weights(self, weights: dict, seed, count: int):
        """`log p(x) - log q(x)` for some draws x of the flow, `[count]`."""
        z, context = self.draws(weights, seed, count)
        x, log_det = self.architecture.forward(weights, z, context)
        seen = self.architecture.scaled_context(weights, context)
        log_q = self.architecture.base.log_prob(self.architecture.of_base(weights), z, seen) - log_det
        return self.target(x, context) - log_q

    def target(self, x, context):
        """log p at `x [d, n]`, `[n]`."""
        rows = [tf.transpose(part) for part in (x, context) if part is not None]
        return self.log_prob_fn(*rows)

    def many_log_weights(self, weights: dict[str, np.ndarray], seeds: np.ndarray) -> np.ndarray:
        """`log_weights` for each of some seeds `[k, 2]`, in one array."""
        weights = {name: tf.constant(value, self.dtype) for name, value in weights.items()}
        return self._blocks(weights, tf.constant(seeds, tf.int32)).numpy().ravel()

    def _run_blocks(self, weights, seeds):
        def block(seed):
            return self.log_weights(weights, seed, BLOCK_DRAWS)

        return tf.map_fn(block, seeds, fn_output_signature=tf.TensorSpec([BLOCK_DRAWS], self.dtype))
