"""Writes: sent once, and each ends as applied, refused or unknown."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from custgraph.errors import CustgraphError, InvalidArgument, NotFound, OutcomeUnknown
from custgraph.rest import documents, params
from custgraph.rest.answers import Verdict
from custgraph.rest.careful import BadDocument
from custgraph.rest.line import Line
from custgraph.rest.params import Condition, ListQuery
from custgraph.rest.records import Address, Customer
from custgraph.rest.resources import Rows
from custgraph.rest.wire import Method
from custgraph.telemetry import fault, logger

if TYPE_CHECKING:
    from custgraph.rest.upstream import Upstream

T = TypeVar("T")

WRITABLE = frozenset(
    {"enterprise_id", "email", "first_name", "last_name", "code", "tags", "billing_address", "shipping_address"}
)
SETTLING = 1.5
"""Seconds kept back from a write's time for the read that may tell what became of it."""

LEAST_SETTLING = 1.0
"""Seconds that must be left for that read: on a busy machine a write's time runs out a little late."""

_log = logger("custgraph.rest")


class Writes:
    """One caller's writes.

    A write runs in a task of its own: a client that goes away does not stop it halfway.

    Args:
        upstream: the process's upstream.
        line: the caller's line.
        forget: drops what the session remembers of reads.
    """

    def __init__(self, upstream: Upstream, line: Line, forget: Callable[[], None]) -> None:
        self._upstream = upstream
        self._line = line
        self._forget = forget

    async def create(self, attributes: Mapping[str, object]) -> Customer:
        """Creates a customer; see `UpstreamSession.create_customer`."""
        body = _json(attributes)

        async def settle() -> Customer | None:
            email, enterprise_id = attributes.get("email"), attributes.get("enterprise_id")
            if type(email) is not str or type(enterprise_id) is not int:
                return None
            query = ListQuery(enterprise_id, (Condition("email", "eq", (email.strip().lower(),)),), per_page=2)
            rows: Rows = await self._line.read(f"/customers?{params.query_string(query)}", documents.decode_rows)
            for row in rows.records:
                if row is not None and has(row, attributes):
                    return row
            return None

        return await self._run(
            "createCustomer", "POST", "/customers", body, frozenset({200, 201}), _written, (None, attributes), settle
        )

    async def update(self, customer_id: int, attributes: Mapping[str, object]) -> Customer:
        """Changes a customer; see `UpstreamSession.update_customer`."""
        _json(attributes)  # refuses what cannot be sent before anything is read
        if self._upstream.full_put and not {"enterprise_id", "email"} <= attributes.keys():
            now = await self._shown(customer_id)
            attributes = {"enterprise_id": now.enterprise_id, "email": now.email, **attributes}

        async def settle() -> Customer | None:
            customer = await self._shown(customer_id)
            return customer if has(customer, attributes) else None

        return await self._run(
            "updateCustomer",
            "PUT",
            f"/customers/{customer_id}",
            _json(attributes),
            frozenset({200}),
            _written,
            (customer_id, attributes),
            settle,
        )

    async def delete(self, customer_id: int) -> None:
        """Deletes a customer; see `UpstreamSession.delete_customer`."""

        async def settle() -> bool | None:
            try:
                await self._shown(customer_id)
            except NotFound:
                return True
            return None

        target = f"/customers/{customer_id}"
        await self._run(
            "deleteCustomer", "DELETE", target, None, frozenset({200, 204}), _deleted, (customer_id,), settle
        )

    async def _shown(self, customer_id: int) -> Customer:
        return await self._line.read(f"/customers/{customer_id}", _written, customer_id, {})

    async def _run(
        self,
        operation: str,
        method: Method,
        target: str,
        body: bytes | None,
        good: frozenset[int],
        decode: Callable[..., T],
        args: tuple[object, ...],
        settle: Callable[[], Awaitable[T | None]],
    ) -> T:
        return await self._upstream.finish(
            self._line.request_id, self._send(operation, method, target, body, good, decode, args, settle)
        )

    async def _send(
        self,
        operation: str,
        method: Method,
        target: str,
        body: bytes | None,
        good: frozenset[int],
        decode: Callable[..., T],
        args: tuple[object, ...],
        settle: Callable[[], Awaitable[T | None]],
    ) -> T:
        line = self._line
        refusal: CustgraphError | None = None
        try:
            left = line.time_left()
            limit = max(left - SETTLING, left / 2)
            return await line.attempt(method, target, body, good, decode, args, limit)
        except Verdict as verdict:
            if not verdict.doubt:
                refusal = verdict.error
        except CustgraphError:
            raise  # at a gate: nothing was sent
        except Exception as error:  # noqa: BLE001 - whatever went wrong here, the request may have been sent
            _log.error("write failed here", request_id=line.request_id, **fault(error))
        finally:
            self._forget()
        if refusal is not None:
            try:
                raise refusal  # not while the verdict is handled: it and the error would refer to each other
            finally:
                del refusal  # its traceback holds this frame
        settled = await self._settled(settle)
        _log.warning("write in doubt", request_id=line.request_id, operation=operation, settled=settled is not None)
        if settled is None:
            # A repeated PUT or DELETE changes nothing more; no promise is made that a repeated POST finds its record.
            raise OutcomeUnknown(operation=operation, safeToRetry=method != "POST")
        return settled

    async def _settled(self, settle: Callable[[], Awaitable[T | None]]) -> T | None:
        """Asks the upstream what became of the write, if there is time; None if that is not certain."""
        if self._line.time_left() < LEAST_SETTLING:
            return None
        try:
            return await settle()
        except CustgraphError:
            return None
        finally:
            self._forget()


