"""Distributions of vectors: independent variables seen through an affine map."""

from __future__ import annotations

from ...backend import tf, tfd
from ..kinds import Distribution, Function, Operator, Tensor
from .declare import NUMBERS, Rows, distribution
from .multivariate_normal import diagonal

_LOC = Tensor(null=True, rank=1)
_DIAG = {"loc": _LOC}
_OPERATOR = {"loc": _LOC, "scale": Operator(null=True)}
_GONE = "TFP dropped the class; mean, mode, variance and covariance are exact"


@distribution(rebuilt=_GONE, **_DIAG)
def vector_exponential_diag(
    loc=None,
    scale_diag=None,
    scale_identity_multiplier=None,
    validate_args=False,
    allow_nan_stats=True,
    name="VectorExponentialDiag",
):
    """Independent exponential variables, scaled and moved.

    Density:
        x = loc + A z, z independent exponential(1), A = diag(scale_diag) + scale_identity_multiplier I

    Args:
        loc: the corner, `[..., k]`; `None`: 0.
        scale_diag: scales, `[..., k]`; without them and the multiplier: 1.

    Example:
        >>> tfd.mean(tfd.vector_exponential_diag(loc=[0, 0], scale_diag=[1, 2]))
    """
    return _affine("exponential", loc, _diag_operator(loc, scale_diag, scale_identity_multiplier), validate_args, name)


@distribution(rebuilt=_GONE, **_OPERATOR)
def vector_exponential_linear_operator(
    loc=None, scale=None, validate_args=False, allow_nan_stats=True, name="VectorExponentialLinearOperator"
):
    """Independent exponential variables, seen through a linear operator.

    Density:
        x = loc + A z, z independent exponential(1), A = scale

    Args:
        loc: the corner, `[..., k]`; `None`: 0.
        scale: operator A with an inverse, or a matrix, `[..., k, k]`.

    Example:
        >>> tfd.covariance(tfd.vector_exponential_linear_operator(loc=[0, 0], scale=[[2, 1], [0, 1]]))
    """
    return _affine("exponential", loc, scale, validate_args, name)


@distribution(rebuilt=_GONE, **_DIAG)
def vector_laplace_diag(
    loc=None,
    scale_diag=None,
    scale_identity_multiplier=None,
    validate_args=False,
    allow_nan_stats=True,
    name="VectorLaplaceDiag",
):
    """Independent Laplace variables, scaled and moved.

    Density:
        x = loc + A z, z independent laplace(0, 1), A = diag(scale_diag) + scale_identity_multiplier I

    Args:
        loc: centre, `[..., k]`; `None`: 0.
        scale_diag: scales, `[..., k]`; without them and the multiplier: 1. The variances are twice their squares.

    Example:
        >>> tfd.variance(tfd.vector_laplace_diag(loc=[0, 0], scale_diag=[1, 2]))
    """
    return _affine("laplace", loc, _diag_operator(loc, scale_diag, scale_identity_multiplier), validate_args, name)


@distribution(rebuilt=_GONE, **_OPERATOR)
def vector_laplace_linear_operator(
    loc=None, scale=None, validate_args=False, allow_nan_stats=True, name="VectorLaplaceLinearOperator"
):
    """Independent Laplace variables, seen through a linear operator.

    Density:
        x = loc + A z, z independent laplace(0, 1), A = scale

    Args:
        loc: centre, `[..., k]`; `None`: 0.
        scale: operator A with an inverse, or a matrix, `[..., k, k]`.

    Example:
        >>> tfd.covariance(tfd.vector_laplace_linear_operator(loc=[0, 0], scale=[[2, 1], [0, 1]]))
    """
    return _affine("laplace", loc, scale, validate_args, name)


