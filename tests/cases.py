"""Example arguments of every kind, in one place: the contract tests run over all of them.

A new built-in kind fails `test_contract.py` until it has an entry here. An example is a function of the number of
columns and the dtype that gives a flow.
"""

from __future__ import annotations

import functools
import itertools

import numpy as np
import pytest

import pyflows as pf
from pyflows.spec import kinds

SIZES = (1, 2, 5)
CONTEXTS = (0, 2)
# Of the differential equations; test_continuous.py has smaller ones.
ODE_TOLERANCE = 1e-6


def _scale(d, dtype):
    from pyflows.backend import tf, tfb

    return pf.tfb_layer(tfb.Scale(tf.Variable(np.ones(d), dtype=dtype)))


def _sinh(d, dtype):
    from pyflows.backend import tf, tfb

    skewness, tail = tf.Variable(np.zeros(d), dtype=dtype), tf.Variable(np.ones(d), dtype=dtype)
    return pf.tfb_layer(tfb.SinhArcsinh(skewness, tail))


def _logistics(d, dtype):
    from pyflows.backend import tf, tfd

    each = tfd.Logistic(tf.Variable(np.zeros(d), dtype=dtype), tf.ones([], dtype))
    return pf.flow(base=pf.base_tfd(tfd.Independent(each, 1)))


def _base(base, **args):
    return lambda d, dtype: pf.flow(base=base(**args))


def _factorized(d, dtype):
    if d == 1:
        return pf.factorize(flows=[pf.affine()])
    flows = [pf.flow(pf.affine(), pf.batch_norm()), _autoregressive()(d - 1, dtype)]
    return pf.factorize(columns=[[d - 1], range(d - 1)], flows=flows)


def _turned(d, dtype):
    return pf.permute([*range(1, d), 0])


def _autoregressive(**args):
    return lambda d, dtype: pf.autoregressive(**{"hidden": (6, 6), "activation": "tanh", **args})


def _coupling(**args):
    return lambda d, dtype: pf.coupling(**{"hidden": (6, 6), "activation": "tanh", **args})


def _graph(d, dtype):
    """Each column depends on the two after it, so the order of the graph is not that of the columns."""
    return _autoregressive(adjacency=[[int(0 < j - i < 3) for j in range(d)] for i in range(d)])(d, dtype)


def _given_order(d, dtype):
    return _autoregressive(order=[*range(1, d), 0])(d, dtype)


def _given_mask(d, dtype):
    return _coupling(mask=[0, 1, 0, 0, 1][:d])(d, dtype)


def _stretched(*layers):
    """Rotations alone leave the normal base as it is, and their weights without effect."""
    return lambda d, dtype: pf.flow(pf.actnorm(), *layers)


