"""Distributions of counts and proportions of several classes, of orders and sets, and of directions."""

from __future__ import annotations

from ...backend import tf, tfd
from ..kinds import DType, Shape, Tensor
from ..settings import dtype_in_force
from .declare import MATRIX, distribution

_CLASSES = {"logits": Tensor(null=True, rank=1), "probs": Tensor(null=True, rank=1, min=0, max=1)}
_CONCENTRATION = Tensor(rank=1, min=0, open=True)


@distribution("Dirichlet", concentration=_CONCENTRATION)
def dirichlet(concentration, validate_args=False, allow_nan_stats=True, name="Dirichlet"):
    """Dirichlet distribution of proportions that add up to 1.

    Density:
        p(x) = Gamma(sum a_i) product of x_i^(a_i - 1) / Gamma(a_i), a = concentration, sum x_i = 1

    Args:
        concentration: one for each class, > 0, `[..., k]`.

    Example:
        >>> tfd.mean(tfd.dirichlet([1, 2, 3]))
    """


@distribution(concentration_shape=Shape(min=1), dtype=DType(null=True))
def flat_dirichlet(concentration_shape, dtype=None, validate_args=False, allow_nan_stats=True, name="FlatDirichlet"):
    """Uniform distribution of proportions that add up to 1.

    Density:
        p(x) = (k - 1)!, sum x_i = 1

    Args:
        concentration_shape: the shape of the batch, and last the number k of classes.

    Example:
        >>> tfd.sample(tfd.flat_dirichlet(3), 2, seed=1)
    """
    ones = tf.ones(concentration_shape, dtype or tf.as_dtype(dtype_in_force()))
    return tfd.Dirichlet(ones, validate_args, allow_nan_stats, name=name)


@distribution("Multinomial", **_CLASSES)
def multinomial(total_count, logits=None, probs=None, validate_args=False, allow_nan_stats=True, name="Multinomial"):
    """Multinomial distribution: how often each class came up in a number of trials.

    Density:
        P(n_1, ..., n_k) = total_count! product of probs_i^n_i / n_i!, sum n_i = total_count

    Args:
        logits: logarithms of the probabilities up to a constant, `[..., k]`; give these or `probs`.
        probs: probabilities, `[..., k]`; give these or `logits`.

    Example:
        >>> tfd.log_prob(tfd.multinomial(total_count=4, probs=[0.2, 0.5, 0.3]), [1, 2, 1])
    """


@distribution("DirichletMultinomial", concentration=_CONCENTRATION)
def dirichlet_multinomial(
    total_count, concentration, validate_args=False, allow_nan_stats=True, name="DirichletMultinomial"
):
    """Multinomial distribution whose probabilities are a Dirichlet variable.

    Density:
        P(n) = N! Gamma(A) / Gamma(N + A) product of Gamma(n_i + a_i) / (n_i! Gamma(a_i)), N = total_count, A = sum a_i

    Args:
        concentration: a, one for each class, > 0, `[..., k]`.

    Example:
        >>> tfd.mean(tfd.dirichlet_multinomial(total_count=4, concentration=[1, 2, 3]))
    """


@distribution("OneHotCategorical", dtype=DType(), **_CLASSES)
def one_hot_categorical(
    logits=None, probs=None, dtype="int32", validate_args=False, allow_nan_stats=True, name="OneHotCategorical"
):
    """One of k classes, as a vector of zeros with a one.

    Density:
        P(e_i) = probs_i, e_i the i-th unit vector

    Args:
        logits: logarithms of the probabilities up to a constant, `[..., k]`; give these or `probs`.
        probs: probabilities, `[..., k]`; give these or `logits`.
        dtype: type of the draws.

    Example:
        >>> tfd.sample(tfd.one_hot_categorical(probs=[0.2, 0.5, 0.3]), 2, seed=1)
    """


@distribution("RelaxedOneHotCategorical", **_CLASSES)
def relaxed_one_hot_categorical(
    temperature,
    logits=None,
    probs=None,
    validate_args=False,
    allow_nan_stats=True,
    name="RelaxedOneHotCategorical",
):
    """Concrete distribution: proportions near a corner, that gradients pass through.

    Density:
        p(x) = (k - 1)! t^(k - 1) product of (q_i x_i^(-t - 1)) / (sum of q_i x_i^-t)^k, t = temperature, q = probs

    Args:
        logits: logarithms of the probabilities up to a constant, `[..., k]`; give these or `probs`.
        probs: probabilities, `[..., k]`; give these or `logits`.

    Example:
        >>> tfd.sample(tfd.relaxed_one_hot_categorical(temperature=0.5, probs=[0.2, 0.5, 0.3]), 2, seed=1)
    """


