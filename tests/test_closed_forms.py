"""Flows whose density is known: what comes out must be what scipy says."""

from __future__ import annotations

import numpy as np
import pytest
from cases import move, moved_model, some_rows
from scipy import stats

import pyflows as pf
from pyflows.backend import tf
from pyflows.networks import MaskedNetwork
from pyflows.transforms.affine import LOG_SCALE_BOUND


def set_weights(model, **values):
    """Give the weights of a flow's only layer their values."""
    for name, value in values.items():
        model.variables[f"layers/0/{name}"].assign(np.broadcast_to(value, model.variables[f"layers/0/{name}"].shape))
    return model


def softplus(x):
    return np.log1p(np.exp(x))


@pytest.mark.parametrize("rank", [0, 1, 2])
def test_affine_is_the_multivariate_normal(rank):
    d, rng = 3, np.random.default_rng(4)
    diagonal, lower, shift = rng.normal(size=3), rng.normal(size=3), rng.normal(size=3)
    model = set_weights(pf.build(pf.affine(rank), d, seed=1, dtype="float64"), shift=shift, diagonal=diagonal)
    set_weights(model, lower=lower)
    matrix = np.diag(softplus(diagonal) + 1e-5)
    matrix[np.tril_indices(d, -1)] = lower
    if rank:
        factor = 0.5 * rng.normal(size=(d, rank))
        set_weights(model, factor=factor)
        matrix = matrix + factor @ factor.T
    x = rng.normal(size=(50, d))
    expected = stats.multivariate_normal(shift, matrix @ matrix.T).logpdf(x)
    np.testing.assert_allclose(pf.log_prob(model, x), expected, rtol=1e-10)
    np.testing.assert_allclose(pf.forward(model, x), x @ matrix.T + shift, rtol=1e-10)


@pytest.mark.parametrize(("skewness", "tail"), [(0.0, 1.0), (0.7, 1.0), (-1.2, 0.6), (0.3, 2.5)])
def test_sinh_arcsinh_is_the_density_of_jones_and_pewsey(skewness, tail):
    model = pf.build(pf.sinh_arcsinh(), 1, seed=1, dtype="float64")
    # The weight is the log of the tail weight before its soft bound b: t = exp(w / (1 + |w| / b)).
    bound = np.log(5.0)
    raw = np.log(tail) / (1 - abs(np.log(tail)) / bound)
    set_weights(model, skewness=skewness, tailweight=raw)
    x = np.linspace(-6, 6, 101)
    u = tail * np.arcsinh(x) - skewness
    expected = stats.norm.logpdf(np.sinh(u)) + np.log(tail * np.cosh(u) / np.sqrt(1 + x**2))
    np.testing.assert_allclose(pf.log_prob(model, x), expected, rtol=1e-9, atol=1e-12)


def test_prelu_is_a_normal_stretched_on_one_side():
    model = set_weights(pf.build(pf.prelu(), 1, seed=1, dtype="float64"), slope=0.3)
    slope = softplus(0.3) + 1e-3
    x = np.linspace(-4, 4, 60)
    expected = np.where(x < 0, stats.norm.logpdf(x, scale=slope), stats.norm.logpdf(x))
    np.testing.assert_allclose(pf.log_prob(model, x), expected, rtol=1e-10)


def test_scale_and_shift_of_normalisation_layers():
    x, _ = some_rows(2, n=20)
    model = set_weights(pf.build(pf.actnorm(), 2, seed=1, dtype="float64"), shift=[1, 2], log_scale=[0.5, -0.5])
    expected = stats.norm.logpdf(x, [1, 2], np.exp([0.5, -0.5])).sum(1)
    np.testing.assert_allclose(pf.log_prob(model, x), expected, rtol=1e-10)
    model = pf.build(pf.batch_norm(epsilon=0.5), 2, seed=1, dtype="float64")
    set_weights(model, shift=0.1, log_scale=0.3, mean=[1, 2], variance=[3, 4])
    scale = np.sqrt(np.array([3.5, 4.5])) * np.exp(-0.3)
    expected = stats.norm.logpdf(x, [1, 2] - 0.1 * scale, scale).sum(1)
    np.testing.assert_allclose(pf.log_prob(model, x), expected, rtol=1e-10)


def test_without_hidden_effects_autoregressive_is_a_diagonal_normal():
    """With all kernels 0 the network gives its output bias: shift m and bounded log-scale s."""
    for fast in ("density", "sampling"):
        model = pf.build(pf.autoregressive(hidden=4, fast=fast), 3, seed=1, dtype="float64")
        shift, raw = np.array([1.0, -2.0, 0.5]), np.array([0.2, -0.4, 3.0])
        set_weights(model, **{"output/kernel": 0.0, "output/bias": np.concatenate([shift, raw])})
        scale = np.exp(raw / (1 + np.abs(raw) / LOG_SCALE_BOUND))
        x, _ = some_rows(3, n=20)
        np.testing.assert_allclose(pf.log_prob(model, x), stats.norm.logpdf(x, shift, scale).sum(1), rtol=1e-10)


