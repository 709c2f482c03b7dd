"""Ariadne over httpx: schema first, resolvers over the upstream's plain dicts, a DataLoader per request."""

from __future__ import annotations

import base64
import contextlib
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
from aiodataloader import DataLoader
from ariadne import MutationType, ObjectType, QueryType, UnionType, make_executable_schema
from ariadne.asgi import GraphQL
from graphql import GraphQLResolveInfo
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route

CUSTOMERS = "/api/v1/customers"
Row = dict[str, Any]


def to_customer(row: Row) -> Row:
    attributes: Row = row["attributes"]
    attributes["id"] = row["id"]
    return attributes


class CustomerLoader(DataLoader[str, Row | None]):
    max_batch_size = 200

    def __init__(self, upstream: Upstream) -> None:
        super().__init__()
        self._upstream = upstream

    async def batch_load_fn(self, ids: list[str]) -> list[Row | None]:
        if len(ids) == 1:
            found = await self._upstream.ask("GET", f"{CUSTOMERS}/{ids[0]}")
            return [to_customer(found["data"]) if found else None]
        search = [("q[id_in][]", id_) for id_ in ids]
        params = [*search, ("per_page", 200), ("extra_fields[customer]", "balance")]
        page = await self._upstream.ask("GET", CUSTOMERS, params=params)
        by_id = {row["id"]: to_customer(row) for row in page["data"]}
        return [by_id.get(id_) for id_ in ids]


class Upstream:
    """One caller's view of the REST API; the context of one request."""

    def __init__(self, client: httpx.AsyncClient, token: str) -> None:
        self._client = client
        self._headers = {"X-Api-Token": token}
        self.loader = CustomerLoader(self)

    async def ask(self, method: str, path: str, **given: Any) -> Any:
        answer = await self._client.request(method, path, headers=self._headers, **given)
        if answer.status_code == 404:
            return None
        answer.raise_for_status()
        return answer.json()

    async def list(self, enterprise_id: str | None, first: int) -> Row:
        params = {"per_page": first, "extra_fields[customer]": "balance"}
        if enterprise_id is not None:
            params["enterprise_id"] = enterprise_id
        page = await self.ask("GET", CUSTOMERS, params=params)
        return {"nodes": [to_customer(row) for row in page["data"]], **page["meta"]["pagination"]}


def cursor_of(customer: Row) -> str:
    return base64.b64encode(customer["id"].encode()).decode()


Info = GraphQLResolveInfo
query = QueryType()
mutation = MutationType()
customer_type = ObjectType("Customer")
enterprise_type = ObjectType("Enterprise")
connection_type = ObjectType("CustomerConnection")
entity_type = UnionType("_Entity", lambda *_: "Customer")
connection_type.set_alias("totalCount", "results")


@query.field("customer")
async def resolve_customer(_: None, info: Info, id: str) -> Row | None:
    return await info.context.loader.load(id)


@query.field("customersByIds")
async def resolve_customers_by_ids(_: None, info: Info, ids: list[str]) -> list[Row | None]:
    return await info.context.loader.load_many(ids)


@query.field("_entities")
async def resolve_entities(_: None, info: Info, representations: list[Row]) -> list[Row | None]:
    return await info.context.loader.load_many([one["id"] for one in representations])


@query.field("customers")
async def resolve_customers(_: None, info: Info, enterprise_id: str | None = None, first: int = 50) -> Row:
    return await info.context.list(enterprise_id, first)


@query.field("enterprise")
def resolve_enterprise(_: None, info: Info, id: str) -> Row:
    return {"id": id}


@customer_type.field("enterprise")
def resolve_customer_enterprise(customer: Row, info: Info) -> Row:
    return {"id": str(customer["enterprise_id"])}


@customer_type.field("balance")
def resolve_balance(customer: Row, info: Info) -> str | None:
    return str(customer["balance"]) if "balance" in customer else None


@enterprise_type.field("customers")
async def resolve_enterprise_customers(enterprise: Row, info: Info, first: int = 50) -> Row:
    return await info.context.list(enterprise["id"], first)


@connection_type.field("edges")
def resolve_edges(connection: Row, info: Info) -> list[Row]:
    return [{"cursor": cursor_of(node), "node": node} for node in connection["nodes"]]


@connection_type.field("pageInfo")
def resolve_page_info(connection: Row, info: Info) -> Row:
    nodes = connection["nodes"]
    return {
        "has_next_page": connection["page"] < connection["pages"],
        "has_previous_page": False,
        "start_cursor": cursor_of(nodes[0]) if nodes else None,
        "end_cursor": cursor_of(nodes[-1]) if nodes else None,
    }


@mutation.field("updateCustomer")
async def resolve_update_customer(_: None, info: Info, id: str, input: Row) -> Row:
    changes = {**input, "enterprise_id": int(input["enterprise_id"])}
    answer = await info.context.ask("PUT", f"{CUSTOMERS}/{id}", json=changes)
    return {"customer": to_customer(answer["data"]), "user_errors": []}


@contextlib.asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    async with httpx.AsyncClient(base_url=os.environ["UPSTREAM"]) as client:
        app.state.client = client
        yield


def context_of(request: Request, _: Any) -> Upstream:
    return Upstream(request.app.state.client, request.headers["x-api-token"])


schema = make_executable_schema(
    (Path(__file__).parents[1] / "schema.graphql").read_text(),
    [query, mutation, customer_type, enterprise_type, connection_type, entity_type],
    convert_names_case=True,
)
gateway = GraphQL(schema, context_value=context_of, explorer=None)
app = Starlette(routes=[Route("/graphql", gateway.handle_request, methods=["POST"])], lifespan=lifespan)
