"""A session against the embedded service: the real documents, without a network."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal

import httpx
import pytest

from custgraph.config import Settings
from custgraph.credentials import Caller, Credential
from custgraph.embedded import create_service
from custgraph.errors import NotFound, Refused, Unauthenticated, UpstreamCannotSearch
from custgraph.rest import Condition, ListQuery, Upstream, UpstreamSession
from custgraph.rest.records import BriefCustomer

DEMO = Caller(Credential.of("demo-token"), "test")


@pytest.fixture(params=[False, True], ids=["searching", "documented only"])
def documented_only(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
async def upstream(documented_only: bool) -> AsyncIterator[Upstream]:
    service = create_service(None, documented_only=documented_only)
    upstream = Upstream(Settings(), transport=httpx.ASGITransport(service))
    yield upstream
    await upstream.aclose()
    await service.aclose()


@pytest.fixture
async def session(upstream: Upstream) -> UpstreamSession:
    return upstream.session(DEMO)


async def test_show_gives_the_customer_with_its_balance(session: UpstreamSession) -> None:
    customer = await session.show_customer(1)
    assert (customer.id, type(customer.balance)) == (1, Decimal)


async def test_a_session_in_which_nobody_looks_at_addresses_leaves_them_unread(upstream: Upstream) -> None:
    sessions = [upstream.session(DEMO) for _ in range(2)]
    for session, brief in zip(sessions, (False, True), strict=True):
        session.begin("query", brief=brief)
        customer = await session.show_customer(1)
        [row] = (await session.list_customers(ListQuery(per_page=1))).rows
        assert [isinstance(one, BriefCustomer) for one in (customer, row)] == [brief, brief]
        assert (customer.id, row.id) == (1, 1)


async def test_show_of_nobody_is_not_found(session: UpstreamSession) -> None:
    with pytest.raises(NotFound):
        await session.show_customer(10**9)


async def test_show_tells_the_enterprise_where_it_is_included(session: UpstreamSession, documented_only: bool) -> None:
    customer = await session.show_customer(1)
    enterprise = await session.show_enterprise(1)
    told = None if enterprise is None else enterprise.id
    assert told == (None if documented_only else customer.enterprise_id)


async def test_by_ids_gives_the_rows_or_says_that_it_cannot(session: UpstreamSession, documented_only: bool) -> None:
    found = await session.list_by_ids([3, 1, 2], balance=True)
    assert (found and sorted(found)) == (None if documented_only else [1, 2, 3])


async def test_a_filter_is_answered_filtered_or_not_at_all(session: UpstreamSession, documented_only: bool) -> None:
    query = ListQuery(conditions=(Condition("email", "end", (".invalid",)),))
    if documented_only:
        with pytest.raises(UpstreamCannotSearch):
            await session.list_customers(query)
    else:
        assert (await session.list_customers(query)).total == 0


async def test_what_is_written_is_shown(session: UpstreamSession) -> None:
    session.begin("mutation")
    enterprise_id = (await session.show_customer(1)).enterprise_id
    made = await session.create_customer({"enterprise_id": enterprise_id, "email": "New@Example.org", "tags": ["a"]})
    changed = await session.update_customer(made.id, {"first_name": "Zoe", "tags": []})
    assert (changed.email, changed.first_name, changed.tags) == ("new@example.org", "Zoe", [])
    await session.delete_customer(made.id)
    with pytest.raises(NotFound):
        await session.show_customer(made.id)


async def test_a_refused_write_carries_the_sentences(session: UpstreamSession) -> None:
    session.begin("mutation")
    with pytest.raises(Refused) as refused:
        await session.update_customer(1, {"email": "none"})
    assert refused.value.sentences == ("Email is invalid",)


async def test_an_unknown_key_is_unauthenticated(upstream: Upstream) -> None:
    with pytest.raises(Unauthenticated):
        await upstream.session(Caller(Credential.of("unknown-key"), "test")).show_customer(1)


async def test_no_credential_means_no_call(upstream: Upstream) -> None:
    session = upstream.session(Caller(None, "test"))
    with pytest.raises(Unauthenticated):
        await session.show_customer(1)
    with pytest.raises(Unauthenticated):
        await session.list_by_ids([1], balance=False)
    with pytest.raises(Unauthenticated):
        await session.delete_customer(1)
    assert session.calls == 0
