"""Finds the document that a request means: by its text, by the hash of its text, or by the id of a trusted one."""

from __future__ import annotations

import re
from typing import Any, Final

from custgraph.config import Settings
from custgraph.errors import InvalidArgument
from custgraph.execution.faults import Fault, Refusal, refuse
from custgraph.execution.persisted import PersistedQueries, sha256_of
from custgraph.execution.preparation import Preparer
from custgraph.execution.prepared import PreparedDocument
from custgraph.execution.shared import SharedStore
from custgraph.execution.trusted import TrustedDocuments
from custgraph.operation import OperationRequest

_SHA256: Final = re.compile(r"[0-9A-Fa-f]{64}")

NO_DOCUMENT: Final = refuse(InvalidArgument("Send a GraphQL document in 'query'."))
# Clients look for exactly these messages and codes. The edge lets no answer be cached.
NOT_FOUND: Final = Refusal((Fault("PersistedQueryNotFound", "PERSISTED_QUERY_NOT_FOUND"),))
NOT_SUPPORTED: Final = Refusal((Fault("PersistedQueryNotSupported", "PERSISTED_QUERY_NOT_SUPPORTED"),))
NOT_TRUSTED: Final = Refusal((Fault("Only trusted documents are run.", "DOCUMENT_NOT_TRUSTED"),))
UNKNOWN_ID: Final = Refusal((Fault("There is no document of that 'documentId'.", "DOCUMENT_NOT_FOUND"),))
TWO_DOCUMENTS: Final = refuse(InvalidArgument("Send either 'documentId' or 'query'."))
BAD_HASH: Final = refuse(InvalidArgument("'extensions.persistedQuery.sha256Hash' is not the hash of 'query'."))
BAD_EXTENSION: Final = refuse(
    InvalidArgument("'extensions.persistedQuery' must be an object with 'version' 1 and a 'sha256Hash'.")
)


class Documents:
    """All documents that requests can name."""

    def __init__(self, preparer: Preparer, settings: Settings, shared: SharedStore | None) -> None:
        """Checks the trusted documents.

        Raises:
            BrokenTrustedDocument: one of them is wrong.
        """
        self._preparer = preparer
        self._trusted = TrustedDocuments(preparer, settings.documents)
        self._trusted_only = settings.documents_only
        self._persisted = PersistedQueries(settings, shared) if settings.persisted_queries else None

    async def find(self, request: OperationRequest) -> PreparedDocument | Refusal:
        """Gives the document that a request means, or says why there is none."""
        text = request.query
        persisted = request.extensions.get("persistedQuery") if request.extensions else None
        if request.document_id is not None:
            if text is not None:
                return TWO_DOCUMENTS
            return self._trusted.by_id(request.document_id) or UNKNOWN_ID
        if persisted is not None:
            return await self._find_persisted(persisted, text)
        if text is None:
            return NO_DOCUMENT
        return await self._by_text(text)

    async def _by_text(self, text: str) -> PreparedDocument | Refusal:
        if self._trusted_only:
            return self._trusted.by_text(text) or NOT_TRUSTED
        return await self._preparer.document(text)

    async def _find_persisted(self, extension: Any, text: str | None) -> PreparedDocument | Refusal:
        sha256 = extension.get("sha256Hash") if isinstance(extension, dict) else None
        if not isinstance(sha256, str) or extension.get("version") != 1:
            return BAD_EXTENSION
        if text is None:
            return self._trusted.by_id(sha256) or await self._recall(sha256)
        if self._trusted_only or self._persisted is None:
            return await self._by_text(text)
        if sha256_of(text) != sha256.lower():
            return BAD_HASH
        document = await self._preparer.document(text)
        if isinstance(document, PreparedDocument):
            await self._persisted.put(sha256.lower(), text)
        return document

    async def _recall(self, sha256: str) -> PreparedDocument | Refusal:
        if self._trusted_only:
            return NOT_TRUSTED
        if self._persisted is None:
            return NOT_SUPPORTED
        text = await self._persisted.get(sha256.lower()) if _SHA256.fullmatch(sha256) else None
        return NOT_FOUND if text is None else await self._preparer.document(text)
