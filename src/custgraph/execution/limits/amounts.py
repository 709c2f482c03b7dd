"""Amounts that may depend on variables: a number where they do not, and a small straight-line formula where they do.

A document's amounts are built once, each fragment's shared by all that spread it; a request only fills in its list
sizes and runs down the steps, so the work is linear in the document however often its fragments are spread.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

CEILING: Final = 10**12
"""Where counting stops: far above every limit, and far below numbers that are slow to add."""

Operator = Literal["+", "*", "/"]


class Expression:
    """An amount that depends on variables."""

    __slots__ = ("order",)

    order: int


class Size(Expression):
    """How many items come, as the arguments of one field say.

    Attributes:
        given: lengths that the document tells.
        variables: names of variables that tell lengths: a number, or a list that counts its items.
        assumed: the length when none is told.
        most: the length above which the field is refused anyway.
    """

    __slots__ = ("assumed", "given", "most", "variables")

    def __init__(self, given: int, variables: tuple[str, ...], assumed: int, most: int) -> None:
        self.given = given
        self.variables = variables
        self.assumed = assumed
        self.most = most

    def of(self, values: Mapping[str, Any]) -> int:
        """Gives the length for coerced variables; the longest one when several are told."""
        longest = self.given
        for name in self.variables:
            value = values.get(name)
            if value is not None:
                longest = max(longest, len(value) if isinstance(value, list) else value if type(value) is int else 1)
        if longest < 0:
            longest = self.assumed
        return min(longest, self.most)


class Step(Expression):
    """An operation on two amounts; `/` rounds up."""

    __slots__ = ("left", "operator", "right")

    def __init__(self, operator: Operator, left: Amount, right: Amount) -> None:
        self.operator = operator
        self.left = left
        self.right = right


Amount = int | Expression


def _apply(operator: Operator, left: int, right: int) -> int:
    if operator == "+":
        result = left + right
    elif operator == "*":
        result = left * right
    else:
        result = -(-left // right)
    return min(result, CEILING)


class Ledger:
    """Builds the amounts of one document."""

    def __init__(self) -> None:
        self._count = 0
        self._sizes: dict[tuple[int, tuple[str, ...], int, int], Size] = {}

    def size(self, given: int, variables: tuple[str, ...], assumed: int, most: int) -> Amount:
        """Makes the length of a list; -1 given stands for none."""
        if not variables:
            return min(given if given >= 0 else assumed, most)
        key = (given, variables, assumed, most)
        size = self._sizes.get(key)
        if size is None:
            size = self._sizes[key] = Size(*key)
            self._number(size)
        return size

    def add(self, left: Amount, right: Amount) -> Amount:
        """Adds."""
        if left == 0:
            return right
        return left if right == 0 else self._step("+", left, right)

    def multiply(self, left: Amount, right: Amount) -> Amount:
        """Multiplies."""
        if left == 0 or right == 0:
            return 0
        if left == 1:
            return right
        return left if right == 1 else self._step("*", left, right)

    def divide(self, left: Amount, right: int) -> Amount:
        """Divides, rounding up."""
        return left if right == 1 else self._step("/", left, right)

    def _step(self, operator: Operator, left: Amount, right: Amount) -> Amount:
        if isinstance(left, int) and isinstance(right, int):
            return _apply(operator, left, right)
        step = Step(operator, left, right)
        self._number(step)
        return step

    def _number(self, expression: Expression) -> None:
        expression.order = self._count
        self._count += 1


@dataclass(frozen=True, slots=True)
class Formula:
    """The cost and the upstream calls of one operation, ready to be computed.

    Attributes:
        constants: the first registers.
        sizes: the registers after them.
        steps: operator and registers of each register after those.
        results: registers of the two amounts.
    """

    constants: tuple[int, ...]
    sizes: tuple[Size, ...]
    steps: tuple[tuple[Operator, int, int], ...]
    results: tuple[int, int]

    def compute(self, variables: Mapping[str, Any]) -> tuple[int, int]:
        """Computes cost and upstream calls for coerced variables."""
        registers = [*self.constants, *(size.of(variables) for size in self.sizes)]
        for operator, left, right in self.steps:
            registers.append(_apply(operator, registers[left], registers[right]))
        cost, calls = self.results
        return registers[cost], registers[calls]


def compile_formula(cost: Amount, calls: Amount) -> Formula:
    """Compiles amounts of one ledger; what they share is computed once."""
    reached: dict[int, Expression] = {}
    constants: dict[int, int] = {}
    pending = [cost, calls]
    while pending:
        amount = pending.pop()
        if isinstance(amount, int):
            constants.setdefault(amount, len(constants))
        elif amount.order not in reached:
            reached[amount.order] = amount
            if isinstance(amount, Step):
                pending += (amount.left, amount.right)
    sizes = [each for _, each in sorted(reached.items()) if isinstance(each, Size)]
    steps = [each for _, each in sorted(reached.items()) if isinstance(each, Step)]
    registers = {each.order: len(constants) + index for index, each in enumerate([*sizes, *steps])}

    def register(amount: Amount) -> int:
        return constants[amount] if isinstance(amount, int) else registers[amount.order]

    return Formula(
        tuple(constants),
        tuple(sizes),
        tuple((step.operator, register(step.left), register(step.right)) for step in steps),
        (register(cost), register(calls)),
    )
