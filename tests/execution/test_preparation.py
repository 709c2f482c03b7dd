"""What is known of an operation before it runs."""

from __future__ import annotations

import asyncio

import pytest
from graphql import GraphQLObjectType, get_named_type

from custgraph.config import Settings
from custgraph.execution.faults import Refusal
from custgraph.execution.preparation import OFF_LOOP_LENGTH, Preparer
from custgraph.execution.prepared import PreparedDocument
from custgraph.schema import build_blueprint
from support.eventually import eventually

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


DEAR = "{" + " ".join(f"a{number}: customer(id: 1) {{ id email tags code }}" for number in range(30)) + "}"
WRONG = DEAR.replace("email", "mail")


@pytest.mark.parametrize("text", [DEAR, WRONG])
async def test_a_long_document_is_prepared_while_the_event_loop_turns(text: str) -> None:
    assert len(text) >= OFF_LOOP_LENGTH
    task = asyncio.create_task(PREPARER.document(text))
    turns = 0
    while not task.done():
        await asyncio.sleep(0)
        turns += 1
    assert turns > 3
    assert isinstance(task.result(), Refusal) is (text == WRONG)
    assert PREPARER.known(text) is task.result()


async def test_a_short_one_needs_no_turn() -> None:
    text = "{ customer(id: 1) { id } } #" + "x" * (OFF_LOOP_LENGTH - 29)
    assert len(text) == OFF_LOOP_LENGTH - 1
    preparing = PREPARER.document(text)
    with pytest.raises(StopIteration):
        preparing.send(None)
    assert PREPARER.known(text) is not None


async def test_who_asks_for_the_same_text_meanwhile_gets_the_same_document() -> None:
    preparer = Preparer(BLUEPRINT, SETTINGS)
    tasks = [asyncio.create_task(preparer.document(DEAR)) for _ in range(3)]
    await asyncio.sleep(0)
    tasks[0].cancel()
    first, *others = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(first, asyncio.CancelledError)
    assert others[0] is others[1] is preparer.known(DEAR)


async def test_a_text_nobody_waits_for_any_more_is_known_all_the_same() -> None:
    preparer = Preparer(BLUEPRINT, SETTINGS)
    task = asyncio.create_task(preparer.document(DEAR))
    await asyncio.sleep(0)
    task.cancel()
    await eventually(lambda: preparer.known(DEAR) is not None)


async def test_a_text_over_the_limit_is_refused_and_not_kept() -> None:
    text = DEAR + "#" * SETTINGS.max_source_bytes
    assert isinstance(await PREPARER.document(text), Refusal)
    assert PREPARER.known(text) is None
