"""`make bench-quality`: held-out log-density at equal time and at equal epochs; quality.json and quality.md."""

from __future__ import annotations

import argparse
import datetime
import itertools
import json
import math
import os
import queue
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from .cases import LAYERS, MODES, OURS
from .data import REAL, real
from .process import SCRATCH, Failed, Worker, busy, machine
from .report import disturbed, machine_lines, table

HERE = Path(__file__).parent
FLOWS = ("maf", "spline")
SEEDS = 3
PARTIAL = SCRATCH / "unfinished-quality.json"
MARKS = {"time": "equal wall time", "epochs": "equal epochs"}


def main() -> None:
    options = _options()
    results = {
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "options": {key: value for key, value in vars(options).items() if key != "go_on"},
        "machine": machine(),
        "versions": {},
        "runs": [],
        "seconds": 0,
    }
    seeds = range(1, options.seeds + 1)
    jobs = list(itertools.product(options.data, options.flows, seeds, options.libraries))
    if options.go_on and PARTIAL.exists():
        _take_over(json.loads(PARTIAL.read_text()), jobs, results)
    done = [_job(run) for run in results["runs"]]
    before, began = results["seconds"], time.perf_counter()
    for run in _runs(options, [job for job in jobs if job not in done], results["versions"]):
        results["runs"].append(run)
        results["seconds"] = before + round(time.perf_counter() - began)
        _write(results, PARTIAL)
    whole = (options.data, options.flows, options.libraries) == (REAL, FLOWS, tuple(MODES)) and options.seconds >= 60
    folder = HERE if whole and options.sizes == "own" else SCRATCH
    text = markdown(results)
    (folder / "quality.md").write_text(text)
    _write(results, folder / "quality.json")
    print(f"\n{text}\n{folder}/quality.md and .json, {results['seconds']} s")


def _write(results: dict, file: Path) -> None:
    file.write_text(json.dumps(results, indent=1) + "\n")


def _job(run: dict) -> tuple:
    return run["data"], run["flow"], run["seed"], run["library"]


def _take_over(earlier: dict, jobs: list[tuple], results: dict) -> None:
    """The runs of the last run that were done in the same way, on the same machine."""
    busiest = {"busy": max(some["machine"]["busy"] or 0.0 for some in (earlier, results))}
    results["machine"] |= busiest
    if earlier["machine"] | busiest != results["machine"]:
        sys.exit("The last run was on another machine; begin a new one, without --go-on.")
    for key in ("seconds", "epochs", "at_once", "sizes"):
        if earlier["options"][key] != results["options"][key]:
            sys.exit(f"The last run had another --{key.replace('_', '-')}: {earlier['options'][key]}.")
    results["runs"] = [run for run in earlier["runs"] if _job(run) in jobs]
    results["versions"], results["seconds"] = earlier["versions"], earlier["seconds"]


def _options() -> argparse.Namespace:
    def names(text: str) -> tuple[str, ...]:
        return tuple(text.split(","))

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="the equal wall time")
    parser.add_argument("--epochs", type=int, default=30, help="the equal number of epochs")
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--data", type=names, default=REAL)
    parser.add_argument("--flows", type=names, default=FLOWS)
    parser.add_argument("--libraries", type=names, default=tuple(MODES))
    parser.add_argument("--at-once", type=int, default=1, help="so many runs at a time, each on a core of its own")
    parser.add_argument("--go-on", action="store_true", help="keep the last run's results, and add those it lacks")
    parser.add_argument("--sizes", choices=("own", "same"), default="own", help="each library's own, or ours for all")
    return parser.parse_args()


def _runs(options, jobs: list[tuple], versions: dict) -> Iterator[dict]:
    """The runs of all jobs, in their order."""
    if options.at_once == 1:
        yield from (_run(options, *job, versions) for job in jobs)
        return
    free = queue.SimpleQueue()
    for core in sorted(os.sched_getaffinity(0))[: options.at_once]:
        free.put(core)

    def on_a_core(job: tuple) -> dict:
        core = free.get()
        try:
            return _run(options, *job, versions, core)
        finally:
            free.put(core)

    with ThreadPoolExecutor(options.at_once) as pool:
        yield from pool.map(on_a_core, jobs)


