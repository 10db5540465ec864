"""The error classes, and that messages say which argument, what is allowed, what came and how to go on."""

from __future__ import annotations

import numpy as np
import pytest

import pyflows as pf
from pyflows import errors

KINDS = {
    "ArgumentError": ("argument", ValueError),
    "ShapeError": ("shape", ValueError),
    "DataError": ("data", ValueError),
    "TrainingError": ("training", RuntimeError),
    "FileError": ("file", OSError),
    "BackendError": ("backend", RuntimeError),
    "ForkError": ("fork", RuntimeError),
}


def test_every_error_has_a_kind_and_a_builtin_parent():
    found = {
        name: value
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, errors.PyflowsError) and value is not errors.PyflowsError
    }
    assert {name: value.kind for name, value in found.items()} == {name: kind for name, (kind, _) in KINDS.items()}
    for name, value in found.items():
        assert issubclass(value, KINDS[name][1])
        assert getattr(pf, name) is value


def test_an_error_carries_its_parts():
    error = errors.ArgumentError("`rank` is wrong.", argument="rank", hint="Try 0.")
    assert (error.message, error.argument, error.hint) == ("`rank` is wrong.", "rank", "Try 0.")
    assert str(error) == "`rank` is wrong.\n  Try 0."
    assert str(errors.FileError("gone")) == "gone"
    assert errors.TrainingError("broke", model=3).model == 3


X = np.random.default_rng(1).normal(size=(20, 2))
SLIPS = [
    (lambda: pf.fit(pf.maf, X), "flow", "fit(): `flow` must be a flow such as maf()", "Call it: maf() instead of maf"),
    (lambda: pf.fit(3, X), "flow", "fit(): `flow` must be a flow", "not 3."),
    (lambda: pf.fit(pf.affine(), X, epochs=0), "epochs", "fit(): `epochs` must be a whole number >= 1, not 0.", ""),
    (lambda: pf.fit(pf.affine(), X, epochs="many"), "epochs", "`epochs` must be a whole number", "not 'many'"),
    (lambda: pf.fit(pf.affine(), X, batch_size=1.5), "batch_size", "`batch_size` must be a whole number >= 1", "1.5"),
    (lambda: pf.fit(pf.affine(), X, learning_rate=0), "learning_rate", "`learning_rate` must be a number > 0", "0"),
    (lambda: pf.fit(pf.affine(), X, schedule="step"), "schedule", '`schedule` must be one of "cosine", "constant"', ""),
    (lambda: pf.fit(pf.affine(), X, patience=0), "patience", "whole number >= 1 or None", "not 0"),
    (lambda: pf.fit(pf.affine(), X, clip_norm=-1), "clip_norm", "`clip_norm` must be a number > 0 or None", "-1"),
    (lambda: pf.fit(pf.affine(), X, standardize=1), "standardize", "`standardize` must be True or False", "1"),
    (lambda: pf.fit(pf.affine(), X, dtype="float16"), "dtype", '"float32", "float64", not', "float16"),
    (lambda: pf.fit(pf.affine(), X, seed=-1), "seed", "`seed` must be a whole number between 0 and", "-1"),
    (lambda: pf.fit(pf.affine(), X, jit_compile="no"), "jit_compile", "must be True or False or None", "'no'"),
    (lambda: pf.fit(pf.affine(), X, progress=3), "progress", "`progress` must be True or False", "not 3"),
    (lambda: pf.fit(pf.affine(), X, checkpoint=3), "checkpoint", "the path of a folder or None", "not 3"),
    (lambda: pf.fit(pf.affine(), X, validation=1), "validation", "a share of the rows below 1, or data", "1"),
    (lambda: pf.fit(pf.affine(), X, validation=-0.1), "validation", "between 0 and 1", "-0.1"),
    (lambda: pf.fit(pf.affine(), X, validation="a"), "validation", "must be a number", "'a'"),
    (lambda: pf.fit(pf.affine(), X, validation={"y": X}), "validation", "has an entry 'y'", "x, context and weights"),
    (lambda: pf.fit(pf.affine(), X, validation={}), "validation", "validation", ""),
    (lambda: pf.fit(pf.affine(), X, validation=X[:, :1]), "validation", "must have 2 columns, not 1", ""),
    (lambda: pf.fit(pf.affine(), X, validation=X[:0]), "validation", "has no rows", ""),
    (lambda: pf.fit(pf.affine(), X, context=X[:5]), "context", "as many rows as x, 20, not 5", ""),
    (lambda: pf.fit(pf.affine(), X, context=X, validation=X), "validation", "lacks a context", "dict(x=, context=)"),
    (lambda: pf.fit(pf.affine(), X, validation={"x": X, "context": X}), "validation", "has a context", ""),
    (lambda: pf.fit(pf.affine(), X, weights=np.ones(3)), "weights", "one entry for each of the 20 rows", "(3,)"),
    (lambda: pf.fit(pf.affine(), X, weights=-np.ones(20)), "weights", "finite and >= 0; entry 0 is -1", ""),
    (lambda: pf.fit(pf.affine(), X, weights=np.zeros(20)), "weights", "`weights` are all 0", ""),
    (lambda: pf.fit(pf.affine(), X, weights=["a"] * 20), "weights", "`weights` must be numbers", ""),
    (lambda: pf.fit(pf.affine(), X, schedule=lambda s: -1.0, progress=False), "schedule", "finite factors >= 0", "-1"),
    (lambda: pf.build(pf.affine(), 0), "event_size", "build(): `event_size` must be a whole number >= 1, not 0.", ""),
    (lambda: pf.build(pf.affine(), 2, -1), "context_size", "`context_size` must be a whole number >= 0, not -1.", ""),
    (lambda: pf.build(pf.affine(), 2, dtype="int"), "dtype", "`dtype` must be one of", "'int'"),
    (lambda: pf.build(pf.affine, 2), "flow", "build(): `flow` must be", "affine()"),
    (
        lambda: pf.log_prob(pf.affine(), X),
        "fit",
        "log_prob(): `fit` must be a fitted flow",
        "Fit it first: fit(flow, x)",
    ),
    (lambda: pf.sample(3, 2), "fit", "sample(): `fit` must be a fitted flow", "not 3"),
    (lambda: pf.save(pf.affine(), "x"), "fit", "save(): `fit` must be a fitted flow", ""),
    (lambda: pf.load(3), "path", "load(): `path` must be the path of a file, not 3.", ""),
    (lambda: pf.load(""), "path", "`path` must be the path of a file", ""),
    (lambda: pf.bijector(pf.affine()), "fit", "bijector(): `fit` must be a fitted flow", ""),
    (
        lambda: pf.register(group="layers"),
        "group",
        "register(): `group` must be one of layer, preset, base",
        "'layers'",
    ),
    (lambda: pf.build(pf.tfb_layer(3), 2), "bijector", "layer 1 (tfb_layer): `bijector` must be a tfp.bijectors", "3"),
]