@distribution(
    rebuilt="TFP dropped the class",
    loc=_LOC,
    skewness=NUMBERS,
    tailweight=Tensor(null=True, min=0, open=True),
    distribution=Distribution(null=True),
)
def vector_sinh_arcsinh_diag(
    loc=None,
    scale_diag=None,
    scale_identity_multiplier=None,
    skewness=None,
    tailweight=None,
    distribution=None,
    validate_args=False,
    allow_nan_stats=True,
    name="VectorSinhArcsinhDiag",
):
    """Independent sinh-arcsinh variables, scaled and moved.

    Density:
        x = loc + A c sinh((asinh(z) + skewness) tailweight), z ~ distribution, c = 2 / sinh(asinh(2) tailweight),
        A = diag(scale_diag) + scale_identity_multiplier I

    Args:
        loc: centre, `[..., k]`; `None`: 0.
        scale_diag: scales, `[..., k]`; without them and the multiplier: 1.
        skewness: > 0 skews to the right; `None`: 0.
        tailweight: > 1 makes the tails heavier, < 1 lighter; `None`: 1.
        distribution: that of each z, on the real line; `None`: standard normal.

    Example:
        >>> d = tfd.vector_sinh_arcsinh_diag(loc=[0, 0], scale_diag=[1, 2], skewness=[0.5, 0])
        >>> tfd.log_prob(d, [1.0, 1.0])
    """
    diag = diagonal(loc, scale_diag, scale_identity_multiplier)
    like = next(value for value in (loc, diag, skewness, tailweight, tf.zeros([1])) if value is not None)
    part = tfd.SinhArcsinh(
        tf.zeros_like(like) if loc is None else loc,
        tf.ones_like(like) if diag is None else diag,
        skewness,
        tailweight,
        distribution,
        validate_args,
        allow_nan_stats,
    )
    return tfd.Independent(part, 1, validate_args, name=name)


@distribution("VectorDeterministic", loc=Tensor(rank=1))
def vector_deterministic(
    loc, atol=None, rtol=None, validate_args=False, allow_nan_stats=True, name="VectorDeterministic"
):
    """A vector that is always the same.

    Density:
        P(loc) = 1

    Args:
        loc: the vector, `[..., k]`.

    Example:
        >>> tfd.prob(tfd.vector_deterministic([1, 2]), [1.0, 2.0])
    """


@distribution("Deterministic")
def deterministic(loc, atol=None, rtol=None, validate_args=False, allow_nan_stats=True, name="Deterministic"):
    """A number that is always the same.

    Density:
        P(loc) = 1

    Args:
        loc: the number.

    Example:
        >>> tfd.prob(tfd.deterministic(1), [1.0, 2.0])
    """


@distribution(
    rebuilt="TFP dropped the class; now a mixture of as many affine maps as the quadrature has points",
    mix_loc=Tensor(rank=1),
    loc=Rows(kind=Tensor(rank=1), null=True),
    scale=Rows(kind=Operator(), null=True),
    quadrature_fn=Function(null=True),
)
def vector_diffeomixture(
    mix_loc,
    temperature,
    distribution,
    loc=None,
    scale=None,
    quadrature_size=8,
    quadrature_fn=None,
    validate_args=False,
    allow_nan_stats=True,
    name="VectorDiffeomixture",
):
    """A mixture over all the affine maps between two.

    The weight w of the first map is the softmax of a normal variable, whose distribution is approximated by points of
    equal weight between its quantiles.

    Density:
        x = w (loc_1 + A_1 z) + (1 - w) (loc_2 + A_2 z), z_i ~ distribution,
        w = 1 / (1 + exp(-y)), y ~ normal(mix_loc / temperature, 1 / temperature)

    Args:
        mix_loc: one number in a vector, > 0 for more of the first map.
        distribution: that of each z_i, of numbers.
        loc: list of the two shifts; `None`: none.
        scale: list of the two operators or matrices A_1 and A_2; `None`: the identity.
        quadrature_fn: takes location, scale, size and validate_args, and returns the points `[2, size]` (weights of the
            two maps) and their weights `[size]`; `None`: quantiles.

    Example:
        >>> a = [[1, 0], [0, 1]]
        >>> b = [[2, 0], [0, 1]]
        >>> d = tfd.vector_diffeomixture([0], 1, tfd.normal(0, 1), loc=[[-1, 0], [1, 0]], scale=[a, b])
        >>> tfd.log_prob(d, [0.5, 0.5])
    """
    from ...distributions.quadrature import diffeomixture

    return diffeomixture(
        mix_loc, temperature, distribution, loc, scale, quadrature_size, quadrature_fn, validate_args, name
    )


def _diag_operator(loc, scale_diag, multiplier):
    diag = diagonal(loc, scale_diag, multiplier)
    if diag is None:
        diag = tf.ones([1]) if loc is None else tf.ones_like(loc)
    elif loc is not None and diag.shape[-1] != loc.shape[-1]:
        diag = diag + tf.zeros_like(loc)  # one number for all components
    return tf.linalg.LinearOperatorDiag(diag, is_non_singular=True)


def _affine(base, loc, scale, validate_args, name):
    from ...distributions.affine import affine_vector

    return affine_vector(base, loc, scale, validate_args, name)
