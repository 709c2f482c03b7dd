"""Writes answers: status by media type, one set of headers, one shape of error."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from custgraph.http.accept import GRAPHQL, JSON, MediaType
from custgraph.http.messages import Answer, Headers, written
from custgraph.http.refusals import Refused
from custgraph.operation import OperationResult

encode: Final = msgspec.json.Encoder().encode

SAFE: Final[Headers] = [(b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff")]
"""On every answer with data in it."""


class Answers:
    """Makes the answers of one edge.

    Args:
        vary_origin: whether answers differ by `Origin`, too.
    """

    def __init__(self, *, vary_origin: bool) -> None:
        vary = b"accept, origin" if vary_origin else b"accept"
        self._headers: dict[MediaType, Headers] = {
            media_type: [(b"content-type", f"{media_type}; charset=utf-8".encode()), *SAFE, (b"vary", vary)]
            for media_type in (JSON, GRAPHQL)
        }
        self._heads = {media_type: written(headers) for media_type, headers in self._headers.items()}
        self._vary = vary

    def of_result(self, result: OperationResult, media_type: MediaType, request_id: str) -> Answer:
        """Answers with what one operation came to."""
        errors = result.errors
        if errors is None and result.extensions is None:
            document: dict[str, Any] = {"data": result.data}
        else:
            document = _document(result)
        answer = self._answer(_status(result, media_type), media_type, document, request_id)
        if errors:
            answer.errors, answer.code = len(errors), _code(errors[0])
        if result.headers:
            answer.add([(name.encode("ascii"), value.encode("latin-1")) for name, value in result.headers])
        return answer

    def of_batch(self, results: Sequence[OperationResult], media_type: MediaType, request_id: str) -> Answer:
        """Answers with what the operations of an array came to, in their order.

        The status is 200, since each has its own errors; when all were refused with one status, it is that one.
        """
        statuses = {_status(result, media_type) for result in results}
        status = statuses.pop() if len(statuses) == 1 else 200
        answer = self._answer(status, media_type, [_document(result) for result in results], request_id)
        for result in results:
            if result.errors:
                answer.errors += len(result.errors)
                answer.code = answer.code or _code(result.errors[0])
        if status != 200:
            named = {name: value for result in results for name, value in result.headers}
            answer.add([(name.encode("ascii"), value.encode("latin-1")) for name, value in named.items()])
        return answer

    def of_refusal(self, refused: Refused, media_type: MediaType, request_id: str) -> Answer:
        """Answers with why a request was turned away."""
        extensions = {"code": refused.code, "requestId": request_id, **refused.extensions}
        document = {"errors": [{"message": refused.message, "extensions": extensions}]}
        answer = self._answer(refused.status, media_type, document, request_id)
        answer.errors, answer.code = 1, refused.code
        answer.add(refused.headers)
        return answer

    def empty(self, headers: Headers, request_id: str) -> Answer:
        """Answers 204."""
        known = [*SAFE, (b"vary", self._vary), (b"x-request-id", request_id.encode("ascii"))]
        return Answer(204, known + headers, b"")

    def _answer(self, status: int, media_type: MediaType, document: Any, request_id: str) -> Answer:
        body = encode(document)
        length, id_ = b"%d" % len(body), request_id.encode("ascii")
        headers = [*self._headers[media_type], (b"content-length", length), (b"x-request-id", id_)]
        head = b"%bcontent-length: %b\r\nx-request-id: %b\r\n" % (self._heads[media_type], length, id_)
        return Answer(status, headers, body, head)


def _status(result: OperationResult, media_type: MediaType) -> int:
    """With `application/json` a well-formed request is answered 200, be its document wrong or not.

    GraphQL over HTTP, "application/json": status codes there tell of HTTP, not of GraphQL. Other statuses than 400 do:
    a mutation over GET (405), a rate limit (429).
    """
    if media_type == JSON and result.status == 400:
        return 200
    return result.status


def _document(result: OperationResult) -> dict[str, Any]:
    """Writes the response map; errors come first, where people see them (GraphQL, "Response Format")."""
    document: dict[str, Any] = {}
    if result.errors:
        document["errors"] = result.errors
    if result.executed:
        document["data"] = result.data
    if result.extensions:
        document["extensions"] = result.extensions
    return document


def _code(error: dict[str, Any]) -> str | None:
    code = error.get("extensions", {}).get("code")
    return code if isinstance(code, str) else None
