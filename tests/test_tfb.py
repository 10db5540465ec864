"""Bijectors of the low-level layer: every one builds, maps as documented, and has the right log-determinant.

Log-determinants are compared with Jacobians by automatic differentiation, maps with their formulas and with scipy.
"""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import special, stats

import pyflows as pf
from pyflows import tfb
from pyflows.backend import tf
from pyflows.lowlevel import settings
from pyflows.lowlevel.table import REQUIRED, entries

LINE = [-1.3, -0.2, 0.4, 2.1]
POSITIVE = [0.2, 0.7, 1.4, 3.0]
UNIT = [0.1, 0.35, 0.6, 0.9]
LOWER = [[1.2, 0.0, 0.0], [0.5, 0.8, 0.0], [-0.3, 0.4, 1.5]]
MATRIX = [[2.0, 0.5, -1.0], [0.3, 1.5, 0.2], [0.1, -0.4, 1.0]]
VECTOR = [0.5, -1.2, 0.8]
TRIL = np.tril_indices(3)


@pytest.fixture(autouse=True)
def double():
    """Numbers are float64 in these tests."""
    with settings.using("float64"):
        yield


# Elementwise maps: how they are built, points, and the formula of their help (or scipy).
ELEMENTWISE = {
    "exp": (tfb.exp, LINE, np.exp),
    "expm1": (tfb.expm1, LINE, np.expm1),
    "log": (tfb.log, POSITIVE, np.log),
    "log1p": (tfb.log1p, POSITIVE, np.log1p),
    "identity": (tfb.identity, LINE, lambda x: x),
    "reciprocal": (tfb.reciprocal, POSITIVE, lambda x: 1 / x),
    "sigmoid": (tfb.sigmoid, LINE, special.expit),
    "sigmoid_bounds": (lambda: tfb.sigmoid(low=-1, high=3), LINE, lambda x: -1 + 4 * special.expit(x)),
    "sinh": (tfb.sinh, LINE, np.sinh),
    "sinh_arcsinh": (
        lambda: tfb.sinh_arcsinh(0.5, 1.2),
        LINE,
        lambda x: 2 / np.sinh(np.arcsinh(2) * 1.2) * np.sinh((np.arcsinh(x) + 0.5) * 1.2),
    ),
    "softplus": (lambda: tfb.softplus(0.5, 1), LINE, lambda x: 1 + 0.5 * np.log1p(np.exp(x / 0.5))),
    "soft_clip": (lambda: tfb.soft_clip(-1.0, 2.0), LINE, None),
    "softsign": (tfb.softsign, LINE, lambda x: x / (1 + np.abs(x))),
    "square": (tfb.square, POSITIVE, np.square),
    "tanh": (tfb.tanh, LINE, np.tanh),
    "power": (lambda: tfb.power(3), POSITIVE, lambda x: x**3),
    "power_transform": (lambda: tfb.power_transform(0.5), LINE, lambda x: (1 + 0.5 * x) ** 2),
    "power_transform_0": (lambda: tfb.power_transform(0), LINE, np.exp),
    "lambert_w_tail": (
        lambda: tfb.lambert_w_tail(0.5, 2, 0.3),
        LINE,
        lambda x: 0.5 + (x - 0.5) * np.exp(0.15 * ((x - 0.5) / 2) ** 2),
    ),
    "rational_quadratic_spline": (
        lambda: tfb.rational_quadratic_spline([0.5, 1.5, 1], [1.2, 0.8, 1], [0.7, 2]),
        LINE,
        None,
    ),
    "scale": (lambda: tfb.scale(-2), LINE, lambda x: -2 * x),
    "scale_log": (lambda: tfb.scale(log_scale=0.5), LINE, lambda x: np.exp(0.5) * x),
    "shift": (lambda: tfb.shift(3), LINE, lambda x: x + 3),
    "affine_scalar": (lambda: tfb.affine_scalar(1, -2), LINE, lambda x: 1 - 2 * x),
    "affine_scalar_nothing": (tfb.affine_scalar, LINE, lambda x: x),
    "normal_cdf": (tfb.normal_cdf, LINE, stats.norm.cdf),
    "gumbel_cdf": (lambda: tfb.gumbel_cdf(1, 2), LINE, stats.gumbel_r(1, 2).cdf),
    "gumbel": (lambda: tfb.gumbel(1, 2), LINE, stats.gumbel_r(1, 2).cdf),
    "gompertz_cdf": (lambda: tfb.gompertz_cdf(0.7, 0.5), POSITIVE, stats.gompertz(0.7, scale=2).cdf),
    "shifted_gompertz_cdf": (
        lambda: tfb.shifted_gompertz_cdf(0.7, 0.5),
        POSITIVE,
        lambda x: (1 - np.exp(-0.5 * x)) * np.exp(-np.exp(-0.5 * x) / 0.7),
    ),
    "kumaraswamy_cdf": (lambda: tfb.kumaraswamy_cdf(2, 3), UNIT, lambda x: 1 - (1 - x**2) ** 3),
    "kumaraswamy": (lambda: tfb.kumaraswamy(2, 3), UNIT, lambda x: np.sqrt(1 - (1 - x) ** (1 / 3))),
    "kumaraswamy_defaults": (tfb.kumaraswamy, UNIT, lambda x: x),
    "rayleigh_cdf": (lambda: tfb.rayleigh_cdf(2), POSITIVE, stats.rayleigh(scale=2).cdf),
    "weibull_cdf": (lambda: tfb.weibull_cdf(2, 1.5), POSITIVE, stats.weibull_min(1.5, scale=2).cdf),
    "weibull": (lambda: tfb.weibull(2, 1.5), POSITIVE, stats.weibull_min(1.5, scale=2).cdf),
    "frechet_cdf": (lambda: tfb.frechet_cdf(-1, 2, 1.5), POSITIVE, stats.invweibull(1.5, -1, 2).cdf),
    "generalized_extreme_value_cdf": (
        lambda: tfb.generalized_extreme_value_cdf(0, 2, 0.4),
        LINE,
        stats.genextreme(-0.4, 0, 2).cdf,
    ),
    "moyal_cdf": (lambda: tfb.moyal_cdf(1, 2), LINE, stats.moyal(1, 2).cdf),
    "generalized_pareto": (lambda: tfb.generalized_pareto(1, 2, 0.5), LINE, lambda x: 1 + np.log1p(np.exp(x))),
    "generalized_pareto_bounded": (
        lambda: tfb.generalized_pareto(1, 2, -0.5),
        LINE,
        lambda x: 1 + 4 * special.expit(x),
    ),
    "inline": (
        lambda: tfb.inline(
            lambda x: tf.where(x < 0, 0.5 * x, x),
            lambda y: tf.where(y < 0, 2 * y, y),
            lambda y: tf.where(y < 0, tf.math.log(tf.ones_like(y) * 2), tf.zeros_like(y)),
        ),
        LINE,
        lambda x: np.where(x < 0, x / 2, x),
    ),
    "inline_by_autodiff": (lambda: tfb.inline(tf.sinh, tf.asinh), LINE, np.sinh),
    "chain": (lambda: tfb.chain([tfb.exp(), tfb.shift(1)]), LINE, lambda x: np.exp(x + 1)),
    "chain_nothing": (tfb.chain, LINE, lambda x: x),
    "invert": (lambda: tfb.invert(tfb.exp()), POSITIVE, np.log),
}


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_elementwise(name):
    make, points, formula = ELEMENTWISE[name]
    b, x = make(), tf.constant(points, tf.float64)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tfb.forward(b, x)
    slope = tape.gradient(y, x)
    assert y.dtype == tf.float64
    if formula is not None:
        np.testing.assert_allclose(y, formula(np.array(points)), rtol=1e-9, atol=1e-12)
    log_det = tfb.forward_log_det_jacobian(b, tf.identity(x), event_ndims=0)
    log_det = np.broadcast_to(log_det, x.shape)  # constant ones come as one number
    np.testing.assert_allclose(log_det, np.log(np.abs(slope)), rtol=1e-7, atol=1e-9)
    y = tf.identity(y)  # else TFP remembers where it came from
    np.testing.assert_allclose(tfb.inverse(b, y), points, rtol=1e-6, atol=1e-7)
    back = np.broadcast_to(tfb.inverse_log_det_jacobian(b, tf.identity(y), event_ndims=0), x.shape)
    np.testing.assert_allclose(back, -np.log(np.abs(slope)), rtol=1e-6, atol=1e-7)


