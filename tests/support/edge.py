"""An edge over a small engine of graphql-core: what it was asked is kept, what it runs can be held up."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any, Literal

import httpx
from graphql import (
    ExecutionResult,
    GraphQLError,
    GraphQLSchema,
    build_schema,
    execute,
    get_operation_ast,
    parse,
    validate,
)

from custgraph.config import Settings
from custgraph.credentials import Caller
from custgraph.http import GraphQLEdge
from custgraph.operation import OperationKind, OperationRequest, OperationResult

TOKEN = "a-token-of-a-test"
SCHEMA = """
type Query { hello(name: String = "you"): String  wait: String  fail: String }
type Mutation { write(text: String): String  wait: String }
"""


class Context:
    """The context of one request."""

    def __init__(self, caller: Caller) -> None:
        self.caller = caller
        self.request_id = caller.request_id
        self.credential_key = caller.credential.key if caller.credential else ""
        self.traceparent = caller.traceparent
        self.wants_cost = False
        self.sole = False
        self.kinds: list[OperationKind] = []
        self.closed = asyncio.Event()

    def begin(self, kind: OperationKind, *, alone: bool = False, brief: bool = False) -> None:  # noqa: ARG002 - it loads nothing
        self.kinds.append(kind)

    def close(self) -> None:
        self.closed.set()


@dataclass
class SmallEngine:
    """Runs `SCHEMA`. `Query.wait` and `Mutation.wait` wait for `go`.

    The engine itself raises: at once when told to `crash`, after an operation when told to `explode`.

    Attributes:
        requests: every request it was asked to run.
        contexts: every context that was made.
        written: the texts of the writes that were done.
        running: how many operations run now; `most` is the most that ever did.
    """

    requests: list[OperationRequest] = field(default_factory=list)
    contexts: list[Context] = field(default_factory=list)
    written: list[str] = field(default_factory=list)
    cancelled: int = 0
    running: int = 0
    most: int = 0
    crash: bool = False
    explode: bool = False
    go: asyncio.Event = field(default_factory=asyncio.Event)
    waiting: asyncio.Event = field(default_factory=asyncio.Event)
    schema: GraphQLSchema = field(default_factory=lambda: build_schema(SCHEMA))

    def make_context(self, caller: Caller) -> Context:
        context = Context(caller)
        self.contexts.append(context)
        return context

    async def execute(self, request: OperationRequest, context: Any, *, allow_mutation: bool = True) -> OperationResult:
        self.requests.append(request)
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            return await self._execute(request, context, allow_mutation)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        finally:
            self.running -= 1

    async def _execute(self, request: OperationRequest, context: Context, allow_mutation: bool) -> OperationResult:
        if self.crash:
            raise RuntimeError("a secret of the server")
        try:
            document = parse(request.query or "")
        except GraphQLError as error:
            return _refused([error], "GRAPHQL_PARSE_FAILED", context)
        if errors := validate(self.schema, document):
            return _refused(errors, "GRAPHQL_VALIDATION_FAILED", context)
        operation = get_operation_ast(document, request.operation_name)
        if operation is None:
            return _refused([GraphQLError("No such operation.")], "BAD_USER_INPUT", context)
        kind: OperationKind = "mutation" if operation.operation.value == "mutation" else "query"
        if kind == "mutation" and not allow_mutation:
            refused = _refused([GraphQLError("Send mutations with POST.")], "BAD_USER_INPUT", context)
            refused.status, refused.headers = 405, (("allow", "POST"),)
            return refused
        context.begin(kind)
        result = execute(
            self.schema,
            document,
            root_value=_Root(self),
            variable_values=request.variables,
            operation_name=request.operation_name,
        )
        done = result if isinstance(result, ExecutionResult) else await result
        if self.explode:
            raise RuntimeError("a secret of the server")
        if done.data is None and done.errors and not done.errors[0].path:
            return _refused(done.errors, "BAD_USER_INPUT", context)
        return OperationResult(done.data, _formatted(done.errors, "INTERNAL_SERVER_ERROR", context))


class _Root:
    def __init__(self, engine: SmallEngine) -> None:
        self._engine = engine

    def hello(self, _info: Any, name: str) -> str:
        return f"Hello {name}!"

    async def wait(self, _info: Any) -> str:
        self._engine.waiting.set()
        await self._engine.go.wait()
        return "waited"

    def fail(self, _info: Any) -> str:
        raise GraphQLError("It failed.")

    def write(self, _info: Any, text: str) -> str:
        self._engine.written.append(text)
        return text


def _formatted(errors: list[GraphQLError] | None, code: str, context: Context) -> list[dict[str, Any]] | None:
    extensions = {"code": code, "requestId": context.request_id}
    return [{**error.formatted, "extensions": extensions} for error in errors] if errors else None


def _refused(errors: list[GraphQLError], code: str, context: Context) -> OperationResult:
    return OperationResult(None, _formatted(errors, code, context), executed=False, status=400)


@dataclass
class Stage:
    """An edge, its engine, and a client of it that goes through ASGI without a server."""

    edge: GraphQLEdge
    engine: SmallEngine

    @property
    def client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.ASGITransport(self.edge), base_url="http://gateway")

    async def post(self, content: Any = b'{"query":"{hello}"}', **headers: str) -> httpx.Response:
        """Posts a body, as JSON unless told otherwise; a header's name has `_` for `-`."""
        sent = {
            "content-type": "application/json",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        async with self.client as client:
            return await client.post("/graphql", content=content, headers=sent)

    async def send(
        self, method: Literal["GET", "HEAD", "POST", "OPTIONS", "PUT"], target: str = "/graphql", **headers: str
    ) -> httpx.Response:
        """Sends a request without a body."""
        async with self.client as client:
            return await client.request(
                method, target, headers={name.replace("_", "-"): value for name, value in headers.items()}
            )


def stage(explorer: Any = None, demo_token: str | None = None, **settings: Any) -> Stage:
    """Sets up an edge with these settings."""
    engine = SmallEngine()
    return Stage(GraphQLEdge(engine, engine.make_context, Settings(**settings), explorer, demo_token), engine)


def refusal(response: httpx.Response) -> tuple[int, str, str]:
    """Status, code and message of the only error, which has the answer's request id and no data beside it."""
    document = response.json()
    assert list(document) == ["errors"]
    [error] = document["errors"]
    assert error["extensions"]["requestId"] == response.headers["x-request-id"]
    return response.status_code, error["extensions"]["code"], error["message"]
