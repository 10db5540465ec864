"""Bijectors made of the user's own functions."""

from __future__ import annotations

from ...backend import tf, tfb
from ...checks import Flag
from ...errors import ArgumentError
from ..kinds import Function, Integer
from ..table import bijector

_FUNCTION = Function(null=True)


@bijector(
    improved="works with its defaults, which are those of an elementwise map; log-determinants that are not given are "
    "computed by automatic differentiation",
    forward_fn=_FUNCTION,
    inverse_fn=_FUNCTION,
    inverse_log_det_jacobian_fn=_FUNCTION,
    forward_log_det_jacobian_fn=_FUNCTION,
    forward_event_shape_fn=_FUNCTION,
    forward_event_shape_tensor_fn=_FUNCTION,
    inverse_event_shape_fn=_FUNCTION,
    inverse_event_shape_tensor_fn=_FUNCTION,
    is_constant_jacobian=Flag(null=True),
    forward_min_event_ndims=Integer(min=0, null=True),
    inverse_min_event_ndims=Integer(min=0, null=True),
)
def inline(
    forward_fn=None,
    inverse_fn=None,
    inverse_log_det_jacobian_fn=None,
    forward_log_det_jacobian_fn=None,
    forward_event_shape_fn=None,
    forward_event_shape_tensor_fn=None,
    inverse_event_shape_fn=None,
    inverse_event_shape_tensor_fn=None,
    is_constant_jacobian=None,
    validate_args=False,
    forward_min_event_ndims=None,
    inverse_min_event_ndims=None,
    name="inline",
):
    """A bijector of your own, from functions.

    The functions are given tensors and must be made of TensorFlow's operations. In compiled code they run once, when
    it is traced. Variables that they use are not found in `trainable_variables` of the bijector: hold on to them.

    One of the two log-determinants is enough. With neither, it is computed by automatic differentiation of
    `forward_fn`, for elementwise maps and maps of vectors; a vector of length k costs k gradients.

    Map:
        y = forward_fn(x), x = inverse_fn(y)

    Args:
        forward_fn: takes x to y.
        inverse_fn: takes y to x.
        inverse_log_det_jacobian_fn: takes y to log |det dx/dy|, summed over the dimensions of an event.
        forward_log_det_jacobian_fn: takes x to log |det dy/dx|, likewise.
        forward_event_shape_fn: takes the static shape of an x to that of its y; `None`: they are alike.
        forward_event_shape_tensor_fn: the same for shapes that are tensors.
        inverse_event_shape_fn: takes the static shape of a y to that of its x; `None`: they are alike.
        inverse_event_shape_tensor_fn: the same for shapes that are tensors.
        is_constant_jacobian: the Jacobian is the same everywhere; `None` means `False`.
        forward_min_event_ndims: dimensions of the least x that the functions take: 0 (`None`) for an elementwise map,
            1 for one of vectors.
        inverse_min_event_ndims: the same of y; `None`: as many as x has.

    Example:
        >>> b = tfb.inline(forward_fn=lambda x: x**3 + x, forward_min_event_ndims=0)
        >>> tfb.forward_log_det_jacobian(b, [0.0, 1.0], event_ndims=0)
    """
    ndims = forward_min_event_ndims or 0
    if forward_log_det_jacobian_fn is None and inverse_log_det_jacobian_fn is None and forward_fn is not None:
        if ndims > 1 or inverse_min_event_ndims not in (None, ndims):
            message = (
                "tfb.inline(): for a map of matrices, or between events of different dimensions, "
                "`forward_log_det_jacobian_fn` or `inverse_log_det_jacobian_fn` must be given."
            )
            raise ArgumentError(message, argument="forward_log_det_jacobian_fn")
        forward_log_det_jacobian_fn = _log_slope(forward_fn) if ndims == 0 else _log_determinant(forward_fn)
    return tfb.Inline(
        forward_fn,
        inverse_fn,
        inverse_log_det_jacobian_fn,
        forward_log_det_jacobian_fn,
        forward_event_shape_fn,
        forward_event_shape_tensor_fn,
        inverse_event_shape_fn,
        inverse_event_shape_tensor_fn,
        is_constant_jacobian=bool(is_constant_jacobian),
        validate_args=validate_args,
        forward_min_event_ndims=ndims,
        inverse_min_event_ndims=ndims if inverse_min_event_ndims is None else inverse_min_event_ndims,
        name=name,
    )


def _log_slope(function):
    def log_slope(x, **conditions):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = function(x, **conditions)
        return tf.math.log(tf.abs(tape.gradient(y, x, unconnected_gradients="zero")))

    return log_slope


def _log_determinant(function):
    def log_determinant(x, **conditions):
        rows = tf.reshape(x, [-1, x.shape[-1]])
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(rows)
            y = tf.reshape(function(tf.reshape(rows, tf.shape(x)), **conditions), tf.shape(rows))
        jacobian = tape.batch_jacobian(y, rows, experimental_use_pfor=False)
        return tf.reshape(tf.linalg.slogdet(jacobian).log_abs_determinant, tf.shape(x)[:-1])

    return log_determinant
