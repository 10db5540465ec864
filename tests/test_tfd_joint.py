"""Distributions of vectors, matrices, orders, processes, and those made of others: closed forms and sums to one."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import special, stats
from tfd_cases import quadrature

from pyflows import tfb, tfd
from pyflows.backend import tf, tfm
from pyflows.lowlevel.settings import using

ROWS = np.random.default_rng(3).normal(size=(5, 2))
LOC, MATRIX = np.array([0.5, -1.0]), np.array([[1.5, 0.0], [0.7, 0.8]])
COVARIANCE = MATRIX @ MATRIX.T


@pytest.fixture(autouse=True)
def double():
    with using("float64"):
        yield


def close(value, expected, rtol=1e-7, atol=1e-9):
    np.testing.assert_allclose(value, expected, rtol=rtol, atol=atol)


def draws_have(distribution, mean, covariance, n=4000):
    """Mean and covariance of draws: within 5 standard errors, of the covariance by its own spread among draws."""
    draws = tfd.sample(distribution, n, seed=1).numpy().reshape(n, -1)
    centred = draws - np.ravel(mean)
    assert (np.abs(centred.mean(0)) < 5 * draws.std(0) / np.sqrt(n) + 1e-9).all()
    products = centred[:, :, None] * centred[:, None, :]
    assert (np.abs(products.mean(0) - covariance) < 5 * products.std(0) / np.sqrt(n) + 1e-9).all()


FACTOR = np.array([[0.5], [1.2]])
NORMALS = {
    "diag": (lambda: tfd.multivariate_normal_diag(LOC, [1.5, 0.8]), np.diag([1.5, 0.8])),
    "diag multiplier": (lambda: tfd.multivariate_normal_diag(LOC, [1.5, 0.8], 0.5), np.diag([2.0, 1.3])),
    "multiplier": (lambda: tfd.multivariate_normal_diag(LOC, scale_identity_multiplier=0.5), 0.5 * np.eye(2)),
    "low rank": (
        lambda: tfd.multivariate_normal_diag_plus_low_rank(LOC, [1.5, 0.8], 0.5, FACTOR, [0.3]),
        np.diag([2.0, 1.3]) + 0.3 * FACTOR @ FACTOR.T,
    ),
    "low rank identity": (
        lambda: tfd.multivariate_normal_diag_plus_low_rank(LOC, scale_perturb_factor=FACTOR),
        np.eye(2) + FACTOR @ FACTOR.T,
    ),
    "low rank multiplier": (
        lambda: tfd.multivariate_normal_diag_plus_low_rank(
            LOC, scale_identity_multiplier=0.5, scale_perturb_factor=FACTOR
        ),
        0.5 * np.eye(2) + FACTOR @ FACTOR.T,
    ),
    "no update": (lambda: tfd.multivariate_normal_diag_plus_low_rank(LOC, [1.5, 0.8]), np.diag([1.5, 0.8])),
    "low rank covariance": (
        lambda: tfd.multivariate_normal_diag_plus_low_rank_covariance(LOC, [1.5, 0.8], FACTOR),
        np.linalg.cholesky(np.diag([1.5, 0.8]) + FACTOR @ FACTOR.T),
    ),
    "tri_l": (lambda: tfd.multivariate_normal_tri_l(LOC, MATRIX), MATRIX),
    "full": (lambda: tfd.multivariate_normal_full_covariance(LOC, COVARIANCE), MATRIX),
    "operator": (lambda: tfd.multivariate_normal_linear_operator(LOC, MATRIX), MATRIX),
}


@pytest.mark.parametrize("name", NORMALS)
def test_normal_vectors(name):
    make, matrix = NORMALS[name]
    distribution, covariance = make(), matrix @ matrix.T
    close(tfd.log_prob(distribution, ROWS), stats.multivariate_normal(LOC, covariance).logpdf(ROWS))
    close(tfd.mean(distribution), LOC)
    close(tfd.covariance(distribution), covariance)
    close(tfd.entropy(distribution), stats.multivariate_normal(LOC, covariance).entropy())
    draws_have(distribution, LOC, covariance)


def test_normal_vectors_without_arguments():
    close(tfd.log_prob(tfd.multivariate_normal_diag(), [0.5]), stats.norm.logpdf(0.5))
    close(tfd.log_prob(tfd.multivariate_normal_diag(LOC), ROWS), stats.norm.logpdf(ROWS - LOC).sum(1))


def test_student_t_vectors():
    distribution = tfd.multivariate_student_t_linear_operator(5, LOC, MATRIX)
    close(tfd.log_prob(distribution, ROWS), stats.multivariate_t(LOC, COVARIANCE, df=5).logpdf(ROWS))


@pytest.mark.parametrize(("kind", "base", "variance"), [("exponential", stats.expon, 1), ("laplace", stats.laplace, 2)])
def test_affine_vectors_that_tfp_dropped(kind, base, variance):
    distribution = getattr(tfd, f"vector_{kind}_linear_operator")(LOC, MATRIX)
    z = np.abs(ROWS) if kind == "exponential" else ROWS
    x = z @ MATRIX.T + LOC
    close(tfd.log_prob(distribution, x), base.logpdf(z).sum(1) - np.log(1.5 * 0.8))
    mean = LOC + MATRIX @ (np.ones(2) * base.mean())
    close(tfd.mean(distribution), mean)
    close(tfd.mode(distribution), LOC)
    close(tfd.covariance(distribution), variance * COVARIANCE)
    close(tfd.variance(distribution), variance * np.diag(COVARIANCE))
    close(tfd.stddev(distribution) ** 2, variance * np.diag(COVARIANCE))
    draws_have(distribution, mean, variance * COVARIANCE)
    make = getattr(tfd, f"vector_{kind}_diag")
    for arguments, scale in [(([1.5, 0.8], 0.5), [2, 1.3]), ((None, 0.5), [0.5, 0.5]), (([1.5, 0.8],), [1.5, 0.8])]:
        diag = make(LOC, *arguments)
        close(tfd.log_prob(diag, x + 1), base.logpdf(x + 1, LOC, scale).sum(1))
        close(tfd.variance(diag), variance * np.array(scale) ** 2)
    batch = make(np.stack([LOC, LOC + 1]), [1.0, 2.0])
    assert batch.batch_shape == [2] and tfd.sample(batch, 3, seed=1).shape == [3, 2, 2]
    close(tfd.covariance(batch), variance * np.stack([np.diag([1, 4])] * 2))
    close(tfd.prob(make(), [1.0]), base.pdf(1.0))


def test_vectors_of_exponentials_have_no_density_outside():
    close(tfd.prob(tfd.vector_exponential_diag([0, 0], [1, 2]), [[-1, 1], [1, 1]]), [0, 0.5 * np.exp(-1.5)])


def test_vector_sinh_arcsinh_is_a_product():
    distribution = tfd.vector_sinh_arcsinh_diag(LOC, [1.5, 0.8], 0.5, skewness=[0.3, 0], tailweight=1.2)
    parts = tfd.sinh_arcsinh(LOC, [2.0, 1.3], skewness=[0.3, 0], tailweight=1.2)
    close(tfd.log_prob(distribution, ROWS), tfd.log_prob(parts, ROWS).numpy().sum(1))
    assert tfd.sample(distribution, 3, seed=1).shape == [3, 2]


def test_vector_diffeomixture_is_a_mixture_of_normals():
    first, second = np.eye(2), np.array([[2.0, 0.0], [0.5, 1.5]])
    distribution = tfd.vector_diffeomixture([0.4], 2, tfd.normal(0, 1), [LOC, -LOC], [first, second], 5)
    edges = special.expit(stats.norm.ppf(np.arange(1, 7) / 7) / 2 + 0.2)
    weights = (edges[1:] + edges[:-1]) / 2
    density = 0
    for w in weights:
        matrix = w * first + (1 - w) * second
        density += stats.multivariate_normal((2 * w - 1) * LOC, matrix @ matrix.T).pdf(ROWS) / 5
    close(tfd.prob(distribution, ROWS), density)
    close(tfd.mean(distribution), np.mean([(2 * w - 1) * LOC for w in weights], 0))
    # R gives a matrix where a list of rows is meant.
    same = tfd.vector_diffeomixture([0.4], 2, tfd.normal(0, 1), np.stack([LOC, -LOC]), [first, second], 5)
    close(tfd.prob(same, ROWS), density)


def test_deterministic():
    assert list(tfd.prob(tfd.deterministic(1), [1, 2]).numpy()) == [1, 0]
    assert list(tfd.prob(tfd.vector_deterministic([1, 2]), [[1, 2], [1, 3]]).numpy()) == [1, 0]


# -- proportions, counts, orders, sets, directions


def test_dirichlet_and_its_counts():
    a, x = np.array([1.5, 2.0, 3.0]), np.array([0.2, 0.5, 0.3])
    close(tfd.log_prob(tfd.dirichlet(a), x), stats.dirichlet(a).logpdf(x))
    close(tfd.mean(tfd.dirichlet(a)), a / a.sum())
    close(tfd.prob(tfd.flat_dirichlet(3), x), 2)
    counts = np.array([n for n in itertools.product(range(5), repeat=3) if sum(n) == 4])
    close(tfd.log_prob(tfd.multinomial(4, probs=x), counts), stats.multinomial(4, x).logpmf(counts))
    close(tfd.mean(tfd.multinomial(4, probs=x)), 4 * x)
    close(tfd.log_prob(tfd.dirichlet_multinomial(4, a), counts), stats.dirichlet_multinomial(a, 4).logpmf(counts))
    draws_have(tfd.dirichlet_multinomial(4, a), 4 * a / a.sum(), stats.dirichlet_multinomial(a, 4).cov())


def test_one_hot_and_its_relaxations():
    p = np.array([0.2, 0.5, 0.3])
    close(tfd.prob(tfd.one_hot_categorical(probs=p), np.eye(3, dtype=int)), p)
    relaxed = tfd.relaxed_one_hot_categorical(0.7, probs=[0.3, 0.7])
    x, weight = quadrature(0.0, 1.0)
    keep = (x > 1e-12) & (x < 1 - 1e-12)
    points = np.stack([x, 1 - x], 1)[keep]
    density = tfd.prob(relaxed, points).numpy()
    close((density * weight[keep]).sum(), 1, rtol=1e-6)
    # By the logarithm of the odds: logistic, seen at another temperature.
    u = np.log(points[:, 0] / points[:, 1])
    expected = stats.logistic.pdf(u, np.log(3 / 7) / 0.7, 1 / 0.7) / np.prod(points, 1)
    close(density, expected, rtol=1e-6)
    logs = tfd.exp_relaxed_one_hot_categorical(0.7, probs=[0.3, 0.7])
    close(tfd.log_prob(logs, np.log(points)), np.log(density) + np.log(points).sum(1), rtol=1e-6, atol=1e-6)
    assert tfd.sample(logs, 3, seed=1).shape == [3, 2]


def test_plackett_luce_over_all_orders():
    scores = np.array([1.0, 2.0, 3.0])
    orders = np.array(list(itertools.permutations(range(3))))
    expected = [np.prod([scores[o[j]] / scores[o[j:]].sum() for j in range(3)]) for o in orders]
    distribution = tfd.plackett_luce(scores)
    close(tfd.prob(distribution, orders), expected)
    draws = tfd.sample(distribution, 4000, seed=1).numpy()
    assert draws.dtype == np.int32
    for order, p in zip(orders, expected, strict=True):
        assert abs((draws == order).all(1).mean() - p) < 5 * np.sqrt(p * (1 - p) / 4000)


def test_determinantal_point_process_over_all_sets():
    angle = 0.4
    vectors = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    distribution = tfd.determinantal_point_process([1.0, 2.0], vectors)
    kernel = vectors @ np.diag([1.0, 2.0]) @ vectors.T
    sets = np.array(list(itertools.product([0, 1], repeat=2)))
    expected = [np.linalg.det(kernel[np.ix_(s == 1, s == 1)]) / 6 for s in sets]
    close(tfd.prob(distribution, sets), expected)
    draws = tfd.sample(distribution, 2000, seed=1).numpy()
    for row, p in zip(sets, expected, strict=True):
        assert abs((draws == row).all(1).mean() - p) < 5 * np.sqrt(p * (1 - p) / 2000)


def test_directions():
    point = np.array([0.6, 0.0, 0.8])
    close(tfd.prob(tfd.spherical_uniform(3), point), 1 / (4 * np.pi))
    fisher = tfd.von_mises_fisher([1, 0, 0], 4)
    close(tfd.log_prob(fisher, point), stats.vonmises_fisher([1, 0, 0], 4).logpdf(point))
    angles = np.linspace(0, 2 * np.pi, 400, endpoint=False)
    circle = np.stack([np.cos(angles), np.sin(angles)], 1)
    for distribution in (tfd.power_spherical([1, 0], 3), tfd.von_mises_fisher([1, 0], 3)):
        close(tfd.prob(distribution, circle).numpy().mean() * 2 * np.pi, 1)
    ratio = tfd.prob(tfd.power_spherical([1, 0, 0], 3), point) / tfd.prob(tfd.power_spherical([1, 0, 0], 3), [0, 0, 1])
    close(ratio, 1.6**3)
    for distribution in (tfd.spherical_uniform(3), fisher, tfd.power_spherical([1, 0, 0], 3)):
        draws = tfd.sample(distribution, 2000, seed=1).numpy()
        close((draws**2).sum(1), 1)
        mean = tfd.mean(distribution).numpy()
        assert (np.abs(draws.mean(0) - mean) < 5 * draws.std(0) / np.sqrt(2000)).all()


# -- matrices


def test_wishart_in_all_its_forms():
    x = np.array([[2.0, 0.3], [0.3, 1.0]])
    reference = stats.wishart(4, COVARIANCE)
    forms = [
        tfd.wishart(4, COVARIANCE),
        tfd.wishart(4, scale_tril=MATRIX),
        tfd.wishart_tri_l(4, MATRIX),
        tfd.wishart_linear_operator(4, MATRIX),
    ]
    for distribution in forms:
        close(tfd.log_prob(distribution, x), reference.logpdf(x))
        close(tfd.mean(distribution), reference.mean())
        draws = tfd.sample(distribution, 2000, seed=1).numpy()
        error = np.sqrt(reference.var() / 2000)
        assert (np.abs(draws.mean(0) - reference.mean()) < 5 * error).all()
    factor = tfd.sample(tfd.wishart(4, COVARIANCE, input_output_cholesky=True), seed=1).numpy()
    assert factor[0, 1] == 0


def test_lkj_of_two_variables():
    r, weight = quadrature(-1.0, 1.0)
    keep = np.abs(r) < 1 - 1e-9
    r, weight = r[keep], weight[keep]
    matrices = np.stack([np.stack([np.ones_like(r), r], 1), np.stack([r, np.ones_like(r)], 1)], 1)
    density = tfd.prob(tfd.lkj(2, 2.5), matrices).numpy()
    close((density * weight).sum(), 1, rtol=1e-5)
    # (r + 1) / 2 is a beta variable.
    close(density, stats.beta(2.5, 2.5, loc=-1, scale=2).pdf(r), rtol=1e-6)
    factors = np.linalg.cholesky(matrices)
    # The factor's free element is r itself.
    close(tfd.prob(tfd.cholesky_lkj(2, 2.5), factors), density, rtol=1e-6)
    draws = tfd.sample(tfd.lkj(3, 2.0), 100, seed=1).numpy()
    close(np.diagonal(draws, axis1=1, axis2=2), 1)


def test_normal_and_t_matrices():
    loc, rows, columns = ROWS[:3], np.diag([1.0, 2.0, 0.5]), MATRIX
    x = ROWS[1:4]
    normal = tfd.matrix_normal_linear_operator(loc, rows, columns)
    close(tfd.log_prob(normal, x), stats.matrix_normal(loc, rows @ rows.T, columns @ columns.T).logpdf(x))
    student = tfd.matrix_t_linear_operator(5, loc, rows, columns)
    covariance = np.kron(columns @ columns.T, rows @ rows.T)
    expected = stats.multivariate_t(loc.T.ravel(), covariance, df=5).logpdf(x.T.ravel())
    close(tfd.log_prob(student, x), expected)
    assert tfd.sample(student, 2, seed=1).shape == [2, 3, 2]


# -- made of others


def test_independent_sample_and_transformed():
    parts = tfd.normal(LOC, [1.0, 2.0])
    expected = stats.norm.logpdf(ROWS, LOC, [1, 2]).sum(1)
    close(tfd.log_prob(tfd.independent(parts, 1), ROWS), expected)
    close(tfd.log_prob(tfd.sample_distribution(tfd.normal(1, 2), 2), ROWS), stats.norm.logpdf(ROWS, 1, 2).sum(1))
    scale = tfb.scale(2.0)
    close(tfd.log_prob(tfd.transformed_distribution(tfd.normal(0, 1), scale), ROWS), stats.norm.logpdf(ROWS, 0, 2))
    vector = tfd.transformed_distribution(tfd.normal(0, 1), scale, event_shape=2)
    close(tfd.log_prob(vector, ROWS), stats.norm.logpdf(ROWS, 0, 2).sum(1))
    batch = tfd.transformed_distribution(tfd.normal(0, 1), scale, batch_shape=[3], event_shape=[2])
    assert batch.batch_shape == [3] and batch.event_shape == [2]
    draws = tfd.sample(batch, 2, seed=1)
    assert draws.shape == [2, 3, 2] and len(np.unique(draws)) == 12


def test_mixtures():
    weights, x = tfd.categorical(probs=[0.3, 0.7]), ROWS[:, 0]
    family = tfd.mixture_same_family(weights, tfd.normal([-1, 1], [0.5, 1]))
    close(tfd.prob(family, x), 0.3 * stats.norm.pdf(x, -1, 0.5) + 0.7 * stats.norm.pdf(x, 1, 1))
    any_ = tfd.mixture(weights, [tfd.normal(-1, 0.5), tfd.laplace(1, 1)])
    close(tfd.prob(any_, x), 0.3 * stats.norm.pdf(x, -1, 0.5) + 0.7 * stats.laplace.pdf(x, 1, 1))
    close(tfd.mean(any_), 0.4)
    assert tfd.sample(any_, 3, seed=1).shape == tfd.sample(family, 3, seed=1).shape == [3]


def test_inflated_quantized_and_empirical():
    inflated = tfd.inflated(tfd.poisson(2), inflated_loc_probs=0.3)
    k = np.arange(6)
    close(tfd.prob(inflated, k), 0.3 * (k == 0) + 0.7 * stats.poisson.pmf(k, 2))
    rounded = tfd.quantized(tfd.normal(2, 1), low=0, high=5)
    edges = np.concatenate([[-np.inf], np.arange(5), [np.inf]])
    close(tfd.prob(rounded, k), np.diff(stats.norm.cdf(edges, 2, 1)))
    empirical = tfd.empirical([1, 2, 2, 5])
    close(tfd.prob(empirical, [1, 2, 3]), [0.25, 0.5, 0])
    close(tfd.mean(empirical), 2.5)
    assert set(tfd.sample(empirical, 50, seed=1).numpy()) == {1, 2, 5}
    vectors = tfd.empirical([[1, 2], [3, 4]], event_ndims=1)
    assert tfd.sample(vectors, 3, seed=1).shape == [3, 2]


def test_lambert_w_of_a_normal_is_its_own_kind():
    distribution = tfd.lambert_w_distribution(tfd.normal(1, 2), shift=1, scale=2, tailweight=0.2)
    close(tfd.log_prob(distribution, ROWS), tfd.log_prob(tfd.lambert_w_normal(1, 2, 0.2), ROWS))


def test_batches():
    normal = tfd.normal([0, 1, 2, 3], 1)
    close(tfd.mean(tfd.batch_reshape(normal, [2, -1])), [[0, 1], [2, 3]])
    wide = tfd.batch_broadcast(tfd.normal(0, 1), to_shape=[2, 3])
    assert len(np.unique(tfd.sample(wide, seed=1))) == 6
    joined = tfd.batch_concat([tfd.normal([0, 1], 1), tfd.normal([2], 1)], axis=0)
    close(tfd.mean(joined), [0, 1, 2])
    masked = tfd.masked(tfd.normal([0, 0], 1), [True, False])
    close(tfd.log_prob(masked, [1, 1]), [stats.norm.logpdf(1), 0])
    block = tfd.blockwise([tfd.normal(0, 1), tfd.dirichlet([1, 2])])
    expected = stats.norm.logpdf(0.5) + stats.dirichlet([1, 2]).logpdf([0.3, 0.7])
    close(tfd.log_prob(block, [0.5, 0.3, 0.7]), expected)


def test_autoregressive_and_markov_chain_are_the_same_process():
    def step(x):
        before = tf.concat([tf.zeros_like(x[..., :1]), x[..., :-1]], -1)
        return tfd.independent(tfd.normal(0.5 * before, 1), 1)

    x = np.array([0.3, -0.5, 1.2])
    expected = stats.norm.logpdf(x, 0.5 * np.array([0, 0.3, -0.5])).sum()
    autoregressive = tfd.autoregressive(step, sample0=[0, 0, 0], num_steps=3)
    close(tfd.log_prob(autoregressive, x), expected)
    chain = tfd.markov_chain(tfd.normal(0, 1), lambda _, state: tfd.normal(0.5 * state, 1), 3)
    close(tfd.log_prob(chain, x), expected)
    assert tfd.sample(autoregressive, 2, seed=1).shape == tfd.sample(chain, 2, seed=1).shape == [2, 3]


def test_joint_distributions():
    expected = stats.norm.logpdf(0.3) + stats.norm.logpdf([1.0, 0.2], 0.3, 0.5).sum()
    parts = {"m": tfd.normal(0, 1), "x": lambda m: tfd.sample_distribution(tfd.normal(m, 0.5), 2)}

    values = [0.3, [1.0, 0.2]]
    for make in (tfd.joint_distribution_sequential, tfd.joint_distribution_sequential_auto_batched):
        close(tfd.log_prob(make(list(parts.values())), values), expected)
    for make in (tfd.joint_distribution_named, tfd.joint_distribution_named_auto_batched):
        close(tfd.log_prob(make(parts), dict(zip("mx", values, strict=True))), expected)
        draws = tfd.sample(make(parts), seed=1)
        assert set(draws) == {"m", "x"} and draws["x"].shape == [2]
        close(tfd.sample(make(parts), seed=1)["m"], draws["m"])
    scalars = tfd.joint_distribution_sequential([tfd.normal(0, 1), lambda m: tfd.normal(m, 0.5)])
    close(tfd.log_prob(scalars, np.array([0.3, 1.0])), stats.norm.logpdf([0.3, 1.0], [0, 0.3], [1, 0.5]).sum())


# -- processes


def kernel_matrix(a, b):
    return np.exp(-0.5 * (a - b.T) ** 2)


def test_gaussian_and_student_processes():
    t, z = np.array([[0.0], [0.5], [2.0]]), np.array([[0.2], [3.0]])
    x, noise = np.array([0.3, 0.1, -1.0]), 0.1
    k = kernel_matrix(t, t)
    normal = tfd.gaussian_process("exponentiated_quadratic", t, observation_noise_variance=noise)
    close(tfd.log_prob(normal, x), stats.multivariate_normal(np.zeros(3), k + noise * np.eye(3)).logpdf(x), rtol=1e-4)
    live = tfd.gaussian_process(tfm.psd_kernels.ExponentiatedQuadratic(np.float64(1)), t, noise * 0 + 0.0 or None)
    assert live.event_shape == [3]
    predicted = tfd.gaussian_process_regression_model(
        "exponentiated_quadratic", z, t, x, observation_noise_variance=noise, predictive_noise_variance=0.0
    )
    across, inverse = kernel_matrix(z, t), np.linalg.inv(k + noise * np.eye(3))
    close(tfd.mean(predicted), across @ inverse @ x, rtol=1e-4)
    close(tfd.covariance(predicted), kernel_matrix(z, z) - across @ inverse @ across.T, rtol=1e-4, atol=1e-5)
    student = tfd.student_t_process(5, "exponentiated_quadratic", t)
    # TFP's kernel is the covariance, (df - 2) / df of the scale that scipy takes.
    close(tfd.log_prob(student, x), stats.multivariate_t(np.zeros(3), k * 3 / 5, df=5).logpdf(x), rtol=1e-3)
    given = tfd.student_t_process_regression_model(
        5, "exponentiated_quadratic", z, t, x, observation_noise_variance=noise, predictive_noise_variance=0.0
    )
    close(tfd.mean(given), across @ inverse @ x, rtol=1e-4)
    sparse = tfd.variational_gaussian_process("exponentiated_quadratic", z, t, x, 0.3 * np.eye(3))
    weights = across @ np.linalg.inv(k + 1e-6 * np.eye(3))
    close(tfd.mean(sparse), weights @ x, rtol=1e-3)
    covariance = kernel_matrix(z, z) - weights @ (k - 0.09 * np.eye(3)) @ weights.T
    close(tfd.covariance(sparse), covariance, rtol=1e-3, atol=1e-5)


def test_hidden_markov_model_sums_over_all_paths():
    first, step = np.array([0.8, 0.2]), np.array([[0.7, 0.3], [0.2, 0.8]])
    model = tfd.hidden_markov_model(
        tfd.categorical(probs=first), tfd.categorical(probs=step), tfd.normal([0, 15], [5, 10]), 3
    )
    x = np.array([1.0, 12.0, 4.0])
    seen = stats.norm.pdf(x[:, None], [0, 15], [5, 10])
    total = 0
    for path in itertools.product(range(2), repeat=3):
        p = first[path[0]] * np.prod([step[a, b] for a, b in itertools.pairwise(path)])
        total += p * np.prod([seen[i, state] for i, state in enumerate(path)])
    close(tfd.prob(model, x), total)
    assert tfd.sample(model, 2, seed=1).shape == [2, 3]


def test_state_space_model_is_a_normal_vector():
    step, look = np.array([[1.0, 1.0], [0.0, 1.0]]), np.array([[1.0, 0.0]])
    noise, seen = tfd.multivariate_normal_diag(scale_diag=[0.5, 0.3]), tfd.multivariate_normal_diag(scale_diag=[0.7])
    model = tfd.linear_gaussian_state_space_model(3, step, noise, look, seen, noise)
    q = np.diag([0.25, 0.09])
    powers = [np.linalg.matrix_power(step, i) for i in range(3)]
    covariance = np.zeros((3, 3))
    for i, j in itertools.product(range(3), repeat=2):
        for s in range(min(i, j) + 1):
            covariance[i, j] += (look @ powers[i - s] @ q @ powers[j - s].T @ look.T).item()
    covariance += 0.49 * np.eye(3)
    x = np.array([0.3, -0.2, 1.0])
    close(tfd.log_prob(model, x[:, None]), stats.multivariate_normal(np.zeros(3), covariance).logpdf(x))
    draws_have(model, np.zeros(3), covariance, 2000)
