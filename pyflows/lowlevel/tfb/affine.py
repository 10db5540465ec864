"""Maps by numbers, vectors and matrices: shifts, scales, and products with a matrix."""

from __future__ import annotations

from ...backend import tf, tfb
from ...checks import Flag
from ...errors import ArgumentError
from ..kinds import Integers, Operator, Tensor
from ..table import bijector

_OPTIONAL = Tensor(null=True)


@bijector("Scale", scale=Tensor(null=True), log_scale=Tensor(null=True))
def scale(scale=None, log_scale=None, validate_args=False, name="scale"):
    """Multiplication by a number.

    Give the factor itself, which may be negative, or its logarithm, which keeps a variable that is trained positive.

    Map:
        y = s x, with s = scale or s = exp(log_scale)

    Args:
        scale: the factor s, not 0, of any shape that x broadcasts with.
        log_scale: its logarithm, in place of `scale`.

    Example:
        >>> tfb.forward(tfb.scale(2.0), [1.0, -3.0])
    """


@bijector(
    rebuilt="TFP dropped the class; ours keeps variables live and takes all parts together",
    shift=Tensor(null=True, rank=1),
    scale_identity_multiplier=Tensor(null=True),
    scale_diag=Tensor(null=True, rank=1),
    scale_tril=Tensor(null=True, rank=2),
    scale_perturb_factor=Tensor(null=True, rank=2),
    scale_perturb_diag=Tensor(null=True, rank=1),
    adjoint=Flag(),
)
def affine(
    shift=None,
    scale_identity_multiplier=None,
    scale_diag=None,
    scale_tril=None,
    scale_perturb_factor=None,
    scale_perturb_diag=None,
    adjoint=False,
    validate_args=False,
    name="affine",
    dtype=None,
):
    """An affine map of vectors, with a matrix given in parts.

    The parts that are given are added up; with none of the first three, the identity takes their place. Variables stay
    live. Density and draws cost one triangular (or diagonal) product or solve, plus the rank of the update.

    Map:
        y = A x + shift, A = c I + diag(d) + tril(L) + V diag(e) V^T

    Args:
        shift: the vector that is added, `[k]`; `None`: none.
        scale_identity_multiplier: the number c.
        scale_diag: the vector d, `[k]`.
        scale_tril: the lower triangle L, `[k, k]`; what is above its diagonal is ignored.
        scale_perturb_factor: the matrix V, `[k, r]`, of an update of rank r.
        scale_perturb_diag: the vector e, `[r]`; `None`: ones.
        adjoint: use the transpose of A.

    Example:
        >>> b = tfb.affine(shift=[1.0, -1.0], scale_tril=[[2.0, 0.0], [0.5, 1.0]])
        >>> tfb.forward(b, [[1.0, 2.0], [0.0, 0.0]])
    """
    from ...bijectors.affine import Affine  # defining the class imports TensorFlow

    if scale_perturb_diag is not None and scale_perturb_factor is None:
        hint = "Give the factor, or use `scale_diag`."
        message = "tfb.affine(): `scale_perturb_diag` needs `scale_perturb_factor`."
        raise ArgumentError(message, argument="scale_perturb_diag", hint=hint)
    return Affine(
        shift,
        scale_identity_multiplier,
        scale_diag,
        scale_tril,
        scale_perturb_factor,
        scale_perturb_diag,
        adjoint,
        validate_args,
        name,
    )


@bijector("Shift", shift=Tensor())
def shift(shift, validate_args=False, name="shift"):
    """Addition of a number.

    Map:
        y = x + shift

    Args:
        shift: what is added, of any shape that x broadcasts with.

    Example:
        >>> tfb.forward(tfb.shift(2.0), [1.0, -3.0])
    """


@bijector(
    rebuilt="TFP dropped the class; made of a shift and a scale",
    shift=_OPTIONAL,
    scale=_OPTIONAL,
)
def affine_scalar(shift=None, scale=None, validate_args=False, name="affine_scalar"):
    """A straight line, for each number.

    Map:
        y = scale x + shift

    Args:
        shift: what is added; `None`: nothing.
        scale: the factor, not 0; `None`: 1.

    Example:
        >>> tfb.forward(tfb.affine_scalar(shift=1.0, scale=-2.0), [0.0, 1.0])
    """
    parts = [tfb.Shift(shift, validate_args)] * (shift is not None)
    parts += [tfb.Scale(scale, validate_args=validate_args)] * (scale is not None)
    return tfb.Chain(parts, validate_args=validate_args, name=name)


