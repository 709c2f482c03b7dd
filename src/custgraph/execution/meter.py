"""Measures documents that nobody runs, for a frontend's CI."""

from __future__ import annotations

from collections.abc import Mapping

from custgraph.config import Settings
from custgraph.execution.faults import Fault, Refusal
from custgraph.execution.limits import Limits, OperationReport, report_operation
from custgraph.execution.preparation import Preparer
from custgraph.steps import Blueprint


class InvalidDocument(Exception):
    """A document that can never run. `faults` say why, with their places in it."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("; ".join(fault.message for fault in faults))
        self.faults = faults


class Meter:
    """Reports on documents."""

    def __init__(self, blueprint: Blueprint, settings: Settings) -> None:
        self._limits = Limits(settings)
        self._preparer = Preparer(blueprint, settings)

    def measure(self, text: str, variables: Mapping[str, int] | None = None) -> tuple[OperationReport, ...]:
        """Reports on each operation of a document.

        Args:
            text: the document.
            variables: upper bounds of variables that list sizes come from: a number, or the length of a list. One that
                is not told counts as large as its argument takes.

        Raises:
            InvalidDocument: it does not parse, is not valid, or passes a limit on documents.
        """
        document = self._preparer.prepare(text)
        if isinstance(document, Refusal):
            raise InvalidDocument(document.faults)
        operations = {id(operation): operation for operation in document.operations.values()}
        return tuple(
            report_operation(
                operation.node.name.value if operation.node.name else None,
                operation.kind,
                operation.measures,
                variables or {},
                self._limits,
            )
            for operation in operations.values()
        )
