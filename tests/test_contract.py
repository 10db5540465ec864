"""What every kind of layer, preset and base must do, whatever it is. The examples are in cases.py."""

from __future__ import annotations

import numpy as np
import pytest
from cases import (
    BOUNDED,
    CASES,
    CIRCLES,
    COMPOSITIONS,
    CONTEXTS,
    DISCRETE,
    EXAMPLES,
    FIRST,
    FIRST_IDS,
    IDS,
    LIVE,
    NEEDS_CONTEXT,
    ODE_ERROR,
    ODES,
    PRESETS,
    REQUIRED,
    SUPPORTS,
    WHOLE,
    cases_and,
    ids_of,
    make_flow,
    make_model,
    move,
    moved_model,
    on_support,
    settings,
    some_rows,
)

import pyflows as pf
from pyflows import architecture as architecture_module
from pyflows import rbridge
from pyflows import rows as rows_module
from pyflows.backend import tf
from pyflows.errors import ArgumentError
from pyflows.files import from_bytes, to_bytes
from pyflows.spec import catalogue, kinds

every_case = pytest.mark.parametrize(("kind", "variant"), CASES, ids=IDS)
every_kind = pytest.mark.parametrize(("kind", "variant"), FIRST, ids=FIRST_IDS)


def over(names, found):
    """Run a test over settings."""
    return pytest.mark.parametrize(names, found, ids=ids_of(found))


# Weights on a context come on top of the others, and float32 is where numbers break first.
every_case_and_context = over(("kind", "variant", "c"), cases_and(CONTEXTS, CONTEXTS[1:]))
every_case_and_dtype = over(("kind", "variant", "dtype"), cases_and(("float32", "float64"), ("float32",)))


def error_of(kind, usual=1e-9):
    """What two ways to one number may differ by. (The steps of a solver depend on all rows that it works on.)"""
    return ODE_ERROR if kind in ODES else usual


def normal_log_prob(z):
    return -0.5 * (np.square(z) + np.log(2 * np.pi)).sum(1)


def test_every_built_in_kind_has_an_example():
    built_in = [kind.name for kind in kinds() if kind.build.__module__.startswith("pyflows.")]
    assert sorted(built_in) == sorted(EXAMPLES)


def with_jacobians(direction, weights, value, context):
    """A direction of an architecture at `value [d, n]`: its result, its log-determinants `[n]`, and those of the
    Jacobians of its first d rows that automatic differentiation finds. The columns are repeated d times, so that one
    backward pass gives all rows of the Jacobian: that of copy i is for output i."""
    d, n = value.shape
    copies = tf.tile(value, [1, d])
    with tf.GradientTape() as tape:
        tape.watch(copies)
        result, log_det = direction(weights, copies, None if context is None else tf.tile(context, [1, d]))
    each = tf.repeat(tf.eye(result.shape[0], d, dtype=value.dtype), n, axis=1)
    rows = tf.convert_to_tensor(tape.gradient(result, copies, each, tf.UnconnectedGradients.ZERO))
    jacobians = np.transpose(np.reshape(rows, [d, d, n]), [2, 1, 0])
    return result[:, :n], np.broadcast_to(log_det, n * d)[:n], np.linalg.slogdet(jacobians)[1]


@over(("kind", "variant", "d", "c"), settings())
def test_round_trips_and_log_determinants(kind, variant, d, c):
    model = moved_model(kind, variant, d, c)
    weights, architecture, free = dict(model.variables), model.architecture, model.latent_size
    rows, context = some_rows(d, c)
    context = None if context is None else tf.constant(context.T)
    x, atol = tf.constant(on_support(kind, rows).T), error_of(kind)
    z = architecture.inverse(weights, x, context)[0]
    if kind in DISCRETE:  # the rest is in test_dequantize.py
        np.testing.assert_allclose(architecture.forward(weights, z, context)[0], x, atol=1e-9)
        return

    def inverse(weights, x, context):
        """From the rows that are free: of a composition, the others leave the last part."""
        x = tf.concat([x, 1.0 - tf.reduce_sum(x, 0, keepdims=True)], 0) if kind in COMPOSITIONS else x
        return architecture.inverse(weights, x, context)

    # Base -> data -> base from the first half of z, data -> base -> data from the second half.
    z = tf.concat([tf.constant(rows[:, :free].T), z], 1)
    context = None if context is None else tf.tile(context, [1, 2])
    there, forward, forward_found = with_jacobians(architecture.forward, weights, z, context)
    back, backward, backward_found = with_jacobians(inverse, weights, there[:free], context)
    np.testing.assert_allclose(back, z, atol=atol, err_msg="base -> data -> base")
    np.testing.assert_allclose(there[:, len(rows) :], x, atol=atol, err_msg="data -> base -> data")
    np.testing.assert_allclose(forward, -backward, atol=atol, err_msg="log-determinants of both directions")
    np.testing.assert_allclose(forward, forward_found, atol=atol, err_msg="forward log-determinant")
    np.testing.assert_allclose(backward, backward_found, atol=atol, err_msg="inverse log-determinant")


