"""The functions of `pyflows.tfd`, one family a file; importing this package declares them."""

from __future__ import annotations

__all__: list[str] = []
