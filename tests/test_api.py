"""The public surface: names, documentation, examples that run, and the generated R code."""

from __future__ import annotations

import doctest
import inspect
import re
import subprocess
import sys

import numpy as np
import pytest
from conftest import ROOT

import pyflows as pf
from pyflows import spec
from pyflows.lowlevel.table import entries

FUNCTIONS = {name: getattr(pf, name) for name in pf.__all__ if inspect.isroutine(getattr(pf, name))}
CLASSES = {name: getattr(pf, name) for name in pf.__all__ if inspect.isclass(getattr(pf, name))}
# Documented by reference to their neighbour.
LIKE_ANOTHER = {"inverse", "forward", "distribution"}


def test_every_name_of_the_contract_is_there():
    contract = (
        "flow affine prelu sinh_arcsinh permute reverse actnorm batch_norm autoregressive tfb_layer maf iaf "
        "base_normal build fit log_prob sample forward inverse bijector distribution save load register to_json "
        "from_json config positive lower upper interval heavy_tails register_inline"
    )
    assert set(contract.split()) <= set(pf.__all__)
    assert dir(pf) == sorted(pf.__all__)
    with pytest.raises(AttributeError, match="module 'pyflows' has no attribute 'wrong'"):
        _ = pf.wrong


def test_fit_has_the_arguments_of_the_contract():
    signature = inspect.signature(pf.fit)
    expected = {
        "context": None,
        "weights": None,
        "validation": 0.1,
        "epochs": 200,
        "batch_size": None,
        "learning_rate": 1e-3,
        "schedule": "constant",
        "patience": 30,
        "clip_norm": 100.0,
        "standardize": True,
        "dtype": "float32",
        "seed": None,
        "checkpoint": None,
        "jit_compile": None,
        "progress": True,
        "support": None,
    }
    assert list(signature.parameters) == ["flow", "x", *expected]
    for name, default in expected.items():
        parameter = signature.parameters[name]
        assert parameter.default == default and parameter.kind is parameter.KEYWORD_ONLY


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_functions_are_documented(name):
    function = FUNCTIONS[name]
    text = inspect.getdoc(function)
    assert text, "has no docstring"
    title = text.splitlines()[0]
    assert title.endswith((".", ":")) and len(title) <= 120
    if name in LIKE_ANOTHER:
        assert "Args, Returns and Raises as for" in text
        return
    parameters = inspect.signature(function).parameters.values()
    if parameters:
        stars = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}
        assert documented_arguments(text) == [stars.get(p.kind, "") + p.name for p in parameters]
        assert "Raises:" in text
    if name not in {"bijector", "catalogue", "to_json", "from_json", "config"}:
        assert "Example:" in text


def documented_arguments(text):
    """The names in the section Args of a docstring."""
    _, _, rest = text.partition("\nArgs:\n")
    section = re.split(r"^\S", rest, maxsplit=1, flags=re.MULTILINE)[0]
    return re.findall(r"^    ([*\w]+): ", section, re.MULTILINE)


@pytest.mark.parametrize("name", sorted(CLASSES))
def test_classes_are_documented(name):
    assert inspect.getdoc(CLASSES[name]).splitlines()[0].endswith(".")


EXAMPLES = {
    name: example
    for name, function in FUNCTIONS.items()
    for example in [doctest.DocTestParser().get_examples(inspect.getdoc(function))]
    if example
}


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_examples_run(name, monkeypatch, fitted, frame, tmp_path):
    """With what the examples take for granted: the names of the package, a model, some data."""
    monkeypatch.setattr(spec, "_KINDS", {kind.name: kind for kind in spec.kinds()})
    monkeypatch.chdir(tmp_path)
    pf.save(fitted, "faithful.safetensors")
    names = {**{key: getattr(pf, key) for key in pf.__all__}, "pf": pf, "np": np, "model": fitted, "x": frame[:60]}
    names["fit"] = lambda flow, x, **options: pf.fit(flow, x, **{"epochs": 1, "progress": False} | options)
    for example in EXAMPLES[name]:
        source = example.source
        if example.want:
            assert repr(eval(source, names)) + "\n" == example.want
        else:
            exec(source, names)


def test_argument_names_in_messages_are_real():
    """Every `fail("name", ...)` and argument="name" in the package names something that a caller can give."""
    given = {p for function in FUNCTIONS.values() for p in inspect.signature(function).parameters}
    given |= {"text", "kind", "bijector", "z"}
    given |= {name for face in ("tfb", "tfd") for entry in entries(face) for name in entry.args}
    for path in (ROOT / "pyflows").rglob("*.py"):
        for name in re.findall(r'argument="(\w+)"', path.read_text()):
            assert name in given, f"{path.name}: {name}"


def test_generated_r_code_is_up_to_date():
    script = ROOT / "tools" / "generate_r.py"
    if not script.exists():
        pytest.skip("there is no tools/generate_r.py yet")
    done = subprocess.run([sys.executable, script, "--check"], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


def test_version_is_the_one_of_the_distribution():
    text = (ROOT / "pyproject.toml").read_text()
    assert f'version = "{pf.__version__}"' in text
    description = ROOT / "rpkg" / "DESCRIPTION"
    if description.exists():
        assert f"Version: {pf.__version__}" in description.read_text()
