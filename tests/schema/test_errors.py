"""What a caller gets wrong: refused with a code, before anything is asked of the upstream."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custgraph.errors import InvalidArgument
from custgraph.schema.ids import parse_id, parse_node_id
from support.operations import Gateway

HOSTILE_IDS = (
    "1/../2",
    "1?x=y",
    "%2e%2e",
    "\uff11",  # a full-width 1
    "1\r\nX: y",
    "",
    str(10**30),
    " 1",
    "1 ",
    "1\n",
    "0",
    "01",
    "-1",
    "+1",
    "1.0",
    "1e3",
    "\u0661",  # an Arabic-Indic 1
    "1\0",
    "null",
    "1,2",
    "1&per_page=200",
    "\ud800",
)
PLACES = {
    "Query.customer": "query($id: ID!) { customer(id: $id) { id balance } }",
    "Query.customersByIds": "query($id: ID!) { customersByIds(ids: [1, $id]) { id } }",
    "Query.customers": "query($id: ID!) { customers(enterpriseId: $id) { totalCount nodes { id } } }",
    "Query.customers, filter": "query($id: ID!) { customers(filter: {ids: [1, $id]}) { nodes { id } } }",
    "Query.enterprise": "query($id: ID!) { enterprise(id: $id) { id name customers { totalCount } } }",
    "Query.enterprisesByIds": "query($id: ID!) { enterprisesByIds(ids: [1, $id]) { id name } }",
    "Query.node": "query($id: ID!) { node(nodeId: $id) { nodeId } }",
    "Enterprise.customers, filter": """query($id: ID!) {
        enterprise(id: 1) { customers(filter: {ids: [$id]}) { nodes { id } } }
    }""",
    "Query._entities": """query($id: ID!) {
        _entities(representations: [{__typename: "Customer", id: $id}, {__typename: "Enterprise", id: $id}]) {
          ... on Customer { id }
        }
    }""",
    "Mutation.createCustomer": """mutation($id: ID!) {
        createCustomer(input: {enterpriseId: $id, email: "a@b.example"}) { customer { id } userErrors { code } }
    }""",
    "Mutation.updateCustomer": """mutation($id: ID!) {
        updateCustomer(id: $id, input: {firstName: "A"}) { customer { id } userErrors { code } }
    }""",
    "Mutation.updateCustomer, input": """mutation($id: ID!) {
        updateCustomer(id: 1, input: {enterpriseId: $id}) { customer { id } userErrors { code } }
    }""",
    "Mutation.deleteCustomer": "mutation($id: ID!) { deleteCustomer(id: $id) { userErrors { code } } }",
}
ROOTS = {
    **{place: document for place, document in PLACES.items() if place != "Query.node"},
    "Query.node": 'query($id: ID!) { node(nodeId: "Q3VzdG9tZXI6MQ==") { nodeId } customer(id: $id) { id } }',
}


@pytest.mark.parametrize("place", PLACES)
async def test_a_hostile_id_is_refused_without_a_call_wherever_an_id_is_taken(gateway: Gateway, place: str) -> None:
    for hostile in HOSTILE_IDS:
        outcome = await gateway.run(PLACES[place], {"id": hostile})
        assert outcome.codes, (place, hostile)
        assert {code for _, code in outcome.codes} == {"BAD_USER_INPUT"}, (place, hostile)
        assert outcome.calls == [], (place, hostile)
        assert all(not hostile.strip() or hostile not in error.message for error in outcome.errors if len(hostile) > 3)


def test_the_places_are_all_places(gateway: Gateway) -> None:
    """Every argument and member of type ID, so that a new one cannot be forgotten."""
    found = set()
    for type_ in gateway.blueprint.schema.type_map.values():
        for name, field in getattr(type_, "fields", {}).items():
            found |= {
                f"{type_}.{name}" for argument in getattr(field, "args", {}).values() if "ID" in str(argument.type)
            }
            if type_.name.endswith(("Input", "Filter")) and str(field.type).strip("[]!") == "ID":
                found.add(f"{type_}.{name}")
    assert found == {
        "Query.customer",
        "Query.customersByIds",
        "Query.customers",
        "Query.enterprise",
        "Query.enterprisesByIds",
        "Query.node",
        "Mutation.updateCustomer",
        "Mutation.deleteCustomer",
        "CreateCustomerInput.enterpriseId",
        "UpdateCustomerInput.enterpriseId",
        "CustomerFilter.ids",
    }


@given(st.text())
def test_what_is_taken_for_an_id_is_a_plain_whole_number(text: str) -> None:
    try:
        number = parse_id(text, "id")
    except InvalidArgument:
        return
    assert str(number) == text
    assert 0 < number < 10**19


@given(st.text())
def test_what_is_taken_for_a_node_id_was_given_out(text: str) -> None:
    with pytest.raises(InvalidArgument):
        parse_node_id(text)


@pytest.mark.parametrize("place", ROOTS)
async def test_without_a_credential_nothing_is_asked(gateway: Gateway, place: str) -> None:
    outcome = await gateway.run(ROOTS[place], {"id": "1"}, token=None)
    assert {code for _, code in outcome.codes} == {"UNAUTHENTICATED"}
    assert outcome.nothing
    assert outcome.calls == []


def test_those_are_all_roots_that_read_or_write(gateway: Gateway) -> None:
    schema = gateway.blueprint.schema
    assert schema.query_type is not None
    assert schema.mutation_type is not None
    roots = {f"Query.{name}" for name in schema.query_type.fields}
    roots |= {f"Mutation.{name}" for name in schema.mutation_type.fields}
    assert roots - ROOTS.keys() == {"Query._service"}


async def test_at_most_200_ids(gateway: Gateway) -> None:
    document = "query($ids: [ID!]!) { customersByIds(ids: $ids) { id } }"
    ids = [str(number) for number in range(1, 202)]
    outcome = await gateway.run(document, {"ids": ids})
    assert outcome.codes == [(["customersByIds"], "BAD_USER_INPUT")]
    assert outcome.calls == []
    assert len((await gateway.run(document, {"ids": ids[:200]})).whole["customersByIds"]) == 200
    outcome = await gateway.run("query($ids: [ID!]!) { enterprisesByIds(ids: $ids) { id } }", {"ids": ids})
    assert outcome.codes == [(["enterprisesByIds"], "BAD_USER_INPUT")]


async def test_an_item_that_fails_is_an_error_in_its_own_place(gateway: Gateway) -> None:
    """Customer 2 is another manager's."""
    document = "{ customersByIds(ids: [1, 2, 999999]) { id } one: customer(id: 1) { id } two: customer(id: 2) { id } }"
    outcome = await gateway.run(document, token="farm-manager")
    owner = (await gateway.run("{ customer(id: 2) { enterprise { id } } }")).whole["customer"]["enterprise"]["id"]
    assert owner != "2"
    assert outcome.data == {"customersByIds": [{"id": "1"}, None, None], "one": {"id": "1"}, "two": None}
    assert sorted(outcome.codes, key=str) == [(["customersByIds", 1], "FORBIDDEN"), (["two"], "FORBIDDEN")]


