"""The resampled base as a TFP distribution. Importing this module imports TensorFlow."""

from __future__ import annotations

from ..backend import tf, tfd
from .base import Base


class ResampledDistribution(tfd.Distribution):
    """Accepts and rejects like its base, with its variables.

    Args:
        base: a `ResampledBase`.
        weights: its weights by their short names, tf.Variables.
    """

    def __init__(self, base: Base, weights: dict, name: str = "resampled"):
        parameters = dict(locals())
        with tf.name_scope(name) as name:
            self._base, self._weights = base, dict(weights)
            super().__init__(
                dtype=tf.as_dtype(base.dtype),
                reparameterization_type=tfd.NOT_REPARAMETERIZED,
                validate_args=False,
                allow_nan_stats=True,
                parameters=parameters,
                name=name,
            )

    def _batch_shape(self):
        return tf.TensorShape([])

    def _batch_shape_tensor(self):
        return tf.constant([], tf.int32)

    def _event_shape(self):
        return tf.TensorShape([self._base.event])

    def _event_shape_tensor(self):
        return tf.constant([self._base.event], tf.int32)

    def _tensors(self) -> dict:
        return {name: tf.convert_to_tensor(weight) for name, weight in self._weights.items()}

    def _log_prob(self, value):
        d = self._base.event
        columns = tf.transpose(tf.reshape(value, [-1, d]))
        return tf.reshape(self._base.log_prob(self._tensors(), columns), tf.shape(value)[:-1])

    def _sample_n(self, n, seed=None):
        if seed is None or isinstance(seed, int):  # TFP's stateful seeds
            seed = tf.random.uniform([2], 0, 2**31 - 1, tf.int32, seed=seed)
        seed = tf.convert_to_tensor(seed, tf.int32)
        base, weights = self._base, self._tensors()

        def noise(turn, purpose):
            part = tf.random.experimental.stateless_fold_in(
                tf.random.experimental.stateless_fold_in(seed, turn), purpose
            )
            if purpose:
                return tf.random.stateless_uniform([n], part, dtype=self.dtype)
            return tf.random.stateless_normal([base.event, n], part, dtype=self.dtype)

        def going(turn, z, kept):
            return (turn < base.steps - 1) & tf.logical_not(tf.reduce_all(kept))

        def propose(turn, z, kept):
            kept = kept | (noise(turn, 1) < tf.sigmoid(base.logits(weights, z)))
            return turn + 1, tf.where(kept, z, noise(turn + 1, 0)), kept

        start = (tf.constant(0), noise(tf.constant(0), 0), tf.zeros(tf.stack([n]), tf.bool))
        return tf.transpose(tf.while_loop(going, propose, start)[1])
