"""What `explorer` hands to `http`: the page, its policy and its assets."""

from __future__ import annotations

import re

import pytest

from custgraph.explorer import Explorer, load_explorer


@pytest.fixture(scope="module")
def explorer() -> Explorer:
    """GraphiQL as built by `make explorer`."""
    return load_explorer()


def references(page: str) -> set[str]:
    """The addresses that the page asks for."""
    return {address for address in re.findall(r'(?:src|href)="([^"]+)"', page) if not address.startswith("data:")}


def test_the_page_asks_only_for_assets_that_are_there_by_relative_addresses(explorer: Explorer) -> None:
    found = references(explorer.page().decode())
    assert len(found) == 2
    for address in found:
        folder, name = address.rsplit("/", 1)
        assert folder == "graphql/assets"
        assert explorer.asset(name) is not None


def test_the_page_holds_no_inline_script(explorer: Explorer) -> None:
    page = explorer.page("demo").decode()
    assert re.findall(r"<script(?![^>]*\bsrc=)", page) == []
    assert re.findall(r"\son[a-z]+=", page) == []


def test_the_demo_token_is_an_escaped_attribute(explorer: Explorer) -> None:
    page = explorer.page('"><script>alert(1)</script>').decode()
    assert '<meta name="custgraph:demo-token" content="&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;" />' in page


def test_without_a_demo_token_the_page_holds_none(explorer: Explorer) -> None:
    assert '<meta name="custgraph:demo-token" content="" />' in explorer.page().decode()


def test_an_asset_has_its_type_and_both_its_forms(explorer: Explorer) -> None:
    page = explorer.page().decode()
    (script,) = (address for address in references(page) if address.endswith(".js"))
    asset = explorer.asset(script.rsplit("/", 1)[1])
    assert asset is not None
    assert asset.content_type == "text/javascript; charset=utf-8"
    assert len(asset.gzipped) < len(asset.plain()) / 2


@pytest.mark.parametrize("name", ["", "..", "../__init__.py", "page.html", "sources.sha256", "licenses.txt"])
def test_nothing_but_an_asset_is_an_asset(explorer: Explorer, name: str) -> None:
    assert explorer.asset(name) is None


def test_the_policy_lets_scripts_come_from_our_origin_alone(explorer: Explorer) -> None:
    policy = dict(rule.split(" ", 1) for rule in explorer.csp.split("; "))
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "worker-src": "'self'",
        "style-src": "'self' 'unsafe-inline'",
        "font-src": "'self' data:",
        "img-src": "'self' data:",
        "connect-src": "'self'",
        "object-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