async def test_an_unknown_key_is_unauthenticated_everywhere(gateway: Gateway) -> None:
    outcome = await gateway.run("{ customer(id: 1) { id } customers { nodes { id } } }", token="no-such-key")
    assert outcome.data == {"customer": None, "customers": None}
    assert {code for _, code in outcome.codes} == {"UNAUTHENTICATED"}
    assert all("no-such-key" not in str(error) for error in outcome.errors)


@pytest.mark.parametrize(
    "arguments",
    [
        "first: 0",
        "first: 201",
        "first: -1",
        "last: 0",
        "last: 201",
        "first: 1, last: 1",
        'after: "x"',
        'before: "MQ"',
        'search: "\\u0000"',
        'filter: {email: {eq: " "}}',
        'filter: {code: {in: ["a", ""]}}',
    ],
)
async def test_a_list_refuses_wrong_arguments_without_a_call(gateway: Gateway, arguments: str) -> None:
    outcome = await gateway.run(f"{{ customers({arguments}) {{ nodes {{ id }} }} }}")
    assert outcome.codes == [(["customers"], "BAD_USER_INPUT")]
    assert outcome.calls == []


async def test_a_member_given_as_null_is_as_good_as_left_out_of_a_filter(gateway: Gateway) -> None:
    document = """query($filter: CustomerFilter) {
      customers(first: 2, filter: $filter, search: null, after: null, enterpriseId: null) { nodes { id } }
    }"""
    plain = (await gateway.run(document)).whole
    filters: list[dict[str, Any]] = [{}, {"ids": None}, {"email": None, "code": {}}, {"firstName": {"in": None}}]
    for filter_ in filters:
        assert (await gateway.run(document, {"filter": filter_})).whole == plain
