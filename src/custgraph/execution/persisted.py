"""Automatic persisted queries: a client sends a hash, and the whole text only when the hash is not known.

The protocol is Apollo's: `extensions.persistedQuery {version, sha256Hash}`, the error `PersistedQueryNotFound`, and the
text with its hash on the second try. It is a cache: whatever is forgotten is sent again.
"""

from __future__ import annotations

import hashlib
import time
from typing import Final

from custgraph.config import Settings
from custgraph.execution.cache import BoundedCache
from custgraph.execution.shared import SharedStore

LIFETIME: Final = 86_400
"""Seconds for which the shared store keeps a query that nobody asks for."""

_PREFIX: Final = "custgraph:persisted:"
_INDEX: Final = "custgraph:persisted"


def sha256_of(text: str) -> str:
    """Gives the hash that names a text, in lower-case hexadecimal."""
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


class PersistedQueries:
    """Texts by hash, bounded in number and bytes: here, and in the shared store if there is one."""

    def __init__(self, settings: Settings, shared: SharedStore | None) -> None:
        self._texts: BoundedCache[str] = BoundedCache(
            settings.persisted_query_cache, settings.persisted_query_cache_bytes
        )
        self._max_count = settings.persisted_query_cache
        self._shared = shared

    async def get(self, sha256: str) -> str | None:
        """Gives the text of a hash, if it is known."""
        text = self._texts.get(sha256)
        if text is not None or self._shared is None:
            return text
        client = self._shared.client
        found = await self._shared.attempt(lambda: client.getex(_PREFIX + sha256, ex=LIFETIME))
        text = None if found is None else str(found)
        if text is None or sha256_of(text) != sha256:  # others write there too
            return None
        self._keep(sha256, text)
        return text

    async def put(self, sha256: str, text: str) -> None:
        """Keeps a text under its hash, which the caller has checked."""
        if self._texts.get(sha256) is not None:
            return
        self._keep(sha256, text)
        if self._shared is not None:
            await self._shared.attempt(lambda: self._publish(sha256, text))

    def _keep(self, sha256: str, text: str) -> None:
        self._texts.put(sha256, text, len(text))

    async def _publish(self, sha256: str, text: str) -> None:
        """Writes a text for all, and drops the oldest ones beyond the number that is kept."""
        assert self._shared is not None  # noqa: S101 - the caller has looked
        client = self._shared.client
        async with client.pipeline(transaction=True) as pipeline:
            pipeline.set(_PREFIX + sha256, text, ex=LIFETIME)
            pipeline.zadd(_INDEX, {sha256: time.time()})
            pipeline.zrange(_INDEX, 0, -self._max_count - 1)
            _, _, surplus = await pipeline.execute()
        if surplus:
            await client.unlink(*(_PREFIX + old for old in surplus))
            await client.zrem(_INDEX, *surplus)
