"""zuko. Documented: the eager loop of its tutorials. Compiled: loss, density and draws through `torch.compile`."""

from __future__ import annotations

import sys

import torch
import zuko

from ..cases import BINS, HIDDEN, LAYERS, Case
from ..worker import serve
from . import torch_tools

FLOWS = {"maf": zuko.flows.MAF, "spline": zuko.flows.NSF, "coupling": zuko.flows.RealNVP}


def versions() -> dict:
    return {"zuko": zuko.__version__, "torch": torch.__version__}


def flow(kind: str, d: int, layers: int | None = None, seed: int = 0):
    """The flow, with zuko's own sizes where `layers` is None."""
    torch.manual_seed(seed)
    sizes = {} if layers is None else {"transforms": layers, "hidden_features": [HIDDEN, HIDDEN]}
    bins = {"bins": BINS} if kind == "spline" else {}
    return FLOWS[kind](d, **sizes, **bins)


def _functions(model) -> dict:
    return {"loss": lambda batch: -model().log_prob(batch).mean(), "log_prob": lambda x: model().log_prob(x)}


def work(case: Case):
    model = flow(case.flow, case.d, case.depth)
    return torch_tools.work(case, model, **_functions(model), draw=lambda n: model().sample((n,)))


def first_fit(x, epochs):
    model = flow("maf", x.shape[1], LAYERS["maf"])
    return torch_tools.first_fit(model, **_functions(model), x=x, epochs=epochs)


def quality(job):
    model = flow(job["flow"], job["d"], job["layers"], job["seed"])
    return torch_tools.quality(model, **_functions(model), job=job)


if __name__ == "__main__":
    serve(sys.modules[__name__])
