"""The door to R: every verb, and every error as data."""

from __future__ import annotations

import json
import warnings

import numpy as np
import pytest

import pyflows as pf
from pyflows import rbridge
from pyflows.backend import tfb
from pyflows.errors import BackendError, FileError, ForkError, TrainingError
from pyflows.rbridge import door

FLOW = pf.to_json(pf.flow(pf.affine(), pf.prelu()))
QUICK = {"epochs": 2, "seed": 1, "jit_compile": False}


def value(verb, **args):
    answer = door(verb, args)
    assert "error" not in answer, answer
    return answer["value"]


def error(verb, **args):
    answer = door(verb, args)
    assert set(answer) == {"error"}
    assert set(answer["error"]) >= {"kind", "message", "argument", "hint"}
    return answer["error"]


@pytest.fixture(scope="module")
def model(table):
    return value("fit", flow=FLOW, x=table, columns=["long", "wide"], **QUICK)


def test_every_verb_of_the_protocol(model, table, tmp_path):
    facts = json.loads(value("facts", fit=model))
    assert facts["columns"] == ["long", "wide"]
    assert set(facts) >= {
        *("flow", "event_size", "context_size", "columns", "context_columns", "dtype", "seed", "n", "n_validation"),
        *("weights_count", "epochs", "best_epoch", "steps", "stopped", "train_log_prob", "validation_log_prob"),
        *("seconds", "history", "restarts", "versions"),
    }
    assert facts["flow"] == json.loads(FLOW)
    density = value("log_prob", fit=model, x=table)
    assert density.shape == (300,)
    assert value("sample", fit=model, n=4, seed=1).shape == (4, 2)
    z = value("inverse", fit=model, x=table)
    np.testing.assert_allclose(value("forward", fit=model, z=z), table, rtol=1e-3, atol=1e-3)
    data = value("to_bytes", model=model)
    assert isinstance(data, bytes)
    np.testing.assert_array_equal(value("log_prob", fit=value("from_bytes", data=data), x=table), density)
    np.testing.assert_array_equal(value("log_prob", fit=value("from_bytes", data=bytearray(data)), x=table), density)
    assert value("save", fit=model, path=str(tmp_path / "f")) is None
    np.testing.assert_array_equal(value("log_prob", fit=value("load", path=str(tmp_path / "f")), x=table), density)
    assert value("bijector", fit=model).forward_min_event_ndims == 1
    assert value("distribution", fit=model).event_shape == (2,)
    config = json.loads(value("config"))
    assert config["tensorflow_available"] is True and config["versions"]["numpy"] == np.__version__


def test_the_same_fit_through_the_door(table, frame, model):
    same = pf.fit(pf.from_json(FLOW), frame, progress=False, **QUICK)
    for name, weights in same.weights.items():
        np.testing.assert_array_equal(weights, model.weights[name])


def test_column_order_of_r_matrices_does_not_matter(table, model):
    same = value("fit", flow=FLOW, x=np.asfortranarray(table), columns=["long", "wide"], **QUICK)
    np.testing.assert_array_equal(pf.log_prob(same, table), pf.log_prob(model, table))


def test_context_and_validation_data(table, context_table):
    validation = {"x": table[:50], "context": context_table[:50]}
    flow = pf.to_json(pf.autoregressive(hidden=4))
    fit = value("fit", flow=flow, x=table, columns=["a", "b"], context=context_table, context_columns=["c"],
                validation=validation, **QUICK)  # fmt: skip
    facts = json.loads(value("facts", fit=fit))
    assert (facts["context_columns"], facts["context_size"], facts["n_validation"]) == (["c"], 1, 50)
    assert value("sample", fit=fit, n=3, context=np.array([[0.5]])).shape == (3, 2)


def test_one_column_name_may_come_as_a_word(table):
    fit = value("fit", flow=FLOW, x=table[:, :1], columns="long", **QUICK)
    assert json.loads(value("facts", fit=fit))["columns"] == ["long"]
    built = value("build", flow=FLOW, event_size=1, context_size=1, columns="long", context_columns="age", seed=1)
    assert json.loads(value("facts", fit=built))["context_columns"] == ["age"]


