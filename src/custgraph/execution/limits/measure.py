"""Measures operations in one pass over their document: each fragment is summed up once, however often it is spread.

What is counted is what an expanding walk would count, every spread fragment walked anew and conditions taken as met:
an upper bound, whatever `@skip` and `@include` decide.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLNamedType,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    NullValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
)
from graphql.type import GraphQLField
from graphql.utilities.coerce_input_value import coerce_default_value

from custgraph.execution.limits.amounts import CEILING, Amount, Formula, Ledger, compile_formula
from custgraph.execution.limits.tariff import Tariff, is_list, weight_of
from custgraph.steps import Bill, Price

ROOT_COST: Final = 1
"""Cost of the operation's root object."""


@dataclass(frozen=True, slots=True)
class Measures:
    """What one operation asks for.

    Attributes:
        depth: deepest nesting of fields; 1 for a root field.
        aliases: fields under another name.
        root_fields: fields of the root.
        directives: directives on the operation and in its selections.
        fields: fields in all.
        amounts: computes the cost and the upstream calls.
    """

    depth: int
    aliases: int
    root_fields: int
    directives: int
    fields: int
    amounts: Formula


@dataclass(slots=True)
class Tally:
    """Amounts of a selection set, for one object.

    Attributes:
        cost: cost of the fields.
        calls: upstream calls.
        keys: keys that go to a loader at once, with those of whatever is asked for in the same turn.
    """

    cost: Amount = 0
    calls: Amount = 0
    keys: dict[tuple[str, int], Amount] = field(default_factory=dict)


@dataclass(slots=True)
class Summary:
    """What a selection set holds, its fragments included.

    Attributes:
        depth, aliases, directives, fields: as in `Measures`.
        own_fields: fields of this level.
        names: names of those.
        flat: amounts of the fields that one object has once.
        sized: amounts of the fields that hold the items of a sized parent, for one item.
    """

    depth: int = 0
    aliases: int = 0
    directives: int = 0
    fields: int = 0
    own_fields: int = 0
    names: set[str] = field(default_factory=set)
    flat: Tally = field(default_factory=Tally)
    sized: Tally = field(default_factory=Tally)


