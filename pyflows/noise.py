"""Random numbers in training steps. Maps stay pure functions: the number of the draw is an untrained weight of theirs.

A map that needs noise has the weight `counter()` in its `weights` and its name in `updated`; its `inverse_training`
draws with `seed_of(weights[...])`, and returns `following(weights[...])` as the weight's new value. So the same seed of
a fit gives the same noise, and a checkpoint goes on where it stopped.
"""

from __future__ import annotations

from .backend import tf
from .maps import Weight

# Float32 counts every whole number up to 2^24: this many starts, and as many steps as any fit has.
STARTS = 1 << 22
# What the weight is called.
NAME = "draw"


def counter() -> Weight:
    """The number of the draw, as a weight: it begins at a place of its own in each layer and for each seed."""
    return Weight((), lambda rng: rng.integers(STARTS), trainable=False)


def seed_of(draw, purpose: int = 0):
    """The seed of that draw for TensorFlow's stateless random numbers, another for each purpose within a step."""
    return tf.stack([tf.cast(draw, tf.int32), tf.constant(purpose, tf.int32)])


def following(draw):
    """The number of the next draw."""
    return draw + tf.ones_like(draw)


def signs(seed, like):
    """Independent +1 and -1, shaped like a tensor (Rademacher variables): `v` with `E v v^T = I`."""
    ones = tf.ones_like(like)
    return tf.where(tf.random.stateless_uniform(tf.shape(like), seed) < 0.5, ones, -ones)
