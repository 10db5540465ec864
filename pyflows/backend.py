"""The only place that imports TensorFlow and TensorFlow Probability: lazily, quietly, and once.

`from .backend import tf, tfb, tfd, tfm` costs nothing; the first attribute that is read from one of them imports the
real thing. The same door checks that the versions fit each other and that the process was not forked since.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.metadata
import logging
import os
import sys
import tempfile
import threading
from typing import Any

from .errors import BackendError, ForkError
from .version import VERSION

# Names of functions that are traced often: ours once for each architecture, TensorFlow's own `lbeta` for each shape.
TRACED = ("gather_batches", "pack_tensors", "lbeta")

_lock = threading.RLock()
_started_in: int | None = None


class LazyModule:
    """A module that is imported when its first attribute is read."""

    def __init__(self, name: str):
        self._name = name
        self._module = None

    def __getattr__(self, attribute: str) -> Any:
        if self._module is None or _started_in != os.getpid():
            start()
            self.__dict__["_module"] = importlib.import_module(self._name)
        return getattr(self._module, attribute)

    def __repr__(self) -> str:
        return f"<lazy module {self._name}>"


tf = LazyModule("tensorflow")
tfb = LazyModule("tensorflow_probability.python.bijectors")
tfd = LazyModule("tensorflow_probability.python.distributions")
tfp_util = LazyModule("tensorflow_probability.python.util")
tfm = LazyModule("tensorflow_probability.python.math")


def start() -> None:
    """Import TensorFlow and TFP, or raise `BackendError`; in a fork of a started process raise `ForkError`."""
    global _started_in
    with _lock:
        if _started_in is None:
            _check_versions()
            _prepare_environment()
            with _quiet():
                import tensorflow

                _patch_start()
                import tensorflow_probability  # noqa: F401

                tensorflow.constant(0.0) + 1.0  # the first operation prints about devices
            tensorflow.get_logger().addFilter(_is_worth_saying)
            _started_in = os.getpid()
    if _started_in != os.getpid():
        raise ForkError(
            "TensorFlow was used before this process was forked, and cannot be used in the child.",
            hint="Start workers afresh: multiprocessing with 'spawn' in Python, a PSOCK cluster "
            "(parallel::makeCluster) instead of mclapply in R.",
        )


def is_started() -> bool:
    """Has TensorFlow been imported through this door."""
    return _started_in is not None


def available() -> bool:
    """Are TensorFlow and TFP installed (without importing them)."""
    return all(_version(name) for name in ("tensorflow", "tensorflow-probability", "tf-keras"))


def cores() -> int:
    """How many processor cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def versions() -> dict[str, str | None]:
    """Versions of Python and of the packages that matter, None for a missing one; imports none of them."""
    names = ("tensorflow", "tensorflow-probability", "tf-keras", "numpy", "safetensors", "tqdm")
    return {"pyflows": VERSION, "python": sys.version.split()[0], **{name: _version(name) for name in names}}


def config() -> dict[str, Any]:
    """Versions and paths, for bug reports; imports no TensorFlow.

    Returns:
        A dict with versions (by package), executable, pyflows (its folder), tensorflow_started, tensorflow_available.
    """
    return {
        "versions": versions(),
        "executable": sys.executable,
        "pyflows": os.path.dirname(__file__),
        "tensorflow_started": is_started(),
        "tensorflow_available": available(),
    }


def _version(name: str) -> str | None:
    # TensorFlow also comes under other names (tensorflow-cpu, tensorflow-macos).
    for candidate in [name, f"{name}-cpu", f"{name}-macos"] if name == "tensorflow" else [name]:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            return importlib.metadata.version(candidate)
    return None


def _check_versions() -> None:
    found = versions()
    missing = [name for name in ("tensorflow", "tensorflow-probability", "tf-keras") if not found[name]]
    if missing:
        raise BackendError(
            f"Python packages are missing: {', '.join(missing)} (in {sys.executable}).",
            hint="Python: pip install tensorflow tensorflow-probability tf-keras. R: pyflows::install_pyflows().",
        )
    major, minor = (int(part) for part in found["numpy"].split(".")[:2])
    if (major, minor) >= (2, 4):
        raise BackendError(
            f"numpy {found['numpy']} does not fit TensorFlow Probability {found['tensorflow-probability']}.",
            hint="Install an older one: pip install 'numpy<2.4'.",
        )


def _prepare_environment() -> None:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # TFP needs the Keras 2 API; tf-keras provides it whatever Keras is installed.
    os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
    flag = "--xla_cpu_prefer_vector_width"
    if _has_avx512() and flag not in os.environ.get("XLA_FLAGS", ""):
        # XLA uses half of the vector unit unless told; measured 1.1 to 1.2 times faster training.
        os.environ["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} {flag}=512".strip()


def _is_worth_saying(record: logging.LogRecord) -> bool:
    # We trace once for each architecture, and TensorFlow takes the traces of several for a mistake.
    text = record.getMessage()
    return not ("triggered tf.function retracing" in text and any(name in text for name in ("pyflows", *TRACED)))


def _has_avx512() -> bool:
    try:
        with open("/proc/cpuinfo") as info:
            return "avx512f" in info.read()
    except OSError:
        return False


def _patch_start() -> None:
    # TFP 0.25 imports distutils, which Python 3.12 dropped and setuptools brings back; inside an embedded
    # interpreter its start-up hook does not run by itself.
    if sys.version_info >= (3, 12):
        import setuptools  # noqa: F401


@contextlib.contextmanager
def _quiet():
    """Keep what C++ libraries write to file descriptor 2 to ourselves, unless something fails."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    try:
        sys.stderr.flush()
        saved = os.dup(2)
    except (OSError, ValueError, AttributeError):
        yield
        return
    with tempfile.TemporaryFile() as sink:
        os.dup2(sink.fileno(), 2)
        try:
            yield
        except BaseException:
            os.dup2(saved, 2)
            sink.seek(0)
            os.write(2, sink.read())
            raise
        finally:
            os.dup2(saved, 2)
            os.close(saved)
