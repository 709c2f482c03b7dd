"""The six calls: what each reads, checks and answers."""

from __future__ import annotations

from typing import Any, NamedTuple

from msgspec import DecodeError, json
from sqlalchemy import RowMapping, func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from starlette.requests import Request

from .auth import Access, Enterprises, authorize
from .behaviour import Behaviour
from .database import writing
from .documents import Page, collection, included_enterprise, page_asked_for, resource
from .errors import Crash, ParameterMissing, ParametersForbidden, RecordNotFound, UnsupportedFields
from .params import QueryParams, to_i
from .search import conditions, ordering
from .tables import customers, enterprises
from .writes import Changes, change, create, permitted, remove


class Answer(NamedTuple):
    """A status and a document."""

    status: int
    document: dict[str, Any]


class CustomersApi:
    """The handlers. Each takes a request whose body was read, and raises `ApiError` for a refusal."""

    def __init__(self, engine: AsyncEngine, access: Access, behaviour: Behaviour) -> None:
        self._engine = engine
        self._writing = writing(engine)
        self._access = access
        self._behaviour = behaviour

    async def list_customers(self, request: Request) -> Answer:
        """`GET /customers` and `GET /enterprises/{enterprise_id}/customers`."""
        params = QueryParams(request.scope["query_string"])
        managed = self._access.managed_by_caller(request, params)
        balance = not self._behaviour.documented_only and _wants_balance(params)
        clauses = [customers.c.visible, customers.c.enterprise_id.in_(managed)]
        path_id = request.path_params.get("enterprise_id")
        if enterprise_ids := params.texts("enterprise_id") if path_id is None else [path_id]:
            clauses.append(customers.c.enterprise_id.in_([to_i(text) for text in enterprise_ids]))
        q = {} if self._behaviour.documented_only else params.members("q")
        clauses += conditions(q)
        number, per_page = page_asked_for(params)
        async with self._engine.connect() as connection:
            results = (
                await connection.execute(select(func.count()).select_from(customers).where(*clauses))
            ).scalar_one()
            page = Page(number, per_page, min(per_page, self._behaviour.max_rows), results)
            rows: list[RowMapping] = []
            if page.offset is not None:
                found = select(customers).where(*clauses).order_by(*ordering(q)).limit(page.limit).offset(page.offset)
                rows = list((await connection.execute(found)).mappings())
        list_url = f"{_origin(request)}{request.scope['path']}"
        document = collection(rows, page, base_url=base_url(request), list_url=list_url, params=params, balance=balance)
        return Answer(200, document)

    async def show_customer(self, request: Request) -> Answer:
        """`GET /customers/{id}`."""
        params = QueryParams(request.scope["query_string"])
        managed = self._access.managed_by_caller(request, params)
        async with self._engine.connect() as connection:
            row = await _authorized(connection, request, managed)
        document: dict[str, Any] = {"data": resource(row, base_url(request), balance=True)}
        if not self._behaviour.documented_only and _includes_enterprise(params):
            document["included"] = [included_enterprise(row["enterprise_id"], row["enterprise_name"])]
        return Answer(200, document)

    async def create_customer(self, request: Request) -> Answer:
        """`POST /customers`."""
        managed = self._access.managed_by_caller(request, QueryParams(request.scope["query_string"]))
        changes = self._permitted(request)
        async with self._writing.begin() as connection:
            row = await create(connection, managed, changes)
        return Answer(201, {"data": resource(row, base_url(request), balance=False)})

    async def update_customer(self, request: Request) -> Answer:
        """`PUT /customers/{id}`."""
        managed = self._access.managed_by_caller(request, QueryParams(request.scope["query_string"]))
        async with self._writing.begin() as connection:
            row = await _authorized(connection, request, managed)
            changes = self._permitted(request)
            if self._behaviour.documented_only:
                _require(changes, "enterprise_id", "email")
            row = await change(connection, managed, row, changes)
        return Answer(200, {"data": resource(row, base_url(request), balance=False)})

    async def delete_customer(self, request: Request) -> Answer:
        """`DELETE /customers/{id}`."""
        managed = self._access.managed_by_caller(request, QueryParams(request.scope["query_string"]))
        async with self._writing.begin() as connection:
            row = await _authorized(connection, request, managed)
            await remove(connection, row)
        return Answer(200, {"data": resource(row, base_url(request), balance=False)})

    def _permitted(self, request: Request) -> Changes:
        changes = permitted(_json_body(request))
        if self._behaviour.refuses_billing_address and changes.get("billing_address") is not None:
            raise ParametersForbidden(["billing_address"])
        return changes


def base_url(request: Request) -> str:
    """Where the API is, as the caller reached it."""
    return f"{_origin(request)}{request.scope['root_path']}"


def _origin(request: Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc}"


async def _authorized(connection: AsyncConnection, request: Request, managed: Enterprises) -> RowMapping:
    """The customer that the path names, with its enterprise's name, if the caller may touch it."""
    statement = (
        select(customers, enterprises.c.name.label("enterprise_name"))
        .join(enterprises)
        .where(customers.c.id == to_i(request.path_params["id"]))
    )
    row = (await connection.execute(statement)).mappings().one_or_none()
    if row is None:
        raise RecordNotFound
    authorize(managed, row["enterprise_id"])
    return row


def _json_body(request: Request) -> object:
    """The body as JSON. As with the real service, one of another media type counts as empty."""
    body: bytes = request.state.body
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not body.strip() or not media_type.endswith("json"):
        return None
    try:
        return json.decode(body)
    except (DecodeError, RecursionError):
        raise Crash from None


def _wants_balance(params: QueryParams) -> bool:
    value = params.members("extra_fields").get("customer", "")
    names = [name for name in value.split(",") if name] if isinstance(value, str) else value
    if unknown := [name for name in names if name != "balance"]:
        raise UnsupportedFields(unknown)
    return bool(names)


def _includes_enterprise(params: QueryParams) -> bool:
    names = [name for name in params.texts("include") if name]
    if any(name != "enterprise" for name in names):
        raise Crash
    return bool(names)


def _require(changes: dict[str, Any], *names: str) -> None:
    for name in names:
        if changes.get(name) is None:
            raise ParameterMissing(name)
