"""The store that workers share, Valkey or Redis: never needed for an answer, so that its failure fails no request."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final, TypeVar

from custgraph.telemetry import logger

if TYPE_CHECKING:
    from redis.asyncio import Redis

T = TypeVar("T")

TIMEOUT: Final = 0.5
"""Seconds for one command; an answer is not worth waiting longer for."""

PAUSE: Final = 5.0
"""Seconds without the store after it failed."""

MAX_CONNECTIONS: Final = 64

_log = logger("custgraph.execution.shared")


class SharedStore:
    """A client of the store that gives up quickly, then leaves the store alone for a while.

    Attributes:
        client: of redis-py, whose protocol Valkey speaks as well.
        pause: seconds without the store after it failed.
    """

    def __init__(self, url: str) -> None:
        from redis.asyncio import Redis
        from redis.asyncio.retry import Retry
        from redis.backoff import NoBackoff

        self.client: Redis = Redis.from_url(
            re.sub(r"^valkey(s?)://", r"redis\1://", url),
            socket_timeout=TIMEOUT,
            socket_connect_timeout=TIMEOUT,
            max_connections=MAX_CONNECTIONS,
            retry=Retry(NoBackoff(), 0),
            decode_responses=True,
        )
        self.pause = PAUSE
        self._closed_until = 0.0
        self._failing = False

    async def attempt(self, work: Callable[[], Awaitable[T]]) -> T | None:
        """Does something with the store; gives None when it fails or has failed just now."""
        from redis.exceptions import RedisError

        if time.monotonic() < self._closed_until:
            return None
        try:
            async with asyncio.timeout(TIMEOUT * 2):
                result = await work()
        except (RedisError, OSError, TimeoutError) as error:
            self._closed_until = time.monotonic() + self.pause
            if not self._failing:
                self._failing = True
                _log.warning("shared store failed, using memory", error=type(error).__name__)
            return None
        if self._failing:
            self._failing = False
            _log.info("shared store is back")
        return result

    async def aclose(self) -> None:
        """Closes the connections."""
        await self.client.aclose()
