"""A server of raw bytes: it answers connections with whatever a test likes."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Awaitable, Callable

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter, int], Awaitable[None]]
"""Handles one connection, given its number from 1."""


class RawServer:
    """Accepts connections and lets a function answer each with whatever bytes it likes.

    Attributes:
        port: on 127.0.0.1.
        connections: how many were accepted.
        heads: the request heads read by `head`, in order.
    """

    def __init__(self) -> None:
        self.port = 0
        self.connections = 0
        self.heads: list[bytes] = []
        self._serve: Serve | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/api/v1"

    def answers(self, serve: Serve) -> None:
        """Answers the connections to come with this."""
        self._serve = serve

    def says(self, *answers: bytes) -> None:
        """Answers every request on every connection: with the first for the connection's first, and so on."""

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, _number: int) -> None:
            for answer in answers:
                await self.head(reader)
                writer.write(answer)
                await writer.drain()
            await reader.read()

        self.answers(serve)

    async def head(self, reader: asyncio.StreamReader) -> bytes:
        """Reads one request's head."""
        head = await reader.readuntil(b"\r\n\r\n")
        self.heads.append(head)
        return head

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None
        assert self._serve is not None
        self._tasks.add(task)
        try:
            await self._serve(reader, writer, self.connections)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def run(self, context: ssl.SSLContext | None = None) -> asyncio.Server:
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0, ssl=context)
        self.port = server.sockets[0].getsockname()[1]
        return server

    async def close(self, server: asyncio.Server) -> None:
        server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
