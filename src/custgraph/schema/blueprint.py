"""Builds the schema and all that an executor has to know of it."""

from __future__ import annotations

from functools import cache
from inspect import get_annotations

import strawberry
from strawberry.schema.config import StrawberryConfig
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.field import StrawberryField

from custgraph.config import Settings
from custgraph.schema.binding import bind, records_of, steps_of
from custgraph.schema.customer import ADDRESSES, BRIEF
from custgraph.schema.dialects import Dialect, sdl
from custgraph.schema.federation import federated
from custgraph.schema.mutation import Mutation
from custgraph.schema.prices import prices_of
from custgraph.schema.query import Query
from custgraph.schema.scalars import SCALARS
from custgraph.schema.stitching import self_describing
from custgraph.steps import Blueprint


class _Schema(strawberry.Schema):
    def get_fields(self, type_definition: StrawberryObjectDefinition) -> list[StrawberryField]:
        """Gives a type's fields in the order in which its class has them; Strawberry has an interface's first."""
        order: dict[str, None] = {}
        for base in reversed(type_definition.origin.__mro__):
            for name in get_annotations(base):
                order.pop(name, None)
                order[name] = None
        names = list(order)
        return sorted(type_definition.fields, key=lambda field: names.index(field.python_name))


def build_blueprint(settings: Settings) -> Blueprint:
    """Builds the schema that is served: types, steps and prices."""

    @cache
    def text(dialect: Dialect) -> str:
        return sdl(blueprint, dialect)

    query = federated(Query, settings.max_representations, lambda: text("federation"))
    if settings.stitching_sdl:
        query = self_describing(query, lambda: text("stitching"))
    schema = _Schema(query=query, mutation=Mutation, config=StrawberryConfig(scalar_map=SCALARS))._schema  # noqa: SLF001 - its only way
    steps = steps_of(schema)
    bind(schema, steps)
    blueprint = Blueprint(schema, records_of(schema), steps, prices_of(settings), ADDRESSES, BRIEF)
    return blueprint
