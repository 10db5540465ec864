"""Distributions of matrices."""

from __future__ import annotations

from ...backend import tfd
from ..kinds import Integer, Operator, Tensor
from .declare import MATRIX, distribution
from .multivariate_normal import cholesky


@distribution(
    rebuilt="TFP split the class; `scale` and `scale_tril` choose between its parts",
    scale=Tensor(null=True, rank=2),
    scale_tril=Tensor(null=True, rank=2),
)
def wishart(
    df,
    scale=None,
    scale_tril=None,
    input_output_cholesky=False,
    validate_args=False,
    allow_nan_stats=True,
    name="Wishart",
):
    """Wishart distribution of positive definite matrices: sums of squares of normal vectors.

    Density:
        p(X) = det(X)^((df - k - 1) / 2) exp(-tr(S^-1 X) / 2) / (2^(df k / 2) det(S)^(df / 2) Gamma_k(df / 2))

    Args:
        df: degrees of freedom, >= k.
        scale: positive definite matrix S, `[..., k, k]`; give this or `scale_tril`.
        scale_tril: its Cholesky factor.

    Example:
        >>> tfd.mean(tfd.wishart(df=4, scale=[[2, 0.5], [0.5, 1]]))
    """
    factor = cholesky("scale", scale, "tfd.wishart()") if scale_tril is None else scale_tril
    return tfd.WishartTriL(df, factor, input_output_cholesky, validate_args, allow_nan_stats, name)


@distribution("WishartTriL")
def wishart_tri_l(
    df, scale_tril, input_output_cholesky=False, validate_args=False, allow_nan_stats=True, name="WishartTriL"
):
    """Wishart distribution, by the Cholesky factor of its scale.

    Density:
        X = L Z Z^T L^T, Z of `df` columns of independent standard normal variables, L = scale_tril

    Args:
        df: degrees of freedom, >= k.

    Example:
        >>> tfd.mean(tfd.wishart_tri_l(df=4, scale_tril=[[1, 0], [0.5, 2]]))
    """


@distribution("WishartLinearOperator", scale=Operator())
def wishart_linear_operator(
    df, scale, input_output_cholesky=False, validate_args=False, allow_nan_stats=True, name="WishartLinearOperator"
):
    """Wishart distribution, by a linear operator.

    Density:
        X = L Z Z^T L^T, Z of `df` columns of independent standard normal variables, L = scale

    Args:
        df: degrees of freedom, >= k.
        scale: lower triangular operator L, or matrix, `[..., k, k]`.

    Example:
        >>> tfd.mean(tfd.wishart_linear_operator(df=4, scale=[[1, 0], [0.5, 2]]))
    """


_LKJ = {"dimension": Integer(min=1), "concentration": Tensor(min=1)}


@distribution("LKJ", **_LKJ)
def lkj(
    dimension,
    concentration,
    input_output_cholesky=False,
    validate_args=False,
    allow_nan_stats=True,
    name="LKJ",
):
    """LKJ distribution of correlation matrices.

    Density:
        p(C) proportional to det(C)^(concentration - 1)

    Args:
        dimension: number k of variables.
        concentration: >= 1; 1 is the uniform distribution, more pulls to the identity.

    Example:
        >>> tfd.sample(tfd.lkj(dimension=3, concentration=2), seed=1)
    """


@distribution("CholeskyLKJ", **_LKJ)
def cholesky_lkj(dimension, concentration, validate_args=False, allow_nan_stats=True, name="CholeskyLKJ"):
    """LKJ distribution, of the Cholesky factors of the correlation matrices.

    Density:
        p(L) proportional to product over i of L_ii^(k - i + 2 (concentration - 1))

    Args:
        dimension: number k of variables.
        concentration: >= 1; 1 is the uniform distribution of L L^T, more pulls to the identity.

    Example:
        >>> tfd.sample(tfd.cholesky_lkj(dimension=3, concentration=2), seed=1)
    """


@distribution("MatrixNormalLinearOperator", loc=MATRIX)
def matrix_normal_linear_operator(
    loc, scale_row, scale_column, validate_args=False, allow_nan_stats=True, name="MatrixNormalLinearOperator"
):
    """Normal distribution of a matrix, with a covariance of its rows and one of its columns.

    Density:
        X = loc + A Z B^T, Z independent standard normal, A = scale_row, B = scale_column

    Args:
        loc: mean, `[..., n, p]`.

    Example:
        >>> d = tfd.matrix_normal_linear_operator([[0, 0], [0, 0]], [[1, 0], [0, 2]], [[1, 0], [0.5, 1]])
        >>> tfd.log_prob(d, [[1, 0], [0, 1]])
    """


@distribution("MatrixTLinearOperator", loc=MATRIX)
def matrix_t_linear_operator(
    df, loc, scale_row, scale_column, validate_args=False, allow_nan_stats=True, name="MatrixTLinearOperator"
):
    """Student's t distribution of a matrix: a normal matrix divided by one common random number.

    The entries as a vector have a multivariate t distribution. What the literature calls the matrix t distribution
    divides by an inverse Wishart matrix, and is another one.

    Density:
        X = loc + A Z B^T / sqrt(u / df), Z independent standard normal, u ~ chi2(df), A = scale_row, B = scale_column

    Args:
        loc: centre, `[..., n, p]`.

    Example:
        >>> d = tfd.matrix_t_linear_operator(5, [[0, 0], [0, 0]], [[1, 0], [0, 2]], [[1, 0], [0.5, 1]])
        >>> tfd.log_prob(d, [[1, 0], [0, 1]])
    """