def _run(options, data: str, flow: str, seed: int, library: str, versions: dict, core: int | None = None) -> dict:
    """One library on one data set; a process of its own, so that nothing is compiled beforehand."""
    split = real(data, seed)
    run = {"data": data, "flow": flow, "seed": seed, "library": library}
    job = {
        "data": data,
        "d": split.train.shape[1],
        "flow": flow,
        "layers": LAYERS[flow] if options.sizes == "same" else None,
        "seed": seed,
        "seconds": options.seconds,
        "epochs": options.epochs,
    }
    run["busy"] = busy() if core is None else None  # the others keep it busy, and may
    worker = Worker(library, core)
    try:
        answer = worker.ask("quality", **job)
        versions[library] = worker.versions
    except (Failed, BrokenPipeError) as error:
        answer = {"unavailable": str(error)}
    finally:
        worker.close()
    for mark in MARKS:
        if mark in answer:
            answer[mark]["test"] += split.offset
    run |= answer
    print(run, file=sys.stderr, flush=True)
    return run


def markdown(results: dict) -> str:
    """The two tables."""
    options = results["options"]
    at_once = options["at_once"]
    cores = "all cores" if at_once == 1 else f"one core ({at_once} runs at a time)"
    sizes = "each library's own sizes" if options["sizes"] == "own" else "the sizes of pyflows' presets for all"
    parts = [
        "# pyflows and its peers: quality\n\n"
        f"{machine_lines(results)}\n\n"
        f"Mean log-density of held-out rows, in nats, of the weights that were best on validation rows; mean and "
        f"standard error over {options['seeds']} seeds (of split, start and order); {sizes}; each run had {cores}. "
        f"The last column is ours less the best peer's, seed by seed, and its standard error. Where a number is "
        f"missing, that many seeds of all gave one: the others were not finite, or had not one epoch in time. "
        f"Made in {results['seconds']} s.{disturbed(results)}"
    ]
    limits = {"time": f"{options['seconds']:g} s", "epochs": f"{options['epochs']} epochs"}
    for mark, title in MARKS.items():
        head = ["data, flow", *options["libraries"], "ours - best peer", "at least equal"]
        rows = [_line(results, mark, data, flow) for data in options["data"] for flow in options["flows"]]
        parts.append(f"## At {title}: {limits[mark]}\n\n" + table(head, rows))
    return "\n\n".join(parts) + "\n"


def _line(results: dict, mark: str, data: str, flow: str) -> list[str]:
    libraries = results["options"]["libraries"]
    values = {
        library: np.array(
            [
                run.get(mark, {}).get("test", math.nan)
                for run in results["runs"]
                if (run["data"], run["flow"], run["library"]) == (data, flow, library)
            ]
        )
        for library in libraries
    }
    cells = [f"{data}, {flow}", *(_mean(values[library]) for library in libraries)]
    peers = {library: v for library, v in values.items() if library != OURS and np.isfinite(v).all()}
    if OURS not in values or not peers:
        return [*cells, "-", "-"]
    best = max(peers.values(), key=np.mean)
    difference = values[OURS] - best
    within = difference.mean() >= -2 * _standard_error(difference)
    return [*cells, _mean(difference), "yes" if within else "**no**"]


def _mean(values: np.ndarray) -> str:
    if not np.isfinite(values).all():
        return f"- ({np.isfinite(values).sum()} of {len(values)})"
    return f"{values.mean():.3f} ± {_standard_error(values):.3f}"


def _standard_error(values: np.ndarray) -> float:
    return float(values.std(ddof=1) / math.sqrt(len(values))) if len(values) > 1 else 0.0


if __name__ == "__main__":
    main()
