"""Trusted documents: those that a deployment's own clients were built with, checked against the schema at start."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from custgraph.config import SettingsError
from custgraph.execution.faults import Refusal
from custgraph.execution.persisted import sha256_of
from custgraph.execution.preparation import Preparer
from custgraph.execution.prepared import PreparedDocument

APOLLO_FORMAT: Final = "apollo-persisted-query-manifest"


class BrokenTrustedDocument(SettingsError):
    """A file or a document of `CUSTGRAPH_DOCUMENTS` is wrong; the message names it."""

    def __init__(self, name: str, fault: str) -> None:
        super().__init__(f"CUSTGRAPH_DOCUMENTS: {name}: {fault}")


class TrustedDocuments:
    """Prepared documents by id and by text.

    An id is the one that the file gives, the SHA-256 of the text, or for a `*.graphql` file its name without the
    suffix. `sha256:` may stand before a hash, as the persisted documents of GraphQL over HTTP have it.
    """

    def __init__(self, preparer: Preparer, paths: tuple[str, ...] = ()) -> None:
        """Reads and checks all documents.

        Raises:
            BrokenTrustedDocument: one cannot be read, cannot run, or shares its id with another.
        """
        self._by_id: dict[str, PreparedDocument] = {}
        self._by_text: dict[str, PreparedDocument] = {}
        for path in paths:
            for name, id_, text in _read(Path(path)):
                self._add(preparer, name, id_, text)

    def __len__(self) -> int:
        return len(self._by_text)

    def by_id(self, id_: str) -> PreparedDocument | None:
        """Gives the document of an id."""
        return self._by_id.get(id_) or self._by_id.get(id_.removeprefix("sha256:"))

    def by_text(self, text: str) -> PreparedDocument | None:
        """Gives the document of a text, if that very text is trusted."""
        return self._by_text.get(text)

    def _add(self, preparer: Preparer, name: str, id_: str, text: str) -> None:
        document = self._by_text.get(text)
        if document is None:
            document = self._by_text[text] = _prepare(preparer, name, text)
        for key in (id_, sha256_of(text)):
            if self._by_id.setdefault(key, document) is not document:
                raise BrokenTrustedDocument(name, f"another document has the id {key!r} already.")


def _prepare(preparer: Preparer, name: str, text: str) -> PreparedDocument:
    document = preparer.prepare(text)
    if isinstance(document, Refusal):
        raise BrokenTrustedDocument(name, _first_fault(document))
    for operation in document.operations.values():
        if operation.refusal is not None:
            raise BrokenTrustedDocument(name, _first_fault(operation.refusal))
    return document


def _first_fault(refusal: Refusal) -> str:
    fault = refusal.faults[0]
    where = f" (line {fault.locations[0].line})" if fault.locations else ""
    return f"{fault.message}{where}"


def _read(path: Path) -> Iterator[tuple[str, str, str]]:
    """Gives each document's name for people, its id and its text."""
    if path.is_dir():
        files = sorted(path.rglob("*.graphql"))
        if not files:
            raise BrokenTrustedDocument(str(path), "has no *.graphql file.")
        for file in files:
            yield str(file), file.relative_to(path).with_suffix("").as_posix(), _text_of(file)
    else:
        for id_, text in _read_map(path).items():
            yield f"{path}: document {id_!r}", id_, text


def _read_map(path: Path) -> Mapping[str, str]:
    try:
        content = json.loads(_text_of(path))
    except (ValueError, RecursionError):
        fault = "is one document; name its folder." if path.suffix == ".graphql" else "is not JSON."
        raise BrokenTrustedDocument(str(path), fault) from None
    documents = _apollo_operations(content) if _is_apollo(content) else content
    if not isinstance(documents, dict) or not all(isinstance(text, str) for text in documents.values()):
        raise BrokenTrustedDocument(str(path), "is neither a map from ids to texts nor an Apollo manifest.")
    return documents


def _is_apollo(content: Any) -> bool:
    return isinstance(content, dict) and content.get("format") == APOLLO_FORMAT


def _apollo_operations(content: Any) -> Any:
    try:
        return {operation["id"]: operation["body"] for operation in content["operations"]}
    except (KeyError, TypeError):
        return None


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise BrokenTrustedDocument(str(path), "cannot be read: it is not UTF-8.") from None
    except OSError as error:
        fault = f"cannot be read: {error.strerror}. Example: CUSTGRAPH_DOCUMENTS=persisted.json,documents/"
        raise BrokenTrustedDocument(str(path), fault) from None
