"""Which rows each step of training sees. Imports no TensorFlow."""

from __future__ import annotations

import functools
import math

import numpy as np

from .seeds import SHUFFLE, stream

# Batches are rounded up to whole vector registers.
MULTIPLE = 16


class Batches:
    """Shuffled batches, epoch after epoch, each row once an epoch.

    Rows are dealt out evenly, so no batch of an epoch is much smaller than the others; all have one shape, and the
    places that stay empty hold -1. The order in an epoch depends on the seed and the epoch alone.

    Args:
        rows: number of rows n.
        batch_size: rows in a batch at the most.
        epochs: passes through the rows.
        seed: whole number.
    """

    def __init__(self, rows: int, batch_size: int, epochs: int, seed: int):
        self.rows, self.seed = rows, seed
        self.per_epoch = math.ceil(rows / batch_size)
        self.size = min(batch_size, MULTIPLE * math.ceil(math.ceil(rows / self.per_epoch) / MULTIPLE))
        self.total = self.per_epoch * epochs
        self._of_epoch = functools.lru_cache(maxsize=2)(self._shuffle)

    def epoch(self, position: int) -> int:
        """The epoch (from 0) that a step belongs to."""
        return min(position, self.total - 1) // self.per_epoch

    def _shuffle(self, epoch: int) -> np.ndarray:
        places = np.full(self.per_epoch * self.size, -1, np.int32)
        places[: self.rows] = stream(SHUFFLE, self.seed, epoch).permutation(self.rows)
        return places.reshape(self.size, self.per_epoch).T

    def block(self, position: int, count: int, height: int) -> tuple[np.ndarray, np.ndarray]:
        """The batches of `count` steps from `position` on, filled up to `height` steps.

        Returns:
            Row numbers `[height, size]` and, for each step, whether it ends an epoch, `[height]`.
        """
        rows = np.full((height, self.size), -1, np.int32)
        done = 0
        while done < count:
            epoch, first = divmod(position + done, self.per_epoch)
            take = min(count - done, self.per_epoch - first)
            rows[done : done + take] = self._of_epoch(epoch)[first : first + take]
            done += take
        ends = (position + np.arange(height) + 1) % self.per_epoch == 0
        return rows, ends
