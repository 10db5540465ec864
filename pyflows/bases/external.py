"""Any live TFP distribution as the base."""

from __future__ import annotations

from ..backend import tf, tfd
from ..checks import Object, fail
from ..errors import ArgumentError
from ..maps import Size, constant
from ..spec import register
from .base import Base


class DistributionBase(Base):
    """A live distribution whose variables are lent to the optimiser: before each use they are set to the weights given.

    It reads its own variables, so the gradient is taken with respect to those and handed on.
    """

    # Assigning variables inside a compiled loop is slow to compile, and many distributions use ops that XLA lacks.
    jit_compilable = False

    def __init__(self, size: Size, distribution):
        found = tuple(distribution.batch_shape), tuple(distribution.event_shape), distribution.dtype
        if found != ((), (size.event,), tf.as_dtype(size.dtype)):
            raise ArgumentError(
                f"`distribution` ({distribution.name}) must have batch shape (), event shape ({size.event},) and dtype "
                f"{size.dtype}, not {found[0]}, {found[1]} and {tf.as_dtype(found[2]).name}.",
                argument="distribution",
                hint="tfd.Independent and tfd.Sample make one distribution over vectors of several over numbers.",
            )
        self.live = distribution
        self.trained = list(distribution.trainable_variables)
        self.reparameterized = not self.trained
        self.weights = {
            f"variable/{i}": constant(variable.numpy(), tuple(variable.shape))
            for i, variable in enumerate(self.trained)
        }

    def log_prob(self, weights, z, context=None):
        @tf.custom_gradient
        def run(z, *values):
            self._assign(values)
            with tf.GradientTape() as tape:
                tape.watch(z)
                density = self.live.log_prob(tf.transpose(z))

            def gradient(upstream, variables=None):
                sources = [z, *self.trained]
                found = tape.gradient(density, sources, upstream, unconnected_gradients=tf.UnconnectedGradients.ZERO)
                return found if variables is None else (found, [None] * len(variables))

            return density, gradient

        return run(z, *[weights[name] for name in self.weights])

    def sample(self, weights, n, rng, context=None):
        self._assign([weights[name] for name in self.weights])
        seed = rng.integers(0, 2**31, 2, dtype="int32")
        return self.live.sample(n, seed=tf.constant(seed)).numpy()

    def distribution(self, weights, context=None):
        self._assign([weights[name] for name in self.weights])
        return self.live

    def _assign(self, values):
        for variable, new in zip(self.trained, values, strict=True):
            variable.assign(new)


@register(group="base", distribution=Object())
def base_tfd(size: Size, distribution):
    """A live TFP distribution as the base.

    Its trainable variables are trained with the rest of the flow, starting from the values they had when it was first
    used; fitting changes the object itself. A flow that holds one fits, samples and scores like any other, but has no
    JSON form: to save it, register a base that makes the distribution (`pyflows.register` with `group="base"`).

    Args:
        distribution: a `tfp.distributions.Distribution` over vectors of length d (event shape [d], no batch shape).

    Shapes:
        z `[n, d]`, d as the distribution has it.

    Raises:
        ArgumentError: it is not a distribution, or its shape or dtype is not that of the data.

    Example:
        >>> from tensorflow_probability import distributions as tfd
        >>> flow(affine(), base=base_tfd(tfd.Sample(tfd.Cauchy(0.0, 1.0), 2)))
    """
    if not isinstance(distribution, tfd.Distribution):
        fail("distribution", "a tfp.distributions.Distribution", distribution)
    return distribution
