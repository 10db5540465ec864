"""docs/compatibility.md: tfprobability's functions of the two families, and what became of each. By generate_r.py."""

from __future__ import annotations

import re
from pathlib import Path

from generate_lowlevel import in_r, r_arguments

from pyflows.lowlevel.table import Entry, entries

SIGNATURES = Path(__file__).parent / "tfprobability.txt"
# Defaults that say the same in other words.
ALIKE = {
    "tf$nn$relu": '"relu"',
    "tf$int32": '"int32"',
    "tfp$bijectors$ffjord$trace_jacobian_hutchinson": '"hutchinson"',
}
HEAD = """# Compatibility with tfprobability

Made from the table of the low-level layer by `tools/generate_r.py`; do not edit. It compares with the interface of
tfprobability 0.15.2: its functions `tfb_*` and `tfd_*`, their arguments, order and defaults.

* **same**: the same arguments, order and defaults, on a class that TensorFlow Probability still has.
* **improved**: scripts run as they are, and more is possible or works; it says what.
* **rebuilt**: TensorFlow Probability dropped or broke it, and pyflows builds it from what there is.
* **not offered**: calling it is an error that says what to use.

For all of them: arguments are checked, and errors name the argument; numbers get the type that
`options(pyflows.dtype = )` names, "float32" unless set; whole numbers need no `L`; `NA` is refused.
"""


def read_signatures() -> dict[str, dict[str, str | None]]:
    """tfprobability's functions: arguments with defaults as R code, None for those without."""
    found = {}
    for line in SIGNATURES.read_text(encoding="utf-8").splitlines():
        if called := re.fullmatch(r"(tf[bd]_\w+)\((.*)\)", line):
            pairs = [part.partition(" = ") for part in _split(called[2])]
            found[called[1]] = {name: default if equals else None for name, equals, default in pairs}
    return found


def _split(text: str) -> list[str]:
    """Arguments, at commas outside of brackets."""
    parts, depth = [""], 0
    for c in text:
        depth += (c == "(") - (c == ")")
        if c == "," and not depth:
            parts.append("")
        else:
            parts[-1] += c
    return [part.strip() for part in parts if part.strip()]


def differences(entry: Entry, theirs: dict[str, str | None]) -> list[str]:
    """What is otherwise in the arguments."""
    ours = r_arguments(entry)
    told = []
    if missing := [name for name in theirs if name not in ours and name != "..."]:
        told.append("lacks " + ", ".join(f"`{name}`" for name in missing))
    if [name for name in ours if name in theirs] != [name for name in theirs if name in ours]:
        told.append("other order of arguments")
    for name, default in theirs.items():
        if name in ours and ours[name] is not None and _plain(default) != ours[name]:
            told.append(f"`{name}` may be left out" if default is None else f"default of `{name}` is `{ours[name]}`")
        if default is not None and name in ours and ours[name] is None and name != "...":
            told.append(f"`{name}` must be given")
    if added := [name for name in ours if name not in theirs]:
        told.append("adds " + ", ".join(f"`{name}`" for name in added))
    return told


def _plain(default: str | None) -> str | None:
    return None if default is None else ALIKE.get(default, re.sub(r"\b(\d+)L\b", r"\1", default))


def row(name: str, entry: Entry | None, theirs: dict | None) -> tuple[str, str]:
    """State and remark of one function."""
    if entry is None:
        return "not offered", "not written yet"
    if "gone" in entry.state:
        return "not offered", in_r(entry.state["gone"])
    told = differences(entry, theirs) if theirs is not None else []
    for state in ("rebuilt", "improved"):
        if state in entry.state:
            return state, "; ".join([in_r(entry.state[state]), *told])
    if theirs is None:
        return "new", in_r(entry.doc["title"]).rstrip(".")
    return ("improved" if told else "same"), "; ".join(told)


def page() -> str:
    """The text of the page."""
    theirs = read_signatures()
    ours = {f"{entry.face}_{entry.name}": entry for face in ("tfb", "tfd") for entry in entries(face)}
    parts = [HEAD]
    for face, title in (("tfb", "Bijectors"), ("tfd", "Distributions")):
        listed = [name for name in theirs if name.startswith(face)]
        rows = [(name, *row(name, ours.get(name), theirs[name])) for name in listed]
        counts = {state: sum(r[1] == state for r in rows) for state in ("same", "improved", "rebuilt", "not offered")}
        parts.append(
            f"## {title}\n\n{len(rows)} functions: " + ", ".join(f"{n} {s}" for s, n in counts.items()) + ".\n"
        )
        parts.append(_table(rows))
        if new := [name for name in ours if name.startswith(face) and name not in theirs]:
            parts.append(f"New here, not in tfprobability: {len(new)}.\n")
            parts.append(_table([(name, *row(name, ours[name], None)) for name in sorted(new)]))
    return "\n".join(parts)


def _table(rows: list[tuple[str, str, str]]) -> str:
    lines = [f"| `{name}` | {state} | {remark} |" for name, state, remark in rows]
    return "\n".join(["| function | state | remark |", "|---|---|---|", *lines]) + "\n"
