"""An upstream in memory: what it answers, and when, depends on the question and a seed alone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from random import Random
from typing import Any
from urllib.parse import parse_qsl

from custgraph.rest.wire import Answer, FaultKind, Method, WireFault
from support.documents import ADDRESS, compact, errors, many, resource
from support.equivalence.chances import chance_of

JSON = {b"content-type": b"application/json; charset=utf-8"}
NOT_FOUND = Answer(404, JSON, compact(errors("The resource you were looking for could not be found.")))
CUSTOMERS = range(1, 41)
ENTERPRISES = 4

_FAULTS: tuple[FaultKind, ...] = ("timeout", "reset", "truncated", "malformed", "connect")
_STATUSES = (401, 404, 422, 429, 500, 503)


def is_absent(id_: int) -> bool:
    """Neither listed nor shown."""
    return id_ not in CUSTOMERS or id_ % 7 == 0


def is_hidden(id_: int) -> bool:
    """Shown, and yet not listed."""
    return id_ % 11 == 0


def is_forbidden(id_: int) -> bool:
    """Neither listed nor shown, and that is said."""
    return id_ % 13 == 0


class World:
    """The upstream, as a wire.

    Args:
        seed: another seed, another upstream.
        trouble: how likely an answer is a failure, 0 to 1.
        searches: whether it searches; None: the seed decides.

    Attributes:
        sent: what was asked, in order.
    """

    def __init__(self, seed: int, trouble: float = 0.0, *, searches: bool | None = None) -> None:
        self._seed = seed
        self._trouble = trouble
        self.searches = chance_of(seed, "searches").random() < 0.8 if searches is None else searches
        self.counts = chance_of(seed, "counts").random() < 0.9
        self.sent: list[str] = []

    def channel(self, credential_header: str) -> _Channel:
        return _Channel(self, credential_header)

    async def aclose(self) -> None:
        """Has nothing to close."""

    async def answer(self, method: Method, target: str, until: float) -> Answer:
        """Answers one call, after its own time."""
        self.sent.append(f"{method} {target}")
        chance = chance_of(self._seed, method, target)
        await asyncio.sleep(10 ** chance.uniform(-3, 0.3))
        if chance.random() < self._trouble:
            return await self._fail(chance, until)
        path, _, query = target.partition("?")
        parameters = parse_qsl(query, keep_blank_values=True)
        if method != "GET":
            return self._write(method, path)
        if path == "/customers":
            return self._list(parameters)
        return self._show(int(path.rpartition("/")[2]), included=("include", "enterprise") in parameters)

    async def _fail(self, chance: Random, until: float) -> Answer:
        if chance.random() < 0.3:
            kind = chance.choice(_FAULTS)
            if kind == "timeout":
                await asyncio.sleep(max(0.0, until - asyncio.get_running_loop().time()))
            raise WireFault(kind, "made up", sent=kind != "connect")
        if chance.random() < 0.2:
            return Answer(200, JSON, b'{"data": [')
        status = chance.choice(_STATUSES)
        return Answer(status, JSON, compact(errors("The resource you were looking for could not be found.")))

    def row(self, id_: int, *, balance: bool) -> dict[str, Any]:
        """One customer's resource."""
        chance = chance_of(self._seed, "row", id_)

        def some(value: Any) -> Any:
            return value if chance.random() < 0.7 else None

        address = {
            **ADDRESS,
            "region": some({"code": some("Vic"), "name": some("Victoria")}),
            "country": some({"code": "AU", "name": some("Australia")}),
            "latitude": some(chance.uniform(-90, 90)),
            "longitude": some(float(chance.randrange(-180, 180))),
            "street_address_2": some("Flat 2"),
        }
        members: dict[str, Any] = {
            "enterprise_id": id_ % ENTERPRISES + 1,
            "first_name": some(f"Alice {id_}"),
            "last_name": some("Springs"),
            "code": some(f"BUYER{id_}"),
            "allow_charges": chance.random() < 0.5,
            "tags": chance.choice([[], ["staff"], ["staff", "discount"]]),
            "terms_and_conditions_accepted_at": some(
                chance.choice(
                    ["2022-03-12T15:55:00.000+11:00", "2022-03-12T15:55:00.123Z", "1999-12-31T23:59:59+00:00"]
                )
            ),
            "billing_address": some(address),
            "shipping_address": some(ADDRESS),
        }
        if balance:
            members["balance"] = chance.choice([0, -12.5, 1e-7, 12345.678])
        return resource(id_, **members)

    def _show(self, id_: int, *, included: bool) -> Answer:
        if is_forbidden(id_):
            return Answer(401, JSON, compact(errors("You are not authorized to perform that action.")))
        if is_absent(id_):
            return NOT_FOUND
        document: dict[str, Any] = {"data": self.row(id_, balance=True)}
        if included:
            enterprise = {"id": id_ % ENTERPRISES + 1, "name": f"Farm {id_ % ENTERPRISES + 1}"}
            document["included"] = [{"id": str(enterprise["id"]), "type": "enterprise", "attributes": enterprise}]
        return Answer(200, JSON, compact(document))

    def _list(self, parameters: list[tuple[str, str]]) -> Answer:
        given = dict(parameters)
        ids = [id_ for id_ in CUSTOMERS if not (is_absent(id_) or is_hidden(id_) or is_forbidden(id_))]
        if "enterprise_id" in given:
            ids = [id_ for id_ in ids if id_ % ENTERPRISES + 1 == int(given["enterprise_id"])]
        if self.searches:
            ids = [id_ for id_ in ids if self._meets(id_, parameters)]
            if given.get("q[s]") == "id desc":
                ids.reverse()
        page, per_page = int(given.get("page", "1")), int(given.get("per_page", "50"))
        balance = "extra_fields[customer]" in given
        rows = [self.row(id_, balance=balance) for id_ in ids[(page - 1) * per_page : page * per_page]]
        document = many(*map(self._spoiled, rows), total=len(ids))
        if not self.counts:
            del document["meta"]
        return Answer(200, JSON, compact(document))

    def _spoiled(self, row: dict[str, Any]) -> dict[str, Any]:
        """Spoils a few rows, so that they are dropped."""
        if chance_of(self._seed, "spoilt", row["id"]).random() < self._trouble / 4:
            row["attributes"]["email"] = None
        return row

    def _meets(self, id_: int, parameters: list[tuple[str, str]]) -> bool:
        members = self.row(id_, balance=False)["attributes"]
        allowed = {value for name, value in parameters if name == "q[id_in][]"}
        if allowed and str(id_) not in allowed:
            return False
        return all(
            _meets(members, name[2:].rstrip("[]").rpartition("_"), value)
            for name, value in parameters
            if name.startswith("q[") and name not in ("q[s]", "q[id_in][]")
        )

    def _write(self, method: Method, path: str) -> Answer:
        id_ = 1 if path == "/customers" else int(path.rpartition("/")[2])
        if method == "DELETE" and id_ % 3 == 0:
            return Answer(422, JSON, compact(errors("Invalid.", validation_errors=["Customer has credit"])))
        shown = self._show(id_, included=False)
        return Answer(201, JSON, shown.body) if method == "POST" and shown.status == 200 else shown


