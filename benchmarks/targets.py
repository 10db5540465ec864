"""What pyflows is held to, as ratios within one run, and whether a run met it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median

from .cases import OURS, PEERS

MB_LIMIT = 1536


@dataclass(frozen=True)
class Verdict:
    """One target: what it is, the number that was found (None: not measured), and the bound it is held to."""

    what: str
    found: float | None
    bound: float
    at_least: bool = True
    unit: str = "x"

    @property
    def met(self) -> bool | None:
        """Whether the bound is kept."""
        if self.found is None:
            return None
        return self.found >= self.bound if self.at_least else self.found <= self.bound


def rates(row: dict | None, wanted: Callable[[str, str], bool]) -> list[float]:
    """Median rates of a row's entries of which library and mode are wanted."""
    entries = row["entries"] if row else []
    return [e["rate"] for e in entries if "rate" in e and wanted(e["library"], e["mode"])]


def ratio(row: dict | None, wanted: Callable[[str, str], bool]) -> float | None:
    """Our rate over the best of the wanted ones of the peers."""
    mine = rates(row, lambda library, _: library == OURS)
    theirs = rates(row, lambda library, mode: library in PEERS and wanted(library, mode))
    return max(mine) / max(theirs) if mine and theirs else None


def any_peer(library: str, mode: str) -> bool:
    """Every peer in every mode."""
    return True


def as_documented(library: str, mode: str) -> bool:
    """Peers as their documentation shows them."""
    return mode == "documented"


# flow, d, task, over whom, bound
RATIOS = (
    ("maf", 8, "train", any_peer, 1.5),
    ("maf", 8, "train", as_documented, 5.0),
    ("maf", 64, "train", any_peer, 2.0),
    ("spline", 8, "train", any_peer, 2.0),
    ("maf", 8, "draws", any_peer, 2.0),
    ("maf", 64, "draws", any_peer, 6.0),
    ("maf", 64, "draws", lambda library, _: library == "zuko", 20.0),
    ("spline", 8, "draws", any_peer, 2.5),
    ("spline", 64, "draws", any_peer, 2.5),
    ("maf", 8, "density", any_peer, 1.2),
    ("maf", 64, "density", any_peer, 2.5),
    ("spline", 8, "density", any_peer, 1.4),
    ("coupling", 8, "train", any_peer, 1.5),
    ("coupling", 8, "density", any_peer, 1.5),
    ("coupling", 8, "draws", any_peer, 1.5),
)
OVER = {any_peer: "the fastest peer", as_documented: "every peer as documented"}


def verdicts(results: dict) -> Iterator[Verdict]:
    """All targets, in the order of the tables."""
    rows = {(row["flow"], row["d"], row["task"]): row for row in results.get("core", [])}
    for flow, d, task, wanted, bound in RATIOS:
        what = f"{flow} d = {d}, {task}, over {OVER.get(wanted, 'zuko')}"
        yield Verdict(what, ratio(rows.get((flow, d, task)), wanted), bound)
    for flow, bound in (("maf", 4.0), ("spline", 8.0)):
        found = [_warm_up(row) for (kind, _, task), row in rows.items() if (kind, task) == (flow, "train")]
        yield Verdict(f"warm-up of fit, {flow}, the slowest d", _most(found), bound, False, "s")
    found = [_warm_up(row) for (_, _, task), row in rows.items() if task == "draws"]
    yield Verdict("warm-up of sample, the slowest flow and d", _most(found), 8.0, False, "s")
    yield from _first_fits(results)
    yield from _alone(results.get("ours", {}))
    for verb, bound in (("flow_log_prob", 1.15), ("flow_sample", 1.15), ("flow_fit", 1.02)):
        times = results.get("r", {}).get(verb)
        found = median(times["r"]) / median(times["python"]) if times else None
        yield Verdict(f"{verb}, R over Python", found, bound, False)


def _first_fits(results: dict) -> Iterator[Verdict]:
    for row in results.get("first", []):
        seconds = {entry["library"]: entry["seconds"] for entry in row["entries"]}
        theirs = [value for library, value in seconds.items() if library in PEERS]
        found = seconds[OURS] / min(theirs) if OURS in seconds and theirs else None
        what = f"start to first fitted model, {row['epochs']} epochs, over the quickest peer"
        yield Verdict(what, found, 1.0, False)


def _alone(ours: dict) -> Iterator[Verdict]:
    warm = {(row["flow"], row["layers"]): row["warm_up"] for row in ours.get("depth", [])}
    for flow, few, many in (("maf", 5, 20), ("spline", 3, 12)):
        found = warm[flow, many] / warm[flow, few] if (flow, many) in warm else None
        yield Verdict(f"warm-up of fit, {flow}, {many} layers over {few}", found, 1.5, False)
    for row in ours.get("conditioning", []):
        found = row["trained"] / row["fresh"]
        yield Verdict(f"draws of a trained, ill-conditioned flow over a fresh one, d = {row['d']}", found, 0.8)
    found = [row["peak_mb"] for row in ours.get("memory", [])]
    yield Verdict("peak memory of log_prob and sample, n = 10,000,000, d = 8", _most(found), MB_LIMIT, False, "MB")


def _warm_up(row: dict) -> float | None:
    return next((e["warm_up"] for e in row["entries"] if e["library"] == OURS and "warm_up" in e), None)


def _most(values: list) -> float | None:
    known = [value for value in values if value is not None]
    return max(known) if known else None