def _elementwise(transform, **args):
    return lambda d, dtype: pf.elementwise(transform, **{"bins": 4, "box": 3.0, **args})


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
    "lu": {"plain": lambda d, dtype: pf.lu()},
    "householder": {"plain": _stretched(pf.householder()), "four": _stretched(pf.householder(reflections=4))},
    "givens": {"plain": _stretched(pf.givens()), "one round": _stretched(pf.givens(rounds=1))},
    "prelu": {"plain": lambda d, dtype: pf.prelu()},
    "sinh_arcsinh": {"plain": lambda d, dtype: pf.sinh_arcsinh()},
    "permute": {"turn": _turned},
    "random_permute": {
        "plain": lambda d, dtype: pf.random_permute(seed=1),
        "deranged": lambda d, dtype: pf.random_permute(seed=1, derange=True),
    },
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
        "reversed": _autoregressive(order="reversed"),
        "random order": _autoregressive(order="random", order_seed=3, fast="sampling"),
        "given order": _given_order,
        "graph": _graph,
        "circular spline": _autoregressive(transform="circular_spline", bins=3, box=12.0),
        "linear-rational spline": _autoregressive(transform="lr_spline", bins=4, box=3.0),
        "quadratic spline": _autoregressive(transform="quadratic_spline", bins=4, box=3.0),
        "sinh-arcsinh": _autoregressive(transform="sinh_arcsinh"),
        "monotonic network sampling": _autoregressive(transform="monotonic_network", bins=3, fast="sampling"),
        "fixed point": _autoregressive(solver="fixed_point"),
        "newton spline": _autoregressive(transform="rq_spline", bins=4, box=3.0, fast="sampling", solver="newton"),
    },
    "coupling": {
        "affine": _coupling(),
        "additive alternating": _coupling(transform="additive", mask="alternating"),
        "given mask": _given_mask,
        "residual spline": _coupling(transform="rq_spline", bins=3, residual=True),
        "linear spline": _coupling(transform="linear_spline", bins=3),
        "circular spline": _coupling(transform="circular_spline", bins=3, box=12.0),
        "spline linear tails": _coupling(transform="rq_spline", bins=3, box=3.0, tails="linear"),
    },
    "elementwise": {
        "rq spline": _elementwise("rq_spline"),
        "rq spline linear tails": _elementwise("rq_spline", tails="linear"),
        "lr spline": _elementwise("lr_spline"),
        "quadratic spline": _elementwise("quadratic_spline", tails="linear"),
        "linear spline": _elementwise("linear_spline"),
        "circular spline": _elementwise("circular_spline", box=12.0),
        "affine": _elementwise("affine"),
        "sinh arcsinh": _elementwise("sinh_arcsinh"),
        "bernstein": _elementwise("bernstein"),
        "sos polynomial": _elementwise("sos_polynomial"),
        "monotonic network": _elementwise("monotonic_network"),
    },
    "maf": {
        "plain": _preset(pf.maf),
        "three layers": _preset(pf.maf, layers=3),
        "batch norm": _preset(pf.maf, batch_norm=True, permutation="none"),
    },
    "iaf": {"plain": _preset(pf.iaf), "additive": _preset(pf.iaf, transform="additive", layers=1)},
    "real_nvp": {"plain": _preset(pf.real_nvp)},
    "nice": {"plain": _preset(pf.nice)},
    "glow": {"plain": _preset(pf.glow)},
    "nsf": {
        "plain": _preset(pf.nsf, bins=4),
        "coupling": _preset(pf.nsf, bins=4, conditioner="coupling"),
    },
    "ncsf": {
        "plain": _preset(pf.ncsf, bins=4),
        "coupling": _preset(pf.ncsf, bins=4, conditioner="coupling", low=-1.0),
    },
    "naf": {"plain": _preset(pf.naf, units=3, permutation="none")},
    "bernstein_flow": {
        "plain": _preset(pf.bernstein_flow, bins=4, permutation="none"),
        "coupling": _preset(pf.bernstein_flow, bins=4, conditioner="coupling", permutation="none"),
    },
    "sos_flow": {
        "plain": _preset(pf.sos_flow, bins=3, permutation="none"),
        "coupling": _preset(pf.sos_flow, bins=3, conditioner="coupling", permutation="none"),
    },
    "positive": {"all": lambda d, dtype: pf.positive(), "first": lambda d, dtype: pf.positive(columns=0)},
    "lower": {"all": lambda d, dtype: pf.lower(-2.0), "last": lambda d, dtype: pf.lower(0.5, columns=[d - 1])},
    "upper": {"all": lambda d, dtype: pf.upper(2.0)},
    "interval": {
        "all": lambda d, dtype: pf.interval(-1.0, 2.0),
        "after others": lambda d, dtype: pf.flow(pf.affine(), pf.prelu(), pf.interval(-2.0, 5.0, columns=0)),
    },
    "circle": {"all": lambda d, dtype: pf.circle()},
    "periodic": {"all": lambda d, dtype: pf.periodic(2.0 * np.pi)},
    "simplex": {"after others": lambda d, dtype: pf.flow(pf.affine(), pf.prelu(), pf.simplex())},
    "dequantize": {
        "uniform": lambda d, dtype: pf.flow(pf.affine(), pf.dequantize()),
        "variational": lambda d, dtype: pf.flow(pf.affine(), pf.dequantize("variational", hidden=(5,))),
    },
    "heavy_tails": {"plain": lambda d, dtype: pf.heavy_tails()},
    "planar": {"plain": _tanh(pf.planar), "many": lambda d, dtype: pf.flow(*[pf.planar((4,))] * 9)},
    "radial": {"plain": _tanh(pf.radial)},
    "sylvester": {"plain": _tanh(pf.sylvester), "rank 1": _tanh(pf.sylvester, rank=1)},
    "block_autoregressive": {
        "plain": lambda d, dtype: pf.block_autoregressive((3, 4)),
        "one layer": lambda d, dtype: pf.block_autoregressive(5),
    },
    "residual": {"plain": _tanh(pf.residual), "elu": _tanh(pf.residual, activation="elu", hidden=(6, 5))},
    "continuous": {"plain": _tanh(pf.continuous, hidden=(4,), tolerance=ODE_TOLERANCE)},
    "gaussianization": {"plain": _tanh(pf.gaussianization)},
    "planar_flow": {"plain": _preset(pf.planar_flow, layers=3)},
    "bnaf": {"plain": lambda d, dtype: pf.bnaf(layers=3, hidden=(3,))},
    "residual_flow": {"plain": _preset(pf.residual_flow)},
    "cnf": {"plain": _preset(pf.cnf, layers=1, hidden=(3,), activation="softplus", tolerance=ODE_TOLERANCE)},
    "gaussianization_flow": {"plain": _preset(pf.gaussianization_flow)},
    "tfb_layer": {"scale": _scale, "sinh": _sinh},
    "base_normal": {"plain": _base(pf.base_normal)},
    "base_resampled": {"plain": _base(pf.base_resampled, hidden=(5,), steps=6)},
    "base_logistic": {"plain": _base(pf.base_logistic)},
    "base_laplace": {"plain": _base(pf.base_laplace)},
    # The ends lie between two cells of the grid on which the contract suite integrates densities.
    "base_uniform": {"box": _base(pf.base_uniform, low=-np.sinh(0.8), high=np.sinh(0.8))},
    "base_student_t": {"plain": _base(pf.base_student_t), "heavy": _base(pf.base_student_t, df=2.5)},
    "base_mixture": {"plain": _base(pf.base_mixture, components=3), "one": _base(pf.base_mixture, components=1)},
    "base_conditional": {"plain": _base(pf.base_conditional, hidden=(5,), activation="tanh")},
    "base_tfd": {"logistic": _logistics},
    "base_flows": {
        "affine": _base(pf.base_flows, flow=pf.flow(pf.affine(), pf.sinh_arcsinh())),
        "default": _base(pf.base_flows),
        "student_t": _base(pf.base_flows, flow=pf.flow(pf.affine(), base=pf.base_student_t()), components=3),
    },
    "invert": {
        "autoregressive": lambda d, dtype: pf.invert(pf.flow(_autoregressive()(d, dtype), pf.affine(rank=1))),
        "twice": lambda d, dtype: pf.invert(pf.invert(_autoregressive()(d, dtype))),
        "many": lambda d, dtype: pf.invert(pf.flow(*[pf.affine()] * 9)),
    },
    "freeze": {
        "plain": lambda d, dtype: pf.freeze(pf.flow(_autoregressive()(d, dtype), pf.actnorm(), pf.batch_norm()))
    },
    "factorize": {"last first": _factorized},
}
# Kinds whose data side is not the whole line, and how rows get to where it is (for all columns, in all variants).
SUPPORTS = {
    "positive": np.exp,
    "lower": lambda x: 0.5 + np.exp(x),
    "upper": lambda x: 2.0 - np.exp(x),
    "interval": lambda x: 0.5 + 1.4 * np.tanh(0.4 * x),  # of both signs, which wakes what is below
    "circle": lambda x: 3.0 * np.tanh(0.4 * x),
    "periodic": lambda x: 3.1 + 3.0 * np.tanh(0.4 * x),
    "ncsf": lambda x: 2.6 + 2.5 * np.tanh(0.4 * x),  # on the way round from 0, and on that from -1
    "simplex": lambda x: np.exp(x) / np.exp(x).sum(1, keepdims=True),
    "dequantize": np.floor,
}
# Kinds with densities on a circle, and one way round it; with one latent value less than columns; of whole numbers,
# whose map has no inverse; and the columns that a kind needs at the least.
CIRCLES = {"circle": (-np.pi, np.pi), "periodic": (0.0, 2.0 * np.pi), "ncsf": (0.0, 2.0 * np.pi)}
COMPOSITIONS, DISCRETE, SMALLEST = ("simplex",), ("dequantize",), {"simplex": 2}
# Kinds that solve a differential equation, and the error that two ways to one number may differ by: that of a step is
# below the tolerance times 1 + |value| (up to 5 here), and there are about ten of them in each of two directions.
ODES, ODE_ERROR = ("continuous", "cnf"), 2 * 10 * 5 * ODE_TOLERANCE
# Arguments that kinds cannot do without, for tests of the others.
REQUIRED = {"lower": {"low": 0.0}, "upper": {"high": 0.0}, "periodic": {"length": 1.0}}
# Kinds that hold a live object, so have no JSON form; that need a context; whose density is 0 far out.
LIVE = ("tfb_layer", "base_tfd")
NEEDS_CONTEXT = ("base_conditional",)
BOUNDED = ("base_uniform",)
CASES = [(kind, variant) for kind, variants in EXAMPLES.items() for variant in variants]
FIRST = [(kind, next(iter(variants))) for kind, variants in EXAMPLES.items()]
IDS = [f"{kind}-{variant}".replace(" ", "_") for kind, variant in CASES]
FIRST_IDS = [kind for kind, _ in FIRST]
# The first example of each kind runs with every size and every context. For what differs from it in an argument, and
# for presets, whose layers are kinds with examples of their own, each size and each context occurs.
PRESETS = tuple(kind.name for kind in kinds("preset"))
WHOLE = [case for case in FIRST if case[0] not in PRESETS]
SOME_SIZES = ((1, 0), (2, 2), (5, 0))


