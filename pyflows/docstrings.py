"""Docstrings taken apart: for the registry, and through it for R's help pages."""

from __future__ import annotations

import textwrap
from typing import Any

SECTIONS = ("Map", "Density", "Args", "Shapes", "Returns", "Raises", "References", "Example")


def parse_doc(text: str) -> dict[str, Any]:
    """A docstring in its parts: title, body, the sections, and one text per argument."""
    parts: dict[str, list[str]] = {"body": []}
    current = "body"
    for line in text.splitlines():
        word = line.rstrip(":").strip()
        if line == f"{word}:" and word in SECTIONS:
            current = word.lower()
            parts[current] = []
        else:
            parts[current].append(line)
    texts = {key: textwrap.dedent("\n".join(lines)).strip() for key, lines in parts.items()}
    title, _, body = texts["body"].partition("\n")
    args: dict[str, str] = {}
    name = None
    for line in texts.get("args", "").splitlines():
        if line and not line.startswith(" ") and ":" in line:
            name, _, rest = line.partition(":")
            args[name.strip()] = rest.strip()
        elif name and line.strip():
            args[name.strip()] += " " + line.strip()
    sections = {key.lower(): texts.get(key.lower(), "") for key in SECTIONS if key != "Args"}
    return {"title": title.strip(), "body": body.strip(), "args": args, **sections}
