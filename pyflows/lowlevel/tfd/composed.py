"""Distributions made of distributions."""

from __future__ import annotations

from ...backend import tfd
from ...checks import Flag
from ..kinds import Anything, Distribution, DType, Function, Integer, ListOf, Shape, Tensor
from .declare import FUNCTION, NUMBERS, Mask, distribution


@distribution("Independent", reinterpreted_batch_ndims=Integer(min=0, null=True))
def independent(distribution, reinterpreted_batch_ndims=None, validate_args=False, name=None):
    """Dimensions of the batch as dimensions of the event: independent variables become one vector.

    Density:
        p(x) = product over i of p_i(x_i)

    Args:
        reinterpreted_batch_ndims: how many of the last dimensions of the batch become part of the event; `None`: all
            but the first.

    Example:
        >>> d = tfd.independent(tfd.normal([0, 1], [1, 2]), reinterpreted_batch_ndims=1)
        >>> tfd.log_prob(d, [0.0, 1.0])
    """


@distribution("Sample")
def sample_distribution(distribution, sample_shape=(), validate_args=False, name=None):
    """Several independent draws as one event.

    Density:
        p(x) = product over i of p(x_i)

    Args:
        sample_shape: the shape of the draws that make up an event.

    Example:
        >>> tfd.log_prob(tfd.sample_distribution(tfd.normal(0, 1), 3), [0.0, 1.0, 2.0])
    """


@distribution(
    improved="the arguments `batch_shape` and `event_shape`, which TFP dropped, work again",
    batch_shape=Shape(null=True),
    event_shape=Shape(null=True),
    kwargs_split_fn=FUNCTION,
    parameters=Anything(),
)
def transformed_distribution(
    distribution,
    bijector,
    batch_shape=None,
    event_shape=None,
    kwargs_split_fn=None,
    validate_args=False,
    parameters=None,
    name=None,
):
    """A variable seen through a bijector: what flows are.

    Density:
        y = g(x), x ~ distribution; p(y) = p_x(g^-1(y)) |det d g^-1(y) / dy|

    Args:
        distribution: that of x.
        bijector: g.
        batch_shape: x is drawn independently for a batch of this shape; `None`: as the distribution has it.
        event_shape: x is a vector (or array) of independent draws, of this shape; `None`: as the distribution has it.
        kwargs_split_fn: splits named arguments of the methods in two dicts, for distribution and bijector.
        parameters: a dict that is stored with the object.

    Example:
        >>> d = tfd.transformed_distribution(tfd.normal(0, 1), tfb.exp())
        >>> tfd.log_prob(d, [0.5, 1.0])
    """
    if event_shape is not None:
        distribution = tfd.Sample(distribution, event_shape)
    if batch_shape is not None:
        distribution = tfd.BatchBroadcast(distribution, to_shape=batch_shape)
    splits = {} if kwargs_split_fn is None else {"kwargs_split_fn": kwargs_split_fn}
    return tfd.TransformedDistribution(
        distribution, bijector, validate_args=validate_args, parameters=parameters, name=name, **splits
    )


@distribution(
    "MixtureSameFamily",
    mixture_distribution=Distribution(),
    components_distribution=Distribution(),
    reparameterize=Flag(),
)
def mixture_same_family(
    mixture_distribution,
    components_distribution,
    reparameterize=False,
    validate_args=False,
    allow_nan_stats=True,
    name="MixtureSameFamily",
):
    """A mixture of distributions of one family, given as a batch.

    Density:
        p(x) = sum over i of w_i p_i(x)

    Args:
        mixture_distribution: categorical distribution of the k components.
        components_distribution: the components, as the last dimension of its batch.
        reparameterize: gradients pass through draws, by implicit differentiation.

    Example:
        >>> d = tfd.mixture_same_family(tfd.categorical(probs=[0.3, 0.7]), tfd.normal([-1, 1], [0.5, 1]))
        >>> tfd.log_prob(d, [0.0, 1.0])
    """


