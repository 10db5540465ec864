"""`make bench`: measure, and write results.json and results.md."""

from __future__ import annotations

import argparse
import dataclasses
import datetime
import json
import re
import statistics
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from . import report
from .cases import DIMENSIONS, FLOWS, MODES, OURS, TASKS, Case
from .process import SCRATCH, Failed, Worker, busy, command, machine, run

HERE = Path(__file__).parent
PARTS = ("core", "first", "ours", "r")
QUICK_ROWS = (("maf", 8), ("maf", 64), ("spline", 8), ("coupling", 8))
# What a run has found so far. One row is measured in itself, so that a run that was broken off can go on later.
PARTIAL = SCRATCH / "unfinished.json"
PATIENCE = 100  # seconds for a warm-up
SLOW = 10  # seconds: who takes longer for one measurement of a rate is measured once
FIRST_FIT_EPOCHS = (50, 200)
# What benchmarks/ours.py measures, each in a process of its own, and how often.
OURS_ALONE = {
    "curve": [["curve"]],
    "conditioning": [["conditioning"]],
    "depth": [["depth", *of] for of in (("maf", "5"), ("maf", "20"), ("spline", "3"), ("spline", "12"))],
    "memory": [["memory", "log_prob"], ["memory", "sample"]],
}


def main() -> None:
    options = _options()
    began = time.perf_counter()
    results = {
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "options": vars(options),
        "machine": machine(),
        "versions": {},
    }
    parts = {"core": core, "first": first_fits, "ours": ours, "r": r_over_python}
    folder = HERE if not (options.quick or options.only or options.parts != PARTS) else SCRATCH
    if options.go_on and PARTIAL.exists():
        results = json.loads(PARTIAL.read_text())
        began -= results["seconds"]

    def keep(part: str, found) -> None:
        results[part] = found
        results["seconds"] = round(time.perf_counter() - began)
        PARTIAL.write_text(json.dumps(results, indent=1) + "\n")

    for part in options.parts:
        parts[part](options, results, lambda found, part=part: keep(part, found))
    (folder / "results.json").write_text(PARTIAL.read_text())
    text = report.markdown(results)
    (folder / "results.md").write_text(text)
    print(f"\n{text}\n{folder}/results.md and .json, {results['seconds']} s")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="the core table only, in under ten minutes")
    parser.add_argument("--rounds", type=int, help="how often each is measured in turn")
    parser.add_argument("--seconds", type=float, help="for one measurement of a rate")
    parser.add_argument("--only", default="", help="rows whose `flow d task` match this regular expression")
    parser.add_argument("--libraries", type=_names(MODES), default=tuple(MODES), help="some of them, by comma")
    parser.add_argument("--go-on", action="store_true", help="go on with the run that was broken off last")
    parser.add_argument("--parts", type=_names(PARTS), help="some of " + ", ".join(PARTS))
    options = parser.parse_args()
    options.parts = options.parts or (("core",) if options.quick else PARTS)
    options.rounds = options.rounds or (3 if options.quick else 7)
    options.seconds = options.seconds or (0.4 if options.quick else 1.0)
    return options


def _names(allowed):
    def parse(text: str) -> tuple[str, ...]:
        names = tuple(text.split(","))
        if unknown := set(names) - set(allowed):
            raise argparse.ArgumentTypeError(f"{', '.join(unknown)}: must be of {', '.join(allowed)}")
        return names

    return parse


# ---- The core table ----------------------------------------------------------------------------------------


def core(options, results: dict, keep: Callable) -> None:
    """Rates of all libraries, row by row: prepare each in turn, then A B C A B C ... for all rounds."""
    rows = results.get("core", [])
    done = [(row["flow"], row["d"], row["task"]) for row in rows]
    for group in _groups(options):
        group = [case for case in group if (case.flow, case.d, case.task) not in done]
        if not group:
            continue
        with ExitStack() as stack:
            workers = {}
            for name in _competitors(options, group[0]):
                workers[name] = Worker(name[0])
                stack.callback(workers[name].close)
            for (library, _), worker in workers.items():
                results["versions"][library] = worker.ready().versions
            for case in group:
                rows.append(_row(options, case, workers))
                keep(rows)
                _say(rows[-1])


