"""The documents are true and whole: what the code knows is written by the code, and every link leads somewhere."""

from __future__ import annotations

import json
import re
import runpy
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from custgraph import Settings
from custgraph.errors import CustgraphError
from custgraph.telemetry.vocabulary import FIELDS
from support.snippets import snippets

ROOT = Path(__file__).parents[1]
PAGES = sorted(
    [ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").glob("*.md"), *ROOT.glob("examples/**/README.md")]
)
PAGES = [page for page in PAGES if "node_modules" not in page.parts]
each_page = pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def links(page: Path) -> Iterator[str]:
    """The targets of a page's links; code is no link."""
    text = re.sub(r"```.*?```|`[^`\n]*`", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    yield from re.findall(r"\]\(([^)\s]+)\)", text)


@each_page
def test_every_link_within_the_repository_leads_somewhere(page: Path) -> None:
    for link in links(page):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@each_page
def test_every_block_of_data_is_well_formed(page: Path) -> None:
    for snippet in snippets(page):
        if snippet.language == "json":
            json.loads(snippet.text)
        elif snippet.language == "toml":
            tomllib.loads(snippet.text)


@each_page
def test_every_setting_that_is_named_is_one(page: Path) -> None:
    if "examples" in page.parts:
        return  # their programs have variables of their own
    named = {name.lower() for name in re.findall(r"CUSTGRAPH_([A-Z][A-Z_]*[A-Z])", page.read_text(encoding="utf-8"))}
    assert named <= Settings.model_fields.keys()


def test_what_the_code_knows_is_up_to_date() -> None:
    pages = runpy.run_path(str(ROOT / "scripts" / "document.py"))["pages"]()
    assert len(pages) == 3
    for path, text in pages.items():
        assert path.read_text(encoding="utf-8") == text, f"{path.name}: `make docs` renews it"


def test_every_setting_is_documented() -> None:
    page = (ROOT / "docs" / "settings.md").read_text()
    assert [name for name in Settings.model_fields if f"| `CUSTGRAPH_{name.upper()}` |" not in page] == []


def test_the_events_of_the_table_are_logged_somewhere() -> None:
    page = (ROOT / "docs" / "operations.md").read_text()
    source = "".join(path.read_text() for path in (ROOT / "src" / "custgraph").rglob("*.py"))
    events = re.findall(r"^\| `([a-z ]+)` \| (?:warning|error) \|", page, re.MULTILINE)
    assert len(events) >= 8
    assert [event for event in events if f'"{event}"' not in source] == []


def test_every_log_field_is_documented() -> None:
    page = (ROOT / "docs" / "operations.md").read_text()
    assert [name for name in FIELDS if f"| `{name}` |" not in page] == []


def codes(error: type[CustgraphError]) -> Iterator[str]:
    """The codes of an error and all of its kinds."""
    yield error.code
    for kind in error.__subclasses__():
        yield from codes(kind)


def test_every_error_code_is_documented() -> None:
    page = (ROOT / "docs" / "reliability.md").read_text()
    assert {code for code in codes(CustgraphError) if f"`{code}`" not in page} == set()
