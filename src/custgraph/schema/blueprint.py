"""Builds the schema and all that an executor has to know of it."""

from __future__ import annotations

import strawberry
from strawberry.schema.config import StrawberryConfig
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.field import StrawberryField

from custgraph.config import Settings
from custgraph.schema.binding import bind, records_of, steps_of
from custgraph.schema.mutation import Mutation
from custgraph.schema.query import Query
from custgraph.schema.scalars import SCALARS
from custgraph.steps import Blueprint


class _Schema(strawberry.Schema):
    def get_fields(self, type_definition: StrawberryObjectDefinition) -> list[StrawberryField]:
        """Gives a type's fields in the order in which its class has them; Strawberry has an interface's first."""
        order = list(type_definition.origin.__annotations__)
        return sorted(type_definition.fields, key=lambda field: order.index(field.python_name))


def build_blueprint(settings: Settings) -> Blueprint:  # noqa: ARG001
    """Builds the schema: types, steps and prices."""
    schema = _Schema(query=Query, mutation=Mutation, config=StrawberryConfig(scalar_map=SCALARS))._schema  # noqa: SLF001 - its only way
    steps = steps_of(schema)
    bind(schema, steps)
    return Blueprint(schema, records_of(schema), steps, {})
