"""GraphiQL in headless Chromium, on the real gateway."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, Route, expect

from support.visit import Visit

pytestmark = pytest.mark.browser

EXAMPLES = {
    "FirstPage": '"totalCount"',
    "OneCustomer": '"shippingAddress"',
    "Search": '"lastName"',
    "Save": '"juno.reed@example.com"',
    "LastPage": '"startCursor"',
}

# Whether GraphiQL has stored this text under this key; it does so some time after the change.
KEPT = """([name, text]) => Object.entries(localStorage).some(
  ([key, value]) => key.endsWith(`:${name}`) && value.includes(text)
)"""


@pytest.fixture
def visits(browser: Browser) -> Iterator[Callable[[str], Visit]]:
    """Makes first visits, each with a browser profile of its own."""
    with ExitStack() as contexts:

        def visit(gateway: str) -> Visit:
            context = contexts.enter_context(browser.new_context(viewport={"width": 1440, "height": 900}))
            return Visit(context.new_page(), gateway)

        yield visit


@pytest.fixture
def visit(visits: Callable[[str], Visit], gateway: str) -> Visit:
    """A first visit to the gateway over the embedded upstream."""
    visit = visits(gateway)
    visit.open()
    return visit


@pytest.fixture
def mounted_visit(visits: Callable[[str], Visit], mounted_gateway: str) -> Visit:
    """A first visit to a gateway under a path prefix."""
    visit = visits(mounted_gateway)
    visit.open()
    return visit


@pytest.fixture
def remote_visit(visits: Callable[[str], Visit], remote_gateway: str) -> Visit:
    """A first visit to a gateway to a real upstream."""
    visit = visits(remote_gateway)
    visit.open()
    return visit


@pytest.fixture(params=["visit", "mounted_visit"])
def any_visit(request: pytest.FixtureRequest) -> Visit:
    """A first visit with and without a path prefix."""
    visit: Visit = request.getfixturevalue(request.param)
    return visit


def test_a_query_typed_into_the_editor_is_answered(any_visit: Visit) -> None:
    visit = any_visit
    visit.replace("Operation Editor", '{ customer(id: "1") { id email } }')
    visit.page.keyboard.press("ControlOrMeta+Enter")
    expect(visit.answer).to_contain_text('"id": "1"')
    expect(visit.answer).to_contain_text('"email": "')
    assert visit.foreign_requests == []
    assert visit.complaints == []


def test_every_example_runs_without_an_error(visit: Visit) -> None:
    for tab, answer in EXAMPLES.items():
        visit.select(tab)
        visit.run()
        expect(visit.answer).to_contain_text(answer)
        assert "errors" not in visit.answer.inner_text()
    assert visit.foreign_requests == []
    assert visit.complaints == []


def test_the_reference_and_the_query_builder_know_the_schema(visit: Visit) -> None:
    visit.page.get_by_role("button", name="Show Documentation Explorer").click()
    visit.page.get_by_role("link", name="Customer", exact=True).click()
    expect(visit.page.get_by_text("Someone who buys from one enterprise")).to_be_visible()
    visit.page.get_by_role("button", name="Show GraphiQL Explorer").click()
    expect(visit.page.get_by_text("termsAndConditionsAcceptedAt")).to_be_visible()
    assert visit.foreign_requests == []
    assert visit.complaints == []


def test_a_token_entered_once_goes_with_every_tab_and_is_kept_nowhere(visit: Visit) -> None:
    sent: list[str | None] = []
    visit.page.on("request", lambda request: sent.append(request.headers.get("x-api-token")))
    visit.replace("Headers", '{"X-Api-Token": "garden-manager')
    visit.select("OneCustomer")
    for tab in EXAMPLES:
        visit.select(tab)
        expect(visit.editor("Headers")).to_contain_text("garden-manager")
    visit.page.get_by_role("button", name="New tab").click()
    expect(visit.editor("Headers")).to_contain_text("garden-manager")
    sent.clear()
    visit.select("LastPage")
    visit.run()
    expect(visit.answer).to_contain_text('"startCursor"')
    assert [token for token in sent if token] == ["garden-manager"]
    visit.page.get_by_role("button", name="Show History").click()
    visit.page.wait_for_function(KEPT, arg=["queries", "LastPage"])
    visit.page.wait_for_function(KEPT, arg=["tabState", "LastPage"])
    assert "garden-manager" not in visit.kept()
    assert all("garden-manager" not in url for url in visit.requests)


def test_over_a_real_upstream_the_token_has_to_be_given(remote_visit: Visit) -> None:
    visit = remote_visit
    visit.replace("Operation Editor", '{ customer(id: "1") { id email } }')
    visit.run()
    expect(visit.answer).to_contain_text("UNAUTHENTICATED")
    visit.replace("Headers", '{"X-Api-Token": "demo-token')
    visit.run()
    expect(visit.answer).to_contain_text('"email": "')
    assert visit.foreign_requests == []
    assert visit.complaints == []


def test_a_later_visit_finds_the_tabs_and_must_give_the_token_again(visit: Visit) -> None:
    visit.replace("Headers", '{"X-Api-Token": "garden-manager')
    visit.select("Search")
    visit.replace("Operation Editor", "{ __typename")
    visit.page.wait_for_function(KEPT, arg=["tabState", "__typename"])
    visit.page.reload()
    visit.wait()
    expect(visit.editor("Operation Editor")).to_contain_text("__typename")
    expect(visit.page.get_by_role("tab")).to_have_count(len(EXAMPLES))
    assert "garden-manager" not in visit.editor("Headers").inner_text()


def test_without_inline_styles_the_editor_would_be_refused_its_own(visit: Visit) -> None:
    """Shows that the exception in the policy is needed, and that a visit hears of violations."""

    def stricter(route: Route) -> None:
        if route.request.method == "POST":
            route.continue_()
            return
        answer = route.fetch()
        policy = answer.headers["content-security-policy"]
        assert "style-src 'self' 'unsafe-inline'" in policy
        route.fulfill(
            response=answer,
            headers={**answer.headers, "content-security-policy": policy.replace("'self' 'unsafe-inline'", "'self'")},
        )

    visit.page.route("**/graphql", stricter)
    assert visit.complaints == []
    with visit.page.expect_console_message(lambda message: "style-src 'self'" in message.text):
        visit.page.reload()
    assert any("style-src 'self'" in complaint for complaint in visit.complaints)