def test_live_bijectors_come_beside_the_flow(table):
    layer = {"kind": "tfb_layer", "args": {"bijector": {"object": 0}}}
    flow = json.dumps({"pyflows": 1, "base": {"kind": "base_normal", "args": {}}, "layers": [layer]})
    model = value("build", flow=flow, event_size=2, objects=[tfb.Scale(2.0)], seed=1)
    np.testing.assert_allclose(value("forward", fit=model, z=np.ones((1, 2))), 2.0)
    facts = json.loads(value("facts", fit=model))
    assert facts["event_size"] == 2


def test_warnings_are_told(table):
    answer = door("fit", {"flow": FLOW, "x": table + np.array([1e6, 0.0]), "columns": ["long", "wide"], **QUICK})
    assert any("Column 'long' of `x` varies little" in text for text in answer["warnings"])
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert door("config", {})["warnings"] == [] and caught == []


@pytest.mark.parametrize(
    ("kind", "argument", "verb", "args"),
    [
        ("argument", "epochs", "fit", {"flow": FLOW, "x": np.zeros((3, 1)), "epochs": 0}),
        ("argument", "text", "fit", {"flow": "no", "x": np.eye(3)}),
        ("argument", None, "build", {"flow": '{"pyflows": 1, "layers": [{"kind": "no"}]}', "event_size": 2}),
        ("argument", "event_size", "build", {"flow": FLOW, "event_size": 0}),
        ("argument", "event_size", "build", {"flow": FLOW, "event_size": "a"}),
        ("argument", "dtype", "build", {"flow": FLOW, "event_size": 2, "dtype": "float16"}),
        ("argument", "seed", "build", {"flow": FLOW, "event_size": 2, "seed": -1}),
        ("argument", "fit", "log_prob", {"fit": 3, "x": np.eye(2)}),
        ("argument", "path", "load", {"path": 3}),
        ("shape", "x", "fit", {"flow": FLOW, "x": np.zeros((2, 2, 2))}),
        ("data", "x", "fit", {"flow": FLOW, "x": np.array([[np.nan], [1.0]])}),
        ("data", "x", "fit", {"flow": FLOW, "x": np.zeros((5, 1)), "columns": ["a"]}),
        ("file", "path", "load", {"path": "/nowhere/at/all"}),
        ("file", None, "from_bytes", {"data": b"nonsense"}),
        ("internal", None, "nonsense", {}),
        ("internal", None, "log_prob", {"nonsense": 1}),
    ],
)
def test_errors_are_data(kind, argument, verb, args):
    found = error(verb, **args)
    assert found["kind"] == kind, found
    if kind not in ("internal", "file") and argument is not None:
        assert found["argument"] == argument
    assert ("traceback" in found) == (kind == "internal")
    assert found["message"] and "Traceback" not in found["message"]


@pytest.mark.parametrize("raised", [FileError, ForkError, BackendError, TrainingError, KeyError, SystemError])
def test_errors_of_every_class_are_data(raised, monkeypatch):
    def verb():
        raise raised("broken")

    monkeypatch.setitem(rbridge._VERBS, "config", verb)
    found = error("config")
    assert found["kind"] == getattr(raised, "kind", "internal")
    assert "broken" in found["message"] and "model" not in found


def test_training_errors_bring_their_model(monkeypatch, model):
    def verb():
        raise TrainingError("broken", model=model, hint="do")

    monkeypatch.setitem(rbridge._VERBS, "config", verb)
    found = error("config")
    assert (found["kind"], found["model"], found["hint"]) == ("training", model, "do")


def test_interrupts_are_data(monkeypatch):
    def verb():
        raise KeyboardInterrupt

    monkeypatch.setitem(rbridge._VERBS, "config", verb)
    assert error("config")["kind"] == "interrupt"


def test_progress_from_r(table):
    told = []

    def progress(*args):
        told.append(args)
        return False

    model = value("fit", flow=FLOW, x=table, progress=progress, **QUICK | {"epochs": 5000})
    assert model.facts["stopped"] == "callback" and len(told) == 1 and len(told[0]) == 5
    facts = value("facts", fit=model)
    assert "NaN" not in facts and json.loads(facts)["stopped"] == "callback"
