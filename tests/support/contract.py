"""What the REST API says of a customer, as GraphQL has to say it; told apart from the gateway's own code."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

ADDRESS = """{
  firstName lastName phone streetAddress1 streetAddress2 postalCode locality
  region { code name } country { code name } latitude longitude
}"""
CUSTOMER = f"""fragment Whole on Customer {{
  id enterprise {{ id }} firstName lastName code email tags allowCharges termsAndConditionsAcceptedAt balance
  billingAddress {ADDRESS} shippingAddress {ADDRESS}
}}"""

_NAMES = {
    "first_name": "firstName",
    "last_name": "lastName",
    "street_address_1": "streetAddress1",
    "street_address_2": "streetAddress2",
    "postal_code": "postalCode",
    "allow_charges": "allowCharges",
    "terms_and_conditions_accepted_at": "termsAndConditionsAcceptedAt",
    "billing_address": "billingAddress",
    "shipping_address": "shippingAddress",
}


def in_graphql(attributes: dict[str, Any]) -> dict[str, Any]:
    """Says in GraphQL's words what the attributes of one customer say."""
    said = {_NAMES.get(name, name): value for name, value in attributes.items()}
    said["id"] = str(said["id"])
    said["enterprise"] = {"id": str(said.pop("enterprise_id"))}
    for name in ("billingAddress", "shippingAddress"):
        if said[name] is not None:
            said[name] = {_NAMES.get(member, member): value for member, value in said[name].items()}
            for degrees in ("latitude", "longitude"):
                said[name][degrees] = None if said[name][degrees] is None else float(said[name][degrees])
    return said


def comparable(customer: dict[str, Any]) -> dict[str, Any]:
    """Makes numbers of balances, strings in GraphQL alone, and moments of times, whose UTC offset has two spellings."""
    accepted_at = customer["termsAndConditionsAcceptedAt"]
    return {
        **customer,
        "balance": Decimal(str(customer["balance"])),
        "termsAndConditionsAcceptedAt": accepted_at and datetime.fromisoformat(accepted_at),
    }
