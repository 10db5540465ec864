"""Write the R wrappers of all registered kinds and of the low-level layer, and its page of compatibility.

    python tools/generate_r.py            writes the files
    python tools/generate_r.py --check    exits with status 1 when one does not match what it is made from

The help pages are made from the result by `roxygen2::roxygenise("rpkg")`.
"""

from __future__ import annotations

import argparse
import difflib
import re
import sys
import textwrap
from pathlib import Path

from r_text import HEADER, WIDTH, r_value, rd_block, rd_inline, wrap

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "rpkg" / "R" / "layers-generated.R"
LONGEST = 120  # of a line of code

sys.path.insert(0, str(ROOT))


# -- checks as R code ------------------------------------------------------------------------


def r_check(arg: dict) -> str:
    """The call that checks one argument: `check_whole(rank, min = 0)`."""
    options = {k: v for k, v in arg["check"].items() if k != "type" and v is not None and v is not False}
    extra = "".join(f", {key} = {r_value(value)}" for key, value in options.items())
    return f"check_{arg['check']['type']}({arg['name']}{extra})"


def type_text(check: dict) -> str:
    """What an argument may be, as it opens its help text."""
    low, high, open_ = check.get("min"), check.get("max"), check.get("open")
    bounds = ""
    if low is not None and high is not None:
        bounds = f" between {low:g} and {high:g}" + (", both excluded" if open_ else "")
    elif low is not None:
        bounds = f" > {low:g}" if open_ else f" >= {low:g}"
    elif high is not None:
        bounds = f" < {high:g}" if open_ else f" <= {high:g}"
    text = {
        "whole": "whole number" + bounds,
        "number": "number" + bounds,
        "choice": "one of " + ", ".join(f'`"{value}"`' for value in check.get("values", ())),
        "flag": "`True` or `False`",
        "whole_list": "one or more whole numbers" + bounds,
        "permutation": "numbers or strings",
        "order": '`"natural"`, `"reversed"`, `"random"`, or numbers or strings',
        "mask": '`"half"`, `"alternating"`, or numbers 0 and 1',
        "adjacency": "square matrix of 0 and 1",
        "columns": "numbers or strings",
        "flow_arg": "flow",
    }[check["type"]]
    return text + (", or `None`" if check["null"] else "")


# -- one kind -------------------------------------------------------------------------------------------


def param_lines(arg: dict, kinds: set[str]) -> list[str]:
    doc = arg["doc"]
    if arg["check"]["type"] == "permutation":
        doc = "The columns in their new order, by name or by position counted from 1, each once."
    if arg["check"]["type"] == "columns":
        doc = "Which columns, by name or by position counted from 1; `None`: all. The others stay as they are."
    doc = doc[:1].upper() + doc[1:]
    return wrap(f"@param {arg['name']} ({rd_inline(type_text(arg['check']), kinds)}) {rd_inline(doc, kinds)}")


def example_lines(kind: dict) -> list[str]:
    name, group = f"flow_{kind['name']}", kind["group"]
    sample = {"permutation": 'c("waiting", "eruptions")', "number": "1", "flow_arg": "flow_maf(layers = 2)"}
    required = ", ".join(f"{a['name']} = {sample[a['check']['type']]}" for a in kind["args"] if a["required"])
    if group == "base":
        return [f"flow_spec(flow_affine(), base = {name}({required}))"]
    if wraps_flow(kind):
        return [f"{name}({required})", f"flow_affine() |> flow_prelu() |> {name}()"]
    return [f"{name}({required})", f"flow_affine() |> {name}({required})"]


def roxygen(kind: dict, kinds: set[str]) -> list[str]:
    doc, group = kind["doc"], kind["group"]
    out = ["@noMd", *wrap(f"@title {rd_inline(kind['title'].rstrip('.'), kinds)}"), ""]
    body = rd_block(doc["body"], kinds) or wrap(rd_inline(kind["title"], kinds))
    first = body.index("") if "" in body else len(body)
    out += ["@description", *body[:first]]
    if rest := body[first + 1 :]:
        out += ["@details", *rest]
    if doc["shapes"]:
        out += ["@section Shapes:", *rd_block(doc["shapes"], kinds)]
    if group != "base" and not wraps_flow(kind):
        out += ["@param flow (flow or \\code{NULL}) The flow to add to; \\code{NULL} starts a new one."]
    for arg in kind["args"]:
        out += param_lines(arg, kinds)
    if group == "base":
        out += ["@returns A base distribution, for \\code{base} in \\code{\\link[=flow_spec]{flow_spec()}}."]
    elif wraps_flow(kind):
        out += ["@returns A flow of one layer, of class \\code{pyflows_flow}."]
    else:
        out += ["@returns The flow with the layer added at its data end, of class \\code{pyflows_flow}."]
    if doc["references"]:
        one_each = re.sub(r"\n(?=\S)", "\n\n", doc["references"])
        out += ["@references", *rd_block(one_each, kinds)]
    out += ["@seealso \\code{\\link{flow_spec}} to join flows, \\code{\\link{flow_fit}} to fit them."]
    out += [f"@family pyflows {group}s", "@examples", *example_lines(kind), "@export"]
    return [f"#' {line}".rstrip() for line in out]