# Kinds for which 64 columns take seconds, because they look for one root after the other in the direction that runs
# column by column: fewer columns for them.
FEWER_COLUMNS = dict.fromkeys(("nsf", "naf", "bernstein_flow", "sos_flow", "ncsf", "block_autoregressive", "bnaf"), 10)


@every_kind
def test_many_columns(kind, variant):
    d, c = FEWER_COLUMNS.get(kind, 64), 2 * (kind in NEEDS_CONTEXT)
    # Large triangular matrices with large random entries are badly conditioned, so the weights move less.
    model = move(make_model(kind, variant, d, c), size=0.05)
    weights, architecture = dict(model.variables), model.architecture
    rows, context = some_rows(d, c, n=3)
    x, context = tf.constant(on_support(kind, rows).T), None if context is None else tf.constant(context.T)
    z, backward = architecture.inverse(weights, x, context)
    again, forward = architecture.forward(weights, z, context)
    np.testing.assert_allclose(again, x, atol=error_of(kind))
    if kind not in DISCRETE:
        np.testing.assert_allclose(forward, -backward, atol=error_of(kind))


def log_prob_now(model, x, context=None):
    """Log-density without tracing anything."""
    architecture = model.architecture
    context = None if context is None else tf.transpose(tf.constant(context))
    return architecture.log_prob(dict(model.variables), tf.transpose(tf.constant(x)), context).numpy()


# How finely a plane is cut, `(cells, end)`, where it is not (420, 7). Some densities jump or change within one cell of
# the usual grid: the sum goes to 1 as the cells get smaller. Others are smooth, and each point takes long.
STEEP, SMOOTH = (960, 4.0), (140, 7.0)
GRIDS = dict.fromkeys(("linear spline", "linear-rational spline"), STEEP)
GRIDS |= dict.fromkeys(("continuous", "cnf", "gaussianization", "gaussianization_flow"), SMOOTH)


def cells_of(kind, variant, free):
    """Points and sizes of the cells of one axis, for a grid of `free` axes."""
    cells, end = (4000, 10.0) if free == 1 else GRIDS.get(variant) or GRIDS.get(kind) or (420, 7.0)
    share = (np.arange(cells) + 0.5) / cells
    if kind in DISCRETE:
        return np.arange(-60.0, 60.0), np.ones(120)
    if kind in COMPOSITIONS:
        return share, np.full(cells, 1.0 / cells)
    if kind in CIRCLES:
        low, high = CIRCLES[kind]
        return low + (high - low) * share, np.full(cells, (high - low) / cells)
    # Midpoint rule in t with x = sinh(t), which reaches far into the tails. 0 is the border of two cells, because
    # some densities jump there.
    t = share * 2 * end - end
    return np.sinh(t), np.cosh(t) * 2 * end / cells


@over(("kind", "variant", "d", "c"), settings((1, 2)))
def test_density_integrates_to_one(kind, variant, d, c):
    free = moved_model(kind, variant, d, c).latent_size
    x, weight = cells_of(kind, variant, free)
    grid = np.stack(np.meshgrid(*[x] * free, indexing="ij"), -1).reshape(-1, free)
    weights = np.prod(np.stack(np.meshgrid(*[weight] * free, indexing="ij"), -1).reshape(-1, free), 1)
    if kind in COMPOSITIONS:
        grid = np.hstack([grid, 1.0 - grid.sum(1, keepdims=True)])
    context = np.broadcast_to([[0.5, -1.0]], (len(grid), 2)) if c else None
    density = np.exp(log_prob_now(moved_model(kind, variant, d, c), grid, context))
    # Probabilities under learned noise are means over 16 points of it.
    assert np.sum(density * weights) == pytest.approx(1.0, abs=0.05 if variant == "variational" else 2e-3)


