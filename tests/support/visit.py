"""One visitor of the explorer: what a person does there, and all that the browser reports on the way."""

from __future__ import annotations

from playwright.sync_api import ConsoleMessage, Locator, Page, expect

# Whether GraphiQL has taken note of what the operation editor holds, which it does a moment after the change.
_SETTLED = """() => {
  const model = globalThis.__MONACO.editor.getModels().find(({ uri }) => uri.path.endsWith("operation.graphql"));
  const noted = Object.entries(localStorage).find(([key]) => key.endsWith(":query"))?.[1];
  return noted === model.getValue();
}"""


class Visit:
    """A page of a fresh browser profile at a gateway.

    `requests` has every address asked for; `complaints` every error and warning of the console, which is also where
    Chromium reports violations of the Content-Security-Policy, and every uncaught exception.
    """

    def __init__(self, page: Page, gateway: str) -> None:
        self.page = page
        self.gateway = gateway
        self.requests: list[str] = []
        self.complaints: list[str] = []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)

    def open(self) -> None:
        """Goes to the page and waits until it can be worked with."""
        self.page.goto(f"{self.gateway}/graphql")
        self.wait()

    def wait(self) -> None:
        """Waits for the editors."""
        expect(self.editor("Operation Editor")).to_be_visible(timeout=20_000)
        expect(self.editor("Headers")).to_be_visible()

    @property
    def foreign_requests(self) -> list[str]:
        """The addresses asked for that are not the explorer's own."""
        return [url for url in self.requests if not url.startswith((f"{self.gateway}/graphql", "data:"))]

    def editor(self, pane: str) -> Locator:
        """The text of the editor that the pane shows."""
        return self.page.get_by_role("region", name=pane, exact=True).locator(".view-lines").filter(visible=True)

    @property
    def answer(self) -> Locator:
        """The text of the answer."""
        return self.editor("Result Window")

    def replace(self, pane: str, text: str) -> None:
        """Types this instead of what the pane's editor holds. The editor closes brackets and quotes itself."""
        self.editor(pane).click()
        self.page.keyboard.press("ControlOrMeta+A")
        self.page.keyboard.press("Delete")
        self.page.keyboard.type(text)
        if pane == "Operation Editor":
            self.page.wait_for_function(_SETTLED)

    def run(self) -> None:
        """Presses play."""
        self.page.get_by_role("button", name="Execute query").click()

    def select(self, tab: str) -> None:
        """Goes to the tab with this title."""
        self.page.get_by_role("button", name=tab, exact=True).click()
        self.page.wait_for_function(_SETTLED)

    def kept(self) -> str:
        """All that the page keeps in the browser for later."""
        return str(
            self.page.evaluate("() => JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])")
        )
