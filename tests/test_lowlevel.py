"""The table of the low-level layer: documentation, examples, the interface of tfprobability, and R made from it."""

from __future__ import annotations

import doctest
import inspect
import sys

import numpy as np
import pytest
from conftest import ROOT

import pyflows as pf
from pyflows.backend import tf
from pyflows.lowlevel.table import REQUIRED, entries
from pyflows.rbridge import door

sys.path.insert(0, str(ROOT / "tools"))

import compatibility
import generate_lowlevel
from to_r import to_r

FACES = ("tfb", "tfd")
ALL = {f"{face}_{entry.name}": entry for face in FACES for entry in entries(face)}


def test_import_needs_no_tensorflow(python):
    python("import sys, pyflows.tfb, pyflows.tfd; assert 'tensorflow' not in sys.modules")


@pytest.mark.parametrize("face", FACES)
def test_functions_are_documented(face):
    for entry in entries(face):
        doc = entry.doc
        assert doc["title"].endswith(".") and len(doc["title"]) <= 110, entry.name
        assert set(doc["args"]) == set(entry.args), entry.name
        assert all(doc["args"].values()), entry.name
        assert entry.verb or doc["map"] or doc["density"] or "gone" in entry.state, f"{entry.name} has no formula"
        assert doc["example"] or "gone" in entry.state, f"{entry.name} has no example"
        assert list(entry.args) == [
            ("**" if p.kind is p.VAR_KEYWORD else "") + p.name
            for p in inspect.signature(entry.function).parameters.values()
        ]


@pytest.mark.parametrize("name", ALL)
def test_examples_run(name):
    names = {"tfb": pf.tfb, "tfd": pf.tfd, "tf": tf, "np": np}
    for example in doctest.DocTestParser().get_examples(ALL[name].function.__doc__):
        exec(compile(example.source, name, "exec"), names)


def test_the_interface_is_that_of_tfprobability():
    """Nothing that tfprobability takes is missing, in another order, or needed where it was not."""
    theirs = compatibility.read_signatures()
    assert [sum(name.startswith(face) for name in theirs) for face in FACES] == [70, 117]
    for name, arguments in theirs.items():
        told = compatibility.differences(ALL[name], arguments)
        bad = [text for text in told if text.startswith(("lacks", "other order")) or "must be given" in text]
        assert not bad, f"{name}: {bad}"


def test_r_of_examples():
    verbs = {"tfb_forward"}
    assert to_r("tfb.forward(tfb.exp(), [0.5, -1.0])", verbs) == ["tfb_exp() |> tfb_forward(c(0.5, -1))"]
    assert to_r("b = tfb.chain([tfb.exp(), tfb.scale(2.0)], name=None)", verbs) == [
        "b <- tfb_chain(list(tfb_exp(), tfb_scale(2)), name = NULL)"
    ]
    assert to_r("f(lambda x: (x + 1) * x**3, {'a': [[1, 2], [3, 4]]}, tf.nn.relu, ())", verbs) == [
        "f(function(x) (x + 1) * x^3, list(a = rbind(c(1, 2), c(3, 4))), tf$nn$relu, list())"
    ]
    long = to_r("tfb.forward(tfb.scale([" + ", ".join(["1000.5"] * 20) + "]), [1.0])", verbs)
    assert len(long) > 2 and all(len(line) <= 95 for line in long) and long[-1] == "  tfb_forward(c(1))"
    with pytest.raises(ValueError, match="no R for: x\\[0\\]"):
        to_r("x[0]", verbs)


def test_r_functions():
    entry = ALL["tfb_masked_autoregressive_default_template"]
    lines = generate_lowlevel.wrapper(entry)
    assert '  if (missing(hidden_layers)) abort_missing("hidden_layers")' in lines
    assert lines[-2].endswith("), list(...)))")
    assert generate_lowlevel.wrapper(ALL["tfb_scale"]) == [
        'tfb_scale <- function(scale = NULL, log_scale = NULL, validate_args = FALSE, name = "scale") {',
        '  lowlevel("tfb", "scale", list(',
        "      scale = scale, log_scale = log_scale, validate_args = validate_args, name = name",
        "  ))",
        "}",
    ]
    assert ALL["tfb_invert"].args["bijector"][1] is REQUIRED


def test_door():
    answer = door("lowlevel", {"face": "tfb", "name": "scale", "args": {"scale": 2.0, "log_scale": None}})
    assert answer["value"].scale.dtype == tf.float32
    answer = door("lowlevel", {"face": "tfb", "name": "scale", "args": {"scale": [1.0, 2.0]}, "dtype": "float64"})
    assert answer["value"].scale.dtype == tf.float64
    answer = door("lowlevel", {"face": "tfb", "name": "scale", "args": {"scale": "x"}})
    assert answer["error"]["kind"] == "argument" and answer["error"]["argument"] == "scale"
    answer = door("lowlevel", {"face": "tfb", "name": "scale", "args": {}, "dtype": "half"})
    assert answer["error"]["argument"] == "dtype"
