"""The maps onto a support that end a flow, at its data end.

They have no weights. So fitting takes the data through them once, before it standardises them, and trains the rest;
but where one of them adds noise (`dequantize`), which is new in every step, all are part of the training.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from .architecture import Architecture
from .backend import tf
from .errors import DataError
from .maps import base_size
from .spec import Flow, expand


def inner_flow(flow: Flow, architecture: Architecture) -> Flow:
    """The flow without its outer maps; its layers keep their places, and so the names of their weights."""
    nodes = expand(flow)
    return dataclasses.replace(flow, layers=nodes[: len(nodes) - len(architecture.outer)])


def unconstrained(architecture: Architecture, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Data `[n, d]` on the inner side of the outer maps, in double precision, and the log-determinants `[n]`."""
    values, total = tf.constant(_rounded(x, architecture).T), np.zeros(len(x))
    for map_ in reversed(architecture.outer):
        values, log_det = map_.inverse({}, values)
        total = total + log_det.numpy()
    return np.ascontiguousarray(values.numpy().T), total


def check_support(architecture: Architecture, x: np.ndarray, name: str, where: str) -> None:
    """Raise `DataError` if data `x [n, d]` lie outside of the flow's support; the rest is for the message."""
    if not architecture.outer:
        return
    hint = "Drop these rows, or give a support that holds them."
    if architecture.size.dtype == "float32":
        hint += ' If they are inside, but float32 rounds them to the bound, use dtype="float64".'
    values, size, noise = _rounded(x, architecture).T, architecture.size, ""
    for map_ in reversed(architecture.outer):
        if (complaint := map_.check_data(values, size.columns)) is not None:
            raise DataError(f"{where}: in `{name}`{noise}, {complaint}.", argument=name, hint=hint)
        values = map_.inverse({}, tf.constant(values))[0].numpy()
        size = base_size(size, map_)
        noise = " with 0.5 added to whole numbers" if map_.noisy else noise


def _rounded(x: np.ndarray, architecture: Architecture) -> np.ndarray:
    """Data as the flow sees them, in double precision."""
    with np.errstate(over="ignore"):
        return x.astype(architecture.size.dtype).astype(np.float64)
