"""Maps onto and between kinds of matrices."""

from __future__ import annotations

from ...backend import tfb
from ...checks import Flag
from ..kinds import Bijector, Tensor
from ..table import bijector

_DIAGONAL = {"diag_bijector": Bijector(null=True), "diag_shift": Tensor(null=True)}


@bijector("CholeskyOuterProduct")
def cholesky_outer_product(validate_args=False, name="cholesky_outer_product"):
    """From lower triangular matrices with a positive diagonal to positive definite matrices.

    Map:
        y = x x^T; inverse: the Cholesky factor of y

    Example:
        >>> tfb.forward(tfb.cholesky_outer_product(), [[1.0, 0.0], [2.0, 1.0]])
    """


@bijector("CholeskyToInvCholesky")
def cholesky_to_inv_cholesky(validate_args=False, name="cholesky_to_inv_cholesky"):
    """From the Cholesky factor of a matrix to that of its inverse; it is its own inverse.

    Map:
        y = chol((x x^T)^-1)

    Example:
        >>> tfb.forward(tfb.cholesky_to_inv_cholesky(), [[1.0, 0.0], [2.0, 1.0]])
    """


@bijector("CorrelationCholesky")
def correlation_cholesky(validate_args=False, name="correlation_cholesky"):
    """From vectors to the Cholesky factors of correlation matrices.

    Map:
        y = the rows of the unit lower triangular matrix filled with x, each divided by its length

    Example:
        >>> tfb.forward(tfb.correlation_cholesky(), [0.5, -1.0, 2.0])
    """


@bijector("FillScaleTriL", **_DIAGONAL)
def fill_scale_tri_l(diag_bijector=None, diag_shift=1e-5, validate_args=False, name="fill_scale_tril"):
    """From vectors to lower triangular matrices with a positive diagonal.

    Map:
        y = tril(x) with diagonal diag_bijector(diagonal) + diag_shift

    Args:
        diag_bijector: the map of the diagonal; `None`: softplus.
        diag_shift: what is added to the diagonal; `None`: nothing.

    Example:
        >>> tfb.forward(tfb.fill_scale_tri_l(), [1.0, 2.0, 3.0])
    """


@bijector(rebuilt="TFP dropped the class; the same map by its newer name, `tfb_fill_scale_tri_l()`", **_DIAGONAL)
def scale_tri_l(diag_bijector=None, diag_shift=1e-5, validate_args=False, name="scale_tril"):
    """From vectors to lower triangular matrices with a positive diagonal, by the older name.

    Map:
        y = tril(x) with diagonal diag_bijector(diagonal) + diag_shift

    Args:
        diag_bijector: the map of the diagonal; `None`: softplus.
        diag_shift: what is added to the diagonal; `None`: nothing.

    Example:
        >>> tfb.forward(tfb.scale_tri_l(diag_bijector=tfb.exp()), [1.0, 2.0, 3.0])
    """
    return tfb.FillScaleTriL(diag_bijector, diag_shift, validate_args, name)


@bijector("FillTriangular", upper=Flag())
def fill_triangular(upper=False, validate_args=False, name="fill_triangular"):
    """From vectors of k (k + 1) / 2 numbers to triangular matrices, filled in a spiral.

    Map:
        y = the triangular matrix [k, k] with the numbers of x

    Args:
        upper: fill the upper triangle.

    Example:
        >>> tfb.forward(tfb.fill_triangular(), [1.0, 2.0, 3.0])
    """


@bijector("MatrixInverseTriL")
def matrix_inverse_tri_l(validate_args=False, name="matrix_inverse_tril"):
    """The inverse of a lower triangular matrix.

    Map:
        y = x^-1

    Example:
        >>> tfb.forward(tfb.matrix_inverse_tri_l(), [[2.0, 0.0], [1.0, 1.0]])
    """


@bijector("TransformDiagonal", diag_bijector=Bijector())
def transform_diagonal(diag_bijector, validate_args=False, name="transform_diagonal"):
    """A bijector on the diagonal of a matrix; the rest stays.

    Map:
        y = x but for the diagonal, which is diag_bijector(diagonal)

    Args:
        diag_bijector: the map of the diagonal.

    Example:
        >>> tfb.forward(tfb.transform_diagonal(tfb.exp()), [[0.0, 5.0], [6.0, 1.0]])
    """
