"""Linear and mixing layers: their matrices against numpy, and what the arguments of the presets make of them."""

from __future__ import annotations

import numpy as np
import pytest
from cases import move, some_rows
from scipy import stats

import pyflows as pf
from pyflows.backend import tf
from pyflows.errors import ArgumentError
from pyflows.layers.rotations import round_robin

SIZES = (1, 2, 3, 5, 8)
LINEAR, NAMES = [pf.lu(), pf.householder(), pf.givens()], ["lu", "householder", "givens"]


def matrix_of(model):
    """The matrix of a linear flow: what it makes of the identity, less what it makes of 0."""
    d = model.event_size
    return (pf.forward(model, np.eye(d)) - pf.forward(model, np.zeros((1, d)))).T


def moved(flow, d, dtype="float64"):
    return move(pf.build(flow, d, seed=1, dtype=dtype), size=0.7)


def log_det(model):
    x = np.zeros((1, model.event_size))
    z = pf.inverse(model, x)
    return -(pf.log_prob(model, x) - stats.norm.logpdf(z).sum(1))[0]


@pytest.mark.parametrize("d", SIZES)
@pytest.mark.parametrize("flow", LINEAR, ids=NAMES)
def test_log_determinants_are_those_of_the_matrix(flow, d):
    model = moved(flow, d)
    sign, expected = np.linalg.slogdet(matrix_of(model))
    assert sign == 1.0
    assert log_det(model) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("d", SIZES)
@pytest.mark.parametrize("k", [1, 2, 3, 6])
def test_householder_is_the_product_of_its_reflections(d, k):
    model = moved(pf.householder(reflections=k), d)
    vectors = model.weights["layers/0/vectors"]
    expected = np.eye(d)
    for v in vectors.T:
        expected = expected @ (np.eye(d) - 2.0 * np.outer(v, v) / (v @ v))
    matrix = matrix_of(model)
    np.testing.assert_allclose(matrix, expected, atol=1e-12)
    np.testing.assert_allclose(np.linalg.det(matrix), (-1.0) ** k, rtol=1e-12)
    np.testing.assert_allclose(matrix @ matrix.T, np.eye(d), atol=1e-12)
    assert log_det(model) == pytest.approx(0.0, abs=1e-12)


ROTATIONS = {
    "one": pf.householder(1),
    "two": pf.householder(2),
    "six": pf.householder(6),
    "all pairs": pf.givens(),
    "one round": pf.givens(1),
    "many rounds": pf.givens(9),
}


@pytest.mark.parametrize("d", [1, 2, 3, 5])
@pytest.mark.parametrize("name", list(ROTATIONS))
def test_free_parameters_of_rotations_are_the_dimensions_of_what_they_reach(name, d):
    """The rank of the derivative of the matrix with respect to all weights."""
    model = moved(ROTATIONS[name], d)
    variables = list(model.variables.values())
    with tf.GradientTape() as tape:
        matrix = tf.reshape(model.architecture.forward(dict(model.variables), tf.eye(d, dtype="float64"))[0], [-1])
    parts = [tf.reshape(part, [d * d, -1]) for part in tape.jacobian(matrix, variables)]
    rank = np.linalg.matrix_rank(tf.concat(parts, 1), tol=1e-10) if parts else 0
    assert model.architecture.free_parameters == rank


@pytest.mark.parametrize("rounds", [None, 1, 9])
@pytest.mark.parametrize("d", SIZES)
def test_givens_is_the_product_of_its_rotations(d, rounds):
    model = moved(pf.givens(rounds=rounds), d)
    pairs = round_robin(d)
    turns = [pair for r in range(rounds or len(pairs)) for pair in pairs[r % len(pairs)]]
    expected = np.eye(d)
    for (i, j), angle in zip(turns, model.weights.get("layers/0/angles", []), strict=True):
        turn = np.eye(d)
        turn[[i, j], [i, j]] = np.cos(angle)
        turn[i, j], turn[j, i] = -np.sin(angle), np.sin(angle)
        expected = expected @ turn
    matrix = matrix_of(model)
    np.testing.assert_allclose(matrix, expected, atol=1e-12)
    np.testing.assert_allclose(np.linalg.det(matrix), 1.0, rtol=1e-12)
    if rounds is None:
        assert len(turns) == d * (d - 1) // 2