@distribution("Mixture", cat=Distribution(), components=ListOf(kind=Distribution()))
def mixture(cat, components, validate_args=False, allow_nan_stats=True, name="Mixture"):
    """A mixture of any distributions of values of one shape.

    Density:
        p(x) = sum over i of w_i p_i(x)

    Args:
        cat: categorical distribution of the components.
        components: list of the distributions.

    Example:
        >>> d = tfd.mixture(tfd.categorical(probs=[0.3, 0.7]), [tfd.normal(-1, 0.5), tfd.laplace(1, 1)])
        >>> tfd.log_prob(d, [0.0, 1.0])
    """


@distribution(
    "Inflated",
    inflated_loc_logits=NUMBERS,
    inflated_loc_probs=Tensor(null=True, min=0, max=1),
    inflated_loc=Tensor(),
    inflated_loc_atol=Tensor(null=True, min=0),
    inflated_loc_rtol=Tensor(null=True, min=0),
)
def inflated(
    distribution,
    inflated_loc_logits=None,
    inflated_loc_probs=None,
    inflated_loc=0.0,
    inflated_loc_atol=None,
    inflated_loc_rtol=None,
    validate_args=False,
    allow_nan_stats=True,
    name="Inflated",
):
    """A distribution with more probability at one value: zero-inflated counts, for example.

    Density:
        P(x) = w [x = inflated_loc] + (1 - w) p(x)

    Args:
        inflated_loc_logits: log-odds of w; give these or `inflated_loc_probs`.
        inflated_loc_probs: w, the probability of the value beyond what the distribution gives it.
        inflated_loc: the value.
        inflated_loc_atol: absolute tolerance when values are compared with it; `None`: 0.
        inflated_loc_rtol: relative tolerance; `None`: 0.

    Example:
        >>> tfd.prob(tfd.inflated(tfd.poisson(rate=2), inflated_loc_probs=0.3), [0, 1])
    """


@distribution(
    inflated_loc_logits=NUMBERS,
    inflated_loc_probs=Tensor(null=True, min=0, max=1),
)
def zero_inflated_negative_binomial(
    total_count,
    logits=None,
    probs=None,
    inflated_loc_logits=None,
    inflated_loc_probs=None,
    validate_args=False,
    allow_nan_stats=True,
    name="ZeroInflatedNegativeBinomial",
):
    """Negative binomial distribution with more zeros.

    Density:
        P(k) = w [k = 0] + (1 - w) NB(k), NB as of `negative_binomial`

    Args:
        total_count: number of failures of the negative binomial distribution, > 0.
        inflated_loc_logits: log-odds of w; give these or `inflated_loc_probs`.
        inflated_loc_probs: w, the probability of a zero beyond those of the negative binomial distribution.

    Example:
        >>> tfd.prob(tfd.zero_inflated_negative_binomial(5, probs=0.4, inflated_loc_probs=0.3), [0, 1])
    """
    return tfd.Inflated(
        tfd.NegativeBinomial(total_count, logits, probs, validate_args=validate_args),
        inflated_loc_logits,
        inflated_loc_probs,
        validate_args=validate_args,
        allow_nan_stats=allow_nan_stats,
        name=name,
    )


@distribution("QuantizedDistribution", low=NUMBERS, high=NUMBERS)
def quantized(distribution, low=None, high=None, validate_args=False, name="QuantizedDistribution"):
    """A variable rounded up to whole numbers: the likelihood of rounded data.

    Density:
        P(k) = F(k) - F(k - 1), and at the ends all that lies beyond; F the CDF of the distribution

    Args:
        low: the least value, a whole number; `None`: none.
        high: the greatest value, a whole number; `None`: none.

    Example:
        >>> tfd.prob(tfd.quantized(tfd.normal(2, 1), low=0, high=5), [1, 2, 3])
    """


@distribution("Empirical", samples=Tensor(rank=1), event_ndims=Integer(min=0))
def empirical(samples, event_ndims=0, validate_args=False, allow_nan_stats=True, name="Empirical"):
    """Empirical distribution: each of some samples with the same probability.

    Density:
        P(x) = (number of samples equal to x) / n

    Args:
        samples: the samples, `[..., n]` followed by the dimensions of one event.
        event_ndims: number of dimensions of one event.

    Example:
        >>> tfd.mean(tfd.empirical([1, 2, 2, 5]))
    """


