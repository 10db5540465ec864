"""Normal and t distributions of vectors."""

from __future__ import annotations

import numpy as np

from ...backend import tf, tfd
from ...checks import fail
from ..kinds import Operator, Tensor
from .declare import distribution

_LOC = Tensor(null=True, rank=1)
_OPERATOR = {"loc": _LOC, "scale": Operator(null=True)}


@distribution(improved="`scale_identity_multiplier`, which TFP dropped, works again", loc=_LOC)
def multivariate_normal_diag(
    loc=None,
    scale_diag=None,
    scale_identity_multiplier=None,
    validate_args=False,
    allow_nan_stats=True,
    name="MultivariateNormalDiag",
):
    """Normal distribution of a vector with independent components.

    Density:
        x = loc + A z, z standard normal, A = diag(scale_diag) + scale_identity_multiplier I

    Args:
        loc: mean, `[..., k]`; `None`: 0.
        scale_diag: standard deviations, `[..., k]`; without them and the multiplier: 1.

    Example:
        >>> tfd.log_prob(tfd.multivariate_normal_diag(loc=[0, 0], scale_diag=[1, 2]), [[0.0, 0.0], [1.0, 1.0]])
    """
    if loc is None and scale_diag is None:
        scale_diag = tf.ones([1])
    diag = diagonal(loc, scale_diag, scale_identity_multiplier)
    return tfd.MultivariateNormalDiag(loc, diag, validate_args, allow_nan_stats, name=name)


@distribution(improved="`scale_identity_multiplier`, which TFP ignores, works again", loc=_LOC)
def multivariate_normal_diag_plus_low_rank(
    loc=None,
    scale_diag=None,
    scale_identity_multiplier=None,
    scale_perturb_factor=None,
    scale_perturb_diag=None,
    validate_args=False,
    allow_nan_stats=True,
    name="MultivariateNormalDiagPlusLowRank",
):
    """Normal distribution of a vector, by a diagonal matrix with an update of low rank.

    The covariance is A A^T. For many dimensions with few common factors.

    Density:
        x = loc + A z, z standard normal, A = diag(scale_diag) + scale_identity_multiplier I + V diag(e) V^T

    Args:
        loc: mean, `[..., k]`; `None`: 0.
        scale_perturb_factor: V, `[..., k, r]`, of an update of rank r; `None`: no update.
        scale_perturb_diag: e, `[..., r]`; `None`: ones.

    Example:
        >>> d = tfd.multivariate_normal_diag_plus_low_rank(scale_diag=[1, 2], scale_perturb_factor=[[0.5], [1]])
        >>> tfd.covariance(d)
    """
    like = scale_perturb_factor[..., 0] if loc is None and scale_perturb_factor is not None else loc
    diag = diagonal(like, scale_diag, scale_identity_multiplier)
    if scale_perturb_factor is None:
        return tfd.MultivariateNormalDiag(loc, diag, validate_args, allow_nan_stats, name=name)
    return tfd.MultivariateNormalDiagPlusLowRank(
        loc,
        diag,
        scale_perturb_factor=scale_perturb_factor,
        scale_perturb_diag=scale_perturb_diag,
        validate_args=validate_args,
        allow_nan_stats=allow_nan_stats,
        name=name,
    )


@distribution(
    "MultivariateNormalDiagPlusLowRankCovariance",
    loc=_LOC,
    cov_diag_factor=Tensor(null=True, rank=1, min=0, open=True),
    cov_perturb_factor=Tensor(null=True, rank=2),
)
def multivariate_normal_diag_plus_low_rank_covariance(
    loc=None,
    cov_diag_factor=None,
    cov_perturb_factor=None,
    validate_args=False,
    allow_nan_stats=True,
    name="MultivariateNormalDiagPlusLowRankCovariance",
):
    """Normal distribution of a vector, with a covariance that is diagonal plus low rank: factor analysis.

    Density:
        x ~ normal(loc, diag(cov_diag_factor) + V V^T), V = cov_perturb_factor

    Args:
        loc: mean, `[..., k]`; `None`: 0.
        cov_diag_factor: variances of what is not common, > 0, `[..., k]`.
        cov_perturb_factor: loadings V, `[..., k, r]`.

    Example:
        >>> d = tfd.multivariate_normal_diag_plus_low_rank_covariance([0, 0], [1, 2], [[0.5], [1]])
        >>> tfd.covariance(d)
    """