@pytest.mark.parametrize("d", [1, 2, 3, 6, 7])
def test_in_a_tournament_each_meets_each_once_and_nobody_plays_twice_a_round(d):
    rounds = round_robin(d)
    met = [pair for pairs in rounds for pair in pairs]
    assert sorted(tuple(sorted(pair)) for pair in met) == [(i, j) for i in range(d) for j in range(i + 1, d)]
    assert all(len({player for pair in pairs for player in pair}) == 2 * len(pairs) for pairs in rounds)


@pytest.mark.parametrize("flow", LINEAR, ids=NAMES)
def test_linear_layers_start_at_the_identity(flow):
    for d in (1, 2, 5, 64):
        np.testing.assert_allclose(matrix_of(pf.build(flow, d, seed=3, dtype="float64")), np.eye(d), atol=1e-9)


@pytest.mark.parametrize("flow", LINEAR[1:], ids=NAMES[1:])
def test_rotations_of_many_dimensions_stay_rotations_in_single_precision(flow):
    for model in (pf.build(flow, 64, seed=1), moved(flow, 64, "float32")):
        matrix = matrix_of(model)
        np.testing.assert_allclose(matrix @ matrix.T, np.eye(64), atol=1e-5)


def test_lu_is_the_product_of_its_factors():
    d, rng = 3, np.random.default_rng(2)
    model = pf.build(pf.lu(), d, seed=1, dtype="float64")
    values = {name: rng.normal(size=d) for name in ("shift", "diagonal", "lower", "upper")}
    for name, value in values.items():
        model.variables[f"layers/0/{name}"].assign(value)
    lower, upper = np.eye(d), np.diag(np.log1p(np.exp(values["diagonal"])) + 1e-5)
    lower[np.tril_indices(d, -1)] = values["lower"]
    upper.T[np.tril_indices(d, -1)] = values["upper"]
    x, _ = some_rows(d)
    np.testing.assert_allclose(pf.forward(model, x), x @ (lower @ upper).T + values["shift"], rtol=1e-12)
    expected = stats.multivariate_normal(values["shift"], lower @ upper @ upper.T @ lower.T).logpdf(x)
    np.testing.assert_allclose(pf.log_prob(model, x), expected, rtol=1e-10)


def test_random_permute_is_fixed_by_its_seed_alone():
    x = np.arange(7.0)[None]

    def permuted(seed, build_seed):
        return pf.forward(pf.build(pf.random_permute(seed=seed), 7, seed=build_seed), x)[0].tolist()

    assert permuted(4, 1) == permuted(4, 2) != permuted(5, 1)
    assert sorted(permuted(4, 1)) == x[0].tolist()
    # It is not saved with a model: these numbers must never change.
    assert permuted(0, 1) == np.random.RandomState(0).permutation(7).tolist()


@pytest.mark.parametrize("d", range(1, 8))
def test_a_derangement_leaves_nothing_in_its_place(d):
    x = np.arange(float(d))[None]
    for seed in range(20):
        found = pf.forward(pf.build(pf.random_permute(seed=seed, derange=True), d, seed=0), x)[0]
        assert sorted(found) == x[0].tolist()
        assert d == 1 or (found != x[0]).all()
        # The first such order of the generator, for ever: it is not saved with a model.
        rng = np.random.RandomState(seed)
        drawn = (rng.permutation(d) for _ in range(1000))
        assert found.tolist() == next(order.tolist() for order in drawn if d == 1 or (order != np.arange(d)).all())


def test_presets_are_made_of_the_layers_they_name():
    def kinds(flow):
        return [node.kind for node in pf.build(flow, 3, seed=1).architecture.nodes]

    assert kinds(pf.nice(layers=2)) == ["actnorm", "coupling", "reverse", "coupling"]
    assert kinds(pf.glow(layers=2)) == ["coupling", "reverse", "lu", "actnorm"] * 2


def test_nice_has_one_log_determinant_for_all_rows():
    model = moved(pf.nice(hidden=(6,), activation="tanh"), 3)
    x, _ = some_rows(3)
    found = pf.log_prob(model, x) - stats.norm.logpdf(pf.inverse(model, x)).sum(1)
    np.testing.assert_allclose(found, found[0], rtol=1e-10)


def test_lu_learns_a_covariance():
    rng = np.random.default_rng(1)
    turn = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    x = rng.normal(size=(2000, 3)) * [3.0, 1.0, 0.3] @ turn.T
    model = pf.fit(pf.lu(), x, epochs=60, seed=1, learning_rate=1e-2, progress=False)
    truth = stats.multivariate_normal(np.zeros(3), turn @ np.diag([9.0, 1.0, 0.09]) @ turn.T).logpdf(x).mean()
    assert pf.log_prob(model, x).mean() > truth - 0.02