@every_case_and_context
def test_gradients_reach_every_weight_that_has_an_effect(kind, variant, c):
    model = moved_model(kind, variant, 3, c)
    rows, context = some_rows(3, c, n=200)
    rows = on_support(kind, 4.0 * rows)  # wide enough to wake every relu unit
    names = model.architecture.trained
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(
            model.architecture.log_prob(
                dict(model.variables), tf.transpose(tf.constant(rows)), None if context is None else context.T
            )
        )
    gradients = tape.gradient(loss, [model.variables[name] for name in names])
    for name, gradient in zip(names, gradients, strict=True):
        assert gradient is not None, name
        weight = model.architecture.weights[name]
        values = gradient.numpy()
        assert np.isfinite(values).all(), name
        expected = values.size if weight.used is None else weight.used
        assert np.count_nonzero(values) == expected, name
    weights = [model.architecture.weights[name] for name in names]
    free = sum(
        np.count_nonzero(gradient) if weight.dimension is None else weight.dimension
        for weight, gradient in zip(weights, gradients, strict=True)
    )
    assert free == model.architecture.free_parameters == model.summary()["weights_count"]


@pytest.mark.parametrize(("kind", "variant"), [case for case in CASES if case[0] in LIVE])
def test_live_objects_fit_and_describe_themselves(kind, variant):
    rows, _ = some_rows(2, n=100)
    model = pf.fit(make_flow(kind, variant, 2, "float32"), rows, epochs=2, seed=1, progress=False, jit_compile=False)
    assert model.facts["steps"] > 0
    start = make_model(kind, variant, 2, dtype="float32").weights
    assert any((model.weights[name] != start[name]).any() for name in start)
    assert kind in repr(model)
    assert "value" in rbridge.door("facts", {"fit": model})


@every_case_and_dtype
def test_outliers_keep_finite_densities_and_gradients(kind, variant, dtype):
    if kind in SUPPORTS:
        return  # test_supports.py
    rows = np.array([[1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, 0, -1], [1, 1, 1], [-1, -1, -1], [1, -1, 1]], dtype)
    rows = np.concatenate([1e3 * rows, 1e6 * rows]).astype(dtype)
    model = moved_model(kind, variant, 3, 0, dtype)
    x = tf.constant(rows.T)
    with tf.GradientTape() as tape:
        tape.watch(x)
        density = model.architecture.log_prob(dict(model.variables), x)
        total = tf.reduce_sum(density)
    zero = tf.UnconnectedGradients.ZERO
    sources = [x, *(model.variables[name] for name in model.architecture.trained)]
    gradients = [tf.convert_to_tensor(g) for g in tape.gradient(total, sources, unconnected_gradients=zero)]
    assert np.all(density == -np.inf) if kind in BOUNDED else np.isfinite(density).all()
    assert all(np.isfinite(gradient).all() for gradient in gradients)


@every_case
def test_untrained_flows_are_near_the_identity(kind, variant):
    model = make_model(kind, variant, 3)
    rows, _ = some_rows(3, n=50)
    bijector = pf.bijector(model)
    if kind in SUPPORTS:
        return
    order = {"permute": [1, 2, 0]} | {key: [2, 1, 0] for key in ("reverse", "maf", "iaf", "real_nvp", "nsf")}
    order |= {"nice": [2, 1, 0], "random_permute": [0, 2, 1]}
    order = order.get(kind, [0, 1, 2])
    order = {"deranged": [1, 2, 0], "three layers": [1, 0, 2]}.get(variant, order)
    if variant in ("batch norm", "additive"):
        order = [0, 1, 2]
    np.testing.assert_allclose(bijector.forward(tf.constant(rows)), rows[:, order], atol=0.5)
    if not kind.startswith("base_"):
        assert np.mean(np.abs(log_prob_now(model, rows) - normal_log_prob(rows))) < 0.5


@every_case
def test_same_seed_same_weights(kind, variant):
    one, same, other = (make_model(kind, variant, 3, 1, seed=seed).weights for seed in (1, 1, 2))
    assert one.keys() == same.keys() == other.keys()
    for name, value in one.items():
        np.testing.assert_array_equal(value, same[name])
    if kind in ("autoregressive", "maf", "iaf") or variant == "rank 2":
        assert any((one[name] != other[name]).any() for name in one)


@every_case_and_dtype
def test_saved_and_loaded_flows_are_equal_to_the_last_bit(kind, variant, dtype, eagerly, monkeypatch):
    if kind in LIVE:
        with pytest.raises(ArgumentError, match="live object"):
            to_bytes(make_model(kind, variant, 2))
        return
    model = moved_model(kind, variant, 2, 2, dtype)
    monkeypatch.setattr(architecture_module, "_recent", {})  # what is loaded is made from the file alone
    again = from_bytes(to_bytes(model))
    rows, context = some_rows(2, 2)
    rows = on_support(kind, rows)
    assert again.flow == model.flow
    for name, value in model.weights.items():
        np.testing.assert_array_equal(again.weights[name], value)
        assert again.weights[name].dtype == dtype
    np.testing.assert_array_equal(pf.log_prob(again, rows, context), pf.log_prob(model, rows, context))
    one = [[0.5, -1.0]]
    np.testing.assert_array_equal(pf.sample(again, 5, one, seed=3), pf.sample(model, 5, one, seed=3))