@pytest.mark.parametrize(("slip", "argument", "says", "and_says"), SLIPS, ids=[s[2][:60] for s in SLIPS])
def test_slips_are_answered_in_the_users_terms(slip, argument, says, and_says):
    with pytest.raises(errors.PyflowsError) as caught:
        slip()
    assert says in str(caught.value) and and_says in str(caught.value)
    assert caught.value.argument == argument
    assert "\n" not in caught.value.message and caught.value.message.endswith(".")


@pytest.mark.parametrize(
    ("use", "error", "argument", "says"),
    [
        (lambda pf, m, c: pf.log_prob(m, X[:, :1]), "ShapeError", "x", "`x` must have 2 columns (long, wide), not 1."),
        (lambda pf, m, c: pf.log_prob(m, X[0]), "ShapeError", "x", "write x[None, :]"),
        (lambda pf, m, c: pf.log_prob(m, X[None]), "ShapeError", "x", "2 dimensions [rows, columns], not shape (1, 20"),
        (lambda pf, m, c: pf.log_prob(m, X, X), "ArgumentError", "context", "the flow was made without one"),
        (lambda pf, m, c: pf.log_prob(m, 1 / np.zeros((2, 2))), "DataError", "x", "has 4 missing or infinite values"),
        (lambda pf, m, c: pf.forward(m, X[:, :1]), "ShapeError", "z", "`z` must have 2 columns, not 1."),
        (lambda pf, m, c: pf.sample(m, -1), "ArgumentError", "n", "sample(): `n` must be a whole number >= 0, not -1."),
        (lambda pf, m, c: pf.sample(m, 2, seed="a"), "ArgumentError", "seed", "`seed` must be a whole number"),
        (lambda pf, m, c: pf.log_prob(c, X), "ArgumentError", "context", "needs 1 context columns"),
        (lambda pf, m, c: pf.log_prob(c, X, X), "ShapeError", "context", "`context` must have 1 column, not 2."),
        (lambda pf, m, c: pf.log_prob(c, X, X[:3, :1]), "ShapeError", "context", "must have 1 row or 20 rows, not 3."),
        (lambda pf, m, c: pf.sample(c, 5), "ArgumentError", "context", "`context` is missing"),
        (lambda pf, m, c: pf.sample(c, 5, X[:2, :1]), "ShapeError", "context", "must have 1 row or 5 rows, not 2."),
        (lambda pf, m, c: pf.bijector(c), "ArgumentError", "context", "`context` is missing"),
        (lambda pf, m, c: pf.bijector(m, [1.0]), "ArgumentError", "context", "the flow was made without one"),
        (lambda pf, m, c: pf.distribution(c, [1.0, 2.0]), "ShapeError", "context", "not shape (2,)"),
    ],
)
def test_wrong_use_of_a_model(pf, fitted, fitted_context, use, error, argument, says):
    with np.errstate(all="ignore"), pytest.raises(getattr(pf, error)) as caught:
        use(pf, fitted, fitted_context)
    assert says in str(caught.value)
    assert caught.value.argument == argument
