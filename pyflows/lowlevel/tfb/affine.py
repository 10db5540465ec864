"""Maps by numbers, vectors and matrices: shifts, scales, and products with a matrix."""

from __future__ import annotations

from ...checks import Flag
from ...errors import ArgumentError
from ..kinds import Tensor
from ..table import bijector


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
