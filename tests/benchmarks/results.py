"""RESULTS.md: one section a benchmark, each rewritten by its own."""

from __future__ import annotations

import os
import platform
from importlib import metadata
from pathlib import Path

FILE = Path(__file__).resolve().parent / "RESULTS.md"
TITLE = "# Measured comparisons\n\nEach section is written by the benchmark it names.\n"


def write(key: str, text: str) -> None:
    """Replace the section `key`, or add it at the end."""
    begin, end = f"<!-- {key} -->", f"<!-- end of {key} -->"
    section = f"{begin}\n{text.strip()}\n{end}\n"
    old = FILE.read_text(encoding="utf-8") if FILE.exists() else TITLE
    if begin in old and end in old:
        head, rest = old.split(begin, 1)
        new = head + section + rest.split(end, 1)[1].lstrip("\n")
    else:
        new = f"{old.rstrip()}\n\n{section}"
    FILE.write_text(new, encoding="utf-8")


def machine() -> str:
    """The class of the machine: cores and system, and that no GPU was used."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{cores} cores, {platform.machine()}, {platform.system()}, no GPU"


def versions(*names: str) -> str:
    """Installed versions, for the record."""
    return ", ".join(f"{name} {metadata.version(name)}" for name in names)
