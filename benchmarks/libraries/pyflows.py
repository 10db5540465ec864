"""pyflows, through its public functions only, all options as they are by default."""

from __future__ import annotations

import sys
import time

import pyflows as pf

from ..cases import BATCH, BINS, BOX, DENSITY_ROWS, DRAWS, HIDDEN, LAYERS, LEARNING_RATE, TRAINING_ROWS, Case
from ..data import real, synthetic
from ..worker import Calls, serve

WITHOUT_END = 10**6  # epochs: a fit that is ended by its callback


def versions() -> dict:
    import tensorflow as tf

    return {"pyflows": pf.__version__, "tensorflow": tf.__version__}


def flow(kind: str, layers: int | None = None):
    """The flow, a preset with its own sizes where `layers` is None."""
    sizes = {} if layers is None else {"layers": layers, "hidden": (HIDDEN, HIDDEN)}
    if kind == "spline":
        return pf.nsf(bins=BINS, box=BOX, **sizes)
    return {"maf": pf.maf, "coupling": pf.real_nvp}[kind](**sizes)


def work(case: Case):
    described = flow(case.flow, case.depth)
    if case.task == "train":
        return Fits(described, synthetic(TRAINING_ROWS, case.d))
    model = pf.build(described, case.d, seed=0)
    if case.task == "density":
        x = synthetic(DENSITY_ROWS, case.d)
        return Calls(lambda: pf.log_prob(model, x), lambda result: float(result.mean()), DENSITY_ROWS)
    return Calls(lambda: pf.sample(model, DRAWS, seed=1), lambda result: float(result.mean()), DRAWS)


class Fits:
    """Training steps, done by `pf.fit` itself.

    The rate is that of a long fit less a fit of one step, so that what comes before and after the steps (checks,
    copies, the density of all rows at the end) drops out. Both are the same call, ended by its callback.
    """

    def __init__(self, described, x):
        self.flow, self.x = described, x

    def fit(self, seconds: float) -> tuple[int, float, float]:
        """Fit for so long: steps, seconds in all, seconds until the first step was done."""
        began, first = time.perf_counter(), []

        def progress(*_) -> bool:
            first.append(time.perf_counter() - began)
            return first[-1] < first[0] + seconds

        model = pf.fit(
            self.flow,
            self.x,
            validation=0,
            patience=None,
            epochs=WITHOUT_END,
            batch_size=BATCH,
            learning_rate=LEARNING_RATE,
            seed=0,
            progress=progress,
        )
        return model.facts["steps"], time.perf_counter() - began, first[0]

    def warm_up(self) -> float:
        return self.fit(0)[2]

    def rate(self, seconds: float) -> float:
        few, short, _ = self.fit(0)
        many, long, _ = self.fit(seconds)
        return (many - few) / (long - short)


def first_fit(x, epochs):
    model = pf.fit(flow("maf", LAYERS["maf"]), x, epochs=epochs, patience=None, batch_size=BATCH, progress=False)
    return pf.log_prob(model, x).mean()


def quality(job):
    split = real(job["data"], job["seed"])

    def run(seconds: float, **options) -> dict:
        began = time.perf_counter()

        def progress(*_) -> bool:
            return time.perf_counter() - began < seconds

        model = pf.fit(
            flow(job["flow"], job["layers"]),
            split.train,
            validation=split.validation,
            seed=job["seed"],
            progress=progress,
            **options,
        )
        spent = time.perf_counter() - began
        test = float(pf.log_prob(model, split.test).astype("float64").mean())
        return {"test": test, "epochs": model.facts["epochs"], "seconds": spent}

    return {"time": run(job["seconds"]), "epochs": run(float("inf"), epochs=job["epochs"])}


if __name__ == "__main__":
    serve(sys.modules[__name__])
