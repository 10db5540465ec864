"""What is done with a bijector: both directions and their log-determinants."""

from __future__ import annotations

from ..kinds import Integer, Values, values_like
from ..table import bijector as declare


@declare(verb=True, x=Values())
def forward(bijector, x, name="forward", **conditions):
    """The forward direction: where a bijector takes x.

    Args:
        x: numbers of the shape that it takes.

    Returns:
        A tensor.

    Example:
        >>> tfb.forward(tfb.exp(), [0.0, 1.0])
    """
    x = values_like(bijector.forward_min_event_ndims, "x", x, "tfb.forward()")
    return bijector.forward(x, name=name, **conditions)


@declare(verb=True, y=Values())
def inverse(bijector, y, name="inverse", **conditions):
    """The inverse direction: what a bijector takes to y.

    Args:
        y: numbers of the shape that it gives.

    Returns:
        A tensor.

    Example:
        >>> tfb.inverse(tfb.exp(), [1.0, 2.0])
    """
    y = values_like(bijector.inverse_min_event_ndims, "y", y, "tfb.inverse()")
    return bijector.inverse(y, name=name, **conditions)


@declare(
    verb=True,
    x=Values(),
    event_ndims=Integer(min=0, null=True),
)
def forward_log_det_jacobian(bijector, x, event_ndims=None, name="forward_log_det_jacobian", **conditions):
    """The logarithm of the absolute determinant of the forward direction's Jacobian, at x.

    Args:
        x: numbers of the shape that it takes.
        event_ndims: how many of the last dimensions make up one event, over which is summed; `None`: the least that
            the bijector takes.

    Returns:
        A tensor without the dimensions of the event.

    Example:
        >>> tfb.forward_log_det_jacobian(tfb.exp(), [0.5, 1.0], event_ndims=0)
    """
    x = values_like(bijector.forward_min_event_ndims, "x", x, "tfb.forward_log_det_jacobian()")
    return bijector.forward_log_det_jacobian(x, event_ndims=event_ndims, name=name, **conditions)


@declare(
    verb=True,
    y=Values(),
    event_ndims=Integer(min=0, null=True),
)
def inverse_log_det_jacobian(bijector, y, event_ndims=None, name="inverse_log_det_jacobian", **conditions):
    """The logarithm of the absolute determinant of the inverse direction's Jacobian, at y.

    Args:
        y: numbers of the shape that it gives.
        event_ndims: how many of the last dimensions make up one event, over which is summed; `None`: the least that
            the bijector takes.

    Returns:
        A tensor without the dimensions of the event.

    Example:
        >>> tfb.inverse_log_det_jacobian(tfb.exp(), [0.5, 1.0], event_ndims=0)
    """
    y = values_like(bijector.inverse_min_event_ndims, "y", y, "tfb.inverse_log_det_jacobian()")
    return bijector.inverse_log_det_jacobian(y, event_ndims=event_ndims, name=name, **conditions)