@every_case
def test_json_round_trip(kind, variant):
    flow = make_flow(kind, variant, 3)
    if kind in LIVE:
        with pytest.raises(ArgumentError, match="live object"):
            pf.to_json(flow)
        return
    again = pf.from_json(pf.to_json(flow))
    assert again == flow
    assert repr(again) == repr(flow)
    assert pf.to_json(again) == pf.to_json(flow)


@over(("kind", "variant", "c"), [(*case, c) for case in FIRST for c in (CONTEXTS if case in WHOLE else CONTEXTS[1:])])
def test_tfp_objects_agree_with_the_verbs(kind, variant, c, eagerly):
    model = moved_model(kind, variant, 2, c)
    rows, context = some_rows(2, c)
    rows = on_support(kind, rows)
    distribution, bijector, atol = pf.distribution(model, context), pf.bijector(model, context), error_of(kind, 1e-10)
    z = rows[:, : model.latent_size]
    np.testing.assert_allclose(distribution.log_prob(rows), pf.log_prob(model, rows, context), atol=atol)
    np.testing.assert_allclose(bijector.inverse(rows), pf.inverse(model, rows, context), atol=atol)
    np.testing.assert_allclose(bijector.forward(z), pf.forward(model, z, context), atol=atol)
    for direction, value in (("forward", z), ("inverse", rows)):
        found = getattr(bijector, f"{direction}_log_det_jacobian")(tf.constant(value), event_ndims=1)
        own = getattr(model.architecture, direction)(
            dict(model.variables), tf.constant(value.T), None if context is None else tf.constant(context.T)
        )[1]
        np.testing.assert_allclose(np.broadcast_to(found, len(rows)), own, atol=atol)
    one = context[0] if c else None
    assert pf.distribution(model, one).sample(4, seed=(1, 2)).shape == (4, 2)
    assert pf.distribution(model, one).event_shape == (2,)


@over(("kind", "variant"), [case for case in WHOLE if case[0] not in LIVE])  # a live object has variables of its own
def test_tfp_objects_train_inside_a_function(kind, variant):
    model = moved_model(kind, variant, 2, 2)
    rows, context = some_rows(2, 2)
    rows = tf.constant(on_support(kind, rows))

    @tf.function(autograph=False)
    def gradients(x):
        # Made inside: this is how a user's own training loop has it.
        inside = pf.distribution(model, context)
        with tf.GradientTape() as tape:
            value = inside.log_prob(x)
            total = tf.reduce_sum(value)
        trained = [v for v in model.variables.values() if v.trainable]
        return value, tape.gradient(total, trained)

    value, found = gradients(rows)
    np.testing.assert_allclose(value, pf.distribution(model, context).log_prob(rows), atol=error_of(kind, 1e-10))
    assert all(g is not None and np.isfinite(g).all() for g in found)


@every_kind
def test_tfp_objects_expose_the_trainable_variables(kind, variant):
    model = moved_model(kind, variant, 3)
    found = pf.distribution(model).trainable_variables
    assert len(found) == len(model.architecture.trained)
    with tf.GradientTape() as tape:
        total = tf.reduce_sum(pf.distribution(model).log_prob(some_rows(3)[0]))
    assert all(g is not None for g in tape.gradient(total, list(found)))


@every_kind
def test_traced_and_compiled_equal_plain(kind, variant, monkeypatch):
    monkeypatch.setattr(architecture_module, "_recent", {})  # no other test shall meet functions for such small blocks
    model = move(make_model(kind, variant, 3, 1))
    x, context = some_rows(3, 1, n=21)
    verbs = {pf.log_prob: on_support(kind, x), pf.forward: x[:, : model.latent_size]}
    tf.config.run_functions_eagerly(True)
    plain = [verb(model, rows, context) for verb, rows in verbs.items()]
    tf.config.run_functions_eagerly(False)
    for (verb, rows), expected in zip(verbs.items(), plain, strict=True):
        np.testing.assert_allclose(verb(model, rows, context), expected, atol=error_of(kind))
    if not model.architecture.jit_compilable:
        assert kind in (*LIVE, *ODES)
        return
    if kind in PRESETS:
        return  # their layers are compiled as kinds of their own
    sizes = {"BLOCK": 8, "CALL": 16, "JIT_ROWS": 1, "JIT_ROWS_DRAWS": 1}
    for name, value in sizes.items():
        monkeypatch.setattr(rows_module, name, value)
    for (verb, rows), expected in zip(verbs.items(), plain, strict=True):
        np.testing.assert_allclose(verb(model, rows, context), expected, atol=error_of(kind))


