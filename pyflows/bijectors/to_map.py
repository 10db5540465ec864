"""Any TFP bijector as a map."""

from __future__ import annotations

from ..backend import tf
from ..errors import ArgumentError
from ..maps import Map, Size, constant


class BijectorMap(Map):
    """A live bijector whose variables are lent to the optimiser: before each use they are set to the weights given.

    The bijector reads its own variables, so the gradient is taken with respect to those and handed on.
    """

    # Assigning variables inside a compiled loop is slow to compile, and many bijectors use ops that XLA lacks.
    jit_compilable = False
    stackable = False

    def __init__(self, size: Size, bijector):
        self.bijector = bijector
        self._check_shapes(size)
        self.trained = list(bijector.trainable_variables)
        self.weights = {
            f"variable/{i}": constant(variable.numpy(), tuple(variable.shape))
            for i, variable in enumerate(self.trained)
        }

    def _check_shapes(self, size: Size):
        # One evaluation also makes bijectors create the variables that they make on first use.
        try:
            shape = self.bijector.forward(tf.zeros([1, size.event], size.dtype)).shape
        except (TypeError, ValueError, tf.errors.InvalidArgumentError) as error:
            raise ArgumentError(
                f"`bijector` ({self.bijector.name}) cannot map {size.event} columns of dtype {size.dtype}: {error}",
                argument="bijector",
            ) from error
        if shape != (1, size.event):
            raise ArgumentError(
                f"`bijector` ({self.bijector.name}) maps {size.event} columns to shape {tuple(shape[1:])}.",
                argument="bijector",
            )

    def forward(self, weights, z, context=None):
        return self._run("forward", weights, z)

    def inverse(self, weights, x, context=None):
        return self._run("inverse", weights, x)

    def _run(self, direction: str, weights, value):
        map_, log_det = getattr(self.bijector, direction), getattr(self.bijector, f"{direction}_log_det_jacobian")

        @tf.custom_gradient
        def run(value, *values):
            for variable, new in zip(self.trained, values, strict=True):
                variable.assign(new)
            with tf.GradientTape() as tape:
                tape.watch(value)
                rows = tf.transpose(value)
                result = tf.transpose(map_(rows))
                out = result, tf.broadcast_to(log_det(rows, event_ndims=1), tf.shape(rows)[:1])

            def gradient(*upstream, variables=None):
                sources = [value, *self.trained]
                found = tape.gradient(out, sources, upstream, unconnected_gradients=tf.UnconnectedGradients.ZERO)
                return found if variables is None else (found, [None] * len(variables))

            return out, gradient

        return run(value, *[weights[name] for name in self.weights])
