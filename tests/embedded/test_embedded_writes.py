"""Create, update and delete: what is kept, what is refused, and in which words."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custgraph.embedded import create_service
from custgraph.embedded.service import EmbeddedService
from support.embedded import CRASH, NOT_ALLOWED, NOT_FOUND, ClientFor, client_of, complaints, ids, refusal

Body = dict[str, Any]
ADDRESS: Body = {
    "phone": "0404 333 222",
    "latitude": -37.8,
    "longitude": "144.9",
    "first_name": "Ada",
    "last_name": "Byron",
    "street_address_1": "1 Mill Lane",
    "street_address_2": None,
    "postal_code": "3000",
    "locality": "Melbourne",
    "region": {"code": "Vic", "name": "Victoria"},
    "country": {"code": "AU", "name": "Australia"},
}
NEW: Body = {"enterprise_id": 1, "email": "ada@example.com"}


def attributes(response: httpx.Response) -> Body:
    assert response.status_code in (200, 201), response.text
    found: Body = response.json()["data"]["attributes"]
    return found


async def test_a_new_customer_has_what_was_sent_and_plain_defaults(client: httpx.AsyncClient) -> None:
    created = await client.post("/customers", json=NEW)
    assert created.status_code == 201
    expected: Body = {
        "id": 1201,
        "enterprise_id": 1,
        "first_name": None,
        "last_name": None,
        "code": None,
        "email": "ada@example.com",
        "allow_charges": False,
        "tags": [],
        "terms_and_conditions_accepted_at": None,
        "billing_address": None,
        "shipping_address": None,
    }
    assert attributes(created) == expected
    assert attributes(await client.get("/customers/1201")) == {**expected, "balance": 0}
    assert ids(await client.get("/customers?q[id_eq]=1201")) == [1201]


async def test_every_writable_member_is_written(client: httpx.AsyncClient) -> None:
    body = {
        **NEW,
        "first_name": "Ada",
        "last_name": "Byron",
        "code": "A1",
        "tags": ["été", "vip"],
        "billing_address": ADDRESS,
        "shipping_address": {**ADDRESS, "locality": "Sydney"},
    }
    created = attributes(await client.post("/customers", json=body))
    assert created | body == created
    assert attributes(await client.get("/customers/1201")) | body == created | {"balance": 0}


async def test_posting_the_same_pair_again_updates(client: httpx.AsyncClient) -> None:
    await client.post("/customers", json={**NEW, "first_name": "Ada", "last_name": "King"})
    again = await client.post("/customers", json={**NEW, "last_name": "Byron"})
    assert again.status_code == 201
    assert (attributes(again)["id"], attributes(again)["first_name"], attributes(again)["last_name"]) == (
        1201,
        "Ada",
        "Byron",
    )
    elsewhere = await client.post("/customers", json={**NEW, "enterprise_id": 2})
    assert attributes(elsewhere)["id"] == 1202


async def test_two_posts_at_once_make_one_customer(client: httpx.AsyncClient) -> None:
    answers = await asyncio.gather(*(client.post("/customers", json=NEW) for _ in range(8)))
    assert {attributes(answer)["id"] for answer in answers} == {1201}


async def test_put_changes_only_the_members_sent(client: httpx.AsyncClient) -> None:
    before = attributes(await client.get("/customers/1"))
    put = await client.put("/customers/1", json={"last_name": "Autumns"})
    assert put.status_code == 200
    assert "balance" not in attributes(put)
    assert attributes(await client.get("/customers/1")) == {**before, "last_name": "Autumns"}


@pytest.mark.parametrize(
    ("change", "kept"),
    [
        ({"tags": []}, {"tags": []}),
        ({"tags": None}, {"tags": []}),
        ({"tags": [" b ", "a", "", "b", 7]}, {"tags": ["b", "a", "7"]}),
        ({"tags": "a, b"}, {"tags": ["a", "b"]}),
        ({"first_name": ""}, {"tags": ["staff", "discount"], "first_name": ""}),
        ({"first_name": None}, {"first_name": None}),
        ({"first_name": 5, "last_name": True}, {"first_name": "5", "last_name": "t"}),
        ({"code": ""}, {"code": None}),
        ({"code": "  "}, {"code": None}),
        ({"code": None}, {"code": None}),
        ({"code": "NEW"}, {"code": "NEW"}),
        ({"email": "Alice.Å@Example.COM"}, {"email": "alice.å@example.com"}),
        ({"shipping_address": None}, {"shipping_address": None, "billing_address": None}),
        ({"billing_address": ADDRESS}, {"billing_address": ADDRESS}),
        ({"enterprise_id": "3"}, {"enterprise_id": 3}),
        ({"enterprise_id": 2.0}, {"enterprise_id": 2}),
    ],
)
async def test_put_keeps(client: httpx.AsyncClient, change: Body, kept: Body) -> None:
    put = attributes(await client.put("/customers/1", json=change))
    assert put | kept == put
    shown = attributes(await client.get("/customers/1"))
    assert shown == put | {"balance": 12.5}


async def test_an_address_is_replaced_and_never_merged(client: httpx.AsyncClient) -> None:
    sent = {name: value for name, value in ADDRESS.items() if name not in ("latitude", "longitude", "street_address_2")}
    put = attributes(await client.put("/customers/1", json={"shipping_address": sent}))
    assert put["shipping_address"] == {**sent, "latitude": None, "longitude": None, "street_address_2": None}


@pytest.mark.parametrize(
    ("region", "country"),
    [
        ({"code": "VIC"}, {"code": "au"}),
        ({"name": "victoria"}, {"name": "AUSTRALIA"}),
        ({"code": "vic", "name": "nowhere"}, {"code": "xx", "name": "australia"}),
        ({"code": None, "name": "Victoria"}, {"code": "AU", "name": None}),
    ],
)
async def test_places_match_by_code_or_by_name_in_any_case(
    client: httpx.AsyncClient, region: Body, country: Body
) -> None:
    sent = {**ADDRESS, "region": region, "country": country}
    put = attributes(await client.put("/customers/1", json={"shipping_address": sent}))
    assert put["shipping_address"] == ADDRESS


@pytest.mark.parametrize(
    ("change", "sentences"),
    [
        ({"street_address_1": ""}, ["street address 1 can't be blank"]),
        ({"street_address_1": None, "phone": " "}, ["street address 1 can't be blank", "phone can't be blank"]),
        ({"first_name": None}, ["first name can't be blank"]),
        ({"last_name": None}, ["last name can't be blank"]),
        ({"locality": None, "postal_code": None}, ["locality can't be blank", "postal code can't be blank"]),
        ({"country": None}, ["country must exist"]),
        ({"country": {"code": "ZZ"}}, ["country must exist"]),
        ({"country": {}}, ["country must exist"]),
        ({"region": None}, ["region can't be blank"]),
        ({"region": {"name": ""}}, ["region can't be blank"]),
        ({"region": {"code": "ON"}}, ["region is invalid"]),
        ({"region": {"name": "Mordor"}}, ["region is invalid"]),
        ({"latitude": "north"}, ["latitude is not a number"]),
        ({"longitude": True}, ["longitude is not a number"]),
        ({"latitude": "nan", "longitude": "1_0"}, ["latitude is not a number", "longitude is not a number"]),
    ],
)
@pytest.mark.parametrize(("member", "title"), [("shipping_address", "Shipping"), ("billing_address", "Billing")])
async def test_an_incomplete_address_is_refused(
    client: httpx.AsyncClient, member: str, title: str, change: Body, sentences: list[str]
) -> None:
    refused = await client.put("/customers/1", json={member: {**ADDRESS, **change}})
    assert complaints(refused) == [f"{title} address {sentence}" for sentence in sentences]


async def test_a_country_without_regions_needs_none(client: httpx.AsyncClient) -> None:
    sent = {**ADDRESS, "region": None, "country": {"code": "JP"}}
    put = attributes(await client.put("/customers/1", json={"shipping_address": sent}))
    assert put["shipping_address"] == {**ADDRESS, "region": None, "country": {"code": "JP", "name": "Japan"}}


@pytest.mark.parametrize(
    ("change", "sentences"),
    [
        ({"email": "no-at-sign"}, ["Email is invalid"]),
        ({"email": "two@@example.com"}, ["Email is invalid"]),
        ({"email": "a b@example.com"}, ["Email is invalid"]),
        ({"email": "a@localhost"}, ["Email is invalid"]),
        ({"email": ""}, ["Email can't be blank"]),
        ({"email": None}, ["Email can't be blank"]),
        ({"email": "Taken@Example.com"}, ["Email is associated with an existing customer"]),
        ({"code": "TAKEN"}, ["Code has already been taken"]),
        ({"enterprise_id": None}, ["Enterprise must exist"]),
        ({"enterprise_id": 99}, ["Enterprise must exist"]),
        (
            {"email": "x", "code": "TAKEN", "shipping_address": {**ADDRESS, "phone": None}},
            ["Shipping address phone can't be blank", "Code has already been taken", "Email is invalid"],
        ),
    ],
)
async def test_a_broken_rule_is_named_and_nothing_is_written(
    client: httpx.AsyncClient, change: Body, sentences: list[str]
) -> None:
    await client.post("/customers", json={"enterprise_id": 2, "email": "taken@example.com", "code": "TAKEN"})
    before = attributes(await client.get("/customers/1"))
    assert complaints(await client.put("/customers/1", json={"first_name": "Lost", **change})) == sentences
    assert attributes(await client.get("/customers/1")) == before


async def test_email_and_code_are_unique_within_one_enterprise_only(client: httpx.AsyncClient) -> None:
    body = {"email": "alice@example.com", "code": "BUYER1"}
    created = attributes(await client.post("/customers", json={"enterprise_id": 3, **body}))
    assert created | body == created
    taken = ["Code has already been taken", "Email is associated with an existing customer"]
    assert complaints(await client.put(f"/customers/{created['id']}", json={"enterprise_id": 2})) == taken


async def test_the_pair_of_a_post_is_compared_as_sent(client: httpx.AsyncClient) -> None:
    shouted = await client.post("/customers", json={"enterprise_id": 2, "email": "ALICE@example.com"})
    assert complaints(shouted) == ["Email is associated with an existing customer"]


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ({"allow_charges": True, "foo": 1, "first_name": "A"}, "allow_charges, foo"),
        ({"id": 5}, "id"),
        ({"balance": 1, "terms_and_conditions_accepted_at": None}, "balance, terms_and_conditions_accepted_at"),
        ({"first_name": ["A"]}, "first_name"),
        ({"email": {"a": 1}, "tags": {"a": 1}}, "email, tags"),
        ({"shipping_address": "here"}, "shipping_address"),
        ({"billing_address": []}, "billing_address"),
        ({"shipping_address": {**ADDRESS, "company": "X", "id": 1}, "foo": 1}, "company, id"),
        ({"shipping_address": {**ADDRESS, "region": "Vic"}}, "region"),
        ({"shipping_address": {**ADDRESS, "country": {"id": 1}}}, "country"),
        ({"shipping_address": {**ADDRESS, "phone": ["1"]}}, "phone"),
    ],
)
async def test_members_that_cannot_be_written_are_named(client: httpx.AsyncClient, body: Body, names: str) -> None:
    expected = (422, f"Parameters not allowed in this request: {names}")
    assert refusal(await client.put("/customers/1", json=body)) == expected
    assert refusal(await client.post("/customers", json={**NEW, **body})) == expected


@pytest.mark.parametrize("body", ["", " ", "{}", "[]", "null", "1", '"x"', "[{}]"])
async def test_a_body_that_says_nothing_is_refused(client: httpx.AsyncClient, body: str) -> None:
    expected = (422, "A required parameter is missing or empty: customer")
    headers = {"Content-Type": "application/json"}
    assert refusal(await client.put("/customers/1", content=body, headers=headers)) == expected
    assert refusal(await client.post("/customers", content=body, headers=headers)) == expected


async def test_a_body_of_another_media_type_says_nothing(client: httpx.AsyncClient) -> None:
    refused = await client.post("/customers", content='{"enterprise_id": 1}', headers={"Content-Type": "text/plain"})
    assert refusal(refused) == (422, "A required parameter is missing or empty: customer")


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b'{"first_name": "A"} x',
        b'{"first_name": NaN}',
        b'{"first_name": "\xff"}',
        b'{"first_name": "a\\u0000b"}',
        b'{"first_name": "\\ud800"}',
        b'{"tags": ["a\\u0000b"]}',
        b'{"shipping_address": ' + b"[" * 100_000,
    ],
)
async def test_a_body_that_cannot_be_read_crashes_the_service(client: httpx.AsyncClient, body: bytes) -> None:
    before = attributes(await client.get("/customers/1"))
    put = await client.put("/customers/1", content=body, headers={"Content-Type": "application/json"})
    assert refusal(put) == CRASH
    assert attributes(await client.get("/customers/1")) == before


async def test_writes_need_an_enterprise_that_the_caller_manages(client_for: ClientFor) -> None:
    async with client_for("garden-manager") as caller:
        assert (await caller.post("/customers", json=NEW)).status_code == 201
        assert refusal(await caller.post("/customers", json={**NEW, "enterprise_id": 2})) == NOT_ALLOWED
        assert refusal(await caller.post("/customers", json={**NEW, "enterprise_id": 99})) == NOT_FOUND
        assert refusal(await caller.post("/customers", json={"email": "a@example.com"})) == NOT_FOUND
        assert refusal(await caller.put("/customers/1", json={"first_name": "A"})) == NOT_ALLOWED
        assert refusal(await caller.put("/customers/1201", json={"enterprise_id": 2})) == NOT_ALLOWED
        assert refusal(await caller.delete("/customers/1")) == NOT_ALLOWED
        assert refusal(await caller.put("/customers/0", json={"first_name": "A"})) == NOT_FOUND
        assert refusal(await caller.delete("/customers/0")) == NOT_FOUND


async def test_a_post_needs_an_email(client: httpx.AsyncClient) -> None:
    assert complaints(await client.post("/customers", json={"enterprise_id": 1})) == ["Email can't be blank"]


async def test_a_write_makes_a_hidden_customer_visible(client: httpx.AsyncClient) -> None:
    await client.put("/customers/40", json={"first_name": "Seen"})
    assert ids(await client.get("/customers?q[id_eq]=40")) == [40]


async def test_delete_answers_the_customer_that_is_gone(client: httpx.AsyncClient) -> None:
    created = attributes(await client.post("/customers", json=NEW))
    deleted = await client.delete("/customers/1201")
    assert (deleted.status_code, attributes(deleted)) == (200, created)
    assert refusal(await client.get("/customers/1201")) == NOT_FOUND
    assert attributes(await client.post("/customers", json=NEW))["id"] == 1202


async def test_credit_and_subscriptions_keep_a_customer_from_deletion(client: httpx.AsyncClient) -> None:
    credit = ["Delete failed: the customer has outstanding credit. Refund it first."]
    assert complaints(await client.delete("/customers/1")) == credit
    refused = [complaints(answer) for answer in await _delete_all(client) if answer.status_code == 422]
    assert ["Delete failed: the customer has active subscriptions. Cancel them first."] in refused
    assert ids(await client.get("/customers?per_page=1")) == [1]


async def _delete_all(client: httpx.AsyncClient) -> list[httpx.Response]:
    return [await client.delete(f"/customers/{number}") for number in range(1, 100)]


async def test_a_deployment_may_refuse_billing_addresses() -> None:
    service = create_service(None, refuses_billing_address=True)
    async with client_of(service, service.demo_token) as client:
        refused = await client.put("/customers/1", json={"billing_address": ADDRESS})
        assert refusal(refused) == (422, "Parameters not allowed in this request: billing_address")
        assert (await client.put("/customers/1", json={"billing_address": None})).status_code == 200
    await service.aclose()


class Writer:
    """A service in a loop of its own."""

    def __init__(self) -> None:
        self._runner = asyncio.Runner()
        self._service: EmbeddedService = create_service(None)
        self._client = client_of(self._service, self._service.demo_token)

    def call(self, method: str, url: str, body: Body | None = None) -> httpx.Response:
        return self._runner.run(self._client.request(method, url, json=body))

    def close(self) -> None:
        self._runner.run(self._client.aclose())
        self._runner.run(self._service.aclose())
        self._runner.close()


@pytest.fixture(scope="module")
def writer() -> Iterator[Writer]:
    writer = Writer()
    yield writer
    writer.close()


ANY_TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)
SOME_TEXT = ANY_TEXT.filter(str.strip)
DEGREES = st.none() | st.floats(-180, 180) | st.floats(-180, 180).map("{:.6f}".format) | st.integers(-180, 180)
ADDRESSES = st.fixed_dictionaries(
    dict.fromkeys(("first_name", "last_name", "phone", "street_address_1", "postal_code", "locality"), SOME_TEXT)
    | {"region": st.just(ADDRESS["region"]), "country": st.just(ADDRESS["country"])}
    | {"street_address_2": st.none() | ANY_TEXT, "latitude": DEGREES, "longitude": DEGREES},
)
CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "first_name": st.none() | ANY_TEXT,
        "last_name": st.none() | ANY_TEXT,
        "code": st.none() | SOME_TEXT,
        "email": st.emails(domains=st.just("example.com")).map(str.lower),
        "tags": st.lists(SOME_TEXT.map(str.strip), unique=True),
        "billing_address": st.none() | ADDRESSES,
        "shipping_address": st.none() | ADDRESSES,
        "enterprise_id": st.integers(1, 5),
    },
).filter(bool)


@settings(deadline=None, max_examples=100)
@given(change=CHANGES)
def test_what_is_written_is_shown_and_the_rest_stays(writer: Writer, change: Body) -> None:
    before = attributes(writer.call("GET", "/customers/1"))
    put = attributes(writer.call("PUT", "/customers/1", change))
    assert put | {"balance": 12.5} == before | change
    assert attributes(writer.call("GET", "/customers/1")) == before | change
