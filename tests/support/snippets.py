"""The code blocks of a Markdown page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

_BLOCK = re.compile(r"^```(\S*) ?(.*)\n((?:.*\n)*?)^```$", re.MULTILINE)


class Snippet(NamedTuple):
    """One block: where it is, its language, what else stands on its fence, and its text."""

    place: str
    language: str
    title: str
    text: str


def snippets(path: Path) -> Iterator[Snippet]:
    """Every block of a page, in order."""
    page = path.read_text(encoding="utf-8")
    for found in _BLOCK.finditer(page):
        line = page.count("\n", 0, found.start()) + 1
        yield Snippet(f"{path.name}:{line}", found[1], found[2], found[3])
