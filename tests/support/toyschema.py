"""A small schema that has one of everything a plan may meet."""

from __future__ import annotations

import asyncio
import enum
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any

import msgspec
from graphql import (
    GraphQLEnumType,
    GraphQLObjectType,
    GraphQLScalarType,
    build_schema,
)
from msgspec import UNSET, Meta, UnsetType

from custgraph.steps import Attribute, Blueprint, Derived, FieldName, Read, Remark, Step, note

SDL = """
interface Thing { id: ID! }
union Any = Book | Author
enum Mood { CALM GRUMPY }
scalar Moment
input Range { from: Int = 1  to: Int  tags: [String!] }
type Query {
  book(id: ID!): Book
  books(ids: [ID!]!): [Book]!
  shelf(first: Int = 2, range: Range, mood: Mood, title: String): [Book!]
  thing(id: ID!): Thing
  anything: [Any]
  late(after: Int): String!
  counted(to: Int!): String
  version: String!
}
type Mutation { rename(id: ID!, title: String!): Book  other: Book }
type Book implements Thing {
  id: ID!
  title: String!
  subtitle: String
  pages: Int!
  rating: Float
  mood: Mood
  printedAt: Moment
  tags: [String!]!
  grid: [[Int]]
  author: Author
  coauthors: [Author!]
  shout: String
  price: String
  sequel: Book
  strictSequel: Book!
  imprint: Imprint
}
type Imprint { code: String  name: String  share: Float }
type Author implements Thing { id: ID!  name: String  books(first: Int): [Book!]! }
"""


class Mood(enum.Enum):
    """A mood."""

    CALM = 1
    GRUMPY = 2


class Author(msgspec.Struct, frozen=True, gc=False):
    """Someone who writes."""

    id: int
    name: str | None


class Imprint(msgspec.Struct, frozen=True, gc=False):
    """Where a book comes out; its attributes are written as they are."""

    code: str | None
    name: str | None
    share: Annotated[float, Meta(ge=0, le=1)] | None = 0.5


class Book(msgspec.Struct, frozen=True, gc=False):
    """Something that was written."""

    id: int
    title: str = "Emma"
    subtitle: str | None = None
    pages: int = 300
    rating: float | None = None
    mood: Mood | None = None
    printed_at: datetime | None = None
    tags: list[str] = []
    grid: list[list[int | None]] | None = None
    author: Author | None = None
    coauthors: list[Author] | None = None
    price: Decimal | UnsetType = UNSET
    imprint: Imprint | None = Imprint("P", "Penguin")


@dataclass
class Context:
    """A request's context.

    Attributes:
        notes: remarks made.
        calls: reads made, by what they read.
        values: what reads bring, instead of a good book: by what they read. An exception is raised.
        gates: reads that wait for an event.
    """

    notes: list[Any] = field(default_factory=list)
    sole: bool = True
    calls: list[str] = field(default_factory=list)
    values: Mapping[str, Any] = field(default_factory=dict)
    gates: Mapping[str, asyncio.Event] = field(default_factory=dict)

    async def read(self, what: str, usual: Any) -> Any:
        """Reads something."""
        self.calls.append(what)
        if what in self.gates:
            await self.gates[what].wait()
        value = self.values.get(what, usual)
        if isinstance(value, BaseException):
            raise value
        return value


def book(context: Context, _root: object, _wants: object, *, id: str) -> Awaitable[Any]:  # noqa: A002
    return context.read(f"book {id}", Book(int(id)))


def books(context: Context, _root: object, _wants: object, *, ids: list[str]) -> Awaitable[Any]:
    return context.read(f"books {','.join(ids)}", [Book(int(id_)) for id_ in ids])


def shelf(context: Context, _root: object, _wants: object, **arguments: Any) -> Awaitable[Any]:
    return context.read(f"shelf {arguments}", [Book(1), Book(2)])


def thing(context: Context, _root: object, _wants: object, *, id: str) -> Awaitable[Any]:  # noqa: A002
    return context.read(f"thing {id}", Book(int(id)) if int(id) < 10 else Author(int(id), "Jane"))


def anything(context: Context, _root: object, _wants: object) -> Awaitable[Any]:
    return context.read("anything", [Book(1), None, Author(2, None)])


def late(context: Context, _root: object, _wants: object, *, after: int = 0) -> Awaitable[Any]:
    return context.read(f"late {after}", "done")


