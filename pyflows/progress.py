"""The progress bar of `fit`, and Ctrl-C. Imports no TensorFlow."""

from __future__ import annotations

import contextlib
import math
import signal
import threading
from collections.abc import Callable, Iterator


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """Make Ctrl-C raise `KeyboardInterrupt` here, whatever handler the host (R) has installed, and restore that.

    Reticulate's own handler jumps out of Python frames, which can crash R.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before if before is not None else signal.SIG_DFL)


@contextlib.contextmanager
def reporter(progress: bool | Callable, epochs: int) -> Iterator[Callable]:
    """What is called after each block of steps: the user's function, a progress bar, or nothing."""
    if callable(progress):
        yield progress
    elif progress:
        from tqdm.auto import tqdm

        with tqdm(total=epochs, unit="epoch", desc="fit", leave=False) as bar:
            yield lambda epoch, epochs, loss, held_out, best: _update(bar, epoch, loss, held_out)
    else:
        yield lambda *_: None


def _update(bar, epoch: int, loss: float, held_out: float) -> None:
    shown = {"log_prob": -loss, "held_out": -held_out}
    bar.set_postfix({key: f"{value:.4f}" for key, value in shown.items() if math.isfinite(value)}, refresh=False)
    bar.update(epoch - bar.n)
