"""flowjax. Documented: its `fit_to_data`, and calls of the flow. Fused: many steps in one jitted `lax.scan`, and
jitted density and draws."""

from __future__ import annotations

import math
import sys
import time
from importlib.metadata import version

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import optax
import paramax
from flowjax.bijections import RationalQuadraticSpline
from flowjax.distributions import Normal
from flowjax.flows import coupling_flow, masked_autoregressive_flow
from flowjax.train import fit_to_data, loops
from flowjax.train.losses import MaximumLikelihoodLoss

from ..cases import BATCH, BINS, BOX, DENSITY_ROWS, DRAWS, HIDDEN, LAYERS, LEARNING_RATE, TRAINING_ROWS, Case
from ..data import real, synthetic
from ..worker import Calls, serve

EPOCHS_A_CALL = 3  # of `fit_to_data`
WITHOUT_END = 10**6  # epochs
FEW_HELD_OUT = 0.01  # it can't do without validation rows


def versions() -> dict:
    return {"flowjax": version("flowjax"), "jax": jax.__version__}


def flow(kind: str, d: int, layers: int | None = None, seed: int = 0):
    """The flow, with flowjax' own sizes where `layers` is None."""
    options = {"base_dist": Normal(jnp.zeros(d))}
    if layers is not None:
        options |= {"flow_layers": layers, "nn_width": HIDDEN, "nn_depth": 2}
    if kind == "spline":
        options["transformer"] = RationalQuadraticSpline(knots=BINS - 1, interval=BOX)  # it counts inner knots
    make = coupling_flow if kind == "coupling" else masked_autoregressive_flow
    return make(jr.key(seed), **options)


def work(case: Case):
    model = flow(case.flow, case.d, case.depth)
    fused = case.mode == "fused"
    if case.task == "train":
        x = synthetic(TRAINING_ROWS, case.d)
        return _scan(model, x) if fused else _fit_calls(model, x)
    jit = eqx.filter_jit if fused else lambda function: function
    if case.task == "density":
        x = jnp.asarray(synthetic(DENSITY_ROWS, case.d))
        log_prob = jit(lambda model, x: model.log_prob(x))
        return Calls(lambda: log_prob(model, x), lambda result: float(result.mean()), DENSITY_ROWS)
    draw = jit(lambda model, key: model.sample(key, (DRAWS,)))
    return Calls(lambda: draw(model, jr.key(1)), lambda result: float(result.mean()), DRAWS)


def _fit_calls(model, x) -> Calls:
    # With new objects in each call it would compile its step anew in each call.
    optimiser, loss = optax.adam(LEARNING_RATE), MaximumLikelihoodLoss()

    def call():
        _, losses = fit_to_data(
            jr.key(1),
            model,
            x,
            optimizer=optimiser,
            loss_fn=loss,
            max_epochs=EPOCHS_A_CALL,
            batch_size=BATCH,
            val_prop=FEW_HELD_OUT,
            show_progress=False,
        )
        return losses["train"][-1]

    rows = len(x) - round(FEW_HELD_OUT * len(x))
    return Calls(call, float, EPOCHS_A_CALL * (rows // BATCH))


def _scan(model, x) -> Calls:
    params, static = eqx.partition(
        model, eqx.is_inexact_array, is_leaf=lambda leaf: isinstance(leaf, paramax.NonTrainable)
    )
    optimiser, loss = optax.adam(LEARNING_RATE), MaximumLikelihoodLoss()
    rows = jnp.asarray(x).reshape(-1, BATCH, x.shape[1])
    state = [params, optimiser.init(params)]

    @jax.jit
    def run(params, moments):
        def step(carry, batch):
            params, moments = carry
            value, gradient = jax.value_and_grad(lambda params: loss(params, static, batch))(params)
            updates, moments = optimiser.update(gradient, moments, params)
            return (eqx.apply_updates(params, updates), moments), value

        carry, losses = jax.lax.scan(step, (params, moments), rows)
        return carry, losses[-1]

    def call():
        state[:], value = run(*state)
        return value

    return Calls(call, float, len(rows))


def first_fit(x, epochs):
    model, _ = fit_to_data(
        jr.key(0),
        flow("maf", x.shape[1], LAYERS["maf"]),
        x,
        max_epochs=epochs,
        max_patience=epochs,
        batch_size=BATCH,
        learning_rate=LEARNING_RATE,
        show_progress=False,
    )
    return float(model.log_prob(x).mean())


class _Clock:
    """Takes the place of the progress bar of `fit_to_data`, the only thing it looks at in each epoch, and ends it."""

    deadline = math.inf
    postfix = ""

    def __init__(self, epochs, **_):
        self.epochs = epochs

    def __iter__(self):
        for epoch in self.epochs:
            if time.perf_counter() > _Clock.deadline:
                return
            yield epoch

    def set_postfix(self, *_):
        """What a progress bar would show."""

    set_postfix_str = set_postfix


def quality(job):
    split = real(job["data"], job["seed"])
    rows = np.concatenate([split.train, split.validation])
    loops.tqdm = _Clock

    def run(seconds: float, epochs: int) -> dict:
        began = time.perf_counter()
        _Clock.deadline = began + seconds
        model, losses = fit_to_data(
            jr.key(job["seed"]),
            flow(job["flow"], job["d"], job["layers"], job["seed"]),
            rows,
            max_epochs=epochs,
            val_prop=len(split.validation) / len(rows),
        )
        spent = time.perf_counter() - began
        test = float(eqx.filter_jit(model.log_prob)(split.test).astype(float).mean())
        return {"test": test, "epochs": len(losses["train"]), "seconds": spent}

    return {"time": run(job["seconds"], WITHOUT_END), "epochs": run(math.inf, job["epochs"])}


if __name__ == "__main__":
    serve(sys.modules[__name__])