def dense(**parts):
    """The affine map `A x + shift` in numpy."""

    def formula(x):
        k = len(VECTOR)
        given = [parts.get(key) for key in ("scale_identity_multiplier", "scale_diag", "scale_tril")]
        a = np.eye(k) if all(part is None for part in given) else np.zeros((k, k))
        a = a + (given[0] or 0) * np.eye(k) + (0 if given[1] is None else np.diag(given[1]))
        a = a + (0 if given[2] is None else np.tril(given[2]))
        if "scale_perturb_factor" in parts:
            v = np.array(parts["scale_perturb_factor"])
            a = a + v @ np.diag(parts.get("scale_perturb_diag", np.ones(v.shape[1]))) @ v.T
        a = a.T if parts.get("adjoint") else a
        return x @ a.T + np.array(parts.get("shift", 0))

    return formula


AFFINE = [
    {},
    {"shift": VECTOR},
    {"scale_identity_multiplier": -2.0, "shift": VECTOR},
    {"scale_diag": [1.0, -2.0, 0.5]},
    {"scale_identity_multiplier": 2.0, "scale_diag": [1.0, -1.0, 0.5], "shift": VECTOR},
    {"scale_tril": MATRIX, "shift": VECTOR},
    {"scale_tril": MATRIX, "scale_diag": [1.0, 2.0, 0.5], "scale_identity_multiplier": 0.5, "adjoint": True},
    {"scale_perturb_factor": [[1.0], [0.5], [-1.0]]},
    {"scale_perturb_factor": [[1.0, 0.0], [0.5, 1.0], [-1.0, 0.3]], "scale_perturb_diag": [0.5, 2.0]},
    {"scale_tril": LOWER, "scale_perturb_factor": [[1.0], [0.5], [-1.0]], "shift": VECTOR, "adjoint": True},
    {"scale_diag": [1.0, 2.0, 0.5], "scale_perturb_factor": [[1.0], [0.5], [-1.0]], "validate_args": True},
]
ROTATED = np.array(MATRIX)


