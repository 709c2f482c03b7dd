"""What a client asks while an upstream misbehaves: each operation has a field that is struck, and some that are not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from support.upstream import Kind, Tenant
from support.upstream.tenants import HIDDEN

_FIELDS = """fragment F on Customer {
  id firstName lastName code email tags shippingAddress { phone locality latitude longitude region { name } } }"""


@dataclass(frozen=True)
class Ask:
    """One operation to send.

    Attributes:
        variables: the operation's.
        struck: what the struck field gives when nothing goes wrong: emails by id, or what a write should do.
        emails: the email that each write carries, by its root field.
    """

    variables: dict[str, Any]
    struck: dict[str, str]
    emails: dict[str, str]


@dataclass(frozen=True)
class Act:
    """A kind of operation.

    Attributes:
        name: as the tests and the table call it.
        kind: the upstream calls that the fault strikes.
        root: the field that is struck.
        siblings: the other root fields.
        document: the operation.
        prepare: makes one from a tenant and a number that makes it unique.
    """

    name: str
    kind: Kind
    root: str
    siblings: tuple[str, ...]
    document: str
    prepare: Callable[[Tenant, int], Ask]

    @property
    def writes(self) -> bool:
        return self.root in WRITE_ROOTS


def _emails(tenant: Tenant, *ids: int) -> dict[str, str]:
    return {str(id_): tenant.rows[id_]["email"] for id_ in ids}


def _customer(tenant: Tenant, number: int) -> Ask:
    id_ = 11 + number % 40
    return Ask({"id": str(id_)}, _emails(tenant, id_), {})


def _customers(tenant: Tenant, _number: int) -> Ask:
    return Ask({}, _emails(tenant, *range(1, 51)), {})


def _batch(tenant: Tenant, number: int) -> Ask:
    ids = [1 + (number + step) % 60 for step in range(50)]
    return Ask({"ids": [str(id_) for id_ in ids]}, _emails(tenant, *ids), {})


def _hidden(tenant: Tenant, number: int) -> Ask:
    ids = [*(1 + (number + step) % 60 for step in range(49)), HIDDEN]
    return Ask({"ids": [str(id_) for id_ in ids]}, _emails(tenant, *ids), {})


WRITE_ROOTS = ("create", "update", "delete")


def _write(root: str) -> Callable[[Tenant, int], Ask]:
    def prepare(tenant: Tenant, number: int) -> Ask:
        emails = {name: f"{name}-{number}-{tenant.marker}@shop.test" for name in WRITE_ROOTS}
        updated = tenant.add(f"before-{number}-{tenant.marker}@shop.test")
        deleted = tenant.add(emails["delete"])
        variables = {
            "create": {"enterpriseId": "2", "email": emails["create"], "firstName": "New", "tags": ["b", "a"]},
            "updated": str(updated),
            "update": {"enterpriseId": "3", "email": emails["update"], "lastName": None, "code": f"code-{number}"},
            "deleted": str(deleted),
        }
        return Ask(variables, {root: emails[root]}, emails)

    return prepare


_SHOW_DOCUMENT = """query ($id: ID!) {
  struck: customer(id: $id) { ...F } sibling: customers(first: 2) { nodes { ...F } } }"""
_LIST_DOCUMENT = """{
  struck: customers(first: 50) { totalCount nodes { ...F } } sibling: customer(id: 8) { ...F } }"""
_BATCH_DOCUMENT = """query ($ids: [ID!]!) {
  struck: customersByIds(ids: $ids) { ...F } sibling: customers(first: 2) { nodes { ...F } } }"""
_WRITE_DOCUMENT = """mutation (
  $create: CreateCustomerInput!, $updated: ID!, $update: UpdateCustomerInput!, $deleted: ID!
) {
  create: createCustomer(input: $create) { customer { ...F } userErrors { code message field } }
  update: updateCustomer(id: $updated, input: $update) { customer { ...F } userErrors { code message field } }
  delete: deleteCustomer(id: $deleted) { deletedCustomerId userErrors { code message field } }
}"""


def _read_act(name: str, kind: Kind, document: str, prepare: Callable[[Tenant, int], Ask]) -> Act:
    return Act(name, kind, "struck", ("sibling",), f"{document} {_FIELDS}", prepare)


def _write_act(root: str, kind: Kind) -> Act:
    siblings = tuple(name for name in WRITE_ROOTS if name != root)
    return Act(root, kind, root, siblings, f"{_WRITE_DOCUMENT} {_FIELDS}", _write(root))


READ_ACTS = (
    _read_act("customer", Kind.SHOW, _SHOW_DOCUMENT, _customer),
    _read_act("list", Kind.LIST, _LIST_DOCUMENT, _customers),
    _read_act("by ids", Kind.BATCH, _BATCH_DOCUMENT, _batch),
    _read_act("one of ids", Kind.SHOW, _BATCH_DOCUMENT, _hidden),
)
WRITE_ACTS = (
    _write_act("create", Kind.CREATE),
    _write_act("update", Kind.UPDATE),
    _write_act("delete", Kind.DELETE),
)
ACTS = {act.name: act for act in (*READ_ACTS, *WRITE_ACTS)}
