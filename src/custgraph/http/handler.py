"""The core of the edge: a whole HTTP request in, a whole HTTP answer out; no server, no framework.

Read `_handle` from top to bottom: request id, media types, method, the gate, the credential, the operation, its run. A
request whose head is known has been through all of that but the gate.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import lru_cache
from time import perf_counter
from typing import Final

from custgraph.config import Settings
from custgraph.credentials import Caller, Credential
from custgraph.errors import CustgraphError
from custgraph.http.accept import GRAPHQL, JSON, Accepted, MediaType, negotiate
from custgraph.http.answers import Answers
from custgraph.http.callers import Callers, RequestIds
from custgraph.http.content_type import is_json
from custgraph.http.cross_site import CrossSite
from custgraph.http.decoding import IN_URL, decode_body, decode_query_string, has_token, names_document
from custgraph.http.explorer_page import Page
from custgraph.http.fields import read_fields
from custgraph.http.gate import Gate
from custgraph.http.known_heads import KnownHeads
from custgraph.http.messages import Answer, KnownHead, Request
from custgraph.http.refusals import Refused
from custgraph.http.runner import RequestContext, Runner
from custgraph.operation import Engine
from custgraph.telemetry import RequestLine, fault, logger, request_log
from custgraph.telemetry.vocabulary import one_line

_ALLOW: Final = [(b"allow", b"GET, HEAD, POST, OPTIONS")]
_REPORT_COST: Final = b"graphql-report-cost"  # a request with this header, whatever its value, is told its cost
_KNOWN: Final = 256  # header values whose reading is kept
_GONE: Final = 499  # in the log: the client had gone before its answer
_log = logger("custgraph.http")


class _Exchange:
    """What is learned of one request on its way, for its answer and its line in the log."""

    __slots__ = ("credential", "fields", "media_type", "request", "request_id", "started")

    def __init__(self, request: Request) -> None:
        self.request = request
        self.started = perf_counter()
        self.request_id = ""
        self.fields: dict[bytes, bytes] = {}
        self.media_type: MediaType = JSON
        self.credential = ""


class Handler:
    """Answers requests for the GraphQL endpoint.

    Args:
        engine: runs operations.
        make_context: makes what one request's operations share.
        settings: limits, credentials, origins.
        gate: counts and sheds operations.
        page: what browsers get; None for nothing.
        known_heads: learns the heads of what is let in.
        count: told the status of every answer; None for nobody.
    """

    def __init__(
        self,
        engine: Engine,
        make_context: Callable[[Caller], RequestContext],
        settings: Settings,
        gate: Gate,
        page: Page | None,
        known_heads: KnownHeads,
        count: Callable[[int], None] | None = None,
    ) -> None:
        token = settings.upstream_token
        self._gate = gate
        self._runner = Runner(engine, make_context, gate, settings.max_batch if settings.batching else None)
        self._page = page
        self._known_heads = known_heads
        self._count = count
        self._callers = Callers(settings.session_cookie, token.get_secret_value() if token is not None else None)
        self._cross_site = CrossSite(settings.cors_origins, cookies=settings.session_cookie is not None)
        self._answers = Answers(vary_origin=self._cross_site.varies)
        # Clients send the same few values; a bounded memory of them spares reading each again.
        self._negotiate = lru_cache(_KNOWN)(negotiate)
        self._is_json = lru_cache(_KNOWN)(is_json)
        self._ids = RequestIds()
        self._log_request: Callable[[RequestLine], None] | None = None

    async def answer(self, request: Request) -> Answer:
        """Answers one request. Being cancelled means that the client has gone: a query ends, a mutation goes on."""
        exchange = _Exchange(request)
        try:
            answer = await self._handle(exchange)
        except Refused as refused:
            answer = self._refusal(exchange, refused)
        except asyncio.CancelledError:
            self._log(exchange, None)
            raise
        except Exception as error:  # noqa: BLE001 - whatever goes wrong, the client gets an answer
            answer = self._refusal(exchange, Refused(500, CustgraphError.default_message))
            _log.error("request failed", request_id=exchange.request_id, **fault(error))
        if b"origin" in exchange.fields:
            answer.add(self._cross_site.response_headers(exchange.fields))
        self._log(exchange, answer)
        return answer

    def refuse(self, refused: Refused) -> Answer:
        """Writes the answer to a request that could not be taken whole."""
        request_id = self._ids.take(None)
        _log.info("request not taken", request_id=request_id, status=refused.status, code=refused.code)
        if self._count is not None:
            self._count(refused.status)
        return self._answers.of_refusal(refused, JSON, request_id)

    async def _handle(self, exchange: _Exchange) -> Answer:
        request = exchange.request
        if request.known is not None:
            return await self._post(exchange, self._let_in_again(exchange, request.known))
        fields = exchange.fields = read_fields(request.headers)
        exchange.request_id = self._ids.take(fields.get(b"x-request-id"))
        accepted = self._negotiate(fields.get(b"accept", b""))
        exchange.media_type = accepted.media_type or JSON
        query = request.target.partition(b"?")[2]
        method = request.method
        if method == "POST":
            caller = self._admit(exchange, accepted)
            self._check_body(fields, query)
            self._known_heads.learn(request, fields, exchange.media_type, caller)
            return await self._post(exchange, caller)
        if method == "GET" or method == "HEAD":
            if self._page is not None and accepted.page and not names_document(query):
                return self._page.answer(exchange.request_id)
            caller = self._admit(exchange, accepted)
            operation = decode_query_string(query)
            result = await self._runner.read(operation, caller, wants_cost=_REPORT_COST in fields)
            return self._answers.of_result(result, exchange.media_type, exchange.request_id)
        if method == "OPTIONS":
            return self._answers.empty(_ALLOW + self._cross_site.preflight_headers(fields), exchange.request_id)
        raise Refused(405, "Send GET or POST.", headers=_ALLOW)

    def _admit(self, exchange: _Exchange, accepted: Accepted) -> Caller:
        """Lets a request for an operation in, and says whose it is."""
        self._gate.check()
        if accepted.media_type is None:
            raise Refused(406, f"Accept {GRAPHQL} or {JSON}.")
        caller = self._callers.take(exchange.fields, exchange.request_id)
        credential = caller.credential
        self._check_share(exchange, credential)
        if credential is not None and credential.scheme == "cookie":
            self._cross_site.check(exchange.fields)
        return caller

    def _let_in_again(self, exchange: _Exchange, head: KnownHead) -> Caller:
        """Lets in a request whose very head has passed before: what it says was found to be sound."""
        exchange.fields, exchange.media_type = head.fields, head.media_type
        request_id = exchange.request_id = self._ids.take(None)  # heads with an id are not kept
        self._gate.check()
        first = head.caller
        self._check_share(exchange, first.credential)
        return Caller(first.credential, request_id, first.traceparent, first.accept_language)

    def _check_share(self, exchange: _Exchange, credential: Credential | None) -> None:
        key = "" if credential is None else credential.key
        self._gate.check_share(key)
        exchange.credential = key[:8]

    def _check_body(self, fields: dict[bytes, bytes], query: bytes) -> None:
        content_type = fields.get(b"content-type", b"")
        if content_type != b"application/json" and not self._is_json(content_type):
            raise Refused(415, f"The Content-Type must be {JSON}, in UTF-8.")
        if fields.get(b"content-encoding", b"identity").lower() != b"identity":
            raise Refused(415, "Compressed bodies are not taken.")
        if query and has_token(query):
            raise Refused(400, IN_URL)

    async def _post(self, exchange: _Exchange, caller: Caller) -> Answer:
        operation = decode_body(exchange.request.body)
        wants_cost = _REPORT_COST in exchange.fields
        if isinstance(operation, list):
            results = await self._runner.run_batch(operation, caller, wants_cost=wants_cost)
            return self._answers.of_batch(results, exchange.media_type, exchange.request_id)
        result = await self._runner.run(operation, caller, wants_cost=wants_cost)
        return self._answers.of_result(result, exchange.media_type, exchange.request_id)

    def _refusal(self, exchange: _Exchange, refused: Refused) -> Answer:
        exchange.request_id = exchange.request_id or self._ids.take(None)
        return self._answers.of_refusal(refused, exchange.media_type, exchange.request_id)

    def _log(self, exchange: _Exchange, answer: Answer | None) -> None:
        request, status = exchange.request, _GONE if answer is None else answer.status
        line = RequestLine(
            exchange.request_id,
            request.method,
            _path(request.target.partition(b"?")[0]),
            status,
            round((perf_counter() - exchange.started) * 1000, 2),
        )
        if answer is not None:
            line.bytes = len(answer.body)
            if answer.errors:
                line.errors, line.code = answer.errors, answer.code
        if exchange.credential:
            line.credential = exchange.credential
        if self._log_request is None:
            self._log_request = request_log()
        self._log_request(line)
        if self._count is not None:
            self._count(status)


@lru_cache(_KNOWN)
def _path(path: bytes) -> str:
    """Gives a path as a line of the log may hold it."""
    return one_line(path.decode("latin-1"))
