"""Flows as data: they join, print, compare and turn into JSON, and never start TensorFlow."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

import pyflows as pf
from pyflows.errors import ArgumentError
from pyflows.spec import catalogue, expand, kinds, parse_doc


def test_describing_flows_imports_no_tensorflow(python):
    python(
        """
import sys
import pyflows as pf
flow = pf.flow(pf.affine(rank=2), pf.prelu(), pf.maf(layers=3), pf.iaf(), pf.permute([1, 0]), base=pf.base_normal())
print(repr(flow), str(flow.layers[0]), dir(pf))
assert flow == pf.from_json(pf.to_json(flow)) and flow != pf.affine() and hash(pf.flow) is not None
assert pf.catalogue()
for bad in (lambda: pf.affine(rank=-1), lambda: pf.from_json("{"), lambda: pf.fit(pf.maf, [[1.0]])):
    try:
        bad()
    except pf.PyflowsError:
        pass
    else:
        raise SystemExit("no error")
heavy = [name for name in sys.modules if name.split(".")[0] in ("tensorflow", "tensorflow_probability", "tf_keras")]
assert not heavy, heavy[:5]
"""
    )


def test_flows_join_in_forward_order():
    one, two = pf.flow(pf.affine(), pf.prelu()), pf.flow(pf.reverse())
    joined = pf.flow(one, two)
    assert [node.kind for node in joined.layers] == ["affine", "prelu", "reverse"]
    assert pf.flow(one, pf.flow(), two) == joined == pf.flow(joined)
    assert pf.flow().layers == ()
    assert one == pf.flow(pf.affine(rank=0), pf.prelu())
    assert one != two


def test_flows_print():
    assert repr(pf.flow(pf.affine(rank=2), pf.prelu())) == (
        "<flow: base_normal() -> data, 2 layers>\n  1. affine(rank=2)\n  2. prelu()"
    )
    assert repr(pf.flow()) == "<flow: base_normal() -> data, 0 layers>"
    assert repr(pf.prelu()).startswith("<flow: base_normal() -> data, 1 layer>")
    assert "hidden=(8,)" in repr(pf.maf(hidden=8))
    assert "bijector=<object>" in repr(pf.tfb_layer(object()))


@pytest.mark.parametrize("base", ["normal", "base_normal", pf.base_normal()])
def test_base_by_name_or_node(base):
    assert pf.flow(pf.affine(), base=base) == pf.affine()


@pytest.mark.parametrize("base", ["wrong", 3, pf.affine(), pf.affine().layers[0]])
def test_wrong_base_is_refused(base):
    with pytest.raises(ArgumentError):
        pf.flow(pf.affine(), base=base)


def test_what_is_no_flow_is_refused():
    with pytest.raises(ArgumentError, match=r"`flows\[1\]` must be a flow.*\n.*affine\(\) instead of affine"):
        pf.flow(pf.prelu(), pf.affine)
    with pytest.raises(ArgumentError, match=r"`flows\[0\]` must be a flow such as .*, not 3\."):
        pf.flow(3)


def test_constructors_take_arguments_by_position_and_name():
    assert pf.affine(2) == pf.affine(rank=2)
    assert pf.autoregressive("additive", 8) == pf.autoregressive(transform="additive", hidden=[8])
    with pytest.raises(ArgumentError, match=r"too many positional arguments.*\n.*\(rank=0\)"):
        pf.affine(1, 2)
    with pytest.raises(ArgumentError, match="order"):
        pf.permute()


def test_json_has_the_shared_form():
    text = pf.to_json(pf.flow(pf.affine(rank=2), pf.maf(layers=3, hidden=8), pf.permute(["b", "a"])))
    data = json.loads(text)
    assert data["pyflows"] == 1 and data["base"] == {"kind": "base_normal", "args": {}}
    assert data["layers"][0] == {"kind": "affine", "args": {"rank": 2}}
    assert data["layers"][1]["args"]["hidden"] == [8]
    assert set(data["layers"][1]["args"]) == {a["name"] for k in catalogue() if k["name"] == "maf" for a in k["args"]}
    assert data["layers"][2]["args"]["order"] == ["b", "a"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("no", "not JSON"),
        (3, "not JSON"),
        (None, "not JSON"),
        ("[1]", "not a flow"),
        ("{}", "not a flow"),
        ('{"pyflows": 1}', "not a flow"),
        ('{"pyflows": 99, "layers": []}', "format 99"),
        ('{"pyflows": "x", "layers": []}', "format 'x'"),
        ('{"pyflows": 1, "layers": [3]}', "layer 1 is not a layer: 3"),
        ('{"pyflows": 1, "layers": [{"kind": "affine"}, {"kind": "afine"}]}', r"layer 2 \(afine\): there is no kind"),
        ('{"pyflows": 1, "layers": [{"kind": "affine", "args": {"rank": -1}}]}', r"layer 1 \(affine\): `rank` must"),
        ('{"pyflows": 1, "layers": [{"kind": "affine", "args": {"runk": 1}}]}', "no argument `runk`; it takes rank"),
        ('{"pyflows": 1, "layers": [{"kind": "affine", "args": [1]}]}', "layer 1"),
        ('{"pyflows": 1, "layers": [{"kind": "permute"}]}', "`order` is missing"),
        ('{"pyflows": 1, "layers": [{"kind": "base_normal"}]}', "base_normal"),
        ('{"pyflows": 1, "base": {"kind": "affine"}, "layers": []}', "affine"),
    ],
)
def test_wrong_json_is_refused(text, message):
    with pytest.raises(ArgumentError, match=message):
        pf.from_json(text)


def test_missing_arguments_in_json_get_their_defaults():
    assert pf.from_json('{"pyflows": 1, "layers": [{"kind": "maf"}]}') == pf.maf()


nodes = st.one_of(
    st.builds(pf.affine, st.integers(0, 9)),
    st.just(pf.prelu()),
    st.builds(pf.batch_norm, st.floats(0.01, 0.99), st.floats(1e-9, 1.0)),
    st.builds(pf.permute, st.integers(1, 6).flatmap(lambda n: st.permutations(range(n)))),
    st.builds(pf.permute, st.lists(st.text(min_size=1), min_size=1, unique=True)),
    st.builds(
        pf.maf,
        layers=st.integers(1, 20),
        hidden=st.lists(st.integers(1, 300), min_size=1, max_size=4),
        batch_norm=st.booleans(),
        transform=st.sampled_from(["affine", "additive"]),
    ),
)


@given(st.lists(nodes, max_size=5))
def test_any_flow_survives_json(parts):
    flow = pf.flow(*parts)
    again = pf.from_json(pf.to_json(flow))
    assert again == flow and repr(again) == repr(flow)


def test_presets_expand_to_layers():
    kinds_of = [node.kind for node in expand(pf.maf(layers=2))]
    assert kinds_of == ["autoregressive", "reverse", "autoregressive"]
    with_norm = [node.kind for node in expand(pf.maf(layers=2, batch_norm=True))]
    assert with_norm == ["autoregressive", "batch_norm", "reverse", "autoregressive", "batch_norm"]
    assert [node.kind for node in expand(pf.maf(layers=2, permutation="none"))] == ["autoregressive"] * 2
    assert [node.kind for node in expand(pf.nsf())][1::2] == ["reverse", "random_permute"]
    assert {node.kind for node in expand(pf.maf(permutation="reverse"))} == {"autoregressive", "reverse"}
    drawn = [node.args for node in expand(pf.real_nvp(layers=9)) if node.kind == "random_permute"]
    assert drawn == [{"seed": seed, "derange": True} for seed in (1, 3, 5, 7)]
    assert {node.args["fast"] for node in expand(pf.iaf()) if node.kind == "autoregressive"} == {"sampling"}
    assert len(expand(pf.maf(layers=1))) == 1


def test_catalogue_is_plain_data():
    entries = json.loads(json.dumps(catalogue()))
    assert [entry["name"] for entry in entries] == [kind.name for kind in kinds()]
    assert {entry["group"] for entry in entries} <= {"layer", "preset", "base"}
    types = {arg["check"]["type"] for entry in entries for arg in entry["args"]}
    known = {"whole", "number", "choice", "flag", "whole_list", "permutation", "order", "mask", "adjacency", "columns"}
    assert types <= known | {"flow_arg", "flow_list", "column_blocks", "object"}


def test_docstrings_are_taken_apart():
    parts = parse_doc(
        "Title.\n\nBody of\ntwo lines.\n\nArgs:\n    a: first\n        and more.\n    b: second.\n\nExample:\n    >>> x"
    )
    assert parts["title"] == "Title." and parts["body"] == "Body of\ntwo lines."
    assert parts["args"] == {"a": "first and more.", "b": "second."}
    assert parts["example"] == ">>> x" and parts["references"] == ""


def test_residual_needs_layers_of_one_size():
    with pytest.raises(ArgumentError) as caught:
        pf.build(pf.flow(pf.affine(), pf.autoregressive(hidden=(4, 5), residual=True)), 2)
    assert caught.value.argument == "residual" and "layer 2 (autoregressive)" in caught.value.message


def test_permutation_must_fit_the_data(frame, quick):
    for order, size, message in [
        ([1, 0], 3, "2 entries, but the data have 3 columns"),
        (["a", "b"], 2, "no column names"),
    ]:
        with pytest.raises(ArgumentError, match=message):
            pf.build(pf.permute(order), size)
    with pytest.raises(ArgumentError, match=r"names 'high', but the columns are long, wide"):
        pf.fit(pf.permute(["wide", "high"]), frame, **quick)
    model = pf.fit(pf.flow(pf.affine(), pf.permute(["wide", "long"])), frame, **quick)
    assert model.facts["epochs"] == 3