def counted(context: Context, _root: object, _wants: object, *, to: int) -> Awaitable[Any]:
    return context.read(f"counted {to}", f"to {to}")


def sequel(context: Context, source: Book, _wants: object) -> Awaitable[Any]:
    return context.read(f"sequel {source.id}", Book(source.id + 100))


def price(context: Context, source: Book, _wants: object) -> Awaitable[Any]:
    return context.read(f"price {source.id}", "9.50")


def written(context: Context, source: Author, wants: Any, **arguments: Any) -> Awaitable[Any]:
    return context.read(f"written {source.id} {arguments} {wants}", [Book(1), Book(2)])


def rename(context: Context, _root: object, _wants: object, *, id: str, title: str) -> Awaitable[Any]:  # noqa: A002
    return context.read(f"rename {id}", Book(int(id), title))


def other(context: Context, _root: object, _wants: object) -> Awaitable[Any]:
    return context.read("other", Book(77))


def odd(value: Any) -> Exception | None:
    """Remarks on shelves of a single book."""
    return ValueError("a lonely book") if isinstance(value, list) and len(value) == 1 else None


STEPS: dict[FieldName, Step] = {
    ("Query", "book"): Read(book),
    ("Query", "books"): Read(books),
    ("Query", "shelf"): Read(shelf, remark=odd),
    ("Query", "thing"): Read(thing),
    ("Query", "anything"): Read(anything),
    ("Query", "late"): Read(late),
    ("Query", "counted"): Read(counted),
    ("Query", "version"): Derived(lambda _root: "1"),
    ("Mutation", "rename"): Read(rename),
    ("Mutation", "other"): Read(other),
    **{("Book", name): Attribute(name) for name in ("id", "title", "subtitle", "pages", "rating", "mood", "tags")},
    **{("Book", name): Attribute(name) for name in ("grid", "author", "coauthors", "imprint")},
    **{("Imprint", name): Attribute(name) for name in ("code", "name", "share")},
    ("Book", "printedAt"): Attribute("printed_at"),
    ("Book", "shout"): Derived(lambda source: source.title.upper()),
    ("Book", "price"): Read(price, held="price"),
    ("Book", "sequel"): Read(sequel),
    ("Book", "strictSequel"): Read(sequel),
    ("Author", "id"): Attribute("id"),
    ("Author", "name"): Attribute("name"),
    ("Author", "books"): Read(written, wants=lambda nodes, _fragments, _variables: len(nodes)),
}


def _resolver(step: Step) -> Callable[..., Any]:
    def resolve(source: Any, info: Any, **arguments: Any) -> Any:
        match step:
            case Attribute(name):
                return getattr(source, name)
            case Derived(compute):
                return compute(source)
            case Read():
                if step.held is not None and getattr(source, step.held) is not UNSET:
                    return getattr(source, step.held)
                wants = step.wants and step.wants(info.field_nodes, info.fragments, info.variable_values.coerced)
                value = step.fetch(info.context, source, wants, **arguments)
                return value if step.remark is None else _noted(value, step.remark, info)

    return resolve


async def _noted(awaited: Awaitable[Any], remark: Remark, info: Any) -> Any:
    value = await awaited
    note(remark, value, info)
    return value


def make_blueprint() -> Blueprint:
    """Makes the schema, with resolvers made of the steps."""
    schema = build_schema(SDL)
    for (type_name, name), step in STEPS.items():
        type_ = schema.type_map[type_name]
        assert isinstance(type_, GraphQLObjectType)
        type_.fields[name].resolve = _resolver(step)
    mood, moment = schema.type_map["Mood"], schema.type_map["Moment"]
    assert isinstance(mood, GraphQLEnumType)
    assert isinstance(moment, GraphQLScalarType)
    for name, value in mood.values.items():
        value.value = Mood[name]
    moment.coerce_output_value = lambda value: value.astimezone(UTC).isoformat()
    for name, record in (("Book", Book), ("Author", Author)):
        type_ = schema.type_map[name]
        assert isinstance(type_, GraphQLObjectType)
        type_.is_type_of = lambda value, _info, record=record: isinstance(value, record)
    return Blueprint(schema, {"Book": Book, "Author": Author, "Imprint": Imprint}, STEPS, {}, frozenset(), {})
