"""A list of customers in an embedded service, changed behind the gateway's back, and read as a connection."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import httpx
from sqlalchemy import delete, insert

from custgraph.config import Settings
from custgraph.credentials import Caller, Credential
from custgraph.embedded import create_service
from custgraph.embedded.database import writing
from custgraph.embedded.service import EmbeddedService
from custgraph.embedded.tables import customers
from custgraph.rest import Upstream
from custgraph.schema import Context
from custgraph.schema.connections import Connection, ConnectionWants, read_connection


class Person(NamedTuple):
    """What a test cares about in a customer."""

    id: int
    enterprise_id: int = 1
    first_name: str | None = "Ann"
    visible: bool = True
    last_name: str | None = None


class People(httpx.AsyncBaseTransport):
    """The list, and the gateway's way to it.

    Attributes:
        present: who is in the service now, by id.
        calls: targets of the calls of the latest read.
        meanwhile: is awaited before every call of a read but the first.
    """

    def __init__(self, service: EmbeddedService) -> None:
        self.present: dict[int, Person] = {}
        self.calls: list[str] = []
        self.meanwhile: Callable[[], Awaitable[None]] | None = None
        self._service = service
        self._transport = httpx.ASGITransport(service)
        self.upstream = Upstream(Settings(), transport=self)

    async def start(self, people: Iterable[Person]) -> None:
        """Puts these in everybody's place, and lets the gateway forget what it learned of the upstream."""
        self.present.clear()
        self.meanwhile = None
        self.upstream = Upstream(Settings(), transport=self)
        await self._service.startup()
        async with writing(self._service._engine).begin() as connection:
            await connection.execute(delete(customers))
        await self.add(*people)

    async def add(self, *people: Person) -> None:
        """Adds customers; one whose id is taken stays out."""
        new = {person.id: person for person in people if person.id not in self.present}
        self.present |= new
        if new:
            rows = [{**person._asdict(), "email": f"p{person.id}@example.org"} for person in new.values()]
            async with writing(self._service._engine).begin() as connection:
                await connection.execute(insert(customers), rows)

    async def remove(self, *ids: int) -> None:
        """Removes customers."""
        for id_ in ids:
            self.present.pop(id_, None)
        async with writing(self._service._engine).begin() as connection:
            await connection.execute(delete(customers).where(customers.c.id.in_(ids)))

    def listed(self, enterprise_id: int | None = None, name: str | None = None) -> list[int]:
        """Ids that the list has now, by the rules."""
        return sorted(
            person.id
            for person in self.present.values()
            if person.visible
            and enterprise_id in (None, person.enterprise_id)
            and (name is None or name.lower() in (person.first_name or "").lower())
        )

    async def read(self, wants: ConnectionWants | None = None, **arguments: Any) -> Connection:
        """Reads a connection in an operation of its own."""
        self.calls = []
        context = Context(self.upstream, Caller(Credential.of(self._service.demo_token), "test"))
        try:
            return await read_connection(context, wants or ConnectionWants(), **arguments)
        finally:
            context.close()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self.meanwhile is not None and self.calls:
            await self.meanwhile()
        self.calls.append(request.url.raw_path.decode())
        return await self._transport.handle_async_request(request)


@asynccontextmanager
async def people(**behaviour: Any) -> AsyncIterator[People]:
    """Makes an empty list for the block."""
    service = create_service(None, **behaviour)
    everybody = People(service)
    try:
        await everybody.start(())
        yield everybody
    finally:
        await everybody.upstream.aclose()
        await service.aclose()


def ids(connection: Connection) -> list[int]:
    """The ids of a page."""
    return [customer.id for customer in connection.nodes]