# -- orders, graphs and masks ------------------------------------------------------------------------------------------


def jacobian(model, x):
    """`[d, d]`: how z at one row depends on x there."""
    x = tf.constant(x[:1])
    bijector = pf.bijector(model)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        parts = tf.unstack(bijector.inverse(x)[0])
    zero = tf.UnconnectedGradients.ZERO
    return np.array([tape.gradient(part, x, unconnected_gradients=zero)[0] for part in parts])


def autoregressive(**args):
    return pf.autoregressive(**{"hidden": (12, 12), "activation": "tanh", **args})


@pytest.mark.parametrize(
    ("order", "expected"),
    [("natural", [0, 1, 2, 3]), ("reversed", [3, 2, 1, 0]), ([2, 0, 3, 1], [2, 0, 3, 1])],
    ids=["natural", "reversed", "given"],
)
def test_each_column_depends_on_those_before_it_in_the_order(order, expected):
    found = jacobian(moved(autoregressive(order=order), 4), some_rows(4)[0])
    in_order = found[np.ix_(expected, expected)]
    assert (np.triu(in_order, 1) == 0).all() and (in_order[np.tril_indices(4)] != 0).all()


def test_random_orders_follow_their_seed():
    def depends(seed):
        return (jacobian(moved(autoregressive(order="random", order_seed=seed), 5), some_rows(5)[0]) != 0).tolist()

    assert depends(1) == depends(1) != depends(2)
    assert sorted(map(sum, depends(1))) == [1, 2, 3, 4, 5]


def test_orders_by_column_name():
    frame = pytest.importorskip("pandas").DataFrame(some_rows(3, n=50)[0], columns=["a", "b", "c"])
    by_name, by_position = (
        pf.fit(pf.autoregressive(hidden=4, order=order), frame, epochs=1, seed=1, progress=False)
        for order in (["c", "a", "b"], [2, 0, 1])
    )
    np.testing.assert_array_equal(pf.log_prob(by_name, frame), pf.log_prob(by_position, frame))
    with pytest.raises(ArgumentError, match=r"`order` names 'd', but the columns are a, b, c"):
        pf.fit(pf.autoregressive(order=["c", "a", "d"]), frame)


ADJACENCY = np.array([[0, 0, 1, 0, 0], [1, 0, 0, 0, 1], [0, 0, 0, 0, 0], [0, 1, 1, 0, 0], [0, 0, 0, 0, 0]])


@pytest.mark.parametrize("residual", [False, True])
@pytest.mark.parametrize("fast", ["density", "sampling"])
@pytest.mark.parametrize("hidden", [(4,), (5, 5), (20, 20, 20)])
def test_a_graph_gives_each_column_its_parents_and_nothing_else(hidden, fast, residual):
    flow = pf.autoregressive(adjacency=ADJACENCY, hidden=hidden, activation="tanh", fast=fast, residual=residual)
    model = moved(flow, 5)
    x, _ = some_rows(5)
    # What the network sees is x for "density", and z for "sampling".
    found = jacobian(model, x)
    found = found if fast == "density" else np.linalg.inv(found)
    found[np.abs(found) < 1e-14] = 0
    np.testing.assert_array_equal(found != 0, ADJACENCY + np.eye(5) > 0)
    np.testing.assert_allclose(pf.forward(model, pf.inverse(model, x)), x, atol=1e-12)


def test_the_full_graph_sees_what_the_natural_order_sees():
    full = np.tril(np.ones((4, 4), int), -1)
    one = jacobian(moved(autoregressive(adjacency=full), 4), some_rows(4)[0])
    other = jacobian(moved(autoregressive(), 4), some_rows(4)[0])
    np.testing.assert_array_equal(one != 0, other != 0)


def test_a_graph_of_one_column_and_a_graph_without_edges():
    x, context = some_rows(3, 1)
    for d, c in ((1, 0), (3, 0), (3, 1)):
        model = move(pf.build(autoregressive(adjacency=np.zeros((d, d), int)), d, c, seed=1, dtype="float64"))
        rows, given = x[:, :d], context if c else None
        np.testing.assert_allclose(pf.forward(model, pf.inverse(model, rows, given), given), rows, atol=1e-12)


