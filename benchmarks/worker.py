"""The resident side of a library: asked by JSON lines on stdin, it answers with JSON lines on stdout.

A library is a module with these functions, nothing else:
    versions() -> dict                       of the packages that matter
    work(case) -> Work                       what `warm_up` and `rate` are asked of
    first_fit(x, epochs) -> float            the documented fit of a small MAF; gives its mean log-density
    quality(job) -> {"time": .., "epochs": ..}   see `quality_loop.py`
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

from .cases import Case
from .data import synthetic

FIRST_FIT_ROWS, FIRST_FIT_D = 1000, 2


class Unavailable(Exception):
    """This machine or this library can't do that; the message says why."""


class Work(Protocol):
    """A task, ready to be done."""

    def warm_up(self) -> float:
        """Do it for the first time; seconds."""

    def rate(self, seconds: float) -> float:
        """Do it for about that long; optimiser steps or rows a second."""


@dataclass
class Calls:
    """Work done by calling a function again and again.

    Args:
        call: does one piece of work and gives a result, perhaps before it is done.
        wait: waits until a result is there, and gives a number of it.
        units: steps or rows that one call is worth.
        together: calls that may be under way before one waits.
    """

    call: Callable[[], Any]
    wait: Callable[[Any], float]
    units: float
    together: int = 1

    def warm_up(self) -> float:
        began = time.perf_counter()
        self.wait(self.call())
        return time.perf_counter() - began

    def rate(self, seconds: float) -> float:
        calls, began = 0, time.perf_counter()
        while True:
            result = self.call()
            calls += 1
            if calls % self.together == 0:
                self.wait(result)
                if time.perf_counter() - began >= seconds:
                    return calls * self.units / (time.perf_counter() - began)


def peak_mb() -> float:
    """Most memory this process has held."""
    status = Path("/proc/self/status")
    if status.exists():
        peak = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(peak.split()[1]) / 1024
    unit = 1024**2 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def serve(library: ModuleType) -> None:
    """Answer until stdin ends. With `first-fit EPOCHS` as arguments: fit once and leave."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever the libraries print goes to the log
    if sys.argv[1:2] == ["first-fit"]:
        value = library.first_fit(synthetic(FIRST_FIT_ROWS, FIRST_FIT_D), int(sys.argv[2]))
        print(json.dumps({"log_prob": float(value)}), file=answers, flush=True)
        return
    print(json.dumps({"versions": library.versions()}), file=answers, flush=True)
    state: dict[str, Work] = {}
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = _answer(library, state, **request)
        except Unavailable as reason:
            answer = {"unavailable": str(reason)}
        except Exception as error:  # a peer that fails is a result too
            answer = {"unavailable": f"{type(error).__name__}: {str(error)[:300]}"}
        print(json.dumps(answer), file=answers, flush=True)


def _answer(library: ModuleType, state: dict[str, Work], do: str, **args) -> dict:
    if do == "prepare":
        state.clear()  # what the work before held is free before new work is made
        began = time.perf_counter()
        work = library.work(Case(**args))
        made = time.perf_counter() - began
        state["work"] = work
        return {"warm_up": work.warm_up(), "made": made, "peak_mb": peak_mb()}
    if do == "rate":
        return {"rate": state["work"].rate(args["seconds"]), "peak_mb": peak_mb()}
    if do == "quality":
        return library.quality(args)
    raise ValueError(f"unknown request {do!r}")