def _groups(options) -> list[list[Case]]:
    """Cases that share their processes: in a full run none do, so that warm-up and memory are each row's own."""
    sizes = QUICK_ROWS if options.quick else [(flow, d) for flow in FLOWS for d in DIMENSIONS]
    cases = [
        Case(flow, d, task) for flow, d in sizes for task in TASKS if re.search(options.only, f"{flow} {d} {task}")
    ]
    if not options.quick:
        return [[case] for case in cases]
    return [group for size in sizes if (group := [case for case in cases if (case.flow, case.d) == size])]


def _competitors(options, case: Case) -> list[tuple[str, str]]:
    """Who takes part, by library and mode. A quick run leaves out what takes long to warm up and never wins."""
    pairs = [(library, mode) for library in options.libraries for mode in MODES[library]]
    if options.quick:
        documented = (case.flow, case.d) == ("maf", 8)
        pairs = [
            (library, mode)
            for library, mode in pairs
            if (library, mode) != ("zuko", "compiled")
            and (documented or library == "zuko" or mode == MODES[library][0])
        ]
    return pairs


def _row(options, case: Case, workers: dict) -> dict:
    others = busy()  # all our workers wait at this moment
    entries = {}
    for (library, mode), worker in workers.items():
        asked = dataclasses.asdict(dataclasses.replace(case, mode=mode))
        entries[library, mode] = {
            "library": library,
            "mode": mode,
            **_try(worker, "prepare", limit=PATIENCE, **asked),
            "rates": [],
        }
    for _ in range(options.rounds):
        for key, entry in entries.items():
            if "unavailable" in entry or entry.get("seconds", 0.0) > SLOW:
                continue
            began = time.perf_counter()
            answer = _try(workers[key], "rate", seconds=options.seconds)
            entry["rates"].append(answer.pop("rate", None))
            entry.update(answer, seconds=time.perf_counter() - began)
    for entry in entries.values():
        if "unavailable" not in entry:
            entry["rate"] = statistics.median(entry["rates"])
    return {"flow": case.flow, "d": case.d, "task": case.task, "busy": others, "entries": list(entries.values())}


def _try(worker: Worker, do: str, **args) -> dict:
    try:
        return worker.ask(do, **args)
    except (Failed, BrokenPipeError) as error:
        return {"unavailable": str(error)}


# ---- The rest ----------------------------------------------------------------------------------------------


def first_fits(options, results: dict, keep: Callable) -> None:
    """Whole processes, from their start to the first fitted model of a small data set; A B C A B C ..."""
    rounds = min(options.rounds, 5)
    rows = []
    for epochs in FIRST_FIT_EPOCHS:
        times: dict[str, list[float]] = {library: [] for library in options.libraries}
        for _ in range(rounds):
            for library, seconds in times.items():
                try:
                    seconds.append(run(library, command(library, "first-fit", str(epochs)))[1])
                except Failed as error:
                    print(error, file=sys.stderr)
        entries = [
            {"library": library, "seconds": statistics.median(values), "all": values}
            for library, values in times.items()
            if values
        ]
        rows.append({"epochs": epochs, "entries": entries})
        _say(rows[-1])
    keep(rows)


def ours(options, results: dict, keep: Callable) -> None:
    """What concerns pyflows alone: see ours.py."""
    python, found = command(OURS)[0], {}
    for name, runs in OURS_ALONE.items():
        found[name] = []
        for args in runs:
            found[name] += run(f"ours-{name}", [python, "-m", "benchmarks.ours", *args])[0]
        _say(found[name])
    keep(found)


def r_over_python(options, results: dict, keep: Callable) -> None:
    """The same calls from R and from Python, in turn, in one process: see r_over_python.R."""
    rounds = str(min(options.rounds, 5))
    answer, _ = run("r", ["Rscript", "--no-init-file", str(HERE / "r_over_python.R"), rounds])
    _say(answer)
    keep(answer)


def _say(result) -> None:
    if isinstance(result, dict) and "task" in result:
        shown = [f"{e['library']} {e['mode']} {e['rate']:,.0f}" for e in result["entries"] if "rate" in e]
        result = f"{result['flow']} {result['d']} {result['task']}: " + ", ".join(shown)
    print(result, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
