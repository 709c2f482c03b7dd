"""What the caller of a write can correct: its kind, its words, and the argument it speaks of."""

from __future__ import annotations

from typing import Any

import pytest

from custgraph.errors import Refused
from custgraph.schema.user_errors import CustomerErrorCode, of_save, path_of_sentence
from support.operations import Gateway, open_gateway

UPDATE = """mutation($id: ID!, $input: UpdateCustomerInput!) {
  updateCustomer(id: $id, input: $input) { customer { id } userErrors { code message field } }
}"""
CREATE = """mutation($input: CreateCustomerInput!) {
  createCustomer(input: $input) { customer { id } userErrors { code message field } }
}"""


async def complaints(gateway: Gateway, document: str, **variables: Any) -> list[dict[str, Any]]:
    """The user errors of a write that was not applied."""
    [payload] = (await gateway.run(document, variables)).whole.values()
    assert payload["customer"] is None
    errors: list[dict[str, Any]] = payload["userErrors"]
    return errors


@pytest.mark.parametrize(
    ("sentence", "path"),
    [
        ("Email is invalid", ["input", "email"]),
        ("Code has already been taken", ["input", "code"]),
        ("First name is too long (maximum is 255 characters)", ["input", "firstName"]),
        ("Enterprise must exist", ["input", "enterpriseId"]),
        ("Tags has too many", ["input", "tags"]),
        ("Shipping address street address 1 can't be blank", ["input", "shippingAddress", "streetAddress1"]),
        ("Billing address street address 2 is odd", ["input", "billingAddress", "streetAddress2"]),
        ("Billing address region can't be blank", ["input", "billingAddress", "region"]),
        ("Billing address country code is odd", ["input", "billingAddress", "country", "code"]),
        ("Shipping address postal code is odd", ["input", "shippingAddress", "postalCode"]),
        ("Shipping address is not a thing", ["input", "shippingAddress"]),
        ("Emails are fine", None),
        ("email is invalid", None),
        ("Email", None),
        ("L'adresse est invalide", None),
        ("", None),
    ],
)
def test_a_sentence_is_about_the_attribute_it_begins_with(sentence: str, path: list[str] | None) -> None:
    found = path_of_sentence(sentence)
    assert (found and list(found)) == path


async def test_the_upstreams_sentences_are_passed_on(gateway: Gateway) -> None:
    [taken] = (await gateway.run("{ customers(enterpriseId: 2, last: 1) { nodes { email code } } }")).whole[
        "customers"
    ]["nodes"]
    input_ = {"enterpriseId": "2", "email": "no address", "code": taken["code"], "shippingAddress": {"phone": ""}}
    errors = await complaints(gateway, CREATE, input=input_)
    assert {error["code"] for error in errors} == {"INVALID"}
    fields = {error["message"]: error["field"] for error in errors}
    assert fields["Email is invalid"] == ["input", "email"]
    assert fields["Code has already been taken"] == ["input", "code"]
    assert fields["Shipping address country must exist"] == ["input", "shippingAddress", "country"]
    assert fields["Shipping address street address 1 can't be blank"] == ["input", "shippingAddress", "streetAddress1"]
    assert None not in fields.values()


async def test_an_unknown_customer_or_enterprise_is_not_found(gateway: Gateway) -> None:
    [error] = await complaints(gateway, UPDATE, id="999999", input={"firstName": "A"})
    assert (error["code"], error["field"]) == ("NOT_FOUND", ["id"])
    [error] = await complaints(gateway, CREATE, input={"enterpriseId": "999999", "email": "a@b.example"})
    assert (error["code"], error["field"]) == ("NOT_FOUND", ["input", "enterpriseId"])
    outcome = await gateway.run(
        "mutation { deleteCustomer(id: 999999) { deletedCustomerId userErrors { code field } } }"
    )
    assert outcome.whole["deleteCustomer"] == {
        "deletedCustomerId": None,
        "userErrors": [{"code": "NOT_FOUND", "field": ["id"]}],
    }


async def test_an_enterprise_that_does_not_exist_is_no_place_to_move_to(gateway: Gateway) -> None:
    [error] = await complaints(gateway, UPDATE, id="1", input={"enterpriseId": "999999"})
    assert (error["code"], error["field"]) == ("INVALID", ["input", "enterpriseId"])


async def test_a_customer_with_credit_is_in_use(gateway: Gateway) -> None:
    outcome = await gateway.run(
        "mutation { deleteCustomer(id: 1) { deletedCustomerId userErrors { code message field } } }"
    )
    payload = outcome.whole["deleteCustomer"]
    assert payload["deletedCustomerId"] is None
    [error] = payload["userErrors"]
    assert (error["code"], error["field"]) == ("IN_USE", ["id"])
    assert "credit" in error["message"]


