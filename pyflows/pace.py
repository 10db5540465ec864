"""Long computations as many short compiled calls, between which Ctrl-C is heard. Imports no TensorFlow."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

# Seconds a compiled call should take: short enough for Ctrl-C and a lively progress bar.
CALL_SECONDS = 0.2


class Pace:
    """How many steps to ask for, so that a call takes about `CALL_SECONDS`; the first, which compiles, gets one."""

    def __init__(self, most: int):
        self.most, self.calls, self.count = most, 0, 1

    def saw(self, steps: int, seconds: float) -> None:
        """Learn from a call."""
        self.calls += 1
        wanted = 32 if self.calls == 1 else int(CALL_SECONDS * steps / max(seconds, 1e-9))
        self.count = max(1, min(self.most, wanted))


@contextlib.contextmanager
def worker_thread() -> Iterator[ThreadPoolExecutor]:
    """A thread that compiled calls run in; when it is left, a call under way goes on by itself and is forgotten."""
    worker = ThreadPoolExecutor(1)
    try:
        yield worker
    finally:
        worker.shutdown(wait=False)