@distribution("ExpRelaxedOneHotCategorical", **_CLASSES)
def exp_relaxed_one_hot_categorical(
    temperature,
    logits=None,
    probs=None,
    validate_args=False,
    allow_nan_stats=True,
    name="ExpRelaxedOneHotCategorical",
):
    """Logarithms of the proportions of a concrete distribution, for proportions that would round to 0.

    Density:
        p(y) = (k - 1)! t^(k - 1) product of (q_i exp(-t y_i)) / (sum of q_i exp(-t y_i))^k, t = temperature, q = probs

    Args:
        logits: logarithms of the probabilities up to a constant, `[..., k]`; give these or `probs`.
        probs: probabilities, `[..., k]`; give these or `logits`.

    Example:
        >>> tfd.sample(tfd.exp_relaxed_one_hot_categorical(temperature=0.5, probs=[0.2, 0.5, 0.3]), 2, seed=1)
    """


@distribution(
    improved="draws from scores in double precision, which TFP 0.25 fails at",
    scores=Tensor(rank=1, min=0, open=True),
    dtype=DType(),
)
def plackett_luce(scores, dtype="int32", validate_args=False, allow_nan_stats=False, name="PlackettLuce"):
    """Plackett-Luce distribution of rankings: items are drawn one after another, without replacement.

    Density:
        P(i_1, ..., i_k) = product over j of s[i_j] / (s[i_j] + ... + s[i_k]), s = scores

    Args:
        scores: one for each item, > 0, `[..., k]`.
        dtype: type of the draws.

    Example:
        >>> tfd.sample(tfd.plackett_luce([1, 2, 3]), 2, seed=1)
    """
    from ...distributions.mended import PlackettLuce

    return PlackettLuce(scores, dtype, validate_args, allow_nan_stats, name)


@distribution("DeterminantalPointProcess", eigenvalues=Tensor(rank=1, min=0, open=True), eigenvectors=MATRIX)
def determinantal_point_process(
    eigenvalues, eigenvectors, validate_args=False, allow_nan_stats=False, name="DeterminantalPointProcess"
):
    """Determinantal point process: random subsets whose members repel each other.

    Density:
        P(S) = det(L_S) / det(L + I), L = V diag(eigenvalues) V^T; a set is a vector of zeros and ones

    Args:
        eigenvalues: > 0, `[..., k]`.
        eigenvectors: orthonormal columns V, `[..., k, k]`.

    Example:
        >>> tfd.sample(tfd.determinantal_point_process([1, 2], [[1, 0], [0, 1]]), 2, seed=1)
    """


@distribution(dtype=DType(null=True))
def spherical_uniform(
    dimension, batch_shape=(), dtype=None, validate_args=False, allow_nan_stats=True, name="SphericalUniform"
):
    """Uniform distribution of directions: points on the unit sphere.

    Density:
        p(x) = Gamma(d / 2) / (2 pi^(d / 2)), |x| = 1

    Args:
        dimension: number d of coordinates.

    Example:
        >>> tfd.sample(tfd.spherical_uniform(3), 2, seed=1)
    """
    return tfd.SphericalUniform(
        dimension, batch_shape, dtype or tf.as_dtype(dtype_in_force()), validate_args, allow_nan_stats, name
    )


@distribution("PowerSpherical", concentration=Tensor(min=0))
def power_spherical(mean_direction, concentration, validate_args=False, allow_nan_stats=True, name="PowerSpherical"):
    """Power spherical distribution of directions: close to von Mises-Fisher, and quick to draw from.

    Density:
        p(x) = C (1 + m . x)^concentration, |x| = 1, m = mean_direction

    Args:
        concentration: >= 0; 0 is the uniform distribution.

    Example:
        >>> tfd.sample(tfd.power_spherical([1, 0, 0], concentration=5), 2, seed=1)
    """


@distribution("VonMisesFisher", concentration=Tensor(min=0))
def von_mises_fisher(mean_direction, concentration, validate_args=False, allow_nan_stats=True, name="VonMisesFisher"):
    """Von Mises-Fisher distribution of directions: the normal distribution of the sphere.

    Density:
        p(x) = C exp(concentration m . x), |x| = 1, m = mean_direction

    Args:
        concentration: >= 0; 0 is the uniform distribution.

    Example:
        >>> tfd.log_prob(tfd.von_mises_fisher([1, 0, 0], concentration=5), [1, 0, 0])
    """
