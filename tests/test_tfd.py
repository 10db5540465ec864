"""Distributions of numbers: densities, probabilities and moments are those of scipy, draws follow them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, special, stats
from tfd_cases import CONTINUOUS, DISCRETE, DISCRETE_LACKS, LACKS

from pyflows import ArgumentError, tfd
from pyflows.backend import tf
from pyflows.backend import tfd as tfp
from pyflows.lowlevel.settings import using

# TFP's horseshoe is an approximation; the quantiles of the last one are found by bisection.
TOLERANCE = {"horseshoe": 5e-3, "noncentral_chi2": 1e-5}


@pytest.fixture(autouse=True)
def double():
    with using("float64"):
        yield


def statistics(distribution, lacks, asked):
    """What the verbs say, by name; exactly those that are lacking refuse."""
    found = {}
    for name, call in asked.items():
        if name in lacks.split():
            with pytest.raises(ArgumentError):
                call()
        else:
            found[name] = call().numpy()
    return found


@pytest.mark.parametrize("name", CONTINUOUS)
def test_continuous_distributions_are_those_of_scipy(name):
    arguments, reference = CONTINUOUS[name]
    distribution = getattr(tfd, name)(**arguments)
    draws = tfd.sample(distribution, 1000, seed=1)
    assert draws.dtype == tf.float64 and distribution.batch_shape == []
    x = np.sort(draws.numpy())[20:980:60]
    rtol = TOLERANCE.get(name, 1e-6)
    np.testing.assert_allclose(tfd.log_prob(distribution, x), reference.logpdf(x), rtol=rtol, atol=rtol)
    p = np.linspace(0.02, 0.98, 13)
    asked = {
        "cdf": lambda: tfd.cdf(distribution, x),
        "quantile": lambda: tfd.quantile(distribution, p),
        "mean": lambda: tfd.mean(distribution),
        "variance": lambda: tfd.variance(distribution),
        "entropy": lambda: tfd.entropy(distribution),
    }
    expected = {
        "cdf": reference.cdf(x),
        "mean": reference.mean(),
        "variance": reference.var(),
        "entropy": reference.entropy(),
    }
    for key, value in statistics(distribution, LACKS.get(name, ""), asked).items():
        if key == "quantile":
            np.testing.assert_allclose(reference.cdf(value), p, rtol=rtol)
        elif np.isfinite(expected[key]).all():
            np.testing.assert_allclose(value, expected[key], rtol=rtol, atol=1e-9, err_msg=key)
        else:
            assert not np.isfinite(value)
    # Of 50 distributions, less than one in 200 such tests fails by chance.
    assert stats.kstest(reference.cdf(draws.numpy()[:400]), "uniform").pvalue > 1e-4


@pytest.mark.parametrize("name", DISCRETE)
def test_discrete_distributions_are_those_of_scipy(name):
    arguments, reference, values = DISCRETE[name]
    distribution = getattr(tfd, name)(**arguments)
    values = np.array(list(values))
    expected = reference.pmf(values)
    np.testing.assert_allclose(tfd.prob(distribution, values), expected, rtol=1e-6, atol=1e-12)
    np.testing.assert_allclose(tfd.log_prob(distribution, values), np.log(expected), rtol=1e-6)
    asked = {
        "cdf": lambda: tfd.cdf(distribution, values),
        "mean": lambda: tfd.mean(distribution),
        "variance": lambda: tfd.variance(distribution),
    }
    lacks = DISCRETE_LACKS.get(name, "")
    found = statistics(distribution, lacks, asked)
    if "cdf" in found:
        np.testing.assert_allclose(found["cdf"], reference.cdf(values), rtol=1e-6)
    if "mean" in found:
        np.testing.assert_allclose(found["mean"], reference.mean(), rtol=1e-6)
        np.testing.assert_allclose(found["variance"], reference.var(), rtol=1e-6)
    draws = tfd.sample(distribution, 4000, seed=2).numpy().astype(float)
    error = np.sqrt(reference.var() / 4000)
    assert abs(draws.mean() - reference.mean()) < 5 * error
    for value, p in zip(values, expected, strict=True):
        assert abs((draws == value).mean() - p) < 5 * np.sqrt(p * (1 - p) / 4000) + 1e-3


def test_beta_quotient_is_the_ratio_of_two_beta_variables():
    distribution, ratios = tfd.beta_quotient(2, 3, 4, 2.5), np.array([0.3, 0.9, 1.7])

    def integrand(v, z):
        return v * stats.beta.pdf(v * z, 2, 3) * stats.beta.pdf(v, 4, 2.5)

    expected = [integrate.quad(integrand, 0, min(1.0, 1.0 / z), args=(z,))[0] for z in ratios]
    np.testing.assert_allclose(tfd.prob(distribution, ratios), expected, rtol=1e-6)
    np.testing.assert_allclose(tfd.mean(distribution), 2 / 5 * 5.5 / 3, rtol=1e-9)
    draws = tfd.sample(distribution, 4000, seed=1).numpy()
    assert abs(draws.mean() - 2 / 5 * 5.5 / 3) < 5 * draws.std() / np.sqrt(4000)


@pytest.mark.parametrize("a, b", [(1.0, 1.0), (2.5, 1.3), (0.4, 7.0), (30.0, 50.0), (0.05, 0.1)])
def test_quantiles_of_beta_variables_are_right_where_tfp_is_wrong(a, b):
    p = np.array([0.0, 1e-6, 0.1, 0.5, 0.9, 1 - 1e-6, 1.0])
    expected = special.betaincinv(a, b, p)
    np.testing.assert_allclose(tfd.quantile(tfd.beta(a, b), p), expected, rtol=1e-9, atol=1e-25)
    inner = slice(1, 6) if min(a, b) > 0.2 else slice(2, 4)
    logits = special.logit(expected)[inner]
    np.testing.assert_allclose(tfd.quantile(tfd.sigmoid_beta(a, b), p[inner]), logits, rtol=1e-6, atol=1e-9)


def test_quantiles_of_beta_variables_have_gradients():
    a = tf.Variable(2.5, dtype=tf.float64)
    with tf.GradientTape() as tape:
        median = tfd.quantile(tfd.beta(a, 1.3), 0.5)
    step = 1e-5
    expected = (special.betaincinv(2.5 + step, 1.3, 0.5) - special.betaincinv(2.5 - step, 1.3, 0.5)) / (2 * step)
    np.testing.assert_allclose(tape.gradient(median, a), expected, rtol=1e-6)


def test_what_is_mended_is_wrong_in_tfp():
    """When one of these fails, TFP has been mended, and our own class can go."""
    two = tf.constant(2.0, tf.float64)
    wrong = tfp.Beta(tf.constant(2.5, tf.float64), tf.constant(1.3, tf.float64)).quantile(tf.constant(0.5, tf.float64))
    assert abs(stats.beta.cdf(wrong, 2.5, 1.3) - 0.5) > 0.01
    assert tfp.Exponential(two).prob(-two) > 1 and tfp.GeneralizedPareto(two, two, two / 10).prob(two / 2) > 0
    right = stats.betaprime(2, 4, scale=2).var()
    assert abs(tfp.GammaGamma(two, 2 * two, two).variance() - right) > 0.1 * right
    with pytest.raises(tf.errors.InvalidArgumentError):
        tfp.DoublesidedMaxwell(two, two).sample(seed=1)
    with pytest.raises(tf.errors.InvalidArgumentError):
        tfp.PlackettLuce(tf.stack([two, two])).sample(seed=1)
    rough = tfp.PoissonLogNormalQuadratureCompound(two, two / 4, 50)
    assert rough.mean() > 100 * np.exp(2 + 0.5**2 / 2)


def test_default_points_of_the_poisson_log_normal_are_rates_between_quantiles():
    mean = tfd.mean(tfd.poisson_log_normal_quadrature_compound(0.5, 0.4, quadrature_size=400))
    # Without the two tails of 1 / 402 beyond the outer points.
    inner = stats.lognorm(0.4, scale=np.exp(0.5)).expect(lambda x: x, lb=np.exp(0.5 + 0.4 * stats.norm.ppf(1 / 402)),
        ub=np.exp(0.5 + 0.4 * stats.norm.ppf(401 / 402)))  # fmt: skip
    np.testing.assert_allclose(mean, inner / (400 / 402), rtol=1e-4)


def test_poisson_log_normal_by_gauss_and_hermite_has_the_right_mean():
    distribution = tfd.poisson_log_normal_quadrature_compound(0.5, 0.6, 20, "gauss_hermite")
    mean = np.exp(0.5 + 0.6**2 / 2)
    np.testing.assert_allclose(tfd.mean(distribution), mean, rtol=1e-9)
    np.testing.assert_allclose(tfd.variance(distribution), mean + mean**2 * np.expm1(0.6**2), rtol=1e-9)


def test_interpolation_between_whole_numbers_can_be_switched_off():
    for make in (lambda **more: tfd.poisson(2, **more), lambda **more: tfd.zipf(2.5, **more)):
        assert np.isfinite(tfd.log_prob(make(), 1.5))
        assert tfd.prob(make(interpolate_nondiscrete=False), 1.5) == 0


def test_tails_and_log_versions_fit_together():
    distribution = tfd.normal(1, 2)
    x = np.array([-30.0, 0.0, 3.0, 40.0])
    reference = stats.norm(1, 2)
    np.testing.assert_allclose(tfd.log_cdf(distribution, x), reference.logcdf(x), rtol=1e-9)
    np.testing.assert_allclose(tfd.log_survival_function(distribution, x), reference.logsf(x), rtol=1e-9)
    np.testing.assert_allclose(tfd.survival_function(distribution, x), reference.sf(x), rtol=1e-9, atol=1e-300)
    np.testing.assert_allclose(tfd.stddev(distribution), 2.0)
    np.testing.assert_allclose(tfd.mode(distribution), 1.0)
    np.testing.assert_allclose(tfd.prob(distribution, x), reference.pdf(x), rtol=1e-9, atol=1e-300)


def test_there_is_no_density_below_the_least_value():
    for distribution in (tfd.exponential(2), tfd.generalized_pareto(0, 2, 0.2)):
        assert (tfd.prob(distribution, [-0.1, -1]).numpy() == 0).all()
        assert (tfd.cdf(distribution, [-0.1, -1]).numpy() == 0).all()
        assert (tfd.survival_function(distribution, [-0.1, -1]).numpy() == 1).all()


def test_divergences_of_two_normals():
    p, q = tfd.normal(0, 1), tfd.normal(1, 2)
    expected = np.log(2) + (1 + 1) / 8 - 0.5
    np.testing.assert_allclose(tfd.kl_divergence(p, q), expected, rtol=1e-12)
    np.testing.assert_allclose(tfd.cross_entropy(p, q), expected + stats.norm.entropy(), rtol=1e-12)
    np.testing.assert_allclose(tfd.kl_divergence(tfd.beta(2, 3), tfd.beta(2, 3)), 0, atol=1e-12)


def test_whole_seeds_give_the_same_draws():
    distribution = tfd.gamma(2, 1)
    first, again, other = (tfd.sample(distribution, [2, 3], seed=seed) for seed in (7, 7, 8))
    np.testing.assert_array_equal(first, again)
    assert (first.numpy() != other.numpy()).all()
    assert tfd.sample(distribution).shape == []
    assert (tfd.sample(distribution, 5, seed=2**40).numpy() > 0).all()
    for slip in (-1, 1.5, "a", [1, 2, 3]):
        with pytest.raises(ArgumentError, match="`seed` must be a whole number >= 0"):
            tfd.sample(distribution, seed=slip)


def test_plain_numbers_get_the_type_in_force_and_follow_tensors():
    with using("float32"):
        assert tfd.normal(0, 1).dtype == tf.float32
        assert tfd.normal(tf.constant(0.0, tf.float64), 1).dtype == tf.float64
        double = tfd.bernoulli(probs=tf.constant(0.3, tf.float64))
        assert tfd.log_prob(double, [0, 1]).dtype == tf.float64
    assert tfd.continuous_bernoulli(probs=0.3).dtype == tf.float64
    assert tfd.spherical_uniform(3).dtype == tfd.flat_dirichlet(3).dtype == tf.float64


def test_variables_stay_live():
    scale = tf.Variable(1.0)
    distribution = tfd.normal(0, scale)
    assert distribution.trainable_variables == (scale,)
    scale.assign(2.0)
    np.testing.assert_allclose(tfd.stddev(distribution), 2.0)


SLIPS = [
    (lambda: tfd.normal(0, -1), "scale", "`scale` must be .* > 0, not -1"),
    (lambda: tfd.normal("a", 1), "loc", "`loc` must be a tensor or numbers, not 'a'"),
    (lambda: tfd.normal(0), "scale", "scale"),
    (lambda: tfd.normal(0, 1, wrong=2), "wrong", "wrong"),
    (lambda: tfd.normal(0, float("nan")), "scale", "NaN"),
    (lambda: tfd.normal(0, 1, validate_args="yes"), "validate_args", "True or False"),
    (lambda: tfd.normal(0, tf.constant(-1.0), validate_args=True), "scale", "scale"),
    (lambda: tfd.normal([0, 0], [1, 2, 3]), "loc", "loc"),
    (lambda: tfd.beta(2), "concentration0", "`concentration0` must be"),
    (lambda: tfd.bernoulli(), "logits", "give one of `logits` and `probs`, not none"),
    (lambda: tfd.bernoulli(0.1, 0.5), "logits", "not both"),
    (lambda: tfd.bernoulli(probs=1.5), "probs", "between 0 and 1"),
    (lambda: tfd.poisson(), "rate", "give one of `rate` and `log_rate`"),
    (lambda: tfd.zipf(1), "power", "> 1"),
    (lambda: tfd.log_prob(tfd.normal, 1), "distribution", "Call it: normal"),
    (lambda: tfd.log_prob(tfd.normal(0, 1), "a"), "value", "`value`"),
    (lambda: tfd.log_prob(tfd.normal(0, 1), None), "value", "`value`"),
    (lambda: tfd.quantile(tfd.normal(0, 1), 1.5), "value", "between 0 and 1"),
    (lambda: tfd.kl_divergence(tfd.normal(0, 1), 3), "other", "`other` must be a distribution"),
    (lambda: tfd.kl_divergence(tfd.normal(0, 1), tfd.poisson(2)), "distribution", "distribution"),
    (lambda: tfd.sample(tfd.normal(0, 1), -1), "sample_shape", "shape"),
    (lambda: tfd.von_mises_fisher([[1, 0]], "x"), "concentration", "concentration"),
    (lambda: tfd.gaussian_process("linear", [[0]]), "kernel", "`kernel` must be a kernel"),
    (lambda: tfd.joint_distribution_sequential([1]), "model", "a list of distributions and functions"),
    (lambda: tfd.joint_distribution_named([tfd.normal(0, 1)]), "model", "named list"),
    (lambda: tfd.vector_diffeomixture([0, 1], 1, tfd.normal(0, 1), [[0], [1]]), "mix_loc", "length 1"),
    (lambda: tfd.vector_diffeomixture([0], 1, tfd.normal(0, 1), [[0]]), "loc", "a list of two"),
    (lambda: tfd.wishart(3), "scale", "give one of `scale` and `scale_tril`"),
    (lambda: tfd.multivariate_normal_full_covariance([0, 0], [[1, 2], [2, 1]]), "covariance_matrix", "covariance"),
]


@pytest.mark.parametrize("case", range(len(SLIPS)))
def test_slips_are_told_by_the_argument(case):
    call, argument, message = SLIPS[case]
    with pytest.raises(ArgumentError, match=message) as caught:
        call()
    assert caught.value.argument == argument
    assert str(caught.value).startswith("tfd.")
