"""Models in one file, or in one string of bytes."""

from __future__ import annotations

import os

from . import tensorfile
from .architecture import architecture_of
from .errors import ArgumentError, FileError
from .maps import Size
from .model import Model, check_model
from .spec import from_data, to_data

# What a model cannot be rebuilt without.
NEEDED = (
    *("flow", "event_size", "context_size", "dtype", "columns", "context_columns"),
    *("standardize", "seed", "history", "weights_count"),
)


def save(fit: Model, path: str | os.PathLike) -> None:
    """Save a fitted flow in one file (safetensors): flow, weights, columns, history, versions, digest.

    The file is written beside its place first and then moved there, so an interrupted save leaves the old file.

    Args:
        fit: a model.
        path: where to; the folder must exist. `.safetensors` is the usual ending.

    Raises:
        FileError: the file cannot be written.
        ArgumentError: the flow holds a live object (`tfb_layer`), which no file can hold.

    Example:
        >>> save(model, "faithful.safetensors")
    """
    tensorfile.write(_check_path(path, "save()"), to_bytes(check_model(fit, "save()")))


def load(path: str | os.PathLike) -> Model:
    """Load a fitted flow that `save` wrote; it gives the same densities to the last bit.

    Args:
        path: the file.

    Returns:
        A `Model`.

    Raises:
        FileError: the file is missing, truncated, altered, of another program, or from a newer version; or it needs
            a kind of layer that is not registered.
        ArgumentError: `path` is not a path.

    Example:
        >>> model = load("faithful.safetensors")
    """
    path = _check_path(path, "load()")
    return from_bytes(tensorfile.read(path), os.fspath(path))


def _check_path(path, where: str):
    if not isinstance(path, (str, os.PathLike)) or not os.fspath(path):
        raise ArgumentError(f"{where}: `path` must be the path of a file, not {path!r}.", argument="path")
    return path


def to_bytes(model: Model) -> bytes:
    """The model as bytes, as they stand in a file."""
    to_data(model.flow)  # refuses live objects with a message of its own
    return tensorfile.encode(model.weights, {"model": model.summary()})


def from_bytes(data: bytes, source: str = "The data") -> Model:
    """The model in the bytes of `to_bytes`."""
    arrays, about = tensorfile.decode(bytes(data), source)
    summary = dict(about.get("model") or {})
    if missing := [key for key in NEEDED if key not in summary]:
        raise FileError(
            f"{source} is a pyflows file, but holds no model (a checkpoint, perhaps): it has no entry {missing[0]!r}."
        )
    try:
        flow = from_data(summary.pop("flow"))
    except ArgumentError as error:
        raise FileError(f"{source} cannot be rebuilt: {error.message}", hint=error.hint) from error

    def names(key):
        value = summary.pop(key)
        return None if value is None else tuple(value)

    size = Size(summary.pop("event_size"), summary.pop("context_size"), summary.pop("dtype"), names("columns"))
    standardize = summary.pop("standardize")
    _check_leaves(arrays, flow, size, standardize, source)
    for known in ("weights_count", "latent_size", "bound"):
        summary.pop(known, None)
    return Model(
        flow,
        size,
        arrays,
        standardize=standardize,
        context_columns=names("context_columns"),
        seed=summary.pop("seed"),
        history=summary.pop("history"),
        facts=summary,
    )


def _check_leaves(arrays, flow, size, standardize, source) -> None:
    expected = architecture_of(flow, size, standardize).weights
    if missing := [name for name in expected if name not in arrays]:
        raise FileError(f"{source} lacks the weights {missing[0]} (and {len(missing) - 1} more).")
    if extra := [name for name in arrays if name not in expected]:
        raise FileError(f"{source} has weights that the flow does not have: {extra[0]} (and {len(extra) - 1} more).")
    for name, weight in expected.items():
        found = arrays[name].shape, str(arrays[name].dtype)
        if found != (tuple(weight.shape), size.dtype):
            raise FileError(f"{source}: {name} must be {size.dtype} {tuple(weight.shape)}, not {found[1]} {found[0]}.")
