"""Entities for federation gateways: any mix in one batch, and one that is bad costs itself."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custgraph.config import Settings
from support.operations import Gateway, open_gateway

ENTITIES = """query($representations: [_Any!]!) {
  _entities(representations: $representations) {
    __typename
    ... on Customer { id email enterprise { id } }
    ... on Enterprise { id }
  }
}"""


def customer(id_: object) -> dict[str, Any]:
    return {"__typename": "Customer", "id": id_}


def enterprise(id_: object) -> dict[str, Any]:
    return {"__typename": "Enterprise", "id": id_}


async def test_thirty_representations_of_25_customers_are_one_call(gateway: Gateway) -> None:
    ids = [*range(1, 26), 3, 3, 7, 25, 1]
    outcome = await gateway.run(ENTITIES, {"representations": [customer(str(id_)) for id_ in ids]})
    assert [entity["id"] for entity in outcome.whole["_entities"]] == list(map(str, ids))
    assert len(outcome.calls) == 1


async def test_any_mix_keeps_its_order(gateway: Gateway) -> None:
    representations = [enterprise("4"), customer("2"), enterprise("9"), customer("1"), customer("999999"), customer(2)]
    outcome = await gateway.run(ENTITIES, {"representations": representations})
    found = [entity and (entity["__typename"], entity["id"]) for entity in outcome.whole["_entities"]]
    assert found == [
        ("Enterprise", "4"),
        ("Customer", "2"),
        ("Enterprise", "9"),
        ("Customer", "1"),
        None,
        ("Customer", "2"),
    ]
    assert len(outcome.calls) == 2  # the list, and the one that it does not give


async def test_an_enterprise_alone_asks_nothing(gateway: Gateway) -> None:
    outcome = await gateway.run(ENTITIES, {"representations": [enterprise("1"), enterprise("2")]})
    assert [entity["id"] for entity in outcome.whole["_entities"]] == ["1", "2"]
    assert outcome.calls == []


async def test_an_enterprises_customers_and_name_are_asked_for_when_selected(gateway: Gateway) -> None:
    outcome = await gateway.run(
        """query($representations: [_Any!]!) {
          _entities(representations: $representations) { ... on Enterprise { name customers(first: 1) { totalCount } } }
        }""",
        {"representations": [enterprise("2")]},
    )
    [found] = outcome.whole["_entities"]
    assert found["name"] == "The Farm"
    assert found["customers"]["totalCount"] > 300


@pytest.mark.parametrize("selected", [False, True])
async def test_balance_is_asked_for_only_if_it_is_selected(gateway: Gateway, selected: bool) -> None:
    document = """query($representations: [_Any!]!, $balance: Boolean!) {
      _entities(representations: $representations) { ...Balance }
    }
    fragment Balance on Customer { id balance @include(if: $balance) }"""
    variables = {"representations": [customer("1"), customer("2")], "balance": selected}
    outcome = await gateway.run(document, variables)
    assert outcome.whole["_entities"][0] == {"id": "1", **({"balance": "12.5"} if selected else {})}
    [call] = outcome.calls
    assert ("extra_fields" in call.query) is selected


@pytest.mark.parametrize(
    "bad",
    [
        "Customer:1",
        1,
        None,
        True,
        [],
        ["__typename", "Customer"],
        {},
        {"id": "1"},
        {"__typename": "Customer"},
        {"__typename": "Query", "id": "1"},
        {"__typename": "CustomerAddress", "id": "1"},
        {"__typename": "customer", "id": "1"},
        {"__typename": None, "id": "1"},
        {"__typename": ["Customer"], "id": "1"},
        customer(None),
        customer({}),
        customer(["1"]),
        customer(True),
        customer(1.5),
        customer(0),
        customer(10**5000),
        customer("1/../2"),
        customer(""),
        customer(" 1"),
        enterprise("1\r\nX: y"),
        enterprise(-1),
    ],
)
async def test_a_bad_representation_costs_one_entity(gateway: Gateway, bad: object) -> None:
    representations = [customer("1"), enterprise("2"), bad, customer("2")]
    if bad is None:  # `[_Any!]!` refuses it before it gets here
        representations[2] = {"__typename": "Customer", "id": None}
    outcome = await gateway.run(ENTITIES, {"representations": representations})
    assert outcome.codes == [(["_entities", 2], "BAD_USER_INPUT")]
    assert [entity and entity["id"] for entity in outcome.data["_entities"]] == ["1", "2", None, "2"]
    assert len(outcome.calls) == 1
    [error] = outcome.errors
    assert error.message.startswith("`representations[2]")
    assert not {"Error", "object", "dict", "str", "NoneType", "Traceback"} & set(error.message.split())


async def test_representations_can_be_written_in_the_document(gateway: Gateway) -> None:
    outcome = await gateway.run(
        '{ _entities(representations: [{__typename: "Customer", id: "1"}, {__typename: "Customer", id: 2}, 7]) '
        "{ ... on Customer { id } } }"
    )
    assert outcome.data["_entities"] == [{"id": "1"}, {"id": "2"}, None]
    assert outcome.codes == [(["_entities", 2], "BAD_USER_INPUT")]


async def test_another_managers_customer_costs_one_entity(gateway: Gateway) -> None:
    other = (await gateway.run("{ customers(enterpriseId: 3, first: 1) { nodes { id } } }")).whole["customers"]["nodes"]
    representations = [customer("1"), customer(other[0]["id"])]
    outcome = await gateway.run(ENTITIES, {"representations": representations}, token="farm-manager")
    assert outcome.data["_entities"][0]["id"] == "1"
    assert outcome.codes == [(["_entities", 1], "FORBIDDEN")]


async def test_their_number_is_limited() -> None:
    async with open_gateway(Settings(max_representations=3)) as gateway:
        outcome = await gateway.run(ENTITIES, {"representations": [customer("1")] * 4})
        assert [code for _, code in outcome.codes] == ["QUERY_TOO_COMPLEX"]
        [error] = outcome.errors
        assert error.extensions == {"limit": 3, "measured": 4, "setting": "CUSTGRAPH_MAX_REPRESENTATIONS"}
        assert outcome.calls == []
        assert (await gateway.run(ENTITIES, {"representations": [customer("1")] * 3})).whole


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text() | st.just("id"), inner, max_size=3),
    max_leaves=5,
)
KEYS = st.fixed_dictionaries(
    {}, optional={"__typename": st.sampled_from(["Customer", "Enterprise"]) | JSON, "id": JSON}
)


@given(st.lists((KEYS | JSON).filter(lambda value: value is not None), max_size=8))
@settings(max_examples=30, deadline=None)
async def test_whatever_is_sent_each_entity_answers_for_itself(representations: list[Any]) -> None:
    async with open_gateway() as gateway:
        outcome = await gateway.run(ENTITIES, {"representations": [*representations, customer("1")]})
    entities = outcome.data["_entities"]
    assert len(entities) == len(representations) + 1
    assert entities[-1]["id"] == "1"
    assert {code for _, code in outcome.codes} <= {"BAD_USER_INPUT"}
    assert {path[1] for path, _ in outcome.codes} <= {index for index, entity in enumerate(entities) if entity is None}
    assert json.dumps(outcome.data)
