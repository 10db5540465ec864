"""Mixtures over the points of a quadrature."""

from __future__ import annotations

from ..backend import tf, tfb, tfd
from ..checks import fail


def log_rates_by_quantiles(loc, scale, quadrature_size, validate_args=False):
    """Points of equal weight for the logarithm of a log-normal rate.

    What TFP 0.25 has under a similar name returns the rates themselves, where their logarithms are asked for.

    Args:
        loc: mean of the logarithm, any shape.
        scale: its standard deviation.
        quadrature_size: number of points.
        validate_args: for the sake of TFP, which gives it.

    Returns:
        The logarithms of the means of neighbouring quantiles, `[..., size]`, and their weights, `[size]`.
    """
    rates = tf.exp(loc[..., tf.newaxis] + scale[..., tf.newaxis] * _edges(quadrature_size, loc.dtype))
    return tf.math.log(_middles(rates)), _weights(quadrature_size, loc.dtype)


def weights_by_quantiles(loc, scale, quadrature_size, validate_args=False):
    """Points of equal weight for the two weights that are the softmax of a normal variable and 0.

    Args:
        loc: mean of the normal variable, `[..., 1]`.
        scale: its standard deviation.
        quadrature_size: number of points.
        validate_args: not used.

    Returns:
        The weights, `[..., 2, size]`, and the weights of the points, `[size]`.
    """
    first = _middles(tf.sigmoid(loc + scale * _edges(quadrature_size, loc.dtype)))
    return tf.stack([first, 1.0 - first], -2), _weights(quadrature_size, loc.dtype)


def diffeomixture(mix_loc, temperature, distribution, loc, scale, quadrature_size, quadrature_fn, validate_args, name):
    """A mixture over affine maps between two; the arguments are those of `tfd.vector_diffeomixture()`."""
    where = "tfd.vector_diffeomixture()"
    if mix_loc.shape[-1] != 1:
        fail("mix_loc", "a vector of length 1 (for two maps)", mix_loc, where)
    for key, parts in (("loc", loc), ("scale", scale)):
        if parts is not None and len(parts) != 2:
            fail(key, "a list of two", parts, where)
    if loc is None and scale is None:
        fail("scale", "a list of two, where `loc` is not given", scale, where)
    temperature = temperature[..., tf.newaxis] if temperature.shape.rank else temperature
    between, weights = (quadrature_fn or weights_by_quantiles)(
        mix_loc / temperature, 1.0 / temperature, quadrature_size, validate_args
    )
    first, second = between[..., 0, :], between[..., 1, :]
    steps = []
    if loc is not None:
        steps.append(tfb.Shift(first[..., tf.newaxis] * loc[0] + second[..., tf.newaxis] * loc[1]))
    if scale is not None:
        left, right = (part.to_dense() for part in scale)
        matrix = first[..., tf.newaxis, tf.newaxis] * left + second[..., tf.newaxis, tf.newaxis] * right
        operator = tf.linalg.LinearOperatorFullMatrix(matrix, is_non_singular=True)
        steps.append(tfb.ScaleMatvecLinearOperator(operator))
    size = loc[0].shape[-1] if scale is None else scale[0].shape[-1]
    components = tfd.TransformedDistribution(tfd.Sample(distribution, [size]), tfb.Chain(steps))
    mixture = tfd.Categorical(logits=tf.math.log(weights) + tf.zeros_like(first))
    return tfd.MixtureSameFamily(mixture, components, validate_args=validate_args, name=name)


def _edges(size, dtype):
    """Normal quantiles between which the points lie, without the infinite ones."""
    return tf.math.ndtri(tf.linspace(tf.zeros([], dtype), 1.0, size + 3)[1:-1])


def _middles(values):
    return 0.5 * (values[..., :-1] + values[..., 1:])


def _weights(size, dtype):
    return tf.fill([size], tf.constant(1.0 / size, dtype))