class Measurer:
    """Measures the operations of one valid document."""

    def __init__(self, tariff: Tariff, fragments: Mapping[str, FragmentDefinitionNode]) -> None:
        self._tariff = tariff
        self._schema = tariff.schema
        self._fragments = fragments
        self._ledger = Ledger()
        self._summaries: dict[tuple[int, tuple[str, ...]], Summary] = {}

    def measure(self, operation: OperationDefinitionNode) -> Measures:
        """Sums up one operation."""
        root = self._schema.get_root_type(operation.operation)
        assert root is not None  # noqa: S101 - validated
        summary = self._summarise(operation.selection_set, root, ())
        total = Tally()
        self._add(total, summary.flat, 1)
        self._settle(total)
        directives = summary.directives + len(operation.directives or ())
        for variable in operation.variable_definitions or ():
            directives += len(variable.directives or ())
        return Measures(
            summary.depth,
            summary.aliases,
            summary.own_fields,
            min(directives, CEILING),
            summary.fields,
            compile_formula(self._ledger.add(total.cost, ROOT_COST), total.calls),
        )

    def _summarise(self, selection_set: SelectionSetNode, type_: GraphQLNamedType, sized: tuple[str, ...]) -> Summary:
        key = (id(selection_set), sized)
        summary = self._summaries.get(key)
        if summary is not None:
            return summary
        summary = self._summaries[key] = Summary()
        for selection in selection_set.selections:
            summary.directives += len(selection.directives or ())
            if isinstance(selection, FieldNode):
                self._include_field(summary, selection, type_, sized)
            elif isinstance(selection, InlineFragmentNode):
                condition = selection.type_condition
                inner = self._schema.type_map[condition.name.value] if condition else type_
                self._include(summary, self._summarise(selection.selection_set, inner, sized))
            elif isinstance(selection, FragmentSpreadNode):
                fragment = self._fragments[selection.name.value]
                summary.directives += len(fragment.directives or ())
                inner = self._schema.type_map[fragment.type_condition.name.value]
                self._include(summary, self._summarise(fragment.selection_set, inner, sized))
        return summary

    def _include(self, summary: Summary, other: Summary) -> None:
        summary.depth = max(summary.depth, other.depth)
        summary.aliases = min(summary.aliases + other.aliases, CEILING)
        summary.directives = min(summary.directives + other.directives, CEILING)
        summary.fields = min(summary.fields + other.fields, CEILING)
        summary.own_fields = min(summary.own_fields + other.own_fields, CEILING)
        summary.names |= other.names
        self._add(summary.flat, other.flat, 1)
        self._add(summary.sized, other.sized, 1)

    def _include_field(
        self, summary: Summary, node: FieldNode, type_: GraphQLNamedType, sized: tuple[str, ...]
    ) -> None:
        name = node.name.value
        definition = self._schema.get_field(type_, name)  # type: ignore[arg-type]  # validated: it has fields
        assert definition is not None  # noqa: S101 - validated
        tally = Tally()
        inside = Summary()
        for price in self._tariff.prices(type_, name):
            if node.selection_set is not None:
                inside = self._summarise(node.selection_set, get_named_type(definition.type), price.sized)
            self._charge(tally, node, definition, price, inside, waits=self._tariff.waits(type_, name))
        if type_ is self._schema.mutation_type:
            self._settle(tally)  # its root fields run one after the other
        summary.depth = max(summary.depth, inside.depth + 1)
        summary.aliases = min(summary.aliases + inside.aliases + (node.alias is not None), CEILING)
        summary.directives = min(summary.directives + inside.directives, CEILING)
        summary.fields = min(summary.fields + inside.fields + 1, CEILING)
        summary.own_fields += 1
        summary.names.add(name)
        self._add(summary.sized if name in sized else summary.flat, tally, 1)

    def _charge(
        self, tally: Tally, node: FieldNode, definition: GraphQLField, price: Price, inside: Summary, *, waits: bool
    ) -> None:
        """Adds what one occurrence of a field costs, with all that is below it."""
        ledger = self._ledger
        size = self._size(node, definition, price)
        times = size if is_list(definition) and not price.sized else 1
        below = Tally(cost=weight_of(price, definition))
        self._add(below, inside.flat, 1)
        self._add(below, inside.sized, size)
        above = Tally()
        self._add(above, below, times)
        if waits:
            self._settle(above)
        above.calls = ledger.add(above.calls, self._own_calls(price.bill, size, inside.names))
        if price.bill.loader is not None:
            self._add(above, Tally(keys={(price.bill.loader, price.bill.batch): size}), 1)
        self._add(tally, above, 1)

    def _own_calls(self, bill: Bill, size: Amount, selected: set[str]) -> Amount:
        calls = bill.calls + sum(more for name, more in bill.selected.items() if name in selected)
        return self._ledger.add(calls, self._ledger.multiply(bill.per_key, size))

    def _add(self, tally: Tally, other: Tally, times: Amount) -> None:
        ledger = self._ledger
        tally.cost = ledger.add(tally.cost, ledger.multiply(other.cost, times))
        tally.calls = ledger.add(tally.calls, ledger.multiply(other.calls, times))
        for loader, keys in other.keys.items():
            tally.keys[loader] = ledger.add(tally.keys.get(loader, 0), ledger.multiply(keys, times))

    def _settle(self, tally: Tally) -> None:
        """Turns the keys that were gathered into list calls: nothing that comes later shares them."""
        for (_, batch), keys in tally.keys.items():
            tally.calls = self._ledger.add(tally.calls, self._ledger.divide(keys, batch))
        tally.keys.clear()

    def _size(self, node: FieldNode, definition: GraphQLField, price: Price) -> Amount:
        """Reads off the arguments how many items come: the most that any of them says."""
        given = -1
        variables: list[str] = []
        for argument in node.arguments or ():
            name = argument.name.value
            if name not in price.slicing:
                continue
            value = argument.value
            if isinstance(value, VariableNode):
                variables.append(value.name.value)
            elif isinstance(value, ListValueNode):
                given = max(given, len(value.values))
            elif isinstance(value, IntValueNode) and not is_list(definition.args[name]):
                given = max(given, int(value.value))
            elif not isinstance(value, NullValueNode):
                given = max(given, 1)  # a list of one
        return self._ledger.size(given, tuple(variables), self._assumed(definition, price), price.most)

    def _assumed(self, definition: GraphQLField, price: Price) -> int:
        """Gives the length when no argument tells it: its default's, if the schema has one."""
        defaults = [coerce_default_value(definition.args[name]) for name in price.slicing]
        lengths = [len(each) if isinstance(each, list) else each for each in defaults]
        return max((each for each in lengths if isinstance(each, int)), default=price.assumed)
