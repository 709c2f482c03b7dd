"""Plain Strawberry over httpx, as their guides show it: dataclass types, async resolvers, a DataLoader per request."""

from __future__ import annotations

import base64
import contextlib
import os
from collections.abc import AsyncIterator
from typing import Any, NewType

import httpx
import strawberry
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route
from strawberry.asgi import GraphQL
from strawberry.dataloader import DataLoader
from strawberry.schema.config import StrawberryConfig

Decimal = NewType("Decimal", str)
DateTime = NewType("DateTime", str)
CUSTOMERS = "/api/v1/customers"


class Upstream:
    """One caller's view of the REST API."""

    def __init__(self, client: httpx.AsyncClient, token: str) -> None:
        self._client = client
        self._headers = {"X-Api-Token": token}
        self.loader: DataLoader[str, Customer | None] = DataLoader(self._load, max_batch_size=200)

    async def _ask(self, method: str, path: str, params: Any = None, json: Any = None) -> Any:
        answer = await self._client.request(method, path, params=params, json=json, headers=self._headers)
        if answer.status_code == 404:
            return None
        answer.raise_for_status()
        return answer.json()

    async def _load(self, ids: list[str]) -> list[Customer | None]:
        if len(ids) == 1:
            found = await self._ask("GET", f"{CUSTOMERS}/{ids[0]}")
            return [to_customer(found["data"]) if found else None]
        search = [("q[id_in][]", id_) for id_ in ids]
        page = await self._ask("GET", CUSTOMERS, [*search, ("per_page", 200), ("extra_fields[customer]", "balance")])
        by_id = {row["id"]: row for row in page["data"]}
        return [to_customer(by_id[id_]) if id_ in by_id else None for id_ in ids]

    async def list(self, enterprise_id: str | None, first: int) -> CustomerConnection:
        params = {"per_page": first, "extra_fields[customer]": "balance"}
        if enterprise_id is not None:
            params["enterprise_id"] = enterprise_id
        page = await self._ask("GET", CUSTOMERS, params)
        pagination = page["meta"]["pagination"]
        nodes = [to_customer(row) for row in page["data"]]
        edges = [CustomerEdge(cursor=base64.b64encode(node.id.encode()).decode(), node=node) for node in nodes]
        return CustomerConnection(
            total_count=pagination["results"],
            page_info=PageInfo(
                has_next_page=pagination["page"] < pagination["pages"],
                has_previous_page=False,
                start_cursor=edges[0].cursor if edges else None,
                end_cursor=edges[-1].cursor if edges else None,
            ),
            edges=edges,
            nodes=nodes,
        )

    async def update(self, id_: str, changes: dict[str, Any]) -> Customer:
        return to_customer((await self._ask("PUT", f"{CUSTOMERS}/{id_}", json=changes))["data"])


@strawberry.type
class AddressRegion:
    code: str | None
    name: str | None


@strawberry.type
class AddressCountry:
    code: str | None
    name: str | None


@strawberry.type
class CustomerAddress:
    first_name: str | None
    last_name: str | None
    phone: str | None
    street_address_1: str | None = strawberry.field(name="streetAddress1")
    street_address_2: str | None = strawberry.field(name="streetAddress2")
    postal_code: str | None
    locality: str | None
    region: AddressRegion | None
    country: AddressCountry | None
    latitude: float | None
    longitude: float | None


@strawberry.type
class PageInfo:
    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@strawberry.type
class CustomerEdge:
    cursor: str
    node: Customer


@strawberry.type
class CustomerConnection:
    total_count: int
    page_info: PageInfo
    edges: list[CustomerEdge]
    nodes: list[Customer]


@strawberry.type
class Enterprise:
    id: strawberry.ID

    @strawberry.field
    async def customers(self, info: strawberry.Info[Upstream], first: int = 50) -> CustomerConnection | None:
        return await info.context.list(self.id, first)


