"""The state of a training run in a folder, so that the same call goes on where it was killed."""

from __future__ import annotations

import os
import time

import numpy as np

from . import tensorfile
from .backend import tf
from .errors import ArgumentError, FileError

FILE = "state.safetensors"
# Seconds between two writings at the least.
INTERVAL = 2.0


def stored_seed(folder: str | os.PathLike) -> int | None:
    """The seed of the run in a folder, None if there is no run."""
    path = os.path.join(os.fspath(folder), FILE)
    return tensorfile.decode(tensorfile.read(path), path)[1].get("seed") if os.path.exists(path) else None


class Checkpoint:
    """One folder with one file, replaced as a whole.

    Args:
        folder: made if it is not there.
        fingerprint: what the run depends on; a file of another run is refused.
        seed: of the run.
    """

    def __init__(self, folder: str | os.PathLike, fingerprint: str, seed: int):
        self.path = os.path.join(os.fspath(folder), FILE)
        self.fingerprint, self.seed, self.written = fingerprint, seed, time.perf_counter()
        try:
            os.makedirs(folder, exist_ok=True)
        except OSError as error:
            raise FileError(
                f"fit(): `checkpoint` {os.fspath(folder)!r} cannot be made a folder: {error.strerror}.",
                argument="checkpoint",
            ) from error

    def read(self, state: dict) -> tuple[dict, dict] | None:
        """The saved state in the form of `state`, and the log; None if there is none."""
        if not os.path.exists(self.path):
            return None
        arrays, about = tensorfile.decode(tensorfile.read(self.path), self.path)
        if about.get("fingerprint") != self.fingerprint:
            raise ArgumentError(
                f"fit(): `checkpoint` {os.path.dirname(self.path)!r} holds a run with other data, another flow or "
                "other options.",
                argument="checkpoint",
                hint="Give another folder, or delete that one.",
            )
        return _nest(arrays, state), about["log"]

    def write_now_and_then(self, state: dict, log: dict) -> None:
        """Write, unless it was written a moment ago."""
        if time.perf_counter() - self.written > INTERVAL:
            self.write(state, log)

    def write(self, state: dict, log: dict) -> None:
        """Write the state and the log."""
        data = tensorfile.encode(_flatten(state), {"fingerprint": self.fingerprint, "seed": self.seed, "log": log})
        tensorfile.write(self.path, data)
        self.written = time.perf_counter()


def _flatten(state: dict) -> dict[str, np.ndarray]:
    flat = {}
    for key, value in state.items():
        if isinstance(value, dict):
            flat |= {f"{key}:{name}": tensor.numpy() for name, tensor in value.items()}
        else:
            flat[key] = value.numpy()
    return flat


def _nest(arrays: dict[str, np.ndarray], like: dict) -> dict:
    return {
        key: {name: tf.constant(arrays[f"{key}:{name}"]) for name in value}
        if isinstance(value, dict)
        else tf.constant(arrays[key])
        for key, value in like.items()
    }
