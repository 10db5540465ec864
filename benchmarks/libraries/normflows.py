"""normflows, in the eager loop of its examples; it has no sizes of its own.

Its affine autoregressive layer is fast in drawing; it is turned round here, so that the density is the fast side as
in all others.
"""

from __future__ import annotations

import sys
from importlib.metadata import version

import normflows as nf
import torch
from normflows.flows.affine.autoregressive import MaskedAffineAutoregressive

from ..cases import BINS, BOX, HIDDEN, LAYERS, Case
from ..worker import serve
from . import torch_tools


def versions() -> dict:
    return {"normflows": version("normflows"), "torch": torch.__version__}


class _Turned(nf.flows.Flow):
    """A layer with its two directions exchanged."""

    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def forward(self, z):
        return self.layer.inverse(z)

    def inverse(self, x):
        return self.layer.forward(x)


class _Reverse(nf.flows.Flow):
    """The order of the columns reversed."""

    def forward(self, z):
        return z.flip(1), torch.zeros(len(z))

    inverse = forward


def flow(kind: str, d: int, layers: int | None = None, seed: int = 0):
    """The flow, with the order of the columns reversed between layers."""
    torch.manual_seed(seed)
    stack = []
    for i in range(layers or LAYERS[kind]):
        if kind == "coupling":
            mask, sizes = (torch.arange(d) + i) % 2, [d, HIDDEN, HIDDEN, d]
            stack.append(nf.flows.MaskedAffineFlow(mask, nf.nets.MLP(sizes), nf.nets.MLP(sizes)))
        elif kind == "maf":
            layer = MaskedAffineAutoregressive(d, HIDDEN, num_blocks=1, use_residual_blocks=False)
            stack += [_Turned(layer), _Reverse()]
        else:
            layer = nf.flows.AutoregressiveRationalQuadraticSpline(d, 1, HIDDEN, num_bins=BINS, tail_bound=BOX)
            stack += [layer, _Reverse()]
    return nf.NormalizingFlow(nf.distributions.DiagGaussian(d, trainable=False), stack)


def _functions(model) -> dict:
    return {"loss": model.forward_kld, "log_prob": model.log_prob}


def work(case: Case):
    model = flow(case.flow, case.d, case.depth)
    return torch_tools.work(case, model, **_functions(model), draw=lambda n: model.sample(n)[0])


def first_fit(x, epochs):
    model = flow("maf", x.shape[1])
    return torch_tools.first_fit(model, **_functions(model), x=x, epochs=epochs)


def quality(job):
    model = flow(job["flow"], job["d"], job["layers"], job["seed"])
    return torch_tools.quality(model, **_functions(model), job=job)


if __name__ == "__main__":
    serve(sys.modules[__name__])