async def test_a_deployment_that_refuses_an_address_says_so_and_keeps_everything() -> None:
    async with open_gateway(refuses_billing_address=True) as gateway:
        input_ = {"firstName": "Lost?", "billingAddress": {"phone": "1"}}
        [error] = await complaints(gateway, UPDATE, id="1", input=input_)
        assert (error["code"], error["field"]) == ("NOT_WRITABLE", ["input", "billingAddress"])
        assert error["message"] == "billingAddress cannot be written."
        assert (await gateway.run("{ customer(id: 1) { firstName } }")).whole["customer"]["firstName"] == "Alice"


def test_what_the_upstream_misses_or_does_not_allow_is_named() -> None:
    errors = of_save(Refused(not_allowed=("first_name", "balance"), missing=("enterprise_id", "customer")), ("id",))
    assert [(error.code, error.message, error.field) for error in errors] == [
        (CustomerErrorCode.NOT_WRITABLE, "firstName cannot be written.", ("input", "firstName")),
        (CustomerErrorCode.NOT_WRITABLE, "balance cannot be written.", None),
        (CustomerErrorCode.INVALID, "enterpriseId is missing.", ("input", "enterpriseId")),
        (CustomerErrorCode.INVALID, "input is missing.", ("input",)),
    ]


def test_a_refusal_without_a_word_is_still_an_error() -> None:
    [error] = of_save(Refused(), ("id",))
    assert (error.code, error.field) == (CustomerErrorCode.INVALID, None)


@pytest.mark.parametrize("member", ["email", "enterpriseId"])
async def test_what_may_not_be_cleared_is_refused_without_a_call(gateway: Gateway, member: str) -> None:
    outcome = await gateway.run(UPDATE, {"id": "1", "input": {member: None}})
    assert outcome.codes == [(["updateCustomer"], "BAD_USER_INPUT")]
    assert outcome.errors[0].extensions == {"argument": f"input.{member}"}
    assert outcome.calls == []


@pytest.mark.parametrize(
    "change",
    [
        {"firstName": "a\0b"},
        {"tags": ["fine", "\0"]},
        {"shippingAddress": {"region": {"code": "\0"}}},
        {"lastName": "\ud800"},
        {"billingAddress": {"phone": "1" * 70_000}},
    ],
    ids=["NUL", "NUL in a list", "NUL far inside", "half a surrogate pair", "too long"],
)
async def test_a_text_that_cannot_be_sent_is_refused_without_a_call(gateway: Gateway, change: dict[str, Any]) -> None:
    for document, variables in (
        (UPDATE, {"id": "1", "input": change}),
        (CREATE, {"input": {"enterpriseId": "2", "email": "a@b.example", **change}}),
    ):
        outcome = await gateway.run(document, variables)
        assert [code for _, code in outcome.codes] == ["BAD_USER_INPUT"]
        assert outcome.calls == []


@pytest.mark.parametrize("literal", ["1e999", "-1e999", "1" + "0" * 400])
async def test_a_number_out_of_reach_is_refused_without_a_call(gateway: Gateway, literal: str) -> None:
    change = f"{{billingAddress: {{latitude: {literal}}}}}"
    outcome = await gateway.run(f"mutation {{ updateCustomer(id: 1, input: {change}) {{ customer {{ id }} }} }}")
    assert outcome.codes == [(["updateCustomer"], "BAD_USER_INPUT")]
    assert outcome.errors[0].extensions == {"argument": "input.billingAddress.latitude"}
    assert outcome.calls == []


async def test_another_managers_customer_is_forbidden_at_the_top(gateway: Gateway) -> None:
    other = (await gateway.run("{ customers(enterpriseId: 3, first: 1) { nodes { id } } }")).whole["customers"]["nodes"]
    outcome = await gateway.run(UPDATE, {"id": other[0]["id"], "input": {"firstName": "X"}}, token="farm-manager")
    assert outcome.codes == [(["updateCustomer"], "FORBIDDEN")]
    assert outcome.nothing


async def test_an_error_hides_no_write_that_was_applied(gateway: Gateway) -> None:
    outcome = await gateway.run(
        """mutation {
          done: updateCustomer(id: 1, input: {firstName: "Done"}) { customer { firstName } }
          failed: updateCustomer(id: 1, input: {email: null}) { customer { firstName } userErrors { code } }
        }"""
    )
    assert outcome.data == {"done": {"customer": {"firstName": "Done"}}, "failed": None}
