"""The honest half of the fake: enough of the Customers API v1 for each call that a gateway makes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from support.upstream.ledger import Applied, Ledger
from support.upstream.messages import Call, Kind, Reply
from support.upstream.tenants import HIDDEN, REFUSES_DELETE, Tenant

_WRITABLE = ("enterprise_id", "email", "first_name", "last_name", "code", "tags", "billing_address", "shipping_address")
NOT_FOUND = Reply.json(404, {"errors": [{"detail": "The resource you were looking for could not be found."}]})
FORBIDDEN = Reply.json(401, {"errors": [{"detail": "You are not authorized to perform that action."}]})


def resource(row: dict[str, Any], call: Call, *, balance: bool = False) -> dict[str, Any]:
    """A row as a JSON:API resource. Its links lead back here, so that a fetch of one would be seen."""
    enterprise = str(row["enterprise_id"])
    return {
        "id": str(row["id"]),
        "type": "customer",
        "attributes": {**row, "balance": 12.5} if balance else row,
        "relationships": {
            "enterprise": {
                "data": {"id": enterprise, "type": "enterprise"},
                "links": {"related": f"{_link(call)}/enterprises/{enterprise}?token=leak"},
            }
        },
    }


def _link(call: Call) -> str:
    return f"http://{call.header('host')}/linked"


def invalid(*sentences: str) -> Reply:
    """The 422 of a validation."""
    errors = [{"detail": "Invalid resource. Please fix errors and try again."}]
    return Reply.json(422, {"errors": errors, "meta": {"validation_errors": list(sentences)}})


class Customers:
    """Answers calls from the tenants' rows; a write that it commits goes into the ledger."""

    def __init__(self, tenants: Iterable[Tenant], ledger: Ledger) -> None:
        self.tenants = {tenant.token: tenant for tenant in tenants}
        self._ledger = ledger

    def answer(self, call: Call, *, commit: bool = True) -> Reply:
        """The honest reply. Without `commit` a write is answered as if it were applied, and is not."""
        tenant = self.tenants.get(call.token or "")
        if tenant is None:
            if call.token is not None:
                return Reply.json(401, {"errors": [{"detail": f"Invalid API key ({call.token}) specified."}]})
            return self._page(call, [], 0) if call.kind is Kind.LIST else FORBIDDEN
        match call.kind:
            case Kind.SHOW:
                return self._show(tenant, call)
            case Kind.LIST | Kind.BATCH:
                return self._list(tenant, call)
            case Kind.CREATE:
                return self._create(tenant, call, commit=commit)
            case Kind.UPDATE:
                return self._update(tenant, call, commit=commit)
            case Kind.DELETE:
                return self._delete(tenant, call, commit=commit)
        return NOT_FOUND

    def _show(self, tenant: Tenant, call: Call) -> Reply:
        row = tenant.rows.get(call.id or 0)
        if row is None:
            return NOT_FOUND
        document: dict[str, Any] = {"data": resource(row, call, balance=True)}
        if ("include", "enterprise") in call.query:
            enterprise = {"id": row["enterprise_id"], "name": f"Farm {tenant.marker}"}
            document["included"] = [{"id": str(enterprise["id"]), "type": "enterprise", "attributes": enterprise}]
        return Reply.json(200, document)

    def _list(self, tenant: Tenant, call: Call) -> Reply:
        matches = _condition(call)
        rows = [row for row in tenant.rows.values() if row["id"] != HIDDEN and matches(row)]
        query = dict(call.query)
        rows.sort(key=lambda row: int(row["id"]), reverse=query.get("q[s]") == "id desc")
        return self._page(call, rows, len(rows))

    @staticmethod
    def _page(call: Call, rows: list[dict[str, Any]], results: int) -> Reply:
        query = dict(call.query)
        page, per_page = int(query.get("page", "1")), min(max(int(query.get("per_page", "50")), 1), 200)
        pagination = {"results": results, "pages": -(-results // per_page), "page": page, "per_page": per_page}
        balance = query.get("extra_fields[customer]") == "balance"
        data = [resource(row, call, balance=balance) for row in rows[(page - 1) * per_page : page * per_page]]
        links = {"self": f"{_link(call)}?token=leak", "next": f"{_link(call)}?page=2&token=leak"}
        return Reply.json(200, {"data": data, "meta": {"pagination": pagination}, "links": links})

    def _create(self, tenant: Tenant, call: Call, *, commit: bool) -> Reply:
        body = call.json()
        email, enterprise_id = str(body.get("email") or "").lower(), int(body.get("enterprise_id") or 0)
        if "@" not in email:
            return invalid("Email is invalid")
        found = tenant.find(email, enterprise_id)
        row = dict(found) if found else tenant.new_row(10_000 + len(tenant.rows), enterprise_id, email)
        if commit:
            if found is None:
                row = dict(tenant.rows[tenant.add(email, enterprise_id)])
            row = self._commit(tenant, Kind.CREATE, _changed(row, body), row["id"], email)
        return Reply.json(201, {"data": resource(row if commit else _changed(row, body), call)})

    def _update(self, tenant: Tenant, call: Call, *, commit: bool) -> Reply:
        found = tenant.rows.get(call.id or 0)
        if found is None:
            return NOT_FOUND
        row = _changed(dict(found), call.json())
        if commit:
            self._commit(tenant, Kind.UPDATE, row, row["id"], row["email"])
        return Reply.json(200, {"data": resource(row, call)})

    def _delete(self, tenant: Tenant, call: Call, *, commit: bool) -> Reply:
        found = tenant.rows.get(call.id or 0)
        if found is None:
            return NOT_FOUND
        if call.id == REFUSES_DELETE:
            return invalid("Customer has credit")
        if commit:
            self._commit(tenant, Kind.DELETE, None, found["id"], found["email"])
        return Reply.json(200, {"data": resource(found, call)})

    def _commit(self, tenant: Tenant, kind: Kind, row: Any, id_: int, email: str) -> Any:
        if row is None:
            del tenant.rows[id_]
        else:
            tenant.rows[id_] = row
        self._ledger.applied.append(Applied(kind, tenant.number, id_, email))
        return row


def _changed(row: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    """The row after a write, with the upstream's own clean-ups."""
    row |= {name: value for name, value in body.items() if name in _WRITABLE}
    row["email"] = str(row["email"]).lower()
    row["code"] = row["code"] or None
    return row


def _condition(call: Call) -> Callable[[dict[str, Any]], bool]:
    """What a list call keeps, as one function of a row."""
    query = call.query
    ids = {int(value) for name, value in query if name == "q[id_in][]"}
    tests: list[Callable[[dict[str, Any]], bool]] = [lambda row: row["id"] in ids] if ids else []
    tests += [_TESTS[name](value) for name, value in query if name in _TESTS]
    if "/enterprises/" in call.path:
        tests.append(_TESTS["enterprise_id"](call.path.split("/")[4]))
    return lambda row: all(test(row) for test in tests)


_TESTS: dict[str, Callable[[str], Callable[[dict[str, Any]], bool]]] = {
    "enterprise_id": lambda value: lambda row: str(row["enterprise_id"]) == value,
    "q[id_gt]": lambda value: lambda row: bool(row["id"] > int(value)),
    "q[id_lt]": lambda value: lambda row: bool(row["id"] < int(value)),
    "q[email_eq]": lambda value: lambda row: bool(row["email"] == value),
    "q[first_name_or_last_name_or_email_or_code_cont]": lambda value: lambda row: value.lower() in str(row).lower(),
}