def settings(sizes=SIZES):
    """`(kind, variant, d, c)` with sizes d among those given, for tests that run over sizes and contexts."""
    found = []
    for case in CASES:
        pairs = itertools.product(SIZES, CONTEXTS) if case in WHOLE else SOME_SIZES
        pairs = ((d, CONTEXTS[-1] if case[0] in NEEDS_CONTEXT else c) for d, c in pairs if d in sizes)
        found += [(*case, d, c) for d, c in dict.fromkeys(pairs)]
    return found


def cases_and(values, thinned):
    """`(kind, variant, value)`: all values for the first example of a kind, and `thinned` for the others as above."""
    return [(*case, value) for case in CASES for value in (values if case in WHOLE else thinned)]


def ids_of(found):
    """Names of settings in reports."""
    return ["-".join(str(part) for part in setting).replace(" ", "_") for setting in found]


def make_flow(kind, variant, d, dtype="float64"):
    """The example's flow."""
    return EXAMPLES[kind][variant](d, dtype)


def make_model(kind, variant, d, c=0, dtype="float64", seed=1):
    """The example built, as it starts."""
    if kind in NEEDS_CONTEXT and not c:
        pytest.skip("needs a context")
    if d < SMALLEST.get(kind, 1):
        with pytest.raises(pf.ArgumentError, match=rf"\({kind}\): .* at least {SMALLEST[kind]} columns"):
            pf.build(make_flow(kind, variant, d, dtype), d, c, seed=seed, dtype=dtype)
        pytest.skip("says that it needs more columns")
    return pf.build(make_flow(kind, variant, d, dtype), d, c, seed=seed, dtype=dtype)


# The tests of a case come one after the other (conftest.py), so that these are still there when they are needed again.
@functools.lru_cache(maxsize=64)
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


def on_support(kind, rows):
    """The rows, moved to where the kind has a density."""
    return SUPPORTS[kind](rows) if kind in SUPPORTS else rows


def some_rows(d, c=0, n=7, seed=3):
    """Rows and their context (None if c is 0)."""
    rng = np.random.default_rng(seed)
    return 1.5 * rng.standard_normal((n, d)), rng.standard_normal((n, c)) if c else None