@distribution(
    "Autoregressive",
    distribution_fn=Function(),
    sample0=Tensor(null=True, nan=True),
    num_steps=Integer(min=1, null=True),
)
def autoregressive(
    distribution_fn, sample0=None, num_steps=None, validate_args=False, allow_nan_stats=True, name="Autoregressive"
):
    """An autoregressive distribution, by a function from the values so far to the distribution of all.

    Drawing calls the function `num_steps` times, the density once.

    Density:
        p(x) = density at x of distribution_fn(x)

    Args:
        distribution_fn: takes values to a distribution, in which each component depends on components before it only.
        sample0: what drawing begins with; `None`: the function is called without arguments.
        num_steps: how often the function is called; `None`: as many times as an event has components.

    Example:
        >>> d = tfd.autoregressive(lambda x: tfd.independent(tfd.normal(0.5 * x, 1), 1), sample0=[0, 0], num_steps=1)
        >>> tfd.sample(d, 2, seed=1)
    """


@distribution("Blockwise", dtype_override=DType(null=True))
def blockwise(distributions, dtype_override=None, validate_args=False, allow_nan_stats=False, name="Blockwise"):
    """Independent distributions of numbers and vectors as one of a longer vector.

    Density:
        p(x) = product over i of p_i(x_i), x the x_i one after another

    Args:
        dtype_override: type of the vector, for parts of different types; `None`: that of the parts.

    Example:
        >>> d = tfd.blockwise([tfd.normal(0, 1), tfd.dirichlet([1, 2])])
        >>> tfd.sample(d, seed=1)
    """


@distribution("BatchReshape", batch_shape=Shape(min=-1))
def batch_reshape(distribution, batch_shape, validate_args=False, allow_nan_stats=True, name=None):
    """The same batch of distributions in another shape.

    Density:
        that of the distribution

    Args:
        batch_shape: the new shape; -1 once for what is left.

    Example:
        >>> tfd.mean(tfd.batch_reshape(tfd.normal([0, 1, 2, 3], 1), [2, 2]))
    """


@distribution("BatchBroadcast", with_shape=Shape(null=True), to_shape=Shape(null=True))
def batch_broadcast(distribution, with_shape=None, to_shape=None, validate_args=False, name=None):
    """A batch repeated to a larger shape, with independent draws.

    Density:
        that of the distribution

    Args:
        with_shape: the shape that the batch is broadcast with; give this or `to_shape`.
        to_shape: the shape of the new batch.

    Example:
        >>> tfd.sample(tfd.batch_broadcast(tfd.normal(0, 1), to_shape=[2, 3]), seed=1)
    """


@distribution("BatchConcat")
def batch_concat(distributions, axis, validate_args=False, allow_nan_stats=True, name="BatchConcat"):
    """Batches of distributions of one family, one after another in one batch.

    Density:
        that of each part

    Args:
        axis: dimension of the batch along which, counted from 0.

    Example:
        >>> tfd.mean(tfd.batch_concat([tfd.normal([0, 1], 1), tfd.normal([2, 3], 1)], axis=0))
    """


@distribution(validity_mask=Mask(), safe_sample_fn=FUNCTION)
def masked(distribution, validity_mask, safe_sample_fn=None, validate_args=False, allow_nan_stats=True, name=None):
    """A batch of which some members count nothing: their log-density is 0 everywhere.

    For sequences of different length.

    Density:
        p(x) where the mask is `True`, 1 where it is `False`

    Args:
        validity_mask: `True` for each member of the batch that counts.
        safe_sample_fn: takes the distribution to a value in its support, for the others; `None`: a fixed one.

    Example:
        >>> tfd.log_prob(tfd.masked(tfd.normal([0, 0], 1), [True, False]), [1.0, 1.0])
    """
    extra = {} if safe_sample_fn is None else {"safe_sample_fn": safe_sample_fn}
    return tfd.Masked(
        distribution, validity_mask, validate_args=validate_args, allow_nan_stats=allow_nan_stats, name=name, **extra
    )
