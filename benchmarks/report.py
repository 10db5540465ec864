"""The results as Markdown tables."""

from __future__ import annotations

from statistics import median

from .cases import DIMENSIONS, FLOWS, LAYERS, MODES, TASKS
from .targets import any_peer, ratio, verdicts

TITLES = {
    "train": "Training, optimiser steps a second",
    "density": "Density of 100,000 rows, rows a second",
    "draws": "10,000 draws, draws a second",
}
QUIET = 0.1  # share of the processor that others may use
COMPETITORS = [(library, mode) for library, modes in MODES.items() for mode in modes]
NAMES = {
    "maf": f"MAF, {LAYERS['maf']} layers",
    "spline": f"spline, {LAYERS['spline']} layers",
    "coupling": f"coupling, {LAYERS['coupling']} layers",
}


def markdown(results: dict) -> str:
    """All that was measured, for people."""
    parts = [_head(results)]
    if results.get("core"):
        parts += [_targets(results), *_core(results["core"])]
    if results.get("first"):
        parts.append(_first(results["first"]))
    if results.get("ours"):
        parts += _ours(results["ours"])
    if results.get("r"):
        parts.append(_r(results["r"]))
    return "\n\n".join(parts) + "\n"


def table(head: list[str], rows: list[list[str]]) -> str:
    """A Markdown table; the first column is text, the others numbers."""
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def number(value: float | None, digits: int = 3) -> str:
    """A number with about so many significant digits."""
    if value is None or value != value:
        return "-"
    if abs(value) >= 10 ** (digits - 1):
        return f"{value:,.0f}"
    return f"{value:.{digits}g}"


def machine_lines(results: dict) -> str:
    """Date, machine and versions."""
    machine = results["machine"]
    versions = sorted({f"{k} {v}" for found in results["versions"].values() for k, v in found.items()})
    return (
        f"{results['date']}. {machine['processor']}, {machine['cores']} cores, {machine['memory_gb']} GB, "
        f"{machine['system']}, Python {machine['python']}.\n{', '.join(versions)}"
    )


def _head(results: dict) -> str:
    options = results["options"]
    note = ""
    if options["quick"]:
        note = (
            "\n\nA quick run: without zuko compiled, with documented modes for MAF d = 8 only, and with one process "
            "for the three tasks of a flow, so that warm-up and memory are not each row's own."
        )
    measured, rows = len(results.get("core", [])), len(FLOWS) * len(DIMENSIONS) * len(TASKS)
    if not note and measured < rows:
        note = f"\n\n**Not a whole run:** {measured} of {rows} rows of the core table were measured."
    return (
        "# pyflows and its peers: speed\n\n"
        f"{machine_lines(results)}\n\n"
        f"float32, batch 256, hidden layers 2 x 64. Medians of {options['rounds']} interleaved rounds of "
        f"{options['seconds']:g} s each; compare inside one row only. What the columns mean: README.md. "
        f"Made in {results['seconds']} s.{note}{disturbed(results)}"
    )


def disturbed(results: dict) -> str:
    """A warning, if other processes were at work."""
    shares = [results["machine"]["busy"], *(row["busy"] for row in results.get("core", results.get("runs", [])))]
    most = max(share or 0.0 for share in shares)
    if most < QUIET:
        return ""
    return f"\n\n**Not valid: other processes used up to {100 * most:.0f} % of the processor meanwhile.**"


def _targets(results: dict) -> str:
    words = {True: "yes", False: "**no**", None: "not measured"}
    rows = []
    for verdict in verdicts(results):
        sign = ">=" if verdict.at_least else "<="
        found = "-" if verdict.found is None else f"{number(verdict.found)} {verdict.unit}"
        rows.append([verdict.what, found, f"{sign} {number(verdict.bound)} {verdict.unit}", words[verdict.met]])
    return "## Targets\n\n" + table(["what", "found", "target", "met"], rows)


