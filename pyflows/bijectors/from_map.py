"""A map as an ordinary `tfb.Bijector`, with tf.Variables as its weights."""

from __future__ import annotations

from ..backend import tf, tfb, tfd
from ..maps import Map


class MapBijector(tfb.Bijector):
    """One layer of a flow as a TFP bijector on vectors (events `[d]`, observations in the leading dimensions).

    Works inside `tf.function`, and passes gradients to the variables and to the context.

    Args:
        map: the layer.
        variables: dict of its weights by name.
        context: None, or a tensor `[c]` or `[..., c]` that broadcasts against the batch dimensions.
        name: name of the bijector.
    """

    def __init__(self, map: Map, variables: dict, context=None, name: str = "flow_layer"):
        parameters = dict(locals())
        self._map, self._weights, self._context = map, variables, context
        dtype = next(iter(variables.values())).dtype if variables else None
        with tf.name_scope(name) as scope:
            super().__init__(
                forward_min_event_ndims=1, dtype=dtype, validate_args=False, parameters=parameters, name=scope
            )

    def _forward(self, x):
        return self._run(self._map.forward, x)[0]

    def _inverse(self, y):
        return self._run(self._map.inverse, y)[0]

    def _forward_log_det_jacobian(self, x):
        return self._run(self._map.forward, x)[1]

    def _inverse_log_det_jacobian(self, y):
        return self._run(self._map.inverse, y)[1]

    def _forward_event_shape(self, shape):
        return shape[:-1].concatenate(shape[-1] and shape[-1] + len(self._map.given))

    def _inverse_event_shape(self, shape):
        return shape[:-1].concatenate(shape[-1] and shape[-1] - len(self._map.given))

    def _forward_event_shape_tensor(self, shape):
        return shape + len(self._map.given)

    def _inverse_event_shape_tensor(self, shape):
        return shape - len(self._map.given)

    def _run(self, direction, value):
        return over_batch(direction, self._weights, value, self._context)


def over_batch(function, weights: dict, value, context):
    """A function `(weights, columns, context)` that gives columns and `[n]`, for rows `[..., d]` of any batch shape."""
    batch = tf.shape(value)[:-1]
    if context is not None:
        batch = tf.broadcast_dynamic_shape(batch, tf.shape(context)[:-1])
        value = tf.broadcast_to(value, tf.concat([batch, tf.shape(value)[-1:]], 0))
        context = _columns(tf.broadcast_to(context, tf.concat([batch, tf.shape(context)[-1:]], 0)))
    weights = {name: tf.convert_to_tensor(weight) for name, weight in weights.items()}
    result, log_det = function(weights, _columns(value), context)
    log_det = tf.reshape(tf.broadcast_to(log_det, tf.shape(result)[1:]), batch)
    width = result.shape[0]
    result = tf.reshape(tf.transpose(result), tf.concat([batch, tf.shape(result)[:1]], 0))
    result.set_shape([*value.shape[:-1], width])
    log_det.set_shape(value.shape[:-1])
    return result, log_det


class SupportedDistribution(tfd.TransformedDistribution):
    """A transformed distribution whose density is 0 outside of its support.

    TFP computes densities from the base side, where nothing tells of data that lay outside; the data side does.
    """

    def _log_prob(self, value):
        log_det = self.bijector.inverse_log_det_jacobian(value, event_ndims=1)
        return self.distribution.log_prob(self.bijector.inverse(value)) + log_det


class NoisyDistribution(tfd.TransformedDistribution):
    """A distribution of whole numbers, whose log-probability is the bound of an architecture with noise.

    Args:
        distribution: of the base.
        bijector: base -> data.
        architecture: gives the bound.
        variables: dict of its weights by name.
        context: None, or a tensor `[c]` or `[..., c]`, as the layers see it.
        name: name of the distribution.
    """

    def __init__(self, distribution, bijector, architecture, variables: dict, context, name: str):
        parameters = dict(locals())
        self._architecture, self._weights, self._context = architecture, variables, context
        super().__init__(distribution, bijector, parameters=parameters, name=name)

    def _log_prob(self, value):
        return over_batch(self._columns_log_prob, self._weights, value, self._context)[1]

    def _columns_log_prob(self, weights, x, context):
        return x, self._architecture.log_prob_given(weights, x, context)


def _columns(rows):
    """`[..., d]` as `[d, n]`."""
    size = rows.shape[-1] if rows.shape[-1] is not None else tf.shape(rows)[-1]
    return tf.transpose(tf.reshape(rows, [-1, size]))