def bad_values(check):
    """Values that the check must refuse, from its own description."""
    kind = check["type"]
    bad = ["nonsense", {"a": 1}, float("nan"), object()]
    if not check["null"]:
        bad.append(None)
    if kind in ("whole", "number"):
        bad += [True, float("inf"), [1, 2]]
        bad += [1.5] if kind == "whole" else [check["min"], check["max"]] if check["open"] else []
        bad += [check["min"] - 1] if check["min"] is not None else []
        bad += [check["max"] + 1] if check["max"] is not None else []
    elif kind == "choice":
        bad += [1, list(check["values"]), check["values"][0].upper()]
    elif kind == "flag":
        bad += [1, 0, "True"]
    elif kind == "whole_list":
        bad += [[], [1.5], [check["min"] - 1], [2, "a"], True, [None]]
    elif kind == "permutation":
        bad += [[], [0, 0], [1, 2], [0, 2], ["a", "a"], ["a", 1], [0.5, 1], [True, False], "ab"]
    elif kind == "order":
        bad += [1, [], [0, 0], [1, 2], ["a", "a"], ["a", 1], True, "Random"]
    elif kind == "mask":
        bad += [[], [0, 2], [0.5], ["a"], [1, 1], True]
    elif kind == "adjacency":
        bad += [[], 2, [[0, 1]], [[0, 2], [0, 0]], [[0, 0], [0]], [["a"]], [0, 1]]
    elif kind == "columns":
        bad = [*bad[1:], [], [0, 0], ["a", "a"], ["a", 1], [0.5], [-1], [True]]  # a single name is allowed
    elif kind == "flow_arg":
        bad += [1, [], pf.maf, pf.base_normal(), {"layers": 3}, [pf.maf()]]
        bad += [] if check["any_base"] else [pf.flow(base="logistic")]
    elif kind == "flow_list":
        bad += [1, [], pf.maf(), [pf.maf], [pf.maf(), 1], [pf.flow(base="logistic")]]
    elif kind == "column_blocks":
        bad += [[], [[]], [["a"], ["a"]], [["a"], [1]], [[-1]], [[0.5]], "ab", [[True]]]
    else:
        raise AssertionError(f"the test knows no check of type {kind}")
    return [value for value in bad if value is not None or not check["null"]]


ARGUMENTS = [
    (kind["name"], arg["name"], arg["check"])
    for kind in catalogue()
    for arg in kind["args"]
    if kind["name"] in EXAMPLES and arg["check"]["type"] != "object"
]


@pytest.mark.parametrize(("kind", "argument", "check"), ARGUMENTS, ids=[f"{k}-{a}" for k, a, _ in ARGUMENTS])
def test_every_bound_is_refused_with_its_message(kind, argument, check):
    constructor = getattr(pf, kind)
    for value in bad_values(check):
        with pytest.raises(ArgumentError) as caught:
            constructor(**{**REQUIRED.get(kind, {}), argument: value})
        assert caught.value.argument == argument
        assert caught.value.message.startswith(f"{kind}(): `{argument}` must be "), caught.value.message
        assert ", not " in caught.value.message


@every_kind
def test_every_kind_refuses_unknown_arguments(kind, variant):
    required = {arg["name"]: None for entry in catalogue() if entry["name"] == kind for arg in entry["args"]}
    with pytest.raises(ArgumentError, match=rf"{kind}\(\).*wrong"):
        getattr(pf, kind)(**required, wrong=1)


@every_kind
def test_every_kind_is_documented(kind, variant):
    (about,) = [entry for entry in catalogue() if entry["name"] == kind]
    assert about["title"].endswith(".") and about["doc"]["body"] and about["doc"]["shapes"] and about["doc"]["example"]
    assert all(arg["doc"] for arg in about["args"])
    assert not about["args"] or about["doc"]["raises"]


@every_kind
def test_every_kind_passes_the_door_to_r(kind, variant):
    if kind in LIVE:
        return
    text = pf.to_json(make_flow(kind, variant, 2))
    options = {"event_size": 2, "context_size": int(kind in NEEDS_CONTEXT), "seed": 1, "columns": ["a", "b"]}
    model = rbridge.door("build", {"flow": text, **options})["value"]
    assert model.columns == ("a", "b")
    assert pf.to_json(model.flow) == text