def masked_flow():
    return tfb.masked_autoregressive_flow(tfb.masked_autoregressive_default_template([7, 6], activation="tanh", seed=1))


def spline_flow():
    network = tfb.autoregressive_network(8, [6], seed=2)

    def bijector_fn(x):
        widths, heights, slopes = tf.split(network(x), [3, 3, 2], -1)
        return tfb.rational_quadratic_spline(
            6 * tf.nn.softmax(widths), 6 * tf.nn.softmax(heights), tf.nn.softplus(slopes), range_min=-3
        )

    return tfb.masked_autoregressive_flow(bijector_fn=bijector_fn)


def spline_coupling():
    network = tfb.autoregressive_network(8, [6], seed=2)

    def bijector_fn(x, output_units):
        widths, heights, slopes = tf.split(network(x)[..., :1, :], [3, 3, 2], -1)
        return tfb.rational_quadratic_spline(
            6 * tf.nn.softmax(widths), 6 * tf.nn.softmax(heights), tf.nn.softplus(slopes), range_min=-3
        )

    return tfb.real_nvp(fraction_masked=0.7, bijector_fn=bijector_fn)


def coupled(**options):
    return tfb.real_nvp(shift_and_log_scale_fn=tfb.real_nvp_default_template([6], activation="tanh", seed=3), **options)


# Maps of vectors and matrices: how they are built, a point, the formula, and which entries of x and y are free.
# Where the event of y has more numbers than that of x, the determinant is that of the surface (None for both).
SURFACE = "surface"
EVENTS = {
    **{f"affine_{i}": (lambda p=p: tfb.affine(**p), VECTOR, dense(**p), None) for i, p in enumerate(AFFINE)},
    "affine_linear_operator": (
        lambda: tfb.affine_linear_operator(VECTOR, MATRIX),
        VECTOR,
        lambda x: ROTATED @ x + VECTOR,
        None,
    ),
    "scale_matvec_diag": (lambda: tfb.scale_matvec_diag([1, -2, 3]), VECTOR, lambda x: x * [1, -2, 3], None),
    "scale_matvec_tri_l": (lambda: tfb.scale_matvec_tri_l(LOWER), VECTOR, lambda x: np.array(LOWER) @ x, None),
    "scale_matvec_linear_operator": (
        lambda: tfb.scale_matvec_linear_operator(MATRIX, adjoint=True),
        VECTOR,
        lambda x: ROTATED.T @ x,
        None,
    ),
    "scale_matvec_lu": (
        lambda: tfb.scale_matvec_lu(MATRIX, [2, 0, 1]),
        VECTOR,
        lambda x: ((np.tril(MATRIX, -1) + np.eye(3)) @ np.triu(MATRIX) @ x)[np.argsort([2, 0, 1])],
        None,
    ),
    "matvec_lu": (lambda: tfb.matvec_lu(MATRIX, [0, 1, 2]), VECTOR, None, None),
    "householder": (
        lambda: tfb.householder([1, 2, -1]),
        VECTOR,
        lambda x: x - 2 * (x @ [1, 2, -1]) * np.array([1, 2, -1]) / 6,
        None,
    ),
    "ascending": (tfb.ascending, VECTOR, lambda x: np.cumsum([x[0], *np.exp(x[1:])]), None),
    "ordered": (tfb.ordered, [0.5, 1.5, 1.8], lambda x: [x[0], *np.log(np.diff(x))], None),
    "cumsum": (tfb.cumsum, VECTOR, np.cumsum, None),
    "discrete_cosine_transform": (
        tfb.discrete_cosine_transform,
        VECTOR,
        lambda x: [
            np.sqrt((1 + (i > 0)) / 3) * sum(x[j] * np.cos(np.pi * i * (2 * j + 1) / 6) for j in range(3))
            for i in range(3)
        ],
        None,
    ),
    "discrete_cosine_transform_3": (lambda: tfb.discrete_cosine_transform(dct_type=3), VECTOR, None, None),
    "iterated_sigmoid_centered": (tfb.iterated_sigmoid_centered, VECTOR, None, slice(0, 3)),
    "softmax_centered": (tfb.softmax_centered, VECTOR, lambda x: special.softmax([*x, 0]), SURFACE),
    "unit_vector": (tfb.unit_vector, VECTOR, lambda x: np.array([*(2 * x), x @ x - 1]) / (x @ x + 1), SURFACE),
    "permute": (lambda: tfb.permute([2, 0, 1]), VECTOR, lambda x: x[[2, 0, 1]], None),
    "blockwise": (
        lambda: tfb.blockwise([tfb.exp(), tfb.softplus()], [1, 2]),
        VECTOR,
        lambda x: [np.exp(x[0]), *np.log1p(np.exp(x[1:]))],
        None,
    ),
    "inline_vector": (
        lambda: tfb.inline(lambda x: x + 0.3 * tf.roll(x, 1, -1), forward_min_event_ndims=1),
        VECTOR,
        lambda x: x + 0.3 * np.roll(x, 1),
        None,
    ),
    "fill_triangular": (tfb.fill_triangular, [1.0, 2, 3, 4, 5, 6], None, "tril"),
    "fill_scale_tri_l": (tfb.fill_scale_tri_l, [1.0, 2, 3, 4, 5, 6], None, "tril"),
    "scale_tri_l": (lambda: tfb.scale_tri_l(tfb.exp(), None), [1.0, 2, 3, 4, 5, 6], None, "tril"),
    "cholesky_outer_product": (
        tfb.cholesky_outer_product,
        LOWER,
        lambda x: x @ x.T,
        "tril",
    ),
    "cholesky_to_inv_cholesky": (
        tfb.cholesky_to_inv_cholesky,
        LOWER,
        lambda x: np.linalg.cholesky(np.linalg.inv(x @ x.T)),
        "tril",
    ),
    "matrix_inverse_tri_l": (tfb.matrix_inverse_tri_l, LOWER, np.linalg.inv, "tril"),
    "correlation_cholesky": (tfb.correlation_cholesky, VECTOR, None, "strict"),
    "transform_diagonal": (
        lambda: tfb.transform_diagonal(tfb.exp()),
        MATRIX,
        lambda x: x - np.diag(np.diag(x)) + np.diag(np.exp(np.diag(x))),
        None,
    ),
    "pad": (lambda: tfb.pad([[1, 2]]), VECTOR, lambda x: [0, *x, 0, 0], SURFACE),
    "pad_defaults": (tfb.pad, VECTOR, lambda x: [*x, 0], SURFACE),
    "reshape": (lambda: tfb.reshape([1, 3]), VECTOR, lambda x: [x], None),
    "transpose": (tfb.transpose, MATRIX, np.transpose, None),
    "transpose_perm": (lambda: tfb.transpose([1, 0]), MATRIX, np.transpose, None),
    "masked_autoregressive_flow": (masked_flow, VECTOR, None, None),
    "masked_autoregressive_spline": (spline_flow, VECTOR, None, None),
    "real_nvp": (lambda: coupled(num_masked=2), VECTOR, None, None),
    "real_nvp_last": (lambda: coupled(num_masked=-1), VECTOR, None, None),
    "real_nvp_fraction": (lambda: coupled(fraction_masked=0.4), VECTOR, None, None),
    "real_nvp_spline": (spline_coupling, VECTOR, None, None),
    "ffjord": (
        lambda: tfb.ffjord(lambda t, z: 0.5 * z, trace_augmentation_fn="exact"),
        VECTOR,
        lambda x: np.exp(0.5) * x,
        "ode",
    ),
}


