"""GraphiQL, self-hosted: the page, its Content-Security-Policy and its assets, as plain values for `http` to serve.

The page lies at `…/graphql` and asks for its assets at `…/graphql/assets/NAME`, both relative, so it works behind
any path prefix. `explorer/` at the top of the source tree is what the assets are built from.
"""

from __future__ import annotations

import gzip
from html import escape
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Final, NamedTuple

# Styles: Monaco writes its theme and each line's place into style elements and attributes, and knows no nonce.
CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self' 'unsafe-inline'; "
    "font-src 'self' data:; img-src 'self' data:; connect-src 'self'; object-src 'none'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

_CONTENT_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".ttf": "font/ttf",
}
_PLACEHOLDER = '<meta name="custgraph:demo-token" content="{}" />'
_NOT_BUILT = """<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <title>custgraph</title>
  </head>
  <body>
    <h1>GraphiQL is not built</h1>
    <p>The API answers at this address: POST a query to it. To have GraphiQL here as well, start custgraph with
    <code>make run</code>, which builds it (it needs Node.js 20 or later), or install a built wheel.</p>
  </body>
</html>
"""


class Asset(NamedTuple):
    """A static file of the page. Its name is a hash of its content, so clients may keep it for ever."""

    content_type: str
    gzipped: bytes
    """The body, for clients that accept `Content-Encoding: gzip`: every browser."""

    def plain(self) -> bytes:
        """The body for clients that do not; takes some milliseconds for the largest."""
        return gzip.decompress(self.gzipped)


class Explorer:
    """GraphiQL as built. `csp` belongs on the page and on every asset: a worker obeys the policy it came with."""

    __slots__ = ("_assets", "_page", "csp")

    def __init__(self, page: str, assets: dict[str, Asset]) -> None:
        self._page = page
        self._assets = assets
        self.csp = CONTENT_SECURITY_POLICY

    def page(self, demo_token: str | None = None) -> bytes:
        """The HTML. The demo token, if there is one, is filled into the headers pane."""
        filled = _PLACEHOLDER.format(escape(demo_token or ""))
        return self._page.replace(_PLACEHOLDER.format(""), filled).encode()

    def asset(self, name: str) -> Asset | None:
        """The asset of that name; None when there is none."""
        return self._assets.get(name)


def load_explorer() -> Explorer:
    """Reads the built page and its assets. Without them, the page tells how to build them."""
    folder = resources.files(__name__) / "assets"
    page = folder / "page.html"
    if not page.is_file():
        return Explorer(_NOT_BUILT, {})
    return Explorer(page.read_text("utf-8"), dict(_read_assets(folder)))


def _read_assets(folder: Traversable) -> list[tuple[str, Asset]]:
    files = [(file.name.removesuffix(".gz"), file) for file in folder.iterdir() if file.name.endswith(".gz")]
    return [(name, Asset(_CONTENT_TYPES[name[name.rindex(".") :]], file.read_bytes())) for name, file in files]
