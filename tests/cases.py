"""Example arguments of every kind, in one place: the contract tests run over all of them.

A new built-in kind fails `test_contract.py` until it has an entry here. An example is a function of the number of
columns and the dtype that gives a flow.
"""

from __future__ import annotations

import functools

import numpy as np

import pyflows as pf

SIZES = (1, 2, 5)
CONTEXTS = (0, 2)


def _scale(d, dtype):
    from pyflows.backend import tf, tfb

    return pf.tfb_layer(tfb.Scale(tf.Variable(np.ones(d), dtype=dtype)))


def _sinh(d, dtype):
    from pyflows.backend import tf, tfb

    skewness, tail = tf.Variable(np.zeros(d), dtype=dtype), tf.Variable(np.ones(d), dtype=dtype)
    return pf.tfb_layer(tfb.SinhArcsinh(skewness, tail))


def _turned(d, dtype):
    return pf.permute([*range(1, d), 0])


def _autoregressive(**args):
    return lambda d, dtype: pf.autoregressive(**{"hidden": (6, 6), "activation": "tanh", **args})


def _coupling(**args):
    return lambda d, dtype: pf.coupling(**{"hidden": (6, 6), "activation": "tanh", **args})


def _preset(preset, **args):
    return lambda d, dtype: preset(**{"layers": 2, "hidden": (6,), "activation": "tanh", **args})


def _tanh(kind, **args):
    return lambda d, dtype: kind(**{"hidden": (6,), "activation": "tanh", **args})


EXAMPLES = {
    "affine": {
        "plain": lambda d, dtype: pf.affine(),
        "rank 2": lambda d, dtype: pf.affine(rank=2),
        # Many equal layers run as a loop with a gradient of its own.
        "many": lambda d, dtype: pf.flow(*[pf.affine()] * 9),
    },
    "prelu": {"plain": lambda d, dtype: pf.prelu()},
    "sinh_arcsinh": {"plain": lambda d, dtype: pf.sinh_arcsinh()},
    "permute": {"turn": _turned},
    "reverse": {"plain": lambda d, dtype: pf.reverse()},
    "actnorm": {"plain": lambda d, dtype: pf.actnorm()},
    "batch_norm": {
        "plain": lambda d, dtype: pf.batch_norm(),
        "large epsilon": lambda d, dtype: pf.batch_norm(momentum=0.5, epsilon=0.1),
    },
    "autoregressive": {
        "affine": _autoregressive(),
        "additive": _autoregressive(transform="additive"),
        "residual": _autoregressive(residual=True, hidden=(6, 6, 6)),
        "sampling": _autoregressive(fast="sampling"),
        "relu": _autoregressive(activation="relu", hidden=12),
        "one unit": _autoregressive(hidden=1),
        "spline": _autoregressive(transform="rq_spline", bins=4, box=3.0),
    },
    "coupling": {
        "affine": _coupling(),
        "additive alternating": _coupling(transform="additive", mask="alternating"),
        "residual spline": _coupling(transform="rq_spline", bins=3, residual=True),
    },
    "maf": {
        "plain": _preset(pf.maf),
        "batch norm": _preset(pf.maf, batch_norm=True, permutation="none"),
    },
    "iaf": {"plain": _preset(pf.iaf), "additive": _preset(pf.iaf, transform="additive", layers=1)},
    "real_nvp": {"plain": _preset(pf.real_nvp)},
    "nsf": {
        "plain": _preset(pf.nsf, bins=4),
        "coupling": _preset(pf.nsf, bins=4, conditioner="coupling"),
    },
    "planar": {"plain": _tanh(pf.planar), "many": lambda d, dtype: pf.flow(*[pf.planar((4,))] * 9)},
    "radial": {"plain": _tanh(pf.radial)},
    "sylvester": {"plain": _tanh(pf.sylvester), "rank 1": _tanh(pf.sylvester, rank=1)},
    "block_autoregressive": {
        "plain": lambda d, dtype: pf.block_autoregressive((3, 4)),
        "one layer": lambda d, dtype: pf.block_autoregressive(5),
    },
    "residual": {"plain": _tanh(pf.residual), "elu": _tanh(pf.residual, activation="elu", hidden=(6, 5))},
    "continuous": {"plain": _tanh(pf.continuous, hidden=(4,), tolerance=1e-10)},
    "gaussianization": {"plain": _tanh(pf.gaussianization)},
    "planar_flow": {"plain": _preset(pf.planar_flow, layers=3)},
    "bnaf": {"plain": lambda d, dtype: pf.bnaf(layers=3, hidden=(3,))},
    "residual_flow": {"plain": _preset(pf.residual_flow)},
    "cnf": {"plain": _preset(pf.cnf, layers=1, hidden=(3,), activation="softplus", tolerance=1e-10)},
    "gaussianization_flow": {"plain": _preset(pf.gaussianization_flow)},
    "tfb_layer": {"scale": _scale, "sinh": _sinh},
    "base_normal": {"plain": lambda d, dtype: pf.flow(base=pf.base_normal())},
}
CASES = [(kind, variant) for kind, variants in EXAMPLES.items() for variant in variants]
FIRST = [(kind, next(iter(variants))) for kind, variants in EXAMPLES.items()]
IDS = [f"{kind}-{variant}".replace(" ", "_") for kind, variant in CASES]
FIRST_IDS = [kind for kind, _ in FIRST]


def make_flow(kind, variant, d, dtype="float64"):
    """The example's flow."""
    return EXAMPLES[kind][variant](d, dtype)


def make_model(kind, variant, d, c=0, dtype="float64", seed=1):
    """The example built, as it starts."""
    return pf.build(make_flow(kind, variant, d, dtype), d, c, seed=seed, dtype=dtype)


@functools.cache
def moved_model(kind, variant, d, c=0, dtype="float64"):
    """The example built, all weights moved away from their start. Shared: do not change it."""
    return move(make_model(kind, variant, d, c, dtype))


def move(model, size=0.3, seed=5):
    """Move all weights of a model at random (variances stay positive), so that it is not the identity."""
    rng = np.random.default_rng(seed)
    for name, variable in model.variables.items():
        noise = size * rng.standard_normal(variable.shape)
        value = variable.numpy()
        variable.assign(value * np.exp(noise) if name.endswith("variance") else value + noise)
    return model


def some_rows(d, c=0, n=7, seed=3):
    """Rows and their context (None if c is 0)."""
    rng = np.random.default_rng(seed)
    return 1.5 * rng.standard_normal((n, d)), rng.standard_normal((n, c)) if c else None