@pytest.mark.parametrize("fast", ["density", "sampling"])
def test_linear_autoregressive_is_a_unit_triangular_map(fast):
    """A leaky relu has h(u) - h(-u) = 1.2 u, so pairs of units make the network linear: m = W x, W lower triangular."""
    d, rng = 3, np.random.default_rng(2)
    flow = pf.autoregressive("additive", hidden=4 * (d - 1), activation="leaky_relu", fast=fast)
    model = pf.build(flow, d, seed=1, dtype="float64")
    # The units of degree i stand together, four of them: the first two pass on x_i and -x_i.
    kernel, output = np.zeros((4 * (d - 1), d)), np.zeros((d, 4 * (d - 1)))
    lower = np.tril(rng.normal(size=(d, d)), -1)
    for i in range(d - 1):
        first = i * 4
        kernel[first, i], kernel[first + 1, i] = 1.0, -1.0
        output[:, first], output[:, first + 1] = lower[:, i] / 1.2, -lower[:, i] / 1.2
    set_weights(model, **{"hidden/0/kernel": kernel, "hidden/0/bias": 0, "output/kernel": output, "output/bias": 0})
    # Networks see values beyond 3 by their logarithm, so the map is linear where what is conditioned on is smaller.
    rows = np.clip(some_rows(d, n=10)[0] / 5, -0.5, 0.5)
    # density: x = z + W x, sampling: x = z + W z. TensorFlow keeps the slope 0.2 in single precision.
    matrix = np.linalg.inv(np.eye(d) - lower) if fast == "density" else np.eye(d) + lower
    np.testing.assert_allclose(pf.forward(model, rows), rows @ matrix.T, atol=1e-6)
    np.testing.assert_allclose(pf.inverse(model, rows), rows @ np.linalg.inv(matrix).T, atol=1e-6)
    expected = stats.multivariate_normal(np.zeros(d), matrix @ matrix.T).logpdf(rows)
    np.testing.assert_allclose(pf.log_prob(model, rows), expected, rtol=1e-6)


def test_networks_see_far_values_by_their_logarithm():
    from pyflows.networks import squashed

    x = np.array([-1e6, -3.0, -0.5, 0.0, 2.999, 3.0, 4.0, 1e30])
    expected = np.where(np.abs(x) <= 3, x, np.sign(x) * (3 + np.log(np.maximum(np.abs(x) - 2, 1e-9))))
    np.testing.assert_allclose(squashed(tf.constant(x)), expected, rtol=1e-12)


def test_permute_and_reverse_move_columns():
    model = pf.build(pf.flow(pf.permute([2, 0, 1]), pf.reverse()), 3, seed=1)
    np.testing.assert_array_equal(pf.forward(model, [[10.0, 20.0, 30.0]]), [[20, 10, 30]])
    np.testing.assert_array_equal(pf.inverse(model, [[20.0, 10.0, 30.0]]), [[10, 20, 30]])


def test_empty_flow_is_its_base():
    model = pf.build(pf.flow(), 2, seed=1, dtype="float64")
    x, _ = some_rows(2)
    np.testing.assert_allclose(pf.log_prob(model, x), stats.norm.logpdf(x).sum(1))
    np.testing.assert_array_equal(pf.inverse(model, x), x)


@pytest.mark.parametrize("c", [0, 2])
@pytest.mark.parametrize("hidden", [(1,), (2, 5), (7, 7), (20,)])
@pytest.mark.parametrize("d", [2, 3, 6])
def test_masked_network_sees_only_what_came_before(d, hidden, c):
    network = MaskedNetwork(d, c, 2, hidden, "tanh", False, (0.0, 0.0))
    rng = np.random.default_rng(1)
    weights = {name: tf.constant(rng.normal(size=weight.shape)) for name, weight in network.weights.items()}
    x = tf.constant(rng.normal(size=(d, 1)))
    context = tf.constant(rng.normal(size=(c, 1))) if c else None
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        if c:
            tape.watch(context)
        out = tf.reshape(network(weights, x, context), [2, d])
        single = [[out[p, i] for i in range(d)] for p in range(2)]
    zero = tf.UnconnectedGradients.ZERO
    for row in single:
        jacobian = np.array([tape.gradient(value, x, unconnected_gradients=zero).numpy()[:, 0] for value in row])
        assert (np.triu(jacobian) == 0).all()
        if max(hidden) >= d and min(hidden) >= d:
            assert (jacobian[np.tril_indices(d, -1)] != 0).all()
        if c:
            seen = [tape.gradient(value, context, unconnected_gradients=zero).numpy() for value in row]
            # The first output sees the context through units of degree 0, where there is room for them.
            assert all((part != 0).all() for part in (seen if min(hidden) >= d else seen[-1:]))