@distribution("MultivariateNormalTriL", loc=_LOC, scale_tril=Tensor(null=True, rank=2))
def multivariate_normal_tri_l(
    loc=None, scale_tril=None, validate_args=False, allow_nan_stats=True, name="MultivariateNormalTriL"
):
    """Normal distribution of a vector, by the Cholesky factor of its covariance.

    Density:
        x = loc + L z, z standard normal, L = scale_tril

    Args:
        loc: mean, `[..., k]`; `None`: 0.
        scale_tril: lower triangular matrix L, `[..., k, k]`, without zeros on the diagonal; `None`: the identity.

    Example:
        >>> tfd.covariance(tfd.multivariate_normal_tri_l(loc=[0, 0], scale_tril=[[1, 0], [0.5, 2]]))
    """


@distribution(loc=_LOC, covariance_matrix=Tensor(null=True, rank=2))
def multivariate_normal_full_covariance(
    loc=None,
    covariance_matrix=None,
    validate_args=False,
    allow_nan_stats=True,
    name="MultivariateNormalFullCovariance",
):
    """Normal distribution of a vector, by its covariance.

    Density:
        p(x) = exp(-(x - loc)^T C^-1 (x - loc) / 2) / sqrt(det(2 pi C)), C = covariance_matrix

    Args:
        loc: mean, `[..., k]`; `None`: 0.
        covariance_matrix: symmetric positive definite matrix C, `[..., k, k]`.

    Example:
        >>> d = tfd.multivariate_normal_full_covariance(loc=[0, 0], covariance_matrix=[[2, 0.5], [0.5, 1]])
        >>> tfd.log_prob(d, [1.0, 1.0])
    """
    factor = None
    if covariance_matrix is not None:
        factor = cholesky("covariance_matrix", covariance_matrix, "tfd.multivariate_normal_full_covariance()")
    return tfd.MultivariateNormalTriL(loc, factor, validate_args, allow_nan_stats, name=name)


@distribution("MultivariateNormalLinearOperator", **_OPERATOR)
def multivariate_normal_linear_operator(
    loc=None, scale=None, validate_args=False, allow_nan_stats=True, name="MultivariateNormalLinearOperator"
):
    """Normal distribution of a vector, by a linear operator.

    Density:
        x = loc + A z, z standard normal, A = scale

    Args:
        loc: mean, `[..., k]`; `None`: 0.
        scale: operator A with an inverse, or a matrix, `[..., k, k]`.

    Example:
        >>> tfd.covariance(tfd.multivariate_normal_linear_operator(loc=[0, 0], scale=[[2, 1], [0, 1]]))
    """


@distribution("MultivariateStudentTLinearOperator", loc=Tensor(rank=1), scale=Operator())
def multivariate_student_t_linear_operator(
    df, loc, scale, validate_args=False, allow_nan_stats=True, name="MultivariateStudentTLinearOperator"
):
    """Student's t distribution of a vector, by a linear operator.

    Density:
        x = loc + A z / sqrt(u / df), z standard normal, u ~ chi2(df), A = scale

    Args:
        loc: centre, `[..., k]`.
        scale: positive definite operator A, or matrix, `[..., k, k]`.

    Example:
        >>> d = tfd.multivariate_student_t_linear_operator(df=5, loc=[0, 0], scale=[[2, 0], [0, 1]])
        >>> tfd.log_prob(d, [1.0, 1.0])
    """


def cholesky(name, matrix, where):
    """The Cholesky factor of a matrix that must have one."""
    factor = tf.linalg.cholesky(matrix)
    if tf.executing_eagerly() and not np.isfinite(factor.numpy()).all():
        fail(name, "a positive definite matrix", matrix, where)
    return factor


def diagonal(like, scale_diag, multiplier):
    """The diagonal of the scale, of what is given of it, or None for the identity."""
    if multiplier is None:
        return scale_diag
    if scale_diag is None:
        scale_diag = tf.zeros([1], multiplier.dtype) if like is None else tf.zeros_like(like)
    return scale_diag + multiplier[..., tf.newaxis]
