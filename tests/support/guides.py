"""Reads Markdown guides: commands with the output they promise, and excerpts of files."""

from __future__ import annotations

import re
from textwrap import dedent

_COMMAND = re.compile(r"^```sh\n(.*?)^```\n(?:(?:(?!```).)*^```text\n(.*?)^```\n)?", re.MULTILINE | re.DOTALL)
_EXCERPT = re.compile(r"^( *)<!-- from (\S+) -->\n\1```\w+\n(.*?)^\1```\n", re.MULTILINE | re.DOTALL)


def commands(guide: str) -> list[tuple[str, str]]:
    """Each `sh` block, with the `text` block that follows it as its output; empty when none does."""
    return [(found[1], found[2] or "") for found in _COMMAND.finditer(guide)]


def excerpts(guide: str) -> list[tuple[str, str]]:
    """Each block that says which file it is from: the file's path and the text, without the guide's indentation."""
    return [(found[2], dedent(found[3]) if found[1] else found[3]) for found in _EXCERPT.finditer(guide)]
