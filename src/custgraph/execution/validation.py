"""Parses and validates, within budgets: a hostile document costs little, and its faults are few and short."""

from __future__ import annotations

import re
from typing import Any, Final

from graphql import (
    SKIP,
    ASTValidationRule,
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    OverlappingFieldsCanBeMergedRule,
    ValidationContext,
    ValidationRule,
    ValuesOfCorrectTypeRule,
    VisitorAction,
    parse,
    specified_rules,
    validate,
)

from custgraph.config import Settings
from custgraph.execution.faults import PARSE_FAILED, VALIDATION_FAILED, Fault, Refusal
from custgraph.execution.limits import Limits

MAX_ERRORS: Final = 5
MAX_FRAGMENT_WORK: Final = 5_000
MAX_COMPLEXITY: Final = 50_000


class _FragmentBudget(ValidationRule):
    """Checks nothing: it lowers the work that the context lets the other rules spend on fragments."""

    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        context._remaining_fragment_work = MAX_FRAGMENT_WORK  # noqa: SLF001 - else a global of the whole process


class _OverlappingFieldsWithinBudget(OverlappingFieldsCanBeMergedRule):
    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        self.rule_context.remaining_complexity_budget = MAX_COMPLEXITY


class _ValuesUnquoted(ValuesOfCorrectTypeRule):
    """Says what is wrong with a literal without the literal, which may be personal data."""

    def report_error(self, error: GraphQLError) -> None:
        super().report_error(GraphQLError(_unquoted(error.message), error.nodes))


class _NoIntrospection(ValidationRule):
    def enter_field(self, node: FieldNode, *_args: Any) -> VisitorAction:
        if node.name.value not in ("__schema", "__type"):
            return None
        self.report_error(GraphQLError("Introspection is switched off.", node))
        return SKIP


_OURS: Final[dict[type[ASTValidationRule], type[ASTValidationRule]]] = {
    OverlappingFieldsCanBeMergedRule: _OverlappingFieldsWithinBudget,
    ValuesOfCorrectTypeRule: _ValuesUnquoted,
}

_STRING_TOKEN: Final = re.compile(r"((?:Block)?String) '.*", re.DOTALL)
_BEFORE_QUOTE: Final = re.compile(r", but encountered error |, found: | Found: |(?<= value): ")


class Validator:
    """Turns source text into a valid document, or says why not."""

    def __init__(self, schema: GraphQLSchema, limits: Limits, settings: Settings) -> None:
        self._schema = schema
        self._limits = limits
        self._hide_suggestions = not settings.suggestions
        self._rules: list[type[ASTValidationRule]] = [_FragmentBudget]
        self._rules += [_OURS.get(rule, rule) for rule in specified_rules]
        if not settings.introspection:
            self._rules.append(_NoIntrospection)

    def parse(self, text: str) -> DocumentNode | Refusal:
        """Parses the text within the limits on its size."""
        limits = self._limits
        size = len(text) if text.isascii() else len(text.encode(errors="surrogatepass"))
        if size > limits.source.maximum:
            return Refusal((limits.source.fault(size),))
        try:
            return parse(text, max_lexical_tokens=limits.tokens.maximum, max_comments=limits.comments.maximum)
        except GraphQLSyntaxError as error:
            return Refusal((self._syntax_fault(error),))

    def validate(self, document: DocumentNode) -> Refusal | None:
        """Validates the document; None when nothing is wrong."""
        errors = validate(
            self._schema,
            document,
            self._rules,
            max_errors=MAX_ERRORS,
            hide_suggestions=self._hide_suggestions,
        )
        return Refusal(tuple(self._fault(error) for error in errors)) if errors else None

    def _syntax_fault(self, error: GraphQLSyntaxError) -> Fault:
        for sign, limit in (
            ("tokens. Parsing aborted.", self._limits.tokens),
            ("comments. Parsing aborted.", self._limits.comments),
        ):
            if error.message.endswith(sign):
                return limit.fault(limit.maximum + 1)  # where counting stopped
        return Fault(_STRING_TOKEN.sub(r"\1.", error.message), PARSE_FAILED, tuple(error.locations or ()))

    def _fault(self, error: GraphQLError) -> Fault:
        message = error.message.partition(" Did you mean ")[0] if self._hide_suggestions else error.message
        return Fault(message, VALIDATION_FAILED, tuple(error.locations or ()))


def _unquoted(message: str) -> str:
    head = _BEFORE_QUOTE.split(message, maxsplit=1)[0]
    return head if head.endswith((".", "?")) else f"{head}."
