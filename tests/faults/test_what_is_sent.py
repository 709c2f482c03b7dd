"""What the upstream gets to see: the caller's key and what was asked, and nothing that a client smuggled in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from support.faults.endpoints import tls_sound
from support.faults.gateway import Gateway
from support.upstream import FakeUpstream, Kind, Tenant

ODD_IDS = [
    "1/../../../admin", "..", "%2e%2e", "1?token=x", "1#f", "1;a", "1\r\nX-Evil: y", "//evil", "http://evil/", "\uff11",
    "", "9" * 30, "-1", " 1", "1 ", "0", "01", "1e3", "1.0", "\u0663", "\x00", "1\u200b",
]  # fmt: skip
READ = "query ($id: ID!) { customer(id: $id) { id } }"
PARAMETERS = {"page", "per_page", "enterprise_id", "q[s]", "q[id_in][]", "q[id_gt]", "q[id_lt]", "q[email_eq]"}


@pytest.fixture
async def upstream() -> AsyncIterator[FakeUpstream]:
    async with FakeUpstream(cookies=True) as fake:
        yield fake


@pytest.fixture(params=["native", "httpx"])
async def gateway(upstream: FakeUpstream, request: pytest.FixtureRequest) -> AsyncIterator[Gateway]:
    async with Gateway(upstream.url(), upstream_wire=request.param) as made:
        yield made


TAKING_IDS = (
    READ,
    "query ($id: ID!) { customersByIds(ids: [$id]) { id } }",
    "query ($id: ID!) { customers(enterpriseId: $id) { totalCount } }",
    "query ($id: ID!) { customers(filter: { ids: [$id] }) { totalCount } }",
    "query ($id: ID!) { enterprise(id: $id) { name } }",
    "mutation ($id: ID!) { deleteCustomer(id: $id) { deletedCustomerId } }",
    'mutation ($id: ID!) { updateCustomer(id: $id, input: { lastName: "x" }) { customer { id } } }',
    'mutation ($id: ID!) { createCustomer(input: { enterpriseId: $id, email: "a@b.test" }) { customer { id } } }',
)


@pytest.mark.parametrize("document", TAKING_IDS)
async def test_an_odd_id_is_refused_and_nothing_is_sent(document: str, upstream: FakeUpstream) -> None:
    async with Gateway(upstream.url()) as gateway:
        for id_ in ODD_IDS:
            answer = await gateway.ask(document, {"id": id_}, upstream.tenants[0].token)
            assert {error["extensions"]["code"] for error in answer.errors} == {"BAD_USER_INPUT"}, id_
    assert upstream.ledger.calls == []


@pytest.mark.parametrize(
    "text",
    [
        "enterprise_id=1&token=x",
        "q[user_spree_api_key_start]=a",
        "a&extra_fields=x&include=y",
        "#a?b",
        "a\r\nX: y",
        "%26",
        "\u00e9\ufffd",
    ],
)
async def test_a_text_is_only_ever_a_value(text: str, gateway: Gateway, upstream: FakeUpstream) -> None:
    document = "query ($text: String!) { customers(filter: { email: { eq: $text } }) { nodes { id } } }"
    answer = await gateway.ask(document, {"text": text}, upstream.tenants[0].token)
    assert answer.data["customers"]["nodes"] == []
    seen = [pair for call in upstream.ledger.calls for pair in call.query]
    assert {name for name, _ in seen} <= PARAMETERS
    assert [value for name, value in seen if name == "q[email_eq]"] == [text]
    assert upstream.ledger.violations == []


async def test_a_clients_other_headers_go_no_further(gateway: Gateway, upstream: FakeUpstream) -> None:
    smuggled = {
        "Cookie": "_ofn_session_id=stolen; other=1",
        "X-Forwarded-For": "10.0.0.1",
        "X-Forwarded-Host": "evil.test",
        "X-HTTP-Method-Override": "DELETE",
        "Forwarded": "for=10.0.0.1",
        "TE": "trailers",
        "X-Original-URL": "/admin",
        "Host": "evil.test",
        "User-Agent": "evil/1.0",
        "Accept-Encoding": "gzip",
        "X-Api-Token": upstream.tenants[0].token,
        "Content-Type": "application/json",
    }
    transport = httpx.ASGITransport(gateway.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway.test") as client:
        answer = await client.post("/graphql", json={"query": READ, "variables": {"id": "7"}}, headers=smuggled)
    assert answer.json()["data"] == {"customer": {"id": "7"}}
    (call,) = upstream.ledger.calls
    allowed = {"host", "accept", "accept-encoding", "user-agent", "x-api-token", "x-request-id", "connection"}
    assert {name for name, _ in call.headers} <= allowed
    assert call.header("host") == f"127.0.0.1:{upstream.port}"
    assert (call.header("user-agent"), call.header("accept-encoding")) == ("custgraph", "identity")
    assert upstream.ledger.violations == []


async def test_a_bearer_token_travels_as_the_api_key(gateway: Gateway, upstream: FakeUpstream) -> None:
    transport = httpx.ASGITransport(gateway.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway.test") as client:
        headers = {"Authorization": f"Bearer {upstream.tenants[0].token}"}
        answer = await client.post("/graphql", json={"query": READ, "variables": {"id": "7"}}, headers=headers)
    assert answer.json()["data"] == {"customer": {"id": "7"}}
    assert upstream.ledger.calls[0].token == upstream.tenants[0].token
    assert upstream.ledger.violations == []


@pytest.mark.parametrize(
    "document",
    [
        READ,
        "query ($id: ID!) { customersByIds(ids: [$id]) { id } }",
        "query ($id: ID) { customers(enterpriseId: $id) { totalCount } }",
        "query ($id: ID!) { enterprise(id: $id) { name customers { totalCount } } }",
        "mutation ($id: ID!) { deleteCustomer(id: $id) { deletedCustomerId } }",
    ],
)
async def test_without_a_key_nothing_is_sent(document: str, gateway: Gateway, upstream: FakeUpstream) -> None:
    answer = await gateway.ask(document, {"id": "7"}, None)
    assert {error["extensions"]["code"] for error in answer.errors} == {"UNAUTHENTICATED"}
    assert upstream.ledger.calls == []


async def test_the_environments_proxy_is_not_asked(
    gateway: Gateway, upstream: FakeUpstream, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password secret\n", encoding="ascii")
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    answer = await gateway.ask(READ, {"id": "7"}, upstream.tenants[0].token)
    assert answer.data == {"customer": {"id": "7"}}
    assert upstream.ledger.violations == []


@pytest.mark.parametrize("wire", ["native", "httpx"])
async def test_tls_carries_reads_and_writes(wire: str, tmp_path: Path) -> None:
    async with tls_sound(tmp_path) as reach:
        assert reach.upstream is not None
        token = reach.upstream.tenants[0].token
        async with Gateway(reach.url, upstream_ca_file=reach.ca_file, upstream_wire=wire) as gateway:
            assert (await gateway.ask(READ, {"id": "7"}, token)).data == {"customer": {"id": "7"}}
            document = "mutation { deleteCustomer(id: 7) { deletedCustomerId } }"
            assert (await gateway.ask(document, {}, token)).data == {"deleteCustomer": {"deletedCustomerId": "7"}}


async def test_every_call_has_an_id_that_leads_back_to_its_request() -> None:
    tenants = [Tenant(1)]
    async with FakeUpstream(tenants) as upstream, Gateway(upstream.url()) as gateway:
        for number in range(5):
            document = "query ($ids: [ID!]!) { customersByIds(ids: $ids) { id } customers(first: 1) { totalCount } }"
            answer = await gateway.ask(document, {"ids": ["1", "2", "900"]}, tenants[0].token, f"request_{number}")
            assert f"x-request-id: request_{number}" in answer.head
        ids = [call.request_id or "" for call in upstream.ledger.calls]
        assert len(ids) == len(set(ids)) == 15
        assert {id_.rpartition("-")[0] for id_ in ids} == {f"request_{number}" for number in range(5)}
        assert upstream.ledger.of(Kind.OTHER) == []