def wrapper(kind: dict) -> list[str]:
    arguments = [] if kind["group"] == "base" or wraps_flow(kind) else ["flow = NULL"]
    for arg in kind["args"]:
        default = "" if arg["required"] else f" = {r_value(arg['default'], arg['check'])}"
        arguments.append(arg["name"] + default)
    start = f"flow_{kind['name']} <- function("
    text = ", ".join(argument.replace(" = ", "\0=\0") for argument in arguments)
    signature = textwrap.wrap(text, WIDTH - len(start) - 3, break_on_hyphens=False)
    lines = [start + ("\n" + " " * len(start)).join(signature).replace("\0", " ") + ") {"]
    required = [arg["name"] for arg in kind["args"] if arg["required"]]
    lines += [f'  if (missing({name})) abort_missing("{name}")' for name in required]
    call = "new_base(" if kind["group"] == "base" else "wrap_flow(" if wraps_flow(kind) else "add_layer(flow, "
    add = f'{call}"{kind["name"]}"'
    checks = [f"{arg['name']} = {r_check(arg)}" for arg in kind["args"]]
    if checks:
        ends = [","] * (len(checks) - 1) + [""]
        inner = [line for check, end in zip(checks, ends, strict=True) for line in indented(check + end)]
        lines += [f"  {add},", *inner, "  )", "}"]
    else:
        lines += [f"  {add})", "}"]
    return lines


def indented(line: str) -> list[str]:
    """A line of arguments, on several if it is long."""
    if len(line) + 4 <= LONGEST:
        return ["    " + line]
    return textwrap.wrap(line, WIDTH, initial_indent="    ", subsequent_indent="      ", break_on_hyphens=False)


def wraps_flow(kind: dict) -> bool:
    """Layers made of one flow take that by the pipe, and not the flow before them."""
    return kind["group"] != "base" and any(arg["name"] == "flow" for arg in kind["args"])


def has_r_wrapper(kind: dict) -> bool:
    """Kinds that take a live Python object, or lists of flows, have a hand-written wrapper, or none."""
    return not {"object", "flow_list", "column_blocks"} & {arg["check"]["type"] for arg in kind["args"]}


def table(kinds: list[dict]) -> list[str]:
    """What R must know of each kind without Python: its group, and the check of each argument."""
    rows = []
    for kind in kinds:
        args = ", ".join(f'{arg["name"]} = "{arg["check"]["type"]}"' for arg in kind["args"])
        row = f'{kind["name"]} = list(group = "{kind["group"]}", args = list({args}))'.replace(" = ", "\0=\0")
        rows.append("\n".join(textwrap.wrap(row, WIDTH, initial_indent="  ", subsequent_indent="    ")))
    return ["layer_kinds <- list(", ",\n".join(rows).replace("\0", " "), ")"]


def generate(catalogue: list[dict]) -> str:
    """The whole text of the R file."""
    kinds = [kind for kind in catalogue if has_r_wrapper(kind)]
    names = {kind["name"] for kind in kinds}
    blocks = [[HEADER], table(kinds)] + [roxygen(kind, names) + wrapper(kind) for kind in kinds]
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def targets() -> dict[Path, str]:
    """All generated files with their texts."""
    from compatibility import page
    from generate_lowlevel import generate as generate_lowlevel

    from pyflows.lowlevel.table import entries
    from pyflows.spec import catalogue

    return {
        TARGET: generate(catalogue()),
        **{TARGET.with_name(f"{face}-generated.R"): generate_lowlevel(entries(face)) for face in ("tfb", "tfd")},
        ROOT / "docs" / "compatibility.md": page(),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="only compare, and exit with 1 when out of date")
    check = parser.parse_args().check
    return sum(refresh(path, new, check) for path, new in targets().items()) and 1


def refresh(path: Path, new: str, check: bool) -> int:
    """Write a file, or compare it; 1 if it is out of date."""
    name = path.relative_to(ROOT)
    old = path.read_text(encoding="utf-8") if path.exists() else ""
    if not check:
        path.parent.mkdir(exist_ok=True)
        path.write_text(new, encoding="utf-8")
        print(f"{name}: " + ("unchanged" if new == old else "written; now run roxygen2::roxygenise('rpkg')"))
        return 0
    if new == old:
        return 0
    print(f"{name} does not match the registry. Run: python tools/generate_r.py", file=sys.stderr)
    names = "in the repository", "from the registry"
    diff = difflib.unified_diff(old.splitlines(), new.splitlines(), *names, lineterm="")
    print("\n".join(list(diff)[:40]), file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
