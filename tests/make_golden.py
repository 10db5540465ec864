"""Write the golden files that the tests of both languages read: `python tests/make_golden.py`.

* `golden/api.json`: the public names of the Python package; for each function its arguments in order, with their
  defaults. A change here is a change of the contract, and is looked at as such.
* `golden/specs.json`: flows by name, in the JSON form that R and Python share; every kind occurs.
* `golden/numbers.json`: densities that scipy computed by closed formulas, not pyflows. Each entry has a flow, the
  dtype, the weights that give it the closed form, points x, their log-densities, and the name of a model file.
* `golden/<entry>.safetensors`: that model, saved. Written once and then kept: later versions must still read it.
"""

from __future__ import annotations

import inspect
import json
import sys
from pathlib import Path

import numpy as np
from scipy import stats

ROOT = Path(__file__).parent.parent
GOLDEN = ROOT / "tests" / "golden"
sys.path.insert(0, str(ROOT))

import pyflows as pf  # noqa: E402


def plain_default(value):
    """A default as it stands in JSON."""
    return list(value) if isinstance(value, tuple) else value


def describe(function) -> list[dict]:
    """The arguments of a function."""
    return [
        {
            "name": p.name,
            "required": p.default is p.empty and p.kind is not p.VAR_POSITIONAL and p.kind is not p.VAR_KEYWORD,
            "default": None if p.default is p.empty else plain_default(p.default),
            "kind": p.kind.name.lower(),
        }
        for p in inspect.signature(function).parameters.values()
    ]


def api() -> dict:
    """The public names."""
    found = {"functions": {}, "classes": {}, "other": []}
    for name in sorted(pf.__all__):
        value = getattr(pf, name)
        if inspect.isclass(value):
            public = [key for key, member in vars(value).items() if not key.startswith("_") and callable(member)]
            properties = [key for key, member in vars(value).items() if isinstance(member, property)]
            found["classes"][name] = {
                "bases": [base.__name__ for base in value.__bases__],
                "methods": sorted(public),
                "properties": sorted(properties),
            }
        elif callable(value):
            found["functions"][name] = describe(value)
        else:
            found["other"].append(name)
    for face in ("tfb", "tfd"):
        module = getattr(pf, face)
        found[face] = {name: describe(getattr(module, name)) for name in module.__all__}
    return found


def specs() -> dict:
    """Flows by name, as plain data."""
    flows = {
        "empty": pf.flow(base=pf.base_normal()),
        "affine": pf.affine(),
        "affine_prelu": pf.flow(pf.affine(rank=2), pf.prelu(), pf.affine(rank=2)),
        "skewed": pf.flow(pf.sinh_arcsinh(), pf.affine(rank=1)),
        "permuted": pf.flow(pf.permute([2, 0, 1]), pf.reverse(), pf.affine()),
        "permuted_by_name": pf.flow(pf.permute(["b", "a"]), pf.affine()),
        "one_column": pf.flow(pf.permute([0]), pf.affine()),
        "normalised": pf.flow(pf.actnorm(), pf.batch_norm(), pf.batch_norm(momentum=0.9, epsilon=0.001)),
        "autoregressive": pf.flow(
            pf.autoregressive(), pf.reverse(), pf.autoregressive("additive", [32, 32], "tanh", True, fast="sampling")
        ),
        "bounded": pf.flow(pf.heavy_tails(), pf.lower(-1.5, 0), pf.upper(2.0, [1, 2]), pf.interval(0, 10, columns=3)),
        "bounded_by_name": pf.flow(pf.positive("price"), pf.interval(columns=["share", "rate"])),
        "circles": pf.flow(pf.circle(), pf.invert(pf.circle()), pf.periodic(360, low=-180, columns=[0, 2])),
        "ncsf": pf.ncsf(layers=2, conditioner="coupling", hidden=16, columns="angle"),
        "compositions": pf.flow(pf.simplex(["clay", "silt", "sand"]), pf.positive("n"), pf.dequantize(columns="n")),
        "whole": pf.flow(pf.nsf(layers=2, tails="linear"), pf.dequantize("variational", hidden=[16])),
        "maf": pf.maf(),
        "maf_with_options": pf.maf(10, hidden=[100, 100], activation="tanh", batch_norm=True, permutation="none"),
        "coupling": pf.flow(pf.coupling(mask="alternating"), pf.coupling("rq_spline", bins=5, box=3)),
        "orders": pf.flow(
            pf.autoregressive(order="random", order_seed=3, solver="newton"),
            pf.autoregressive(order=[1, 0, 2]),
            pf.autoregressive(order=["b", "a"]),
            pf.autoregressive(adjacency=[[0, 1, 1], [0, 0, 1], [0, 0, 0]]),
            pf.coupling(mask=[0, 1, 0]),
        ),
        "mixing": pf.flow(pf.lu(), pf.householder(), pf.givens(rounds=2), pf.random_permute(seed=4)),
        "nice": pf.nice(layers=3),
        "glow": pf.glow(layers=2, transform="additive"),
        "real_nvp": pf.real_nvp(layers=4, batch_norm=True),
        "nsf": pf.nsf(layers=2, conditioner="coupling", hidden=16, bins=6),
        "elementwise": pf.flow(pf.elementwise("lr_spline", bins=6, tails="linear"), pf.elementwise("bernstein")),
        "naf": pf.naf(layers=2),
        "multivariate": pf.flow(pf.planar(), pf.radial(), pf.sylvester(), pf.gaussianization()),
        "networks": pf.flow(pf.block_autoregressive(), pf.residual(), pf.continuous()),
        "planar_flow": pf.planar_flow(layers=4),
        "bnaf": pf.bnaf(layers=1),
        "residual_flow": pf.residual_flow(layers=2),
        "cnf": pf.cnf(layers=1),
        "gaussianization_flow": pf.gaussianization_flow(layers=2),
        "bernstein_flow": pf.bernstein_flow(layers=2),
        "sos_flow": pf.sos_flow(layers=2),
        **composed(),
        "iaf": pf.iaf(layers=3, transform="additive", hidden=8, residual=True),
    }
    return {name: json.loads(pf.to_json(flow)) for name, flow in flows.items()}


