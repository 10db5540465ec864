"""nflows, in the eager loop of its examples; it has no sizes of its own."""

from __future__ import annotations

import sys
from importlib.metadata import version

import torch
from nflows import distributions, flows, transforms

from ..cases import BINS, BOX, HIDDEN, LAYERS, Case
from ..worker import serve
from . import torch_tools


def versions() -> dict:
    return {"nflows": version("nflows"), "torch": torch.__version__}


def flow(kind: str, d: int, layers: int | None = None, seed: int = 0):
    """The flow, with the order of the columns reversed between layers."""
    torch.manual_seed(seed)
    # The network is a first layer and `num_blocks` more, so one block makes two hidden layers.
    network = {"features": d, "hidden_features": HIDDEN, "num_blocks": 1, "use_residual_blocks": False}
    spline = {"num_bins": BINS, "tails": "linear", "tail_bound": BOX}
    stack = []
    for i in range(layers or LAYERS[kind]):
        if kind == "coupling":
            stack.append(transforms.AffineCouplingTransform((torch.arange(d) + i) % 2, _Network))
            continue
        stack.append(transforms.ReversePermutation(d))
        if kind == "maf":
            stack.append(transforms.MaskedAffineAutoregressiveTransform(**network))
        else:
            stack.append(transforms.MaskedPiecewiseRationalQuadraticAutoregressiveTransform(**network, **spline))
    return flows.Flow(transforms.CompositeTransform(stack), distributions.StandardNormal([d]))


class _Network(torch.nn.Sequential):
    """Two hidden layers, as all others have here; its own ResidualNet is deeper."""

    def __init__(self, inputs: int, outputs: int):
        linear, relu = torch.nn.Linear, torch.nn.ReLU
        super().__init__(linear(inputs, HIDDEN), relu(), linear(HIDDEN, HIDDEN), relu(), linear(HIDDEN, outputs))

    def forward(self, x, context=None):
        return super().forward(x)


def _functions(model) -> dict:
    return {"loss": lambda batch: -model.log_prob(batch).mean(), "log_prob": model.log_prob}


def work(case: Case):
    model = flow(case.flow, case.d, case.depth)
    return torch_tools.work(case, model, **_functions(model), draw=model.sample)


def first_fit(x, epochs):
    model = flow("maf", x.shape[1])
    return torch_tools.first_fit(model, **_functions(model), x=x, epochs=epochs)


def quality(job):
    model = flow(job["flow"], job["d"], job["layers"], job["seed"])
    return torch_tools.quality(model, **_functions(model), job=job)


if __name__ == "__main__":
    serve(sys.modules[__name__])
