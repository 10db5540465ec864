"""Imports point one way, and one module alone imports TensorFlow."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import pyflows

FOLDER = Path(pyflows.__file__).parent
# Each module may import from those before it. A new module needs a place here.
ORDER = [
    "version",
    "errors",
    "checks",
    "docstrings",
    "seeds",
    "data",
    "tensorfile",
    "batches",
    "progress",
    "schedules",
    "spec",
    "supports",
    "flow_checks",
    "backend",
    "maps",
    "reordering",
    "noise",
    "roots",
    "elimination",
    "ode",
    "tails",
    "transforms",
    "networks",
    "graphs",
    "solvers",
    "smooth_networks",
    "incremental",
    "packing",
    "stacks",
    "rows",
    "bijectors",
    "distributions",
    "chain",
    "bases",
    "composition",
    "layers",
    "architecture",
    "outer",
    "model",
    "tfp_objects",
    "training_loop",
    "checkpoints",
    "pace",
    "descent",
    "training_data",
    "training_run",
    "training",
    "target_loop",
    "target_run",
    "target",
    "files",
    "tensors",
    "callbacks",
    "lowlevel",
    "minimizing",
    "tfb",
    "tfd",
    "rbridge",
    "",  # the package itself
]
# Inside functions, where a thing is needed later than its module is imported.
DEFERRED = {("spec", "bases"), ("spec", "composition"), ("spec", "layers"), ("spec", "")}
HEAVY = {"tensorflow", "tensorflow_probability", "tf_keras", "keras"}
FILES = sorted(FOLDER.rglob("*.py"))


def place(path):
    """The entry of ORDER that a file belongs to."""
    parts = path.relative_to(FOLDER).with_suffix("").parts
    return "" if parts == ("__init__",) else parts[0]


def imports(path):
    """`(imported entry or outside package, whether it is inside a function)` for each import of a file."""
    depth = len(path.relative_to(FOLDER).parts)
    tree = ast.parse(path.read_text())
    inside = {
        id(node)
        for function in ast.walk(tree)
        if isinstance(function, (ast.FunctionDef, ast.Lambda))
        for node in ast.walk(function)
    }
    for node in ast.walk(tree):
        deferred = id(node) in inside
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name.split(".")[0], False, deferred
        elif isinstance(node, ast.ImportFrom):
            if node.level == 0:
                yield node.module.split(".")[0], False, deferred
            elif node.level < depth:
                yield place(path), True, deferred  # within its own folder
            elif node.module:
                yield node.module.split(".")[0], True, deferred
            else:
                for alias in node.names:
                    yield alias.name, True, deferred


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(FOLDER)))
def test_imports_point_one_way(path):
    me = place(path)
    assert me in ORDER, "give the new module a place in ORDER"
    for name, own, deferred in imports(path):
        assert name != "pyflows", "use relative imports"
        if not own:
            assert name not in HEAVY or me == "backend", f"{name} is imported through backend.py"
            continue
        if name == me or (deferred and (me, name) in DEFERRED):
            continue
        assert ORDER.index(name) < ORDER.index(me), f"{me} must not import {name}"


def test_no_module_is_too_long():
    assert {path.name: n for path in FILES if (n := len(path.read_text().splitlines())) > 400} == {}


def test_only_checks_of_user_input_by_errors():
    for path in FILES:
        assert not any(isinstance(node, ast.Assert) for node in ast.walk(ast.parse(path.read_text()))), path.name
