"""Flows made of flows: each against the same thing written out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from cases import make_flow, move, some_rows
from scipy import stats
from scipy.special import log_softmax, logsumexp

import pyflows as pf
from pyflows.errors import ArgumentError
from pyflows.files import from_bytes, to_bytes

MAF = pf.maf(layers=2, hidden=6, activation="tanh")


def build(flow, d=2, c=0):
    return move(pf.build(flow, d, c, seed=1, dtype="float64"))


def with_weights(flow, d, c, weights):
    """The flow with these weights."""
    model = pf.build(flow, d, c, seed=1, dtype="float64")
    assert set(weights) == set(model.weights)
    for name, value in weights.items():
        model.variables[name].assign(value)
    return model


def renamed(model, before, after):
    """Weights of a model, those under `before` under another name."""
    return {
        (after + name.removeprefix(before) if name.startswith(before) else name): value
        for name, value in model.weights.items()
    }


@pytest.mark.parametrize("c", [0, 2])
def test_inverted_flow_is_the_change_of_variables_by_hand(c):
    plain = build(MAF, 3, c)
    inverted = with_weights(pf.invert(MAF), 3, c, renamed(plain, "layers/", "layers/0/inner/"))
    rows, context = some_rows(3, c)
    np.testing.assert_allclose(pf.forward(inverted, rows, context), pf.inverse(plain, rows, context), atol=1e-10)
    np.testing.assert_allclose(pf.inverse(inverted, rows, context), pf.forward(plain, rows, context), atol=1e-10)
    z = pf.forward(plain, rows, context)
    # log |dz/dx| of x -> forward(x), from the plain flow's density at z.
    log_det = stats.norm.logpdf(rows).sum(1) - pf.log_prob(plain, z, context)
    expected = stats.norm.logpdf(z).sum(1) + log_det
    np.testing.assert_allclose(pf.log_prob(inverted, rows, context), expected, rtol=1e-9, atol=1e-9)


def test_inverted_twice_is_the_same_density():
    plain = build(MAF)
    twice = with_weights(pf.invert(pf.invert(MAF)), 2, 0, renamed(plain, "layers/", "layers/0/inner/0/inner/"))
    rows, _ = some_rows(2)
    np.testing.assert_allclose(pf.log_prob(twice, rows), pf.log_prob(plain, rows), rtol=1e-12)


def test_inverting_swaps_the_fast_direction():
    maps = [pf.build(flow, 2).architecture.layers[0][1] for flow in (MAF, pf.invert(MAF), pf.invert(pf.invert(MAF)))]
    assert [map_.sequential for map_ in maps] == ["forward", "inverse", "forward"]


def test_frozen_weights_do_not_move(table, quick):
    flow = pf.flow(pf.affine(), pf.freeze(pf.flow(pf.affine(rank=1), pf.prelu())), pf.sinh_arcsinh())
    model = pf.fit(flow, table, **quick)
    start = pf.build(flow, 2, seed=1).weights
    for name, value in start.items():
        same = name.startswith("layers/1/")
        assert (model.weights[name] == value).all() == same, name
    assert (
        model.summary()["weights_count"]
        == pf.build(pf.flow(pf.affine(), pf.sinh_arcsinh()), 2).summary()["weights_count"]
    )


def test_frozen_layers_that_start_from_the_data_do(table, quick):
    model = pf.fit(pf.flow(pf.prelu(), pf.freeze(pf.actnorm())), table, **quick | {"standardize": False})
    assert np.allclose(model.weights["layers/1/inner/0/shift"], table.mean(0), rtol=0.1)
    z = (table - model.weights["layers/1/inner/0/shift"]) * np.exp(-model.weights["layers/1/inner/0/log_scale"])
    assert np.allclose(z.std(0), 1, rtol=0.2)


def test_repeated_flow_is_the_flow_written_out():
    part = pf.flow(pf.affine(), pf.prelu(), base="logistic")
    assert pf.repeat_flow(part, 2) == pf.flow(pf.affine(), pf.prelu(), pf.affine(), pf.prelu(), base="logistic")
    assert pf.repeat_flow(part, 1) == part
    for bad, message in [((3, 2), "`flow` must be a flow"), ((part, 0), "`k` must be a whole number >= 1, not 0")]:
        with pytest.raises(ArgumentError, match=message):
            pf.repeat_flow(*bad)


@pytest.mark.parametrize("c", [0, 2])
def test_mixture_of_flows_is_the_mixture_by_hand(c):
    mixture = build(pf.mixture_of_flows(3, pf.flow(MAF, base="student_t")), 2, c)
    rows, context = some_rows(2, c)
    shares, each = log_softmax(np.append(0.0, mixture.weights["base/logits"])), []
    for i in range(3):
        prefix = f"base/flows/{i}/"
        own = {n.removeprefix(prefix): v for n, v in mixture.weights.items() if n.startswith((prefix, "context"))}
        shift = own.pop("shift")
        component = with_weights(pf.flow(MAF, base="student_t"), 2, c, own)
        each.append(pf.log_prob(component, rows - shift, context))
    expected = logsumexp(np.array(each) + shares[:, None], axis=0)
    np.testing.assert_allclose(pf.log_prob(mixture, rows, context), expected, rtol=1e-10)
    np.testing.assert_allclose(pf.distribution(mixture, context).log_prob(rows), expected, rtol=1e-10)


@pytest.mark.parametrize("d", [1, 2])
def test_mixture_of_flows_is_a_density_and_draws_from_it(d):
    mixture = build(pf.mixture_of_flows(2, pf.flow(pf.affine(), pf.sinh_arcsinh())), d)
    cells = {1: 4000, 2: 500}[d]
    edges = np.linspace(-12, 12, cells + 1)
    middle = (edges[1:] + edges[:-1]) / 2
    grid = np.stack(np.meshgrid(*[middle] * d, indexing="ij"), -1).reshape(-1, d)
    mass = (np.exp(pf.log_prob(mixture, grid)) * (24 / cells) ** d).reshape([cells] * d)
    assert mass.sum() == pytest.approx(1.0, abs=1e-4)
    draws = pf.sample(mixture, 20_000, seed=1)
    other = pf.distribution(mixture).sample(5000, seed=(1, 2)).numpy()
    for i in range(d):
        cumulated = np.concatenate([[0.0], np.cumsum(mass.sum(tuple(j for j in range(d) if j != i)))])
        for values in (draws, other):
            assert stats.kstest(values[:, i], lambda v, c=cumulated: np.interp(v, edges, c)).pvalue > 0.01


def test_components_of_a_mixture_come_apart_in_a_fit(quick):
    rng = np.random.default_rng(1)
    sign = rng.choice([-1.0, 1.0], (2000, 1))
    x = sign * 4 + rng.standard_normal((2000, 1))
    options = {"seed": 1, "progress": False, "epochs": 40, "learning_rate": 0.02}
    model = pf.fit(pf.mixture_of_flows(2, pf.affine()), x, **options)
    truth = np.mean(np.log(0.5 * stats.norm.pdf(x, 4) + 0.5 * stats.norm.pdf(x, -4)))
    assert abs(np.mean(pf.log_prob(model, x)) - truth) < 0.03
    again = from_bytes(to_bytes(model))
    assert again.flow == model.flow
    np.testing.assert_array_equal(pf.sample(again, 100, seed=1), pf.sample(model, 100, seed=1))


def test_layers_over_a_mixture(table, quick):
    flow = pf.flow(pf.mixture_of_flows(2, pf.affine()), MAF)
    model = pf.fit(flow, table, **quick)
    rows = table[:9]
    z, log_det = pf.inverse(model, rows), None
    base = pf.build(pf.mixture_of_flows(2, pf.affine()), 2)
    for name in base.variables:
        base.variables[name].assign(model.variables[name])
    log_det = pf.bijector(model).inverse_log_det_jacobian(rows.astype("float32"), event_ndims=1)
    np.testing.assert_allclose(pf.log_prob(model, rows), pf.log_prob(base, z) + log_det, rtol=1e-4, atol=1e-4)


def test_mixture_of_flows_refuses_batch_norm():
    with pytest.raises(ArgumentError, match=r"base \(base_flows\): `flow` holds batch normalisation"):
        pf.build(pf.mixture_of_flows(2, pf.batch_norm()), 2)


@pytest.mark.parametrize("c", [0, 1])
def test_factorized_density_is_the_product_of_two(c):
    first, second = pf.flow(pf.affine(), pf.prelu()), MAF
    whole = build(pf.factorize(columns=[[2], [0, 3, 1]], flows=[first, second]), 4, c)
    rows, context = some_rows(4, c, n=9)
    weights = whole.weights
    names = [name for name in weights if name.startswith("context/")]
    inner = [
        {n.removeprefix(f"layers/0/inner/{i}/"): v for n, v in weights.items() if n.startswith(f"layers/0/inner/{i}/")}
        for i in range(2)
    ]
    inner = [{f"layers/{name}": value for name, value in part.items()} for part in inner]
    seen = None if not c else (context - weights["context/shift"]) * np.exp(-weights["context/log_scale"])
    assert bool(names) == bool(c)

    def density(flow, part, x, given):
        size = 0 if given is None else given.shape[1]
        if size:
            part = part | {"context/shift": np.zeros(size), "context/log_scale": np.zeros(size)}
        return pf.log_prob(with_weights(flow, x.shape[1], size, part), x, given)

    given = rows[:, [2]] if seen is None else np.concatenate([rows[:, [2]], seen], 1)
    expected = density(first, inner[0], rows[:, [2]], seen) + density(second, inner[1], rows[:, [0, 3, 1]], given)
    np.testing.assert_allclose(pf.log_prob(whole, rows, context), expected, rtol=1e-10)
    back = pf.forward(whole, pf.inverse(whole, rows, context), context)
    np.testing.assert_allclose(back, rows, atol=1e-9)


def test_factors_by_name(frame, quick):
    flow = pf.factorize(wide=pf.affine(), long=MAF)
    assert flow == pf.factorize(columns=[["wide"], ["long"]], flows=[pf.affine(), MAF])
    assert flow == pf.from_json(pf.to_json(flow))
    model = pf.fit(flow, frame, **quick)
    shape = {name: value.shape for name, value in model.weights.items()}
    assert shape["layers/0/inner/0/0/shift"] == (1,)
    assert shape["layers/0/inner/1/0/context/kernel"] == (6, 1)
    # The first factor does not depend on the other column.
    other = frame.assign(long=frame["long"] + 1.0)
    column = list(frame.columns).index("wide")
    np.testing.assert_array_equal(pf.inverse(model, other)[:, column], pf.inverse(model, frame)[:, column])


def test_factors_start_from_the_data_and_keep_running_moments(frame, quick):
    flow = pf.factorize(wide=pf.actnorm(), long=pf.flow(pf.affine(), pf.batch_norm()))
    model = pf.fit(flow, frame, **quick | {"standardize": False})
    assert model.weights["layers/0/inner/0/0/shift"] == pytest.approx(frame["wide"].mean(), rel=0.1)
    assert model.weights["layers/0/inner/1/1/mean"] == pytest.approx(frame["long"].mean(), rel=0.1)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"columns": [[0], [1]], "flows": [pf.affine()]}, "`columns` has 2 blocks, but there are 1 flows"),
        ({"columns": [[0], [2]], "flows": [pf.affine()] * 2}, "each column of the data once; those are 0, 1"),
        ({"flows": [pf.affine()] * 3}, "each column of the data once"),
        ({"x1": pf.affine(), "x2": pf.affine()}, "no column names"),
    ],
)
def test_wrong_factors_are_refused(options, message):
    with pytest.raises(ArgumentError, match=rf"layer 1 \(factorize\): .*{message}"):
        pf.build(pf.factorize(**options), 2)


def test_names_of_factors_must_be_columns(frame, quick):
    with pytest.raises(ArgumentError, match=r"`columns` has 'high', but the columns are long, wide"):
        pf.fit(pf.factorize(long=pf.affine(), high=pf.affine()), frame, **quick)
    with pytest.raises(ArgumentError, match="not both"):
        pf.factorize(flows=[pf.affine()], long=pf.affine())


def test_flows_as_arguments_print_and_survive_json():
    inner = pf.flow(pf.affine(rank=2), pf.invert(pf.prelu()))
    flow = pf.flow(pf.freeze(inner), base=pf.base_flows(pf.flow(pf.prelu(), base="laplace")))
    assert repr(flow) == (
        "<flow: base_flows(flow=flow(prelu(), base=base_laplace()), components=2) -> data, 1 layer>\n"
        "  1. freeze(flow=flow(affine(rank=2), invert(flow=prelu())))"
    )
    again = pf.from_json(pf.to_json(flow))
    assert again == flow and hash(again) == hash(flow)
    text = pf.to_json(flow).replace('"prelu"', '"prelo"', 1)
    with pytest.raises(ArgumentError, match=r"there is no kind 'prelo'"):
        pf.from_json(text)


def test_errors_say_where_in_a_flow_inside_a_flow(table):
    text = pf.to_json(pf.invert(pf.flow(pf.prelu(), pf.affine(rank=2)))).replace('"rank": 2', '"rank": -2')
    with pytest.raises(ArgumentError, match=r"layer 1 \(invert\), layer 2 \(affine\): `rank` must be"):
        pf.from_json(text)
    with pytest.raises(ArgumentError, match=r"layer 1 \(invert\): layer 2 \(permute\): `order` has 3 entries"):
        pf.build(pf.invert(pf.flow(pf.prelu(), pf.permute([2, 1, 0]))), 2)
    with pytest.raises(ArgumentError, match=r"layer 1 \(invert\), layer 1 \(tfb_layer\): `bijector` is a live object"):
        pf.to_json(pf.invert(make_flow("tfb_layer", "scale", 2, "float32")))


def test_live_objects_inside_flows_are_trained(table, quick):
    flow = pf.invert(make_flow("tfb_layer", "scale", 2, "float32"))
    model = pf.fit(flow, table, **quick)
    assert (model.weights["layers/0/inner/0/variable/0"] != 1).all()
    with pytest.raises(ArgumentError, match="live object"):
        to_bytes(model)


def test_equal_flows_share_what_was_compiled_and_others_do_not():
    one, same, other = (pf.build(pf.invert(pf.affine(rank)), 2, seed=1) for rank in (1, 1, 2))
    assert one.architecture is same.architecture is not other.architecture
