"""A small schema for the executor's tests, which knows nothing of customers: items, pages of items, and writes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from graphql import GraphQLError, GraphQLObjectType, GraphQLSchema, build_schema

from custgraph.config import Settings
from custgraph.execution import Executor
from custgraph.operation import OperationKind, OperationRequest, OperationResult
from custgraph.steps import Bill, Blueprint, FieldName, Price, Read, Step

SDL = """
type Query {
  item(id: ID!): Item
  items(ids: [ID!]!): [Item]!
  page(first: Int, last: Int, filter: Filter, color: Color): Page
  node(id: ID!): Node
  strict: Item!
}
type Mutation { add(name: String!): Added  remove(id: ID!): Added }
type Added { item: Item  problem: String }
interface Node { id: ID!  related: Node }
type Item implements Node {
  id: ID!
  name: String
  other: Item
  parts: [Item!]
  page(first: Int, last: Int): Page
  related: Node
}
type Page { total: Int  edges: [Edge!]  items: [Item!] }
type Edge { cursor: String  item: Item! }
input Filter { ids: [ID!]  name: String  strict: Strict }
input Strict { level: Int!  text: String = "a"  ratio: Float }
enum Color { RED GREEN }
"""

PAGE = Price(
    slicing=("first", "last"), assumed=20, most=100, sized=("edges", "items"), bill=Bill(calls=1, selected={"total": 1})
)
ITEM = Bill(loader="item", batch=10)
PRICES: dict[FieldName, Price] = {
    ("Query", "item"): Price(bill=ITEM),
    ("Query", "items"): Price(slicing=("ids",), assumed=50, most=50, bill=ITEM),
    ("Query", "page"): PAGE,
    ("Query", "node"): Price(bill=ITEM),
    ("Item", "page"): PAGE,
    ("Item", "other"): Price(bill=Bill(loader="other", batch=5, per_key=1)),
    ("Item", "name"): Price(weight=2, bill=Bill(loader="name", batch=4)),
    ("Item", "parts"): Price(weight=3, assumed=4),
    ("Item", "related"): Price(bill=Bill(calls=2)),
    ("Mutation", "add"): Price(weight=10, bill=Bill(calls=2, selected={"item": 1})),
    ("Mutation", "remove"): Price(weight=10, bill=ITEM),
}
READS = (
    ("Query", "item"),
    ("Query", "items"),
    ("Query", "page"),
    ("Query", "node"),
    ("Item", "other"),
    ("Item", "page"),
    ("Mutation", "add"),
    ("Mutation", "remove"),
)

Resolver = Callable[..., Any]


class Context:
    """A request's context; remembers the kinds of operation that began."""

    def __init__(self, credential_key: str = "ada", *, wants_cost: bool = False) -> None:
        self.request_id = "request-1"
        self.credential_key = credential_key
        self.traceparent: str | None = None
        self.wants_cost = wants_cost
        self.sole = False
        self.notes: list[GraphQLError] = []
        self.began: list[OperationKind] = []

    def begin(self, kind: OperationKind, *, alone: bool = False, brief: bool = False) -> None:  # noqa: ARG002 - it loads nothing
        self.began.append(kind)


async def _never(*_: Any, **__: Any) -> None:
    raise AssertionError("a step is only named here: resolvers do the work")


def schema_with(resolvers: dict[str, Resolver]) -> GraphQLSchema:
    """Builds the schema with resolvers by `Type.field`."""
    schema = build_schema(SDL)
    for name, resolve in resolvers.items():
        type_name, _, field_name = name.partition(".")
        type_ = schema.type_map[type_name]
        assert isinstance(type_, GraphQLObjectType)
        type_.fields[field_name].resolve = resolve
    return schema


def blueprint_with(resolvers: dict[str, Resolver] | None = None, *, steps: bool = False) -> Blueprint:
    """Makes the blueprint. Without steps, graphql-core runs everything."""
    reads: dict[FieldName, Step] = {name: Read(_never) for name in READS} if steps else {}
    return Blueprint(schema_with(resolvers or {}), {}, reads, PRICES, frozenset(), {})


@dataclass
class Shop:
    """An executor over the schema, and shorthands to ask it."""

    resolvers: dict[str, Resolver] = field(default_factory=dict)
    settings: Settings = field(default_factory=Settings)
    context: Context = field(default_factory=Context)

    def __post_init__(self) -> None:
        self.executor = Executor(blueprint_with(self.resolvers), self.settings)

    async def ask(
        self,
        query: str | None = None,
        variables: dict[str, Any] | None = None,
        *,
        allow_mutation: bool = True,
        context: Context | None = None,
        **request: Any,
    ) -> OperationResult:
        """Runs one request."""
        return await self.executor.execute(
            OperationRequest(query=query, variables=variables, **request),
            context or self.context,
            allow_mutation=allow_mutation,
        )


def codes(result: OperationResult) -> list[str]:
    """Gives the codes of a result's errors."""
    return [error["extensions"]["code"] for error in result.errors or ()]


def messages(result: OperationResult) -> list[str]:
    """Gives the messages of a result's errors."""
    return [error["message"] for error in result.errors or ()]