@bijector(
    rebuilt="TFP dropped the class; made of a shift and a product; takes a plain matrix, too",
    shift=Tensor(null=True, rank=1),
    scale=Operator(null=True),
    adjoint=Flag(),
)
def affine_linear_operator(shift=None, scale=None, adjoint=False, validate_args=False, name="affine_linear_operator"):
    """An affine map of vectors, with a linear operator.

    Map:
        y = A x + shift

    Args:
        shift: the vector that is added; `None`: none.
        scale: the operator A, a `tf.linalg.LinearOperator` or a square matrix; `None`: the identity.
        adjoint: use the transpose of A.

    Example:
        >>> b = tfb.affine_linear_operator(shift=[1.0, 0.0], scale=[[2.0, 1.0], [0.0, 1.0]])
        >>> tfb.forward(b, [1.0, 2.0])
    """
    parts = [tfb.Shift(shift, validate_args)] * (shift is not None)
    if scale is not None:
        parts.append(tfb.ScaleMatvecLinearOperator(scale, adjoint, validate_args))
    return tfb.Chain(parts, validate_args=validate_args, name=name)


@bijector("ScaleMatvecDiag", scale_diag=Tensor(rank=1), adjoint=Flag())
def scale_matvec_diag(scale_diag, adjoint=False, validate_args=False, name="scale_matvec_diag", dtype=None):
    """Multiplication of a vector by a diagonal matrix.

    Map:
        y = diag(scale_diag) x

    Args:
        scale_diag: the diagonal, `[k]`, not 0 anywhere.
        adjoint: use the transpose, which is the same for real numbers.

    Example:
        >>> tfb.forward(tfb.scale_matvec_diag([2.0, -1.0]), [1.0, 1.0])
    """


@bijector("ScaleMatvecTriL", improved="takes an R matrix", scale_tril=Tensor(rank=2), adjoint=Flag())
def scale_matvec_tri_l(scale_tril, adjoint=False, validate_args=False, name="scale_matvec_tril", dtype=None):
    """Multiplication of a vector by a lower triangular matrix.

    Map:
        y = tril(scale_tril) x

    Args:
        scale_tril: the matrix, `[k, k]`; what is above its diagonal is ignored, the diagonal must not be 0.
        adjoint: use its transpose.

    Example:
        >>> tfb.forward(tfb.scale_matvec_tri_l([[2.0, 0.0], [1.0, 1.0]]), [1.0, 1.0])
    """


@bijector("ScaleMatvecLinearOperator", improved="takes a plain matrix, too", scale=Operator(), adjoint=Flag())
def scale_matvec_linear_operator(scale, adjoint=False, validate_args=False, name="scale_matvec_linear_operator"):
    """Multiplication of a vector by a linear operator.

    Map:
        y = A x

    Args:
        scale: the operator A, a `tf.linalg.LinearOperator` or a square matrix, with an inverse.
        adjoint: use its transpose.

    Example:
        >>> tfb.forward(tfb.scale_matvec_linear_operator([[2.0, 1.0], [0.0, 1.0]]), [1.0, 1.0])
    """


@bijector("ScaleMatvecLU", lower_upper=Tensor(rank=2), permutation=Integers())
def scale_matvec_lu(lower_upper, permutation, validate_args=False, name=None):
    """Multiplication of a vector by a matrix given by its LU factors.

    A full matrix whose inverse and determinant are cheap; an invertible 1 x 1 convolution.

    Map:
        y = P L U x

    Args:
        lower_upper: both factors in one matrix, `[k, k]`: U on and above the diagonal, L below (its diagonal is 1).
        permutation: the numbers 0 to k - 1 in the order that P gives the rows.

    References:
        Kingma & Dhariwal (2018), Glow, arXiv:1807.03039.

    Example:
        >>> tfb.forward(tfb.scale_matvec_lu([[2.0, 1.0], [0.5, 1.0]], [1, 0]), [1.0, 1.0])
    """


@bijector(
    improved="the same map by its newer name, `tfb_scale_matvec_lu()`",
    lower_upper=Tensor(rank=2),
    permutation=Integers(),
)
def matvec_lu(lower_upper, permutation, validate_args=False, name=None):
    """Multiplication of a vector by a matrix given by its LU factors, by the older name.

    Map:
        y = P L U x

    Args:
        lower_upper: both factors in one matrix, `[k, k]`: U on and above the diagonal, L below (its diagonal is 1).
        permutation: the numbers 0 to k - 1 in the order that P gives the rows.

    Example:
        >>> tfb.forward(tfb.matvec_lu([[2.0, 1.0], [0.5, 1.0]], [1, 0]), [1.0, 1.0])
    """
    return tfb.ScaleMatvecLU(lower_upper, permutation, validate_args, name=name)


@bijector(reflection_axis=Tensor(rank=1))
def householder(reflection_axis, validate_args=False, name="householder"):
    """A reflection: preserves volume, and is its own inverse.

    Map:
        y = x - 2 (x . v) v, v = reflection_axis / |reflection_axis|

    Args:
        reflection_axis: the direction v, `[k]`, of any length but 0.

    Example:
        >>> tfb.forward(tfb.householder([1.0, 1.0]), [1.0, 0.0])
    """
    return tfb.Householder(tf.linalg.l2_normalize(reflection_axis, axis=-1), validate_args, name=name)
