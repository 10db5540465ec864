"""A model as ordinary objects of TensorFlow Probability."""

from __future__ import annotations

from typing import Any

import numpy as np

from .backend import tf, tfb, tfd
from .data import as_table
from .errors import ShapeError
from .model import Model, check_model, context_rows


def bijector(fit: Model, context: Any = None):
    """The flow as an ordinary TFP bijector over vectors (`tfb.Chain` of its layers), on the model's own variables.

    A live bijector in the flow (`tfb_layer`) is handed out itself, with its variables set to this model's weights; all
    models that share it share these.

    Args:
        fit: a model.
        context: tensor or array `[c]` or `[..., c]` that the bijector is conditioned on, if the flow has one.

    Returns:
        A `tfb.Bijector`, base -> data; it works inside `tf.function`, with gradients to its `trainable_variables`.

    Raises:
        ArgumentError, ShapeError: `context` is missing, not wanted, or has the wrong width.
    """
    model = check_model(fit, "bijector()")
    return _chain(model, _context_tensor(model, context, "bijector()"))


def _chain(model: Model, context):
    from .bijectors.from_map import MapBijector  # defining the class imports TensorFlow

    chain = []
    for name, map_ in model.architecture.layers:
        live = getattr(map_, "bijector", None)
        if live is not None:
            for variable, key in zip(map_.trained, map_.weights, strict=True):
                variable.assign(model.variables[f"{name}/{key}"])
            chain.append(live)
        else:
            own = model.architecture.of_layer(model.variables, name)
            chain.append(MapBijector(map_, own, context, name=name.replace("/", "_")))
    return tfb.Chain(chain[::-1], name="flow")


def distribution(fit: Model, context: Any = None):
    """The flow as an ordinary TFP distribution over vectors (`tfd.TransformedDistribution`), on the model's variables.

    Args, Returns and Raises as for `bijector`, but the result is a `tfd.Distribution`, whose batch shape is that of
    the context.
    """
    model = check_model(fit, "distribution()")
    context = _context_tensor(model, context, "distribution()")
    base = model.architecture.base.distribution(model.architecture.of_base(model.variables), context)
    if context is not None and context.shape.rank > 1 and base.batch_shape.rank == 0:
        base = tfd.BatchBroadcast(base, with_shape=tf.shape(context)[:-1])
    chain, name = _chain(model, context), "flow_distribution"
    if model.architecture.noisy:
        from .bijectors.from_map import NoisyDistribution

        return NoisyDistribution(base, chain, model.architecture, model.variables, context, name)
    kind = tfd.TransformedDistribution
    if model.architecture.outer:
        from .bijectors.from_map import SupportedDistribution as kind
    return kind(base, chain, name=name)


def _context_tensor(model: Model, context: Any, where: str):
    if (context is None) != (model.context_size == 0):
        context_rows(model, context, 1, where)
    if context is None:
        return None
    if not tf.is_tensor(context) and (hasattr(context, "columns") or np.ndim(context) == 2):
        width, columns = model.context_size, model.context_columns
        context = as_table(context, "context", where, columns=columns, width=width).values
    context = tf.convert_to_tensor(context, model.dtype)
    if context.shape.rank == 0 or context.shape[-1] != model.context_size:
        raise ShapeError(
            f"{where}: `context` must have {model.context_size} columns, not shape {tuple(context.shape)}.",
            argument="context",
        )
    return model.architecture.scaled_context_rows(model.variables, context)
