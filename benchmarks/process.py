"""The driver's side of a worker process."""

from __future__ import annotations

import contextlib
import json
import os
import platform
import select
import subprocess
import time
from pathlib import Path

from .cases import ENVIRONMENTS

ROOT = Path(__file__).parent.parent
SCRATCH = ROOT / ".bench"
# No library may use what an earlier run compiled, or a graphics card.
ENVIRONMENT = {
    "TORCHINDUCTOR_FORCE_DISABLE_CACHES": "1",
    "JAX_PLATFORMS": "cpu",
    "CUDA_VISIBLE_DEVICES": "-1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_USE_LEGACY_KERAS": "1",
}


class Failed(Exception):
    """The process broke off."""


def command(library: str, *args: str) -> list[str]:
    """How a library's worker is started."""
    return [str(ROOT / ENVIRONMENTS[library] / "bin" / "python"), "-m", f"benchmarks.libraries.{library}", *args]


def environment() -> dict[str, str]:
    """What a worker sees."""
    return {**os.environ, **ENVIRONMENT}


def log_file(name: str):
    """Where a process' stderr goes."""
    (SCRATCH / "log").mkdir(parents=True, exist_ok=True)
    return (SCRATCH / "log" / f"{name}.log").open("a")


def run(name: str, args: list[str], seconds: float = 1800) -> tuple[dict, float]:
    """Run a process to its end: the JSON of its last line, and the seconds it took."""
    began = time.perf_counter()
    with log_file(name) as log:
        done = subprocess.run(
            args, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, stderr=log, text=True, timeout=seconds
        )
    took = time.perf_counter() - began
    if done.returncode:
        raise Failed(f"{name} ended with status {done.returncode}; see {log.name}")
    return json.loads(done.stdout.splitlines()[-1]), took


class Worker:
    """A resident library. Starting does not wait; `ask` does.

    Args:
        library: its name.
        core: the one processor core that it may use, or None for all.
    """

    def __init__(self, library: str, core: int | None = None):
        self.library, self.log = library, log_file(library)
        self.process = subprocess.Popen(
            [*([] if core is None else ["taskset", "--cpu-list", str(core)]), *command(library)],
            cwd=ROOT,
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
        )
        self.versions: dict | None = None

    def ready(self) -> Worker:
        """Wait until the library is imported."""
        if self.versions is None:
            self.versions = self._answer()["versions"]
        return self

    def ask(self, do: str, limit: float | None = None, **args) -> dict:
        """Ask, and wait for the answer; past `limit` seconds the process is ended."""
        self.ready()
        print(json.dumps({"do": do, **args}), file=self.process.stdin, flush=True)
        return self._answer(limit)

    def _answer(self, limit: float | None = None) -> dict:
        # An answer is one line and nothing follows it, so that a buffer never holds back what select waits for.
        if not select.select([self.process.stdout], [], [], limit)[0]:
            self.process.kill()
            raise Failed(f"not done after {limit:g} s")
        line = self.process.stdout.readline()
        if not line:
            raise Failed(f"the process of {self.library} broke off; see {self.log.name}")
        return json.loads(line)

    def close(self) -> None:
        """End the process."""
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        self.log.close()


def busy(seconds: float = 1.0) -> float | None:
    """Share of the processor that others use while we wait; None where that can't be known."""

    def ticks() -> tuple[int, int]:
        values = [int(value) for value in stat.read_text().splitlines()[0].split()[1:9]]
        return sum(values), values[3] + values[4]

    stat = Path("/proc/stat")
    if not stat.exists():
        return None
    before, idle_before = ticks()
    time.sleep(seconds)
    after, idle_after = ticks()
    return round(1 - (idle_after - idle_before) / max(after - before, 1), 3)


def machine() -> dict:
    """What the numbers belong to."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "processor": names[0] if names else platform.processor(),
        "cores": os.cpu_count(),
        "memory_gb": round(memory, 1),
        "system": platform.platform(),
        "python": platform.python_version(),
        "busy": busy(),
    }
