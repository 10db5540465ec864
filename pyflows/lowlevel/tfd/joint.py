"""Joint distributions: models whose parts depend on the parts before them."""

from __future__ import annotations

from .declare import Model, distribution

_NAMED, _LISTED = {"model": Model(keys=True)}, {"model": Model()}


@distribution("JointDistributionSequential", **_LISTED)
def joint_distribution_sequential(model, validate_args=False, name=None):
    """A joint distribution, by a list of distributions and of functions that make one of the values before it.

    Density:
        p(x) = product over i of p_i(x_i given x_(i-1), ..., x_1)

    Args:
        model: list; a function is given the values before it, the last one first.

    Example:
        >>> d = tfd.joint_distribution_sequential([tfd.normal(0, 1), lambda m: tfd.normal(m, 0.5)])
        >>> tfd.log_prob(d, [0.0, 0.5])
    """


@distribution("JointDistributionNamed", **_NAMED)
def joint_distribution_named(model, validate_args=False, name=None):
    """A joint distribution, by a dict of distributions and of functions of other parts.

    Density:
        p(x) = product over i of p_i(x_i given the values that its function names)

    Args:
        model: dict (in R a named list); the arguments of a function are names of other parts.

    Example:
        >>> d = tfd.joint_distribution_named({"m": tfd.normal(0, 1), "x": lambda m: tfd.normal(m, 0.5)})
        >>> tfd.sample(d, seed=1)
    """


@distribution("JointDistributionSequentialAutoBatched", **_LISTED)
def joint_distribution_sequential_auto_batched(
    model, batch_ndims=0, use_vectorized_map=True, validate_args=False, name=None
):
    """`joint_distribution_sequential`, with a model that is written for one draw and used for many.

    Density:
        p(x) = product over i of p_i(x_i given x_(i-1), ..., x_1)

    Args:
        model: list; a function is given the values before it, the last one first.

    Example:
        >>> model = [tfd.normal(0, 1), lambda m: tfd.sample_distribution(tfd.normal(m, 0.5), 3)]
        >>> d = tfd.joint_distribution_sequential_auto_batched(model)
        >>> tfd.log_prob(d, [0.0, [0.5, 0.1, 0.2]])
    """


@distribution("JointDistributionNamedAutoBatched", **_NAMED)
def joint_distribution_named_auto_batched(
    model, batch_ndims=0, use_vectorized_map=True, validate_args=False, name=None
):
    """`joint_distribution_named`, with a model that is written for one draw and used for many.

    Density:
        p(x) = product over i of p_i(x_i given the values that its function names)

    Args:
        model: dict (in R a named list); the arguments of a function are names of other parts.

    Example:
        >>> model = {"m": tfd.normal(0, 1), "x": lambda m: tfd.sample_distribution(tfd.normal(m, 0.5), 3)}
        >>> d = tfd.joint_distribution_named_auto_batched(model)
        >>> tfd.sample(d, 2, seed=1)
    """