def free(jacobian, x, y, which):
    """Log-determinant of a Jacobian `[y..., x...]`, of the entries that are free."""
    m = np.reshape(jacobian, (np.size(y), np.size(x)))
    if which == SURFACE:
        return 0.5 * np.linalg.slogdet(m.T @ m)[1]
    if isinstance(which, slice):
        m = m[which]
    if which in ("tril", "strict"):
        rows = np.ravel_multi_index(np.tril_indices(3, 0 if which == "tril" else -1), (3, 3))
        m = m[rows] if np.ndim(x) == 1 else m[np.ix_(rows, rows)]
    return np.linalg.slogdet(m)[1]


def jacobian_of(b, x):
    """y and the Jacobian `[y..., x...]`, one gradient after the other."""
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        parts = tf.unstack(tf.reshape(tfb.forward(b, x), [-1]))
    rows = [tape.gradient(part, x, unconnected_gradients="zero").numpy() for part in parts]
    return np.stack(rows)


@pytest.mark.parametrize("name", EVENTS)
def test_events(name):
    make, point, formula, which = EVENTS[name]
    b, x = make(), tf.constant(point, tf.float64)
    y = tfb.forward(b, x)
    tolerance = 1e-5 if which == "ode" else 1e-7  # the solver's own is 1e-6, relative
    if formula is not None:
        np.testing.assert_allclose(y, formula(np.array(point)), rtol=tolerance, atol=1e-9)
    ndims = len(x.shape)
    log_det = tfb.forward_log_det_jacobian(b, tf.identity(x), event_ndims=ndims)
    jacobian = np.exp(0.5) * np.eye(3) if which == "ode" else jacobian_of(b, tf.identity(x))
    expected = free(jacobian, x, y, which)
    assert log_det.shape == ()
    np.testing.assert_allclose(log_det, expected, rtol=tolerance, atol=1e-7)
    if name == "inline_vector":
        return  # it has no inverse
    y = tf.identity(y)
    np.testing.assert_allclose(tfb.inverse(b, y), point, rtol=1e-5, atol=1e-6)
    back = tfb.inverse_log_det_jacobian(b, tf.identity(y), event_ndims=len(y.shape))
    np.testing.assert_allclose(back, -expected, rtol=1e-5, atol=1e-6)


def test_correlation_cholesky_gives_correlations():
    y = tfb.forward(tfb.correlation_cholesky(), VECTOR).numpy()
    np.testing.assert_allclose(np.diag(y @ y.T), 1)
    np.testing.assert_allclose(y[2] / y[2, 2], [-1.2, 0.5, 1.0])


