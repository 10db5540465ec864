"""What the three libraries on PyTorch share: the documented loop, and calls without gradients."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable

import numpy as np
import torch

from ..cases import BATCH, DENSITY_ROWS, DRAWS, LEARNING_RATE, TRAINING_ROWS, Case
from ..data import real, synthetic
from ..quality_loop import batches, train
from ..worker import Calls, Unavailable


def work(case: Case, model: torch.nn.Module, loss: Callable, log_prob: Callable, draw: Callable) -> Calls:
    """The case as calls.

    Args:
        case: what to do; in the mode "compiled" by `torch.compile`.
        model: whose parameters are trained.
        loss: of a batch.
        log_prob: of rows.
        draw: of a number of rows.
    """
    compiled = case.mode == "compiled"
    if compiled and not any(map(shutil.which, ("c++", "g++", "clang++"))):
        raise Unavailable("torch.compile needs a C++ compiler, and there is none")
    if case.task == "train":
        function = torch.compile(loss) if compiled else loss
        step = _stepper(model.parameters(), function, fused=compiled)
        rows = torch.from_numpy(synthetic(TRAINING_ROWS, case.d))
        order = _round_robin(rows.split(BATCH))
        return Calls(lambda: step(next(order)), lambda result: result.item(), 1, together=8)
    if case.task == "density":
        x = torch.from_numpy(synthetic(DENSITY_ROWS, case.d))
        function, units = (lambda: log_prob(x)), DENSITY_ROWS
    else:
        function, units = (lambda: draw(DRAWS)), DRAWS
    if compiled:
        function = torch.compile(function)
    return Calls(torch.no_grad()(function), lambda result: result.mean().item(), units)


def first_fit(model: torch.nn.Module, loss: Callable, log_prob: Callable, x: np.ndarray, epochs: int) -> float:
    """The documented loop over a small data set; the mean log-density at its end."""
    step, rng = _stepper(model.parameters(), loss), np.random.default_rng(0)
    for _ in range(epochs):
        for batch in batches(x, BATCH, rng):
            step(torch.from_numpy(batch))
    return mean(log_prob, x)


def quality(model: torch.nn.Module, loss: Callable, log_prob: Callable, job: dict) -> dict:
    """The documented loop over real data, with the weights that are best on the validation rows."""
    split, rng = real(job["data"], job["seed"]), np.random.default_rng(job["seed"])
    step = _stepper(model.parameters(), loss)

    def epoch() -> None:
        for batch in batches(split.train, BATCH, rng):
            step(torch.from_numpy(batch))

    return train(epoch, lambda x: mean(log_prob, x), split.validation, split.test, job["seconds"], job["epochs"])


def mean(log_prob: Callable, x: np.ndarray) -> float:
    """Mean log-density of rows."""
    with torch.no_grad():
        return log_prob(torch.from_numpy(x)).double().mean().item()


def _stepper(parameters: Iterable, loss: Callable, fused: bool = False) -> Callable:
    optimiser = torch.optim.Adam(parameters, lr=LEARNING_RATE, fused=fused)

    def step(batch):
        value = loss(batch)
        optimiser.zero_grad()
        value.backward()
        optimiser.step()
        return value.detach()

    return step


def _round_robin(items: tuple):
    while True:
        yield from items
