"""Prepares documents: parses, validates and measures each text once."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final

from graphql import FieldNode, FragmentDefinitionNode, OperationDefinitionNode
from graphql.execution.collect_fields import FragmentDetails

from custgraph.config import Settings
from custgraph.execution.cache import BoundedCache
from custgraph.execution.faults import Refusal
from custgraph.execution.limits import Limits, Measurer, Tariff
from custgraph.execution.plan import Planner
from custgraph.execution.prepared import Fragments, PreparedDocument, PreparedOperation
from custgraph.execution.validation import Validator
from custgraph.execution.variables import VariableCoercer
from custgraph.steps import Blueprint

BYTES_PER_TOKEN: Final = 400
"""What a token takes in a parsed document, measured; the cache weighs documents and their texts in tokens."""


OFF_LOOP_LENGTH: Final = 1_000
"""Characters from which on a text is prepared in a thread: the dearest of them would hold up everybody else's requests
for tens of milliseconds. There is one thread, so that they hold up each other and not the event loop."""

PLANNED_RUN: Final = 2
"""The run before which an operation is compiled: the first one does not tell whether there will be another."""


class Preparer:
    """Prepares documents and keeps them."""

    def __init__(self, blueprint: Blueprint, settings: Settings) -> None:
        self._blueprint = blueprint
        self._hide_suggestions = not settings.suggestions
        self._limits = Limits(settings)
        self._tariff = Tariff(blueprint)
        self._planner = Planner(blueprint)
        self._validator = Validator(blueprint.schema, self._limits, settings)
        self._documents: BoundedCache[PreparedDocument | Refusal] = BoundedCache(
            settings.document_cache, settings.document_cache_tokens
        )
        self._under_way: dict[str, asyncio.Future[PreparedDocument | Refusal]] = {}
        self._worker = ThreadPoolExecutor(1, "custgraph-prepare")

    def known(self, text: str) -> PreparedDocument | Refusal | None:
        """Gives the document of a text that was prepared before; None for any other text."""
        return self._documents.get(text)

    async def document(self, text: str) -> PreparedDocument | Refusal:
        """Gives the document of a text, ready to run, or says why it never can."""
        document = self._documents.get(text)
        if document is not None:
            return document
        if len(text) > self._limits.source.maximum:
            return self.prepare(text)  # which refuses it at a glance
        if len(text) >= OFF_LOOP_LENGTH:
            return await self._prepare_off_loop(text)
        document = self.prepare(text)
        self._keep(text, document)
        return document

    async def _prepare_off_loop(self, text: str) -> PreparedDocument | Refusal:
        """Prepares a text in the thread; who asks for the same one meanwhile gets the same document."""
        loop = asyncio.get_running_loop()
        preparing = self._under_way.get(text)
        if preparing is None or preparing.get_loop() is not loop:
            preparing = self._under_way[text] = loop.run_in_executor(self._worker, self.prepare, text)
            preparing.add_done_callback(partial(self._prepared, text))
        return await asyncio.shield(preparing)  # another may wait for it, too

    def _prepared(self, text: str, preparing: asyncio.Future[PreparedDocument | Refusal]) -> None:
        self._under_way.pop(text, None)
        if not preparing.cancelled() and preparing.exception() is None:
            self._keep(text, preparing.result())

    def _keep(self, text: str, document: PreparedDocument | Refusal) -> None:
        tokens = 1 if isinstance(document, Refusal) else document.node.token_count
        self._documents.put(text, document, tokens + len(text) // BYTES_PER_TOKEN)

    def prepare(self, text: str) -> PreparedDocument | Refusal:
        """Prepares a text without keeping it."""
        document = self._validator.parse(text)
        if isinstance(document, Refusal):
            return document
        refusal = self._validator.validate(document)
        if refusal is not None:
            return refusal
        definitions = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }
        fragments = Fragments(definitions, {name: FragmentDetails(node) for name, node in definitions.items()})
        measurer = Measurer(self._tariff, definitions)
        operations: dict[str | None, PreparedOperation] = {
            node.name.value if node.name else None: self._operation(node, fragments, measurer)
            for node in document.definitions
            if isinstance(node, OperationDefinitionNode)
        }
        if len(operations) == 1:
            operations[None] = next(iter(operations.values()))
        return PreparedDocument(document, operations)

    def count_run(self, operation: PreparedOperation) -> None:
        """Counts a run of an operation that has no plan yet, and makes the plan when it is time."""
        operation.runs += 1
        if operation.runs == PLANNED_RUN:
            operation.plan = self._planner.plan(operation.fragments.definitions, operation.node)

    def _names_bulky(self, node: OperationDefinitionNode) -> bool:
        """Looks for the names anywhere in the text: a field can only be asked for by its name."""
        return node.loc is None or any(name in node.loc.source.body for name in self._blueprint.bulky)

    def _operation(self, node: OperationDefinitionNode, fragments: Fragments, measurer: Measurer) -> PreparedOperation:
        measures = measurer.measure(node)
        faults = self._limits.passed_by(measures)
        fixed = None if measures.amounts.sizes else measures.amounts.compute({})
        if fixed is not None:
            faults += self._limits.passed_by_amounts(*fixed)
        return PreparedOperation(
            kind="mutation" if node.operation.value == "mutation" else "query",
            node=node,
            fragments=fragments,
            variables=VariableCoercer(self._blueprint.schema, node, hide_suggestions=self._hide_suggestions)
            if node.variable_definitions
            else None,
            measures=measures,
            fixed=fixed,
            refusal=Refusal(faults) if faults else None,
            brief=node.operation.value == "query" and not self._names_bulky(node),
            alone=len(roots := node.selection_set.selections) == 1 and isinstance(roots[0], FieldNode),
        )
