"""The R functions of the low-level layer, from its table (`pyflows/lowlevel/table.py`). Called by generate_r.py."""

from __future__ import annotations

import doctest
import re
import textwrap

from r_text import HEADER, WIDTH, r_value, rd_block, rd_escape, rd_inline, wrap
from to_r import to_r

from pyflows.lowlevel.table import REQUIRED, Entry

SEE = {
    "tfb": "\\code{\\link{tfb_forward}} for what is done with bijectors",
    "tfd": "\\code{\\link{tfd_sample}} and \\code{\\link{tfd_log_prob}} for what is done with distributions",
}
CONCEPT = {"tfb": "pyflows bijectors", "tfd": "pyflows distributions"}
RETURNS = {
    "tfb": "A bijector, an object of TensorFlow Probability, unless the title says otherwise.",
    "tfd": "A distribution, an object of TensorFlow Probability, unless the title says otherwise.",
}


def r_arguments(entry: Entry) -> dict[str, str | None]:
    """The arguments of the R function: default as R code, or None where there is none."""
    return {
        "..." if name.startswith("**") else name: None
        if default is REQUIRED
        else "list()"
        if default == ()
        else "list(" + ", ".join(map(r_value, default)) + ")"
        if isinstance(default, tuple) and isinstance(default[0], tuple)
        else r_value(default)
        for name, (_, default) in entry.args.items()
    }


def in_r(text: str) -> str:
    """Names in a text as R has them: tfb.exp is tfb_exp, tf.nn.relu is tf$nn$relu."""
    text = re.sub(r"\b(tf[bd])\.(?=\w)", r"\1_", text)
    text = re.sub(r"\b(?:tf|tfp)(?:\.[A-Za-z_]\w*)+", lambda found: found[0].replace(".", "$"), text)
    return text.replace("`True`", "`TRUE`").replace("= True", "= TRUE").replace("= False", "= FALSE")


def rd(text: str) -> str:
    return rd_inline(in_r(text), set())


def roxygen(entry: Entry, verbs: set[str]) -> list[str]:
    doc = entry.doc
    out = ["@noMd", *wrap(f"@title {rd(doc['title'].rstrip('.'))}")]
    out += ["@description", *rd_block(in_r(doc["body"] or doc["title"]), set())]
    for section in ("Map", "Density"):
        if doc[section.lower()]:
            lines = textwrap.wrap(" ".join(doc[section.lower()].split()), WIDTH - 20, subsequent_indent="  ")
            out += [f"@section {section}:", "\\preformatted{", *map(rd_escape, lines), "}"]
    for name, (kind, _) in entry.args.items():
        what = "" if name.startswith("**") else f"({rd(kind.allowed() + (', or `None`' if kind.null else ''))}) "
        about = doc["args"][name]
        out += wrap(f"@param {'...' if name.startswith('**') else name} {what}{rd(about[0].upper() + about[1:])}")
    out += [f"@returns {rd(doc['returns']) if doc['returns'] else RETURNS[entry.face]}"]
    if doc["references"]:
        out += ["@references", *rd_block(doc["references"], set())]
    # No @family: each page would name a hundred others.
    out += [f"@seealso {SEE[entry.face]}.", f"@concept {CONCEPT[entry.face]}", "@examplesIf pyflows_available()"]
    out += [line.replace("@", "@@") for line in example_in_r(entry, verbs)]
    return [f"#' {line}".rstrip() for line in [*out, "@export"]]


def example_in_r(entry: Entry, verbs: set[str]) -> list[str]:
    """The example of the docstring as R code."""
    examples = doctest.DocTestParser().get_examples(entry.function.__doc__)
    return [line for example in examples for line in to_r(example.source, verbs)]


def wrapper(entry: Entry) -> list[str]:
    arguments = r_arguments(entry)
    start = f"{entry.face}_{entry.name} <- function("
    shown = [name if default is None else f"{name} = {default}" for name, default in arguments.items()]
    lines = _filled(start, shown, ") {")
    named = [name for name in arguments if name != "..."]
    lines += [f'  if (missing({name})) abort_missing("{name}")' for name in named if arguments[name] is None]
    close = ", list(...)))" if "..." in arguments else "))"
    call = f'  lowlevel("{entry.face}", "{entry.name}", ' + ("c(list(" if "..." in arguments else "list(")
    pairs = [f"{name} = {name}" for name in named]
    one = _filled(call, pairs, (")" + close) if "..." in arguments else close)
    return [*lines, *one, "}"]


def _filled(start: str, items: list[str], end: str) -> list[str]:
    """A call on one line, or with its arguments on lines of their own below each other."""
    whole = start + ", ".join(items) + end
    if len(whole) <= WIDTH:
        return [whole]
    indent = " " * (len(start) - len(start.lstrip()) + 4)
    body = textwrap.wrap("\0".join(item.replace(" ", "\1") for item in items).replace("\0", ", "), WIDTH - len(indent))
    return [start, *(indent + line.replace("\1", " ") for line in body), " " * (len(indent) - 4) + end]


def generate(entries: list[Entry]) -> str:
    """The text of the R file of one face."""
    verbs = {f"{entry.face}_{entry.name}" for entry in entries if entry.verb}
    header = HEADER.replace("the registry (its docstrings)", "pyflows/lowlevel")
    blocks = [[header]] + [roxygen(entry, verbs) + wrapper(entry) for entry in entries if not entry.verb]
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"