@strawberry.federation.type(keys=["id"])
class Customer:
    id: strawberry.ID
    enterprise: Enterprise
    first_name: str | None
    last_name: str | None
    code: str | None
    email: str
    tags: list[str]
    allow_charges: bool
    terms_and_conditions_accepted_at: DateTime | None
    billing_address: CustomerAddress | None
    shipping_address: CustomerAddress | None
    balance: Decimal | None

    @classmethod
    async def resolve_reference(cls, info: strawberry.Info[Upstream], id: strawberry.ID) -> Customer | None:
        return await info.context.loader.load(id)


def to_address(a: dict[str, Any] | None) -> CustomerAddress | None:
    if a is None:
        return None
    return CustomerAddress(
        first_name=a["first_name"],
        last_name=a["last_name"],
        phone=a["phone"],
        street_address_1=a["street_address_1"],
        street_address_2=a["street_address_2"],
        postal_code=a["postal_code"],
        locality=a["locality"],
        region=AddressRegion(**a["region"]) if a["region"] else None,
        country=AddressCountry(**a["country"]) if a["country"] else None,
        latitude=a["latitude"],
        longitude=a["longitude"],
    )


def to_customer(row: dict[str, Any]) -> Customer:
    a = row["attributes"]
    return Customer(
        id=row["id"],
        enterprise=Enterprise(id=strawberry.ID(str(a["enterprise_id"]))),
        first_name=a["first_name"],
        last_name=a["last_name"],
        code=a["code"],
        email=a["email"],
        tags=a["tags"],
        allow_charges=a["allow_charges"],
        terms_and_conditions_accepted_at=a["terms_and_conditions_accepted_at"],
        billing_address=to_address(a["billing_address"]),
        shipping_address=to_address(a["shipping_address"]),
        balance=Decimal(str(a["balance"])) if "balance" in a else None,
    )


@strawberry.type
class Query:
    @strawberry.field
    async def customer(self, info: strawberry.Info[Upstream], id: strawberry.ID) -> Customer | None:
        return await info.context.loader.load(id)

    @strawberry.field
    async def customers_by_ids(
        self, info: strawberry.Info[Upstream], ids: list[strawberry.ID]
    ) -> list[Customer | None]:
        return await info.context.loader.load_many(ids)

    @strawberry.field
    async def customers(
        self, info: strawberry.Info[Upstream], enterprise_id: strawberry.ID | None = None, first: int = 50
    ) -> CustomerConnection | None:
        return await info.context.list(enterprise_id, first)

    @strawberry.field
    def enterprise(self, id: strawberry.ID) -> Enterprise | None:
        return Enterprise(id=id)


@strawberry.input
class UpdateCustomerInput:
    enterprise_id: strawberry.ID | None = None
    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None


@strawberry.type
class CustomerUserError:
    message: str


@strawberry.type
class UpdateCustomerPayload:
    customer: Customer | None
    user_errors: list[CustomerUserError]


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def update_customer(
        self, info: strawberry.Info[Upstream], id: strawberry.ID, input: UpdateCustomerInput
    ) -> UpdateCustomerPayload | None:
        changes = {
            "enterprise_id": int(input.enterprise_id or 0),
            "email": input.email,
            "first_name": input.first_name,
            "last_name": input.last_name,
        }
        return UpdateCustomerPayload(customer=await info.context.update(id, changes), user_errors=[])


class Gateway(GraphQL[Upstream]):
    async def get_context(self, request: Request, response: Any) -> Upstream:  # type: ignore[override]
        return Upstream(request.app.state.client, request.headers["x-api-token"])


@contextlib.asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    async with httpx.AsyncClient(base_url=os.environ["UPSTREAM"]) as client:
        app.state.client = client
        yield


schema = strawberry.federation.Schema(
    query=Query,
    mutation=Mutation,
    config=StrawberryConfig(
        scalar_map={Decimal: strawberry.scalar(name="Decimal"), DateTime: strawberry.scalar(name="DateTime")}
    ),
)
app = Starlette(routes=[Route("/graphql", Gateway(schema, graphql_ide=None))], lifespan=lifespan)
