"""Named arrays and a JSON text in one safetensors file: written atomically, with a digest, never pickle."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from typing import Any

import numpy as np

from .errors import FileError

FORMAT = 1
KEY, DIGEST = "pyflows", "pyflows_digest"


def encode(arrays: dict[str, np.ndarray], about: dict[str, Any]) -> bytes:
    """The file's bytes."""
    from safetensors.numpy import save

    arrays = {name: np.asarray(array, order="C") for name, array in arrays.items()}
    text = json.dumps({"format": FORMAT, **about}, sort_keys=True)
    return save(arrays, metadata={KEY: text, DIGEST: _digest(arrays, text)})


def decode(data: bytes, source: str) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Arrays and text back from bytes; `source` names them in messages.

    Raises:
        FileError: the bytes are truncated, altered, of another program or of a newer version.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load

    header = _header(data, source)
    text, digest = header.get(KEY), header.get(DIGEST)
    if text is None or digest is None:
        raise FileError(f"{source} is a safetensors file, but not one that pyflows wrote.")
    try:
        about = json.loads(text)
    except (TypeError, ValueError):
        raise FileError(f"{source} is damaged: its description is not readable.") from None
    if not isinstance(about, dict):
        raise FileError(f"{source} is damaged: its description is not readable.")
    if about.get("format", 0) > FORMAT:
        raise FileError(
            f"{source} was written in format {about['format']}; this version reads up to {FORMAT}.",
            hint="Update pyflows.",
        )
    try:
        arrays = load(data)
    except (SafetensorError, ValueError) as error:
        raise FileError(f"{source} is damaged or truncated: {error}.") from None
    if _digest(arrays, text) != digest:
        raise FileError(
            f"{source} was altered after it was written: its content does not have the digest it should have."
        )
    return arrays, about


def _header(data: bytes, source: str) -> dict[str, str]:
    """The metadata of a safetensors file: 8 bytes with the length of a JSON text, and that text."""
    length = int.from_bytes(data[:8], "little")
    if len(data) < 8 or data[8:9] != b"{":
        raise FileError(f"{source} is not a pyflows file.")
    if 8 + length > len(data):
        raise FileError(f"{source} is truncated: {len(data)} bytes are there, its header alone needs {8 + length}.")
    try:
        found = json.loads(data[8 : 8 + length]).get("__metadata__")
        return found if isinstance(found, dict) else {}
    except ValueError:
        raise FileError(f"{source} is damaged: its header is not readable.") from None


def _digest(arrays: dict[str, np.ndarray], text: str) -> str:
    total = hashlib.sha256(text.encode())
    for name in sorted(arrays):
        array = arrays[name]
        total.update(f"{name} {array.dtype.str} {array.shape}".encode())
        total.update(np.ascontiguousarray(array).tobytes())
    return total.hexdigest()


def write(path: str | os.PathLike, data: bytes) -> None:
    """Write bytes so that at any moment the path holds the old file or the new one, whole."""
    path = os.fspath(path)
    folder = os.path.dirname(os.path.abspath(path))
    if not os.path.isdir(folder):
        raise FileError(f"Cannot write {path}: there is no folder {folder}.", argument="path")
    temporary = None
    try:
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".pyflows-", delete=False) as file:
            temporary = file.name
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        # Temporary files are private; the result has the permissions that any new file gets.
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(temporary, 0o666 & ~mask)
        os.replace(temporary, path)
    except OSError as error:
        if temporary:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
        raise FileError(f"Cannot write {path}: {error.strerror}.", argument="path") from error


def read(path: str | os.PathLike) -> bytes:
    """The bytes of a file."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise FileError(f"Cannot read {os.fspath(path)}: {error.strerror}.", argument="path") from error