def test_iterated_sigmoid_breaks_a_stick():
    y, left = [], 1.0
    for i, x in enumerate(VECTOR):
        y.append(left * special.expit(x - np.log(3 - i)))
        left -= y[-1]
    np.testing.assert_allclose(tfb.forward(tfb.iterated_sigmoid_centered(), VECTOR), [*y, left])


def test_absolute_value_has_two_branches():
    b = tfb.absolute_value()
    np.testing.assert_allclose(tfb.forward(b, [-2, 3]), [2, 3])
    np.testing.assert_allclose(tfb.inverse(b, [2.0]), [[-2], [2]])
    np.testing.assert_allclose(tfb.inverse_log_det_jacobian(b, [2.0], 0), [0, 0])


def test_lists_and_dicts():
    parts = tfb.forward(tfb.split(2), [1, 2, 3, 4])
    np.testing.assert_allclose(parts, [[1, 2], [3, 4]])
    np.testing.assert_allclose(tfb.inverse(tfb.split(2), [[1, 2], [3, 4]]), [1, 2, 3, 4])
    assert [part.shape[0] for part in tfb.forward(tfb.split([1, 3]), [1, 2, 3, 4])] == [1, 3]
    b = tfb.joint_map({"a": tfb.exp(), "b": tfb.scale(2)})
    y = tfb.forward(b, {"a": 0, "b": [1, 2]})
    np.testing.assert_allclose(y["b"], [2, 4])
    np.testing.assert_allclose(tfb.inverse(b, y)["a"], 0)
    both = tfb.joint_map([tfb.exp(), tfb.scale(2)])
    np.testing.assert_allclose(tfb.forward(both, np.array([0.0, 3.0])), [1, 6])  # R's vector for a list of numbers
    y = tfb.forward(tfb.restructure({"a": 0, "b": 1}, [1, 0]), [1, 2])
    np.testing.assert_allclose([y["a"], y["b"]], [2, 1])
    with pytest.raises(pf.ArgumentError, match=r"`x` must be a dict with the keys a, b") as error:
        tfb.forward(b, {"a": 0})
    assert error.value.argument == "x"


def test_batch_normalization():
    x = np.array([[1.0, 10.0], [2.0, 20.0], [6.0, 30.0]])
    b = tfb.batch_normalization(training=True, event_size=2)
    assert len(b.trainable_variables) == 2
    z = tfb.inverse(b, x).numpy()
    np.testing.assert_allclose(z, (x - x.mean(0)) / np.sqrt(x.var(0) + 1e-3), rtol=1e-6)
    log_det = tfb.inverse_log_det_jacobian(b, tf.constant(x), 1)
    np.testing.assert_allclose(log_det, -0.5 * np.log(x.var(0) + 1e-3).sum(), rtol=1e-6)
    fixed = tfb.batch_normalization(b.batchnorm, training=False)
    np.testing.assert_allclose(tfb.inverse(fixed, tfb.forward(fixed, tf.constant(x))), x)


def test_glow():
    with settings.using("float32"):
        b = tfb.glow([4, 4, 1], num_glow_blocks=2, num_steps_per_block=1, seed=1)
        rows = tf.constant(np.random.default_rng(1).standard_normal((6, 16)), tf.float32)
        tfb.forward(b, rows)  # the first call sets the normalisation
        x = rows[:1]
        y = tfb.forward(b, x)
        assert y.shape == (1, 4, 4, 1)
        log_det = tfb.forward_log_det_jacobian(b, tf.identity(x), 1)
        np.testing.assert_allclose(tfb.inverse(b, tf.identity(y)), x, atol=1e-4)
        np.testing.assert_allclose(
            log_det, np.linalg.slogdet(jacobian_of(b, tf.identity(x)).reshape(16, 16))[1], atol=1e-3
        )
        assert len(b.trainable_variables) > 10


# -- networks -------------------------------------------------------------------------------------------


def test_template_variables_are_in_sight():
    network = tfb.masked_autoregressive_default_template([8, 8], event_size=3, seed=1)
    assert len(network.trainable_variables) == 6
    flow = tfb.chain([tfb.permute([2, 0, 1]), tfb.masked_autoregressive_flow(network)])
    assert {id(v) for v in flow.trainable_variables} == {id(v) for v in network.trainable_variables}
    later = tfb.masked_autoregressive_default_template([8, 8], seed=1)
    assert not later.trainable_variables
    shift, log_scale = later(tf.constant([VECTOR], tf.float64))
    again, _ = network(tf.constant([VECTOR], tf.float64))
    np.testing.assert_array_equal(shift, again)
    assert shift.shape == log_scale.shape == (1, 3) and len(later.trainable_variables) == 6
    with pytest.raises(pf.ShapeError, match="made for"):
        later(tf.zeros([1, 4], tf.float64))


def test_template_in_compiled_code():
    network = tfb.real_nvp_default_template([5], seed=1, use_bias=False, kernel_initializer="zeros")
    flow = tfb.real_nvp(2, network)
    y = tf.function(lambda x: tfb.forward(flow, x), autograph=False)(tf.constant([VECTOR], tf.float64))
    np.testing.assert_allclose(y, [VECTOR])  # zero kernels: the identity
    assert len(flow.trainable_variables) == 2
    shift_only = tfb.real_nvp_default_template([5], shift_only=True, input_size=2, output_size=1)
    assert shift_only(tf.zeros([4, 2], tf.float64), 1)[1] is None


