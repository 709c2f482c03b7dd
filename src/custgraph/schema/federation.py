"""Apollo Federation's subgraph fields: entities by their keys, all through the loaders, and the schema's SDL.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/subgraph-spec
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any

import msgspec
import strawberry

from custgraph.errors import InvalidArgument, QueryTooComplex
from custgraph.schema.context import Context
from custgraph.schema.customer import Customer, wants_balance
from custgraph.schema.definitions import derived, description_of, read, record_type
from custgraph.schema.enterprise import Enterprise
from custgraph.schema.ids import parse_id
from custgraph.schema.references import EnterpriseReference
from custgraph.schema.scalars import FederationAny

Entity = Annotated[
    Customer | Enterprise,
    strawberry.union("_Entity", description="What other graphs can refer to by its key."),
]
Representations = Annotated[
    list[FederationAny],
    strawberry.argument(description="For each entity, its `__typename` and its `id`."),
]


class Sdl(msgspec.Struct, frozen=True):
    """The schema in one dialect."""

    sdl: str


@record_type(Sdl, name="_Service", description="What a composer asks of a subgraph.")
class Service:
    """The schema, for composers."""

    sdl: str = strawberry.field(description="The schema with federation's directives.")


def federated(query: type, max_representations: int, sdl: Callable[[], str]) -> type:
    """Adds federation's root fields to a query type.

    Args:
        query: the query type.
        max_representations: the most that one call takes.
        sdl: prints the federation dialect.
    """

    async def entities(
        context: Context, _root: object, balance: bool, *, representations: Representations
    ) -> Sequence[Any]:
        return await read_entities(context, representations, balance=balance, limit=max_representations)

    class Query(query):  # type: ignore[misc]
        """What gateways and composers can read, too."""

        entities_: list[Entity | None] = read(
            entities,
            name="_entities",
            wants=wants_balance,
            description="Resolves entities by their keys, in the order given.",
        )
        service: Service = derived(lambda _root: Sdl(sdl()), name="_service", description="This subgraph's schema.")

    return strawberry.type(Query, description=description_of(query))


async def read_entities(
    context: Context, representations: Sequence[object], *, balance: bool, limit: int
) -> Sequence[Any]:
    """Resolves all entities of one call together; one that cannot be had is an error in its own place.

    Args:
        context: the request's.
        representations: objects as a gateway sends them; nothing is taken for granted.
        balance: whether the customers' balances are selected.
        limit: the most representations that are taken.

    Raises:
        QueryTooComplex: they are too many.
    """
    context.require_credential()
    if len(representations) > limit:
        raise QueryTooComplex(
            f"`representations` takes at most {limit}.",
            limit=limit,
            measured=len(representations),
            setting="CUSTGRAPH_MAX_REPRESENTATIONS",
        )
    entities: list[Any] = []
    customers: dict[int, int] = {}  # places and ids
    for index, representation in enumerate(representations):
        entity: Any = None
        try:
            type_name, id_ = _key_of(representation, f"representations[{index}]")
        except InvalidArgument as error:
            entity = error
        else:
            if type_name == "Customer":
                customers[index] = id_
            else:
                entity = EnterpriseReference(id_)
        entities.append(entity)
    if customers:
        outcomes = await context.root_customers(list(customers.values()), balance=balance)
        for index, outcome in zip(customers, outcomes, strict=True):
            entities[index] = outcome
    return entities


def _key_of(representation: object, argument: str) -> tuple[str, int]:
    """Reads an entity's type and id.

    Raises:
        InvalidArgument: it is no object, of no known type, or its `id` is none.
    """
    if not isinstance(representation, Mapping):
        raise InvalidArgument(f"`{argument}` must be an object.", argument=argument)
    type_name = representation.get("__typename")
    if type_name not in ("Customer", "Enterprise"):
        raise InvalidArgument(f"`{argument}.__typename` must be `Customer` or `Enterprise`.", argument=argument)
    id_ = representation.get("id")
    if type(id_) is int and 0 < id_ < 10**19:  # the ID scalar takes numbers as well
        id_ = str(id_)
    if not isinstance(id_, str):
        raise InvalidArgument(f"`{argument}.id` must be an ID.", argument=argument)
    return type_name, parse_id(id_, f"{argument}.id")