def _written(body: bytes, customer_id: int | None, attributes: Mapping[str, object]) -> Customer:
    """Decodes the answer of create and update, which must be about the customer that was written."""
    customer = documents.decode_customer(body)
    if customer_id is not None and customer.id != customer_id:
        raise BadDocument("another customer than written")
    if not _is_of(customer, attributes):
        raise BadDocument("another customer than written")
    return customer


def _deleted(body: bytes, customer_id: int) -> bool:
    """Takes the answer of delete: the customer that is gone, or no content."""
    if body and documents.decode_customer(body).id != customer_id:
        raise BadDocument("another customer than deleted")
    return True


def _json(attributes: Mapping[str, object]) -> bytes:
    if not attributes.keys() <= WRITABLE:
        raise ValueError("not a writable attribute")
    try:
        return msgspec.json.encode(attributes)
    except UnicodeEncodeError:
        raise InvalidArgument("A value is not valid Unicode.") from None


def _is_of(customer: Customer, attributes: Mapping[str, object]) -> bool:
    """Says whether a record's identity, its enterprise and email, is what was written."""
    email = attributes.get("email")
    enterprise_id = attributes.get("enterprise_id")
    return (enterprise_id is None or customer.enterprise_id == enterprise_id) and (
        type(email) is not str or _folded(customer.email) == _folded(email)
    )


def has(customer: Customer, attributes: Mapping[str, object]) -> bool:
    """Says whether a record shows every attribute that was written, as the upstream stores them."""
    return _is_of(customer, attributes) and all(
        _same(getattr(customer, name), value)
        for name, value in attributes.items()
        if name not in ("enterprise_id", "email")
    )


def _same(stored: Any, written: Any) -> bool:
    if isinstance(written, Mapping):
        if isinstance(stored, Address) or hasattr(stored, "code"):
            return all(_same(getattr(stored, name, None), value) for name, value in written.items())
        return False
    if isinstance(written, list | tuple):
        return sorted(stored or ()) == sorted(written)
    if isinstance(written, float) and isinstance(stored, float):
        return abs(stored - written) < 1e-6
    return _folded(stored) == _folded(written)


def _folded(value: object) -> object:
    """Makes texts comparable: blank is null, and neither case nor space around it matters."""
    return (value.strip().casefold() or None) if isinstance(value, str) else value