def composed() -> dict:
    """Flows with other bases, and flows made of flows."""
    weighted = pf.flow(pf.affine(), base=pf.base_student_t(df=3))
    return {
        "base_logistic": pf.flow(pf.affine(), base=pf.base_logistic()),
        "base_laplace": pf.flow(pf.affine(), base=pf.base_laplace()),
        "base_uniform": pf.flow(base=pf.base_uniform(low=-1, high=2.5)),
        "base_student_t": weighted,
        "base_mixture": pf.flow(pf.prelu(), base=pf.base_mixture(components=3)),
        "base_resampled": pf.flow(pf.affine(), base=pf.base_resampled(steps=50, hidden=[16])),
        "base_conditional": pf.flow(pf.affine(), base=pf.base_conditional(hidden=[16])),
        "base_flows": pf.flow(pf.affine(), base=pf.base_flows(flow=weighted, components=3)),
        "inverted": pf.flow(pf.invert(pf.flow(pf.affine(rank=1), pf.invert(pf.prelu()))), pf.freeze(pf.actnorm())),
        "factorized": pf.factorize(columns=[["b"], ["a", "c"]], flows=[pf.affine(), pf.maf(layers=2)]),
    }


def softplus_inverse(y):
    """The x with log(1 + exp(x)) = y."""
    return np.log(np.expm1(y))


def numbers() -> dict:
    """Weights and closed forms. Diagonals of affine are softplus(w) + 1e-5, slopes of prelu softplus(w) + 1e-3."""
    x2 = [[0.0, 0.0], [1.0, -0.5], [-2.0, 3.0], [0.25, 4.0]]
    x3 = [[0.0, 0.0, 0.0], [1.0, 2.0, -3.0], [-0.5, 0.25, 0.125]]
    found = {}

    lower = np.array([[2.0, 0.0, 0.0], [0.5, 1.0, 0.0], [-1.0, 0.25, 0.5]])
    shift = np.array([1.0, -1.0, 0.5])
    weights = {
        "layers/0/shift": shift,
        "layers/0/diagonal": softplus_inverse(np.diag(lower) - 1e-5),
        "layers/0/lower": lower[np.tril_indices(3, -1)],
    }
    density = stats.multivariate_normal(shift, lower @ lower.T).logpdf(x3)
    found["affine"] = (pf.affine(), weights, x3, density)

    factor = np.array([[0.5], [-1.0], [0.25]])
    matrix = lower + factor @ factor.T
    density = stats.multivariate_normal(shift, matrix @ matrix.T).logpdf(x3)
    found["affine_rank"] = (pf.affine(rank=1), {**weights, "layers/0/factor": factor}, x3, density)

    slope = np.array([0.5, 2.0])
    x = np.array(x2)
    density = stats.norm.logpdf(x, scale=np.where(x < 0, slope, 1.0)).sum(1)
    found["prelu"] = (pf.prelu(), {"layers/0/slope": softplus_inverse(slope - 1e-3)}, x2, density)

    # Jones & Pewsey (2009) with skewness s and tail weight 1.
    skewness = np.array([0.5, -1.0])
    u = np.arcsinh(x) - skewness
    density = (stats.norm.logpdf(np.sinh(u)) + np.log(np.cosh(u) / np.sqrt(1 + x**2))).sum(1)
    weights = {"layers/0/skewness": skewness, "layers/0/tailweight": np.zeros(2)}
    found["sinh_arcsinh"] = (pf.sinh_arcsinh(), weights, x2, density)

    shift, log_scale = np.array([1.0, 2.0]), np.array([0.5, -0.5])
    weights = {"layers/1/shift": shift, "layers/1/log_scale": log_scale}
    density = stats.norm.logpdf(x, shift, np.exp(log_scale)).sum(1)
    found["actnorm"] = (pf.flow(pf.reverse(), pf.actnorm()), weights, x2, density)
    return found


def build_model(flow, weights, d):
    """The model with these weights, in double precision."""
    model = pf.build(flow, d, seed=1, dtype="float64")
    for name, value in weights.items():
        model.variables[name].assign(value)
    return model


def files() -> dict[str, object]:
    """The content of the JSON files by name."""
    told = {
        name: {
            "flow": json.loads(pf.to_json(flow)),
            "dtype": "float64",
            "weights": {key: np.asarray(value).tolist() for key, value in weights.items()},
            "x": x,
            "log_prob": density.tolist(),
            "file": f"{name}.safetensors",
        }
        for name, (flow, weights, x, density) in numbers().items()
    }
    return {"api.json": api(), "specs.json": specs(), "numbers.json": told}


def main() -> None:
    """Write all files."""
    GOLDEN.mkdir(exist_ok=True)
    for name, content in files().items():
        (GOLDEN / name).write_text(json.dumps(content, indent=1, sort_keys=True) + "\n")
    for name, (flow, weights, x, _) in numbers().items():
        path = GOLDEN / f"{name}.safetensors"
        if not path.exists():
            pf.save(build_model(flow, weights, len(x[0])), path)


if __name__ == "__main__":
    main()
