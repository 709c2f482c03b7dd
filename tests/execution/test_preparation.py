"""What is known of an operation before it runs."""

from __future__ import annotations

import pytest
from graphql import GraphQLObjectType, get_named_type

from custgraph.config import Settings
from custgraph.execution.preparation import Preparer
from custgraph.execution.prepared import PreparedDocument
from custgraph.schema import build_blueprint

SETTINGS = Settings()
BLUEPRINT = build_blueprint(SETTINGS)
PREPARER = Preparer(BLUEPRINT, SETTINGS)

CUSTOMER = "fragment C on Customer { email "


@pytest.mark.parametrize(
    ("document", "brief"),
    [
        ("{ customer(id: 1) { id email balance } }", True),
        ("{ customers { nodes { id enterprise { name } } } }", True),
        ("{ customer(id: 1) { billingAddress { locality } } }", False),
        ("{ customer(id: 1) { a: shippingAddress { locality } } }", False),
        ("{ customer(id: 1) { shippingAddress @skip(if: true) { locality } id } }", False),
        ("{ customer(id: 1) { ...C } } " + CUSTOMER + "shippingAddress { phone } }", False),
        ("{ customer(id: 1) { ...C } } " + CUSTOMER + "}", True),
        ('mutation { deleteCustomer(id: "1") { deletedCustomerId } }', False),
    ],
)
def test_an_operation_is_brief_that_is_a_query_without_addresses(document: str, brief: bool) -> None:
    prepared = PREPARER.prepare(document)
    assert isinstance(prepared, PreparedDocument), prepared
    assert prepared.operations[None].brief is brief


def test_every_field_that_holds_an_address_is_known_as_bulky() -> None:
    types = [type_ for type_ in BLUEPRINT.schema.type_map.values() if isinstance(type_, GraphQLObjectType)]
    named = {
        name
        for type_ in types
        for name, field in type_.fields.items()
        if get_named_type(field.type).name == "CustomerAddress"
    }
    assert named == BLUEPRINT.bulky
