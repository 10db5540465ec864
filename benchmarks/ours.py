"""What concerns pyflows alone. Each measurement is a process of its own: `python -m benchmarks.ours NAME ...`."""

from __future__ import annotations

import json
import os
import statistics
import sys
import time

import numpy as np

from .cases import DENSITY_ROWS, DRAWS, LAYERS, Case
from .data import synthetic
from .libraries.pyflows import Fits, flow, pf
from .worker import peak_mb

CURVE = (2, 4, 8, 16, 32, 64, 128, 256)
ROUNDS = 5
MANY_ROWS, MANY_D = 10_000_000, 8


def _median_seconds(call) -> float:
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        call()
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def _first(call) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def curve() -> list[dict]:
    """The cost of drawing against that of one density, for the same number of rows, by dimension."""
    rows = []
    for d in CURVE:
        model = pf.build(flow("maf", LAYERS["maf"]), d, seed=0)
        x = synthetic(DRAWS, d)
        first = _first(lambda: pf.sample(model, DRAWS, seed=1))  # noqa: B023 - called at once
        pf.log_prob(model, x)
        draws = _median_seconds(lambda: pf.sample(model, DRAWS, seed=1))  # noqa: B023
        density = _median_seconds(lambda: pf.log_prob(model, x))  # noqa: B023
        rows.append({"d": d, "first_draws": first, "draws": draws, "density": density})
    return rows


def conditioning() -> list[dict]:
    """Draws from a fresh flow, and from one that was trained on data on a thin curve."""
    rows = []
    for d in (8, 64):
        rng = np.random.default_rng(0)
        t = rng.normal(size=(10_000, 1))
        x = np.sin(t * np.arange(1, d + 1)) + 0.001 * rng.normal(size=(len(t), d))
        described = flow("maf", LAYERS["maf"])
        trained = pf.fit(described, x, epochs=30, seed=0, progress=False)
        models = {"fresh": pf.build(described, d, seed=0), "trained": trained}
        rates = {}
        for name, model in models.items():
            pf.sample(model, DRAWS, seed=1)
            rates[name] = DRAWS / _median_seconds(lambda: pf.sample(model, DRAWS, seed=1))  # noqa: B023
        back = pf.forward(trained, pf.inverse(trained, x[:1000]))
        rows.append({"d": d, **rates, "round_trip_error": float(np.abs(back - x[:1000]).max())})
    return rows


def depth(kind: str, layers: str) -> list[dict]:
    """Warm-up of `fit`, the first step done, by the number of layers; each in a fresh process."""
    case = Case(kind, 8, layers=int(layers))
    work = Fits(flow(kind, case.depth), synthetic(DENSITY_ROWS, case.d))
    return [{"flow": kind, "layers": case.depth, "warm_up": work.warm_up()}]


def memory(verb: str) -> list[dict]:
    """Peak memory of the whole process, and how much of it the verb added to what a small call had needed."""
    model = pf.build(flow("maf", LAYERS["maf"]), MANY_D, seed=0)
    if verb == "log_prob":
        x = np.random.default_rng(0).standard_normal((MANY_ROWS, MANY_D), dtype="float32")
        pf.log_prob(model, x[:DENSITY_ROWS])
        before = peak_mb()
        pf.log_prob(model, x)
    else:
        pf.sample(model, DENSITY_ROWS, seed=1)
        before = peak_mb()
        pf.sample(model, MANY_ROWS, seed=1)
    return [{"verb": verb, "rows": MANY_ROWS, "d": MANY_D, "peak_mb": peak_mb(), "before_mb": before}]


if __name__ == "__main__":
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    measure = {"curve": curve, "conditioning": conditioning, "depth": depth, "memory": memory}[sys.argv[1]]
    print(json.dumps(measure(*sys.argv[2:])), file=answers, flush=True)