@pytest.mark.parametrize(
    ("edges", "message"),
    [
        ([(0, 1), (1, 0)], "column 0 depends on column 1, which depends on column 0"),
        ([(1, 1)], "column 1 depends on column 1."),
        ([(3, 0), (0, 1), (1, 2), (2, 0)], "column 0 depends on column 1, which depends on column 2, which depends on"),
    ],
)
def test_a_cycle_is_refused_and_named(edges, message):
    adjacency = np.zeros((4, 4), int)
    adjacency[tuple(np.transpose(edges))] = 1
    with pytest.raises(ArgumentError, match=r"layer 1 \(autoregressive\): `adjacency` must have no cycle") as caught:
        pf.build(pf.autoregressive(adjacency=adjacency), 4)
    assert message in caught.value.message


def test_graphs_that_do_not_fit_are_refused():
    adjacency = np.tril(np.ones((4, 4), int), -1)
    with pytest.raises(ArgumentError, match="`adjacency` has 4 rows, but the data have 3 columns"):
        pf.build(pf.autoregressive(adjacency=adjacency), 3)
    with pytest.raises(ArgumentError, match="`adjacency` gives the order itself"):
        pf.build(pf.autoregressive(adjacency=adjacency, order="reversed"), 4)
    with pytest.raises(ArgumentError, match=r"3 different sets of parents.*a layer of 2"):
        pf.build(pf.autoregressive(adjacency=adjacency, hidden=(8, 2)), 4)
    frame = pytest.importorskip("pandas").DataFrame(some_rows(2, n=50)[0], columns=["a", "b"])
    with pytest.raises(ArgumentError, match="a depends on b, which depends on a"):
        pf.fit(pf.autoregressive(adjacency=[[0, 1], [1, 0]]), frame)


@pytest.mark.parametrize("fast", ["density", "sampling"])
def test_many_layers_of_a_graph_run_as_a_loop(fast):
    flow = pf.autoregressive(adjacency=ADJACENCY, hidden=(5,), activation="tanh", fast=fast)
    model = move(pf.build(pf.flow(*[flow] * 9), 5, seed=1, dtype="float64"), size=0.1)
    x, _ = some_rows(5)
    np.testing.assert_allclose(pf.forward(model, pf.inverse(model, x)), x, atol=1e-9)


@pytest.mark.parametrize("repeats", [1, 9])
def test_xla_compiles_graphs_and_their_gradients(repeats):
    flow = pf.autoregressive(adjacency=ADJACENCY, hidden=(5,), activation="tanh", fast="sampling")
    model = move(pf.build(pf.flow(*[flow] * repeats), 5, seed=1, dtype="float64"), size=0.1)
    x = tf.constant(some_rows(5)[0].T)
    weights = {name: tf.constant(value) for name, value in model.weights.items()}

    def value_and_gradients(x):
        with tf.GradientTape() as tape:
            tape.watch([x, weights])
            density = model.architecture.log_prob(weights, x)
        return density, tape.gradient(density, [x, *weights.values()])

    plain = value_and_gradients(x)
    compiled = tf.function(value_and_gradients, autograph=False, jit_compile=True)(x)
    for one, other in zip(tf.nest.flatten(plain), tf.nest.flatten(compiled), strict=True):
        np.testing.assert_allclose(other, one, atol=1e-10)


def test_a_given_mask_says_what_stays():
    mask = [0, 1, 1, 0]
    found = jacobian(moved(pf.coupling(hidden=(8,), activation="tanh", mask=mask), 4), some_rows(4)[0])
    expected = np.eye(4)
    expected[np.ix_([0, 3], [1, 2])] = 1
    np.testing.assert_array_equal(found != 0, expected != 0)
    np.testing.assert_array_equal(found[[1, 2]], np.eye(4)[[1, 2]])


def test_masks_by_name_are_masks_by_hand():
    x, _ = some_rows(5)
    for name, mask in {"half": [1, 1, 0, 0, 0], "alternating": [0, 1, 0, 1, 0]}.items():
        one, other = (moved(pf.coupling(hidden=(4,), mask=given), 5) for given in (name, mask))
        np.testing.assert_array_equal(pf.log_prob(one, x), pf.log_prob(other, x))


def test_a_mask_must_fit_the_columns():
    with pytest.raises(ArgumentError, match="`mask` has 2 entries, but the data have 3 columns"):
        pf.build(pf.coupling(mask=[1, 0]), 3)
    model = moved(pf.coupling(hidden=(4,), mask=[0, 0]), 2)  # nothing to see: each column by itself
    np.testing.assert_allclose(pf.forward(model, pf.inverse(model, some_rows(2)[0])), some_rows(2)[0], atol=1e-12)
