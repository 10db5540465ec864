"""The errors that pyflows raises. Each says which argument, what is allowed, what came, and how to fix it."""

from __future__ import annotations


class PyflowsError(Exception):
    """Base class of every error that pyflows raises on purpose.

    Attributes:
        kind: short word for the class of the error, the same in R (`pyflows_error_<kind>`).
        argument: name of the argument at fault, or None.
        hint: how to fix it, or None.
    """

    kind = "internal"

    def __init__(self, message: str, *, argument: str | None = None, hint: str | None = None):
        super().__init__(message if hint is None else f"{message}\n  {hint}")
        self.message, self.argument, self.hint = message, argument, hint


class ArgumentError(PyflowsError, ValueError):
    """An argument has a value or type that is not allowed."""

    kind = "argument"


class ShapeError(PyflowsError, ValueError):
    """An array has the wrong number of dimensions, rows or columns."""

    kind = "shape"


class DataError(PyflowsError, ValueError):
    """The data hold values that no density can be fitted to (missing, infinite, constant ...)."""

    kind = "data"


class TrainingError(PyflowsError, RuntimeError):
    """Training broke down for good. `model` holds the best weights found before that, if there are any."""

    kind = "training"

    def __init__(self, message: str, *, model=None, **details):
        super().__init__(message, **details)
        self.model = model


class FileError(PyflowsError, OSError):
    """A file is not a pyflows file, or is damaged, or comes from a newer version."""

    kind = "file"


class BackendError(PyflowsError, RuntimeError):
    """TensorFlow or TensorFlow Probability is missing, or does not fit the other packages."""

    kind = "backend"


class ForkError(PyflowsError, RuntimeError):
    """TensorFlow was started before this process was forked; using it here would hang for ever."""

    kind = "fork"


class InterruptedWarning(UserWarning):
    """Training was stopped by the user; what is returned has the best weights found so far."""


class PrecisionWarning(UserWarning):
    """The numbers need more digits than the chosen dtype has."""