@pytest.mark.parametrize("hidden", [[], [2], [5, 4]])
def test_template_is_autoregressive(hidden):
    network = tfb.masked_autoregressive_default_template(hidden, activation="tanh", seed=4)
    x = tf.constant(VECTOR, tf.float64)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        outputs = tf.unstack(tf.reshape(tf.stack(network(x), -1), [-1]))
    rows = [tape.gradient(out, x, unconnected_gradients="zero").numpy() for out in outputs]
    for i, row in enumerate(rows):
        assert np.all(row[i // 2 :] == 0)
    assert np.any(np.array(rows) != 0)


def test_log_scale_is_clipped():
    network = tfb.masked_autoregressive_default_template([4], log_scale_min_clip=-0.1, log_scale_max_clip=0.1, seed=1)
    x = tf.constant([[50.0, -80.0, 30.0]], tf.float64)
    assert np.abs(network(x)[1]).max() <= 0.1 + 1e-12


def test_networks_take_conditions():
    network = tfb.masked_autoregressive_default_template([8], activation="tanh", seed=1)
    flow = tfb.chain([tfb.masked_autoregressive_flow(network, name="maf"), tfb.shift(1.0)])
    one = tfb.forward(flow, [VECTOR], maf={"conditional_input": [[0.0]]})
    other = tfb.forward(flow, [VECTOR], maf={"conditional_input": [[2.0]]})
    assert np.all(np.abs(one - other) > 1e-6)
    back = tfb.inverse(flow, tf.identity(other), maf={"conditional_input": [[2.0]]})
    np.testing.assert_allclose(back, [VECTOR], atol=1e-9)
    log_dets = [
        verb(flow, value, 1, maf={"conditional_input": [[2.0]]})
        for verb, value in (
            (tfb.forward_log_det_jacobian, tf.constant([VECTOR], tf.float64)),
            (tfb.inverse_log_det_jacobian, tf.identity(other)),
        )
    ]
    np.testing.assert_allclose(log_dets[0], -log_dets[1], atol=1e-9)


def test_templates_train():
    """A few steps down the gradient raise the likelihood, and all variables move."""
    y = tf.constant(np.random.default_rng(1).standard_normal((50, 2)) * [1, 3] + [0, 2], tf.float64)
    flow = tfb.chain(
        [
            tfb.masked_autoregressive_flow(tfb.masked_autoregressive_default_template([6], activation="tanh", seed=i))
            for i in range(2)
        ]
    )

    def loss():
        z = tfb.inverse(flow, y)
        return tf.reduce_mean(tf.reduce_sum(z**2, 1) / 2 - tfb.inverse_log_det_jacobian(flow, y, 1))

    losses = []
    for _ in range(10):
        with tf.GradientTape() as tape:
            value = loss()
        losses.append(float(value))
        gradients = tape.gradient(value, flow.trainable_variables)
        assert len(gradients) == 8 and all(g is not None for g in gradients)
        for variable, gradient in zip(flow.trainable_variables, gradients, strict=True):
            variable.assign_sub(0.02 * gradient)
    assert losses[-1] < losses[0] - 0.1


def test_masked_dense():
    layer = tfb.masked_dense(None, units=6, num_blocks=3, exclusive=True, seed=1, name="first")
    y = layer(tf.constant([VECTOR], tf.float64))
    assert y.shape == (1, 6) and len(layer.trainable_variables) == 2
    np.testing.assert_array_equal(y[0, :2], [0, 0])  # the first block sees nothing, and biases start at 0
    again = tfb.masked_dense([VECTOR], units=6, reuse=True, name="first")
    np.testing.assert_array_equal(y, again)
    with pytest.raises(pf.ArgumentError, match="`reuse` needs the `name`"):
        tfb.masked_dense([VECTOR], units=6, reuse=True, name="other")
    y = tfb.masked_dense([VECTOR], 3, activation="relu", kernel_initializer="ones", use_bias=False)
    np.testing.assert_allclose(y, np.maximum([[0.5, -0.7, 0.1]], 0))


def test_variables_are_made_when_the_size_is_known():
    from pyflows.lowlevel.variables import make_variables

    flow = tfb.chain(
        [
            tfb.masked_autoregressive_flow(tfb.masked_autoregressive_default_template([4])),
            tfb.batch_normalization(),
            tfb.permute([1, 0, 2]),
            tfb.real_nvp(fraction_masked=-0.4, shift_and_log_scale_fn=tfb.real_nvp_default_template([4])),
        ]
    )
    make_variables(flow, [3], "float64")
    assert len(flow.trainable_variables) == 10
    before = [id(v) for v in flow.trainable_variables]
    tfb.inverse(flow, [VECTOR, VECTOR])
    assert [id(v) for v in flow.trainable_variables] == before
    other = tfb.chain([tfb.reshape([3], [3, 1]), tfb.transpose()])
    make_variables(other, [3, 1])  # not vectors: nothing happens
    assert not other.trainable_variables


# -- affine ---------------------------------------------------------------------------------------------


def test_affine_keeps_variables_live():
    factor = tf.Variable([[1.0], [0.5], [-1.0]], dtype=tf.float64)
    b = tfb.affine(shift=VECTOR, scale_tril=LOWER, scale_perturb_factor=factor)
    assert [v is factor for v in b.trainable_variables] == [True]
    x = tf.constant([VECTOR], tf.float64)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(tfb.forward(b, x)) + tfb.forward_log_det_jacobian(b, x, 1)
    assert np.all(np.abs(tape.gradient(loss, factor)) > 0)
    factor.assign(tf.zeros_like(factor))
    np.testing.assert_allclose(
        tfb.forward(b, tf.identity(x)), dense(scale_tril=LOWER, shift=VECTOR)(np.array([VECTOR]))
    )


def test_affine_has_a_batch():
    b = tfb.affine(scale_diag=[[1.0, 2.0], [3.0, 4.0]], scale_identity_multiplier=[1.0, 0.0])
    np.testing.assert_allclose(tfb.forward(b, [1.0, 1.0]), [[2, 3], [3, 4]])
    np.testing.assert_allclose(tfb.forward_log_det_jacobian(b, [1.0, 1.0], 1), np.log([6, 12]))
    assert b.experimental_batch_shape() == (2,)


# -- what is given --------------------------------------------------------------------------------------


def test_numbers_get_the_type_in_force():
    assert tfb.scale(2).scale.dtype == tf.float64
    with settings.using("float32"):
        assert tfb.scale(np.array([1, 2])).scale.dtype == tf.float32
        assert tfb.scale(tf.constant(2.0, tf.float64)).scale.dtype == tf.float64
        assert tfb.forward(tfb.scale(tf.constant(2.0, tf.float64)), [1, 2]).dtype == tf.float64
        assert tfb.affine(scale_diag=[1, 2], dtype="float64").dtype == tf.float64
        mixed = tfb.affine(shift=[1, 2], scale_diag=tf.constant([1.0, 2.0], tf.float64))
        assert mixed.dtype == tf.float64
    pf.set_dtype("float64")
    try:
        assert settings.dtype_in_force() == "float64"
    finally:
        pf.set_dtype("float32")
    with pytest.raises(pf.ArgumentError, match='`dtype` must be one of "float32", "float64", not \'half\''):
        pf.set_dtype("half")


def test_what_counts_as_what():
    assert tfb.affine(shift=3, scale_diag=2).parameters["scale_diag"].shape == (1,)  # R's vectors of length one
    assert tfb.permute([1.0, 0.0]).permutation.dtype.is_integer
    assert tfb.cumsum(axis=-1.0).axis == -1
    assert tfb.scale([True, False]).scale.dtype == tf.float64
    assert tfb.reshape(tf.TensorShape([2, 1])).forward_event_shape([2]) == [2, 1]
    assert tfb.reshape([], [1]).forward_event_shape([1]) == []
    assert tfb.exp(name=None).name == "exp"
    np.testing.assert_allclose(tfb.scale([tf.constant(1.0, tf.float64), tf.constant(2.0, tf.float64)]).scale, [1, 2])


WRONG = {
    "scale": [
        (lambda: tfb.scale("a"), "scale", "must be a tensor or numbers or None, not 'a'"),
        (lambda: tfb.scale([1, float("nan")]), "scale", "without NaN"),
        (lambda: tfb.scale(1, 2), "scale", "At most one"),
        (lambda: tfb.scale([[1], [1, 2]]), "scale", "tensor or numbers"),
        (lambda: tfb.scale(2, validate_args="yes"), "validate_args", "True or False"),
        (lambda: tfb.scale(2, name=3), "name", "a string"),
        (lambda: tfb.scale(wrong=2), "wrong", "unexpected keyword"),
        (lambda: tfb.shift(), "shift", "missing a required argument: `shift`"),
    ],
    "numbers": [
        (lambda: tfb.gumbel_cdf(scale=-1), "scale", "> 0, not -1"),
        (lambda: tfb.weibull([1, 0]), "scale", "> 0"),
        (lambda: tfb.power_transform(-1), "power", ">= 0"),
        (lambda: tfb.discrete_cosine_transform(dct_type=4), "dct_type", "between 2 and 3"),
        (lambda: tfb.cumsum(axis=0), "axis", "<= -1"),
        (lambda: tfb.permute([0, 0.5]), "permutation", "whole numbers"),
        (lambda: tfb.permute([1, 2, 3]), "permutation", "ermutation"),
        (lambda: tfb.reshape([2.5]), "event_shape_out", "a shape"),
        (lambda: tfb.pad(mode="ZERO"), "mode", '"CONSTANT"'),
        (lambda: tfb.affine(dtype="number"), "dtype", "a type of numbers"),
        (lambda: tfb.affine(scale_tril=[1, 2]), "scale_tril", "a matrix"),
        (lambda: tfb.affine(scale_perturb_diag=[1, 2]), "scale_perturb_diag", "needs `scale_perturb_factor`"),
        (lambda: tfb.scale_matvec_linear_operator("a"), "scale", "LinearOperator"),
    ],
    "objects": [
        (lambda: tfb.invert(tfb.exp), "bijector", "Call it: exp\\(\\)"),
        (lambda: tfb.invert(3), "bijector", "a bijector"),
        (lambda: tfb.chain([tfb.exp(), 3]), "bijectors", "a list"),
        (lambda: tfb.inline(forward_fn=3), "forward_fn", "a function"),
        (lambda: tfb.inline(tf.sinh, forward_min_event_ndims=2), "forward_log_det_jacobian_fn", "must be given"),
        (lambda: tfb.ffjord(tf.sinh, trace_augmentation_fn="none"), "trace_augmentation_fn", "hutchinson"),
        (lambda: tfb.masked_autoregressive_flow(), "shift_and_log_scale_fn", "give one of"),
        (lambda: tfb.masked_autoregressive_flow(tf.sinh, bijector_fn=tf.sinh), "bijector_fn", "give one of"),
        (lambda: tfb.real_nvp(shift_and_log_scale_fn=tf.sinh), "num_masked", "give one of"),
        (lambda: tfb.real_nvp(fraction_masked=2, bijector_fn=tf.sinh), "fraction_masked", "between -1 and 1"),
        (lambda: tfb.real_nvp_default_template([4], input_size=1), "output_size", "together"),
        (lambda: tfb.masked_autoregressive_default_template([4], activation="bent"), "activation", "tf.nn"),
        (lambda: tfb.masked_autoregressive_default_template([4], dropout=1), "dropout", "no argument"),
    ],
    "verbs": [
        (lambda: tfb.forward(tfb.exp(), "a"), "x", "numbers"),
        (lambda: tfb.forward(tfb.exp(), [1, float("nan")]), "x", "NaN"),
        (lambda: tfb.forward(tfb.affine(scale_diag=[1, 2]), [1, 2, 3]), "x", "can't use `x`"),
        (lambda: tfb.inverse(tfb.inline(tf.sinh), 1.0), "bijector", "inverse not implemented"),
        (lambda: tfb.forward_log_det_jacobian(tfb.exp(), [1, 2], event_ndims=3), "x", "at least 3"),
        (lambda: tfb.forward_log_det_jacobian(tfb.exp(), [1, 2], event_ndims=-1), "event_ndims", ">= 0"),
    ],
}


@pytest.mark.parametrize("family", WRONG)
def test_errors_name_the_argument(family):
    for call, argument, words in WRONG[family]:
        with pytest.raises(pf.ArgumentError, match=words) as error:
            call()
        assert error.value.argument == argument, str(error.value)
        assert str(error.value).startswith("tfb.")
        assert f"`{argument}`" in str(error.value)


# -- with the rest of pyflows ---------------------------------------------------------------------------


def test_mixes_with_flows(fitted):
    """A fitted flow gives bijectors that these functions take, and what they make is a layer of a flow."""
    with settings.using("float32"):
        x = np.array([[5.0, 1.0], [4.0, 2.0]])
        b = tfb.chain([tfb.scale([2.0, 3.0]), pf.bijector(fitted)])
        np.testing.assert_allclose(tfb.forward(b, x), pf.forward(fitted, x) * [2, 3], rtol=1e-5)
        layer = pf.tfb_layer(tfb.affine(scale_tril=[[2.0, 0.0], [1.0, 1.0]], shift=[1.0, 0.0]))
        model = pf.build(pf.flow(layer), event_size=2, seed=1)
        expected = stats.multivariate_normal([1, 0], [[4, 2], [2, 2]]).logpdf(x)
        np.testing.assert_allclose(pf.log_prob(model, x), expected, rtol=1e-5)


def test_trained_as_a_layer(table, quick):
    with settings.using("float32"):
        network = tfb.masked_autoregressive_default_template([4], event_size=2, seed=1)
        start = [v.numpy() for v in network.trainable_variables]
        model = pf.fit(pf.flow(pf.tfb_layer(tfb.masked_autoregressive_flow(network))), table, **quick)
    assert len(model.variables) >= 4
    moved = [np.any(v.numpy() != s) for v, s in zip(pf.bijector(model).trainable_variables, start, strict=True)]
    assert all(moved)


# -- the table ------------------------------------------------------------------------------------------


def test_every_function_has_a_test():
    tested = {name.split("_defaults")[0] for name in itertools.chain(ELEMENTWISE, EVENTS)}
    alone = {
        "absolute_value", "split", "joint_map", "restructure", "batch_normalization", "glow", "affine", "masked_dense",
        "masked_autoregressive_default_template", "real_nvp_default_template", "autoregressive_network",
    }  # fmt: skip
    makers = {entry.name for entry in entries("tfb") if not entry.verb}
    assert makers - tested - alone == set()
    assert set(tfb.__all__) == {entry.name for entry in entries("tfb")}


# Those whose defaults are not enough to build one; and glow, whose 96 networks take seconds.
NEED_MORE = {"masked_autoregressive_flow", "real_nvp", "glow"}


def test_defaults_build():
    made = 0
    for entry in entries("tfb"):
        if entry.name not in NEED_MORE and not any(default is REQUIRED for _, default in entry.args.values()):
            assert isinstance(entry.function(), tf.Module), entry.name
            made += 1
    assert made > 40