@pytest.mark.parametrize("variant", ["affine", "residual", "relu", "one unit", "sampling"])
@pytest.mark.parametrize("c", [0, 2])
def test_slow_direction_is_the_inverse_found_one_dimension_at_a_time(variant, c):
    """The slow direction, done here by the definition: d evaluations of the network, one more dimension right each."""
    d = 5
    model = moved_model("autoregressive", variant, d, c)
    (_, map_) = model.architecture.layers[0]
    weights = {name: model.variables[f"layers/0/{name}"] for name in map_.weights}
    rows, context = some_rows(d, c)
    context = None if context is None else tf.constant(context.T)
    value, result = tf.constant(rows.T), tf.zeros([d, len(rows)], tf.float64)
    apply = map_.transform.forward if map_.fast == "density" else map_.transform.inverse
    slow = map_.forward if map_.fast == "density" else map_.inverse
    for _ in range(d):
        result, log_derivative = apply(map_.network(weights, result, context), value)
    got, log_det = slow(weights, value, context)
    np.testing.assert_allclose(got, result, atol=1e-12)
    np.testing.assert_allclose(log_det, tf.reduce_sum(log_derivative, 0), atol=1e-12)


def test_stated_defaults_stay_finite_far_out():
    """Data at scale 1e4, and one outlier at 50 sd, through the default preset in float32, weights moved."""
    model = move(pf.build(pf.maf(), 4, seed=1), size=0.05)
    x, _ = some_rows(4, n=50)
    far = x.copy()
    far[0, 0] = 50.0
    for rows in (1e4 * x, far):
        constant = tf.constant(rows, tf.float32)
        with tf.GradientTape() as tape:
            density = pf.distribution(model).log_prob(constant)
            total = tf.reduce_mean(density)
        trained = [v for v in model.variables.values() if v.trainable]
        assert np.isfinite(density).all()
        assert all(np.isfinite(g).all() for g in tape.gradient(total, trained))


@pytest.mark.parametrize("c", [0, 2])
@pytest.mark.parametrize("batch_norm", [False, True])
@pytest.mark.parametrize("permutation", ["mixed", "reverse"])
def test_many_equal_layers_do_what_they_do_one_by_one(permutation, batch_norm, c):
    """Stacks run as a loop with a hand-written gradient; here is the same by hand, with automatic gradients."""
    flow = pf.maf(layers=10, hidden=4, activation="tanh", batch_norm=batch_norm, permutation=permutation)
    model = move(pf.build(flow, 3, c, seed=1, dtype="float64"))
    architecture = model.architecture
    rows, context_rows = some_rows(3, c, n=20)
    x, context = tf.constant(rows.T), tf.constant(context_rows.T) if c else None
    row_weights = tf.constant(np.linspace(0.1, 2.0, 20))
    names = architecture.trained
    there_and_back = pf.forward(model, pf.inverse(model, rows, context_rows), context_rows)
    np.testing.assert_allclose(there_and_back, rows, atol=1e-8)

    def one_by_one(training):
        value, total, updates = x, 0.0, {}
        scaled = architecture.scaled_context(dict(model.variables), context)
        for name, map_ in reversed(architecture.layers):
            own = {key: model.variables[f"{name}/{key}"] for key in map_.weights}
            if training:
                value, log_det, new = map_.inverse_training(own, value, scaled, row_weights)
                updates |= {f"{name}/{key}": update for key, update in new.items()}
            else:
                value, log_det = map_.inverse(own, value, scaled)
            total = total + log_det
        return architecture.base.log_prob({}, value) + total, updates

    def together(training):
        if training:
            return architecture.log_prob_training(dict(model.variables), x, context, row_weights)
        return architecture.log_prob(dict(model.variables), x, context), {}

    for training in (False, True):
        results = []
        for way in (one_by_one, together):
            sources = [model.variables[name] for name in names] + ([context] if c else [])
            with tf.GradientTape() as tape:
                tape.watch(sources)
                density, updates = way(training)
                total = tf.reduce_sum(density * row_weights)
            results.append((density, updates, tape.gradient(total, sources)))
        (density, updates, gradients), (other_density, other_updates, other_gradients) = results
        np.testing.assert_allclose(other_density, density, atol=1e-10)
        assert updates.keys() == other_updates.keys() and (bool(updates) == (batch_norm and training))
        for name, update in updates.items():
            np.testing.assert_allclose(other_updates[name], update, atol=1e-12)
        for one, other in zip(gradients, other_gradients, strict=True):
            np.testing.assert_allclose(other, one, rtol=1e-8, atol=1e-10)