def _core(rows: list[dict]) -> list[str]:
    present = {(entry["library"], entry["mode"]) for row in rows for entry in row["entries"]}
    columns = [pair for pair in COMPETITORS if pair in present]
    heads = [library if len(MODES[library]) == 1 else f"{library} {mode}" for library, mode in columns]
    ordered = sorted(rows, key=lambda row: (TASKS.index(row["task"]), FLOWS.index(row["flow"]), row["d"]))

    def lines(task: str | None, key: str, extra) -> list[list[str]]:
        chosen = []
        for row in ordered:
            if task in (None, row["task"]):
                entries = {(e["library"], e["mode"]): e for e in row["entries"]}
                name = f"{NAMES[row['flow']]}, d = {row['d']}" + (f", {row['task']}" if task is None else "")
                values = [number(entries.get(pair, {}).get(key)) for pair in columns]
                chosen.append([name, *values, *extra(row)])
        return chosen

    parts = []
    for task, title in TITLES.items():
        found = lines(task, "rate", lambda row: [number(ratio(row, any_peer))])
        if found:
            parts.append(f"## {title}\n\n" + table(["flow", *heads, "ours / fastest peer"], found))
    for key, title in (("warm_up", "Warm-up: seconds of the first call"), ("peak_mb", "Peak memory, MB")):
        parts.append(f"## {title}\n\n" + table(["flow", *heads], lines(None, key, lambda row: [])))
    reasons = sorted(
        {f"{e['library']} {e['mode']}: {e['unavailable']}" for r in rows for e in r["entries"] if "unavailable" in e}
    )
    if reasons:
        parts.append("## What could not be measured\n\n" + "\n".join(f"* {reason}" for reason in reasons))
    return parts


def _first(rows: list[dict]) -> str:
    libraries = [library for library in MODES if any(e["library"] == library for row in rows for e in row["entries"])]
    lines = []
    for row in rows:
        seconds = {entry["library"]: entry["seconds"] for entry in row["entries"]}
        lines.append([f"{row['epochs']} epochs", *(number(seconds.get(library)) for library in libraries)])
    return (
        "## From the start of Python to the first fitted model, seconds\n\n"
        "A MAF of 5 layers fitted to 1,000 rows, d = 2, by each library's own documented fit; whole process.\n\n"
        + table(["", *libraries], lines)
    )


def _ours(ours: dict) -> list[str]:
    parts = []
    if ours.get("curve"):
        rows = [
            [
                str(row["d"]),
                number(row["first_draws"]),
                *(number(1e3 * row[k]) for k in ("draws", "density")),
                number(row["draws"] / row["density"]),
            ]
            for row in ours["curve"]
        ]
        head = ["d", "first call of sample, s", "10,000 draws, ms", "10,000 densities, ms", "draws / densities"]
        parts.append(f"## Drawing against density (pyflows, MAF)\n\n{table(head, rows)}\n\n{_growth(ours['curve'])}")
    if ours.get("conditioning"):
        rows = [
            [str(r["d"]), *(number(r[k]) for k in ("fresh", "trained", "round_trip_error"))]
            for r in ours["conditioning"]
        ]
        head = ["d", "fresh, draws a second", "trained on a thin curve", "largest error of the round trip"]
        parts.append("## An ill-conditioned flow (pyflows, MAF)\n\n" + table(head, rows))
    if ours.get("depth"):
        rows = [[f"{r['flow']}, {r['layers']} layers", number(r["warm_up"])] for r in ours["depth"]]
        parts.append("## Warm-up of fit by depth (pyflows, d = 8)\n\n" + table(["flow", "seconds"], rows))
    if ours.get("memory"):
        rows = [[r["verb"], number(r["before_mb"], 4), number(r["peak_mb"], 4)] for r in ours["memory"]]
        head = ["verb", "peak before, MB", "peak in all, MB"]
        parts.append("## Memory for 10,000,000 rows, d = 8 (pyflows, MAF)\n\n" + table(head, rows))
    return parts


def _growth(curve: list[dict]) -> str:
    first, last = next(row for row in curve if row["d"] == 8), curve[-1]
    draws, density = (last[key] / first[key] for key in ("draws", "density"))
    passes = density * last["d"] / first["d"]
    return (
        f"From d = 8 to d = {last['d']} a density costs {number(density)} times as much, a draw {number(draws)} times; "
        f"by d passes it would be {number(passes)} times."
    )


def _r(verbs: dict) -> str:
    rows = [
        [verb, number(median(t["python"])), number(median(t["r"])), number(median(t["r"]) / median(t["python"]))]
        for verb, t in verbs.items()
    ]
    return "## R over Python\n\n" + table(["verb", "Python, s", "R, s", "ratio"], rows)
