"""The files in golden/, which the R tests read too. `python tests/make_golden.py` writes them."""

from __future__ import annotations

import json

import make_golden
import numpy as np
import pytest
from conftest import ROOT

import pyflows as pf

GOLDEN = ROOT / "tests" / "golden"


def read(name):
    return json.loads((GOLDEN / name).read_text())


@pytest.fixture(scope="module")
def made():
    return json.loads(json.dumps(make_golden.files()))


def test_public_names_and_arguments_are_those_of_the_manifest(made):
    expected = read("api.json")
    for part in ("functions", "classes"):
        assert made["api.json"][part].keys() == expected[part].keys()
        for name, about in expected[part].items():
            assert made["api.json"][part][name] == about, name
    assert made["api.json"]["other"] == expected["other"]


def test_the_arguments_of_the_catalogue_are_those_of_the_manifest():
    functions = read("api.json")["functions"]
    for kind in pf.catalogue():
        if kind["name"] not in functions:
            continue  # registered by a test
        # `factorize` also takes flows by the names of columns.
        own = [arg for arg in functions[kind["name"]] if arg["kind"] != "var_keyword"]
        told = [(arg["name"], arg["required"], arg["default"]) for arg in own]
        assert told == [(arg["name"], arg["required"], arg["default"]) for arg in kind["args"]]


def test_golden_flows(made):
    expected = read("specs.json")
    assert made["specs.json"] == expected
    for name, data in expected.items():
        flow = pf.from_json(json.dumps(data))
        assert json.loads(pf.to_json(flow)) == data, name
    used = {node["kind"] for data in expected.values() for node in [*data["layers"], data["base"]]}
    live = {"tfb_layer", "base_tfd"}
    assert used == {kind["name"] for kind in pf.catalogue() if kind["name"] in pf.__all__} - live


@pytest.mark.parametrize("name", list(make_golden.numbers()))
def test_golden_numbers(made, name):
    entry = read("numbers.json")[name]
    np.testing.assert_allclose(entry["log_prob"], made["numbers.json"][name]["log_prob"], rtol=1e-12)
    flow = pf.from_json(json.dumps(entry["flow"]))
    for model in (
        make_golden.build_model(flow, entry["weights"], len(entry["x"][0])),
        pf.load(GOLDEN / entry["file"]),
    ):
        assert model.flow == flow and model.dtype == entry["dtype"]
        np.testing.assert_allclose(pf.log_prob(model, entry["x"]), entry["log_prob"], rtol=1e-10)
