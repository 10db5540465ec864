"""Variables of bijectors, made before the first call where the size of an event is known."""

from __future__ import annotations

from typing import Any

from ..backend import tf, tfb


def make_variables(bijector: Any, event_shape: Any, dtype: Any = "float32") -> None:
    """Make the variables of a bijector's networks and normalisations, for vectors of a known size.

    Does nothing for events that are not vectors, or that change their size on the way. What was made for the wrong
    size is made anew at the first call.
    """
    from ..bijectors.template_networks import DenseNetwork  # defining the class imports TensorFlow

    shape = tf.TensorShape(event_shape)
    parts = [part for part in (bijector, *bijector.submodules) if isinstance(part, tfb.Bijector)]
    if shape.rank != 1 or shape[0] is None or not all(_keeps(part, shape) for part in parts):
        return
    size = shape[0]
    for part in parts:
        network = getattr(part, "_shift_and_log_scale_fn", None)
        if isinstance(network, DenseNetwork) and not network.built:
            inputs, outputs = _sizes(part, size)
            network.build(inputs, network.params * outputs, dtype=dtype)
        if isinstance(part, tfb.BatchNormalization) and not part.batchnorm.built:
            part.batchnorm.build(tf.TensorShape([None, size]))


def _keeps(part, shape) -> bool:
    try:
        return part.forward_event_shape(shape) == shape
    except (ValueError, TypeError, NotImplementedError):
        return False


def _sizes(part, size: int) -> tuple[int, int]:
    """How many dimensions go into the network of a flow, and for how many it speaks."""
    if not isinstance(part, tfb.RealNVP):
        return size, size
    masked = part._num_masked if part._num_masked is not None else round(size * part._fraction_masked)
    return abs(masked), size - abs(masked)