_PREDICATES: Mapping[str, Callable[[str, str], bool]] = {
    "eq": lambda member, value: member == value,
    "gt": lambda member, value: int(member) > int(value),
    "lt": lambda member, value: int(member) < int(value),
    "cont": lambda member, value: value.lower() in member.lower(),
    "start": lambda member, value: member.lower().startswith(value.lower()),
    "end": lambda member, value: member.lower().endswith(value.lower()),
    "in": lambda member, value: member == value,
}


def _meets(members: Mapping[str, Any], condition: tuple[str, str, str], value: str) -> bool:
    attributes, _, predicate = condition
    said = [members[attribute] for attribute in attributes.split("_or_")]
    return any(member is not None and _PREDICATES[predicate](str(member), value) for member in said)


class _Channel:
    """The way of one credential."""

    def __init__(self, world: World, credential: str) -> None:
        self._world = world
        self._credential = credential

    async def send(
        self,
        method: Method,
        target: str,
        body: bytes | None,  # noqa: ARG002 - the signature is the protocol's
        request_id: str,  # noqa: ARG002
        extra: str,  # noqa: ARG002
        until: float,
    ) -> Answer:
        try:
            async with asyncio.timeout_at(until):
                return await self._world.answer(method, target, until)
        except TimeoutError:
            raise WireFault("timeout", "made up", sent=True) from None

    def close_idle(self) -> None:
        """Has nothing to close."""
