"""Plans on the gateway's own schema: the upstream calls they make, callers side by side, and the switch."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest
from graphql import GraphQLField, GraphQLObjectType, GraphQLString

from custgraph.config import Settings
from custgraph.credentials import Caller, Credential
from custgraph.execution import Executor
from custgraph.execution.faults import Refusal
from custgraph.operation import OperationRequest
from custgraph.rest import Upstream
from custgraph.rest.wire import Answer
from custgraph.schema import Context, build_blueprint
from support.clock import jumping
from support.documents import compact, one
from support.equivalence.documents import Request
from support.equivalence.trial import Trial
from support.equivalence.world import JSON, NOT_FOUND, World

SHAPES: list[tuple[str, int]] = [
    ("{ __typename }", 0),
    ('{ customer(id: "1") { id email } }', 1),
    ("{ " + " ".join(f'c{n}: customer(id: "{n % 5 + 1}") {{ id }}' for n in range(10)) + " }", 1),
    ('{ customersByIds(ids: ["1", "2", "3", "1"]) { id email } }', 1),
    (
        '{ a: customer(id: "1") { id } b: node(nodeId: "Q3VzdG9tZXI6Mg==") { nodeId }'
        ' customersByIds(ids: ["3"]) { id } }',
        1,
    ),
    ('{ none: customersByIds(ids: []) { id } node(nodeId: "Q3VzdG9tZXI6MQ==") { nodeId } }', 1),
    ('{ none: customersByIds(ids: []) { id } some: customersByIds(ids: ["1", "2"]) { enterprise { name } } }', 3),
    ("{ customers(first: 3) { nodes { id } } }", 1),
    ("{ customers(first: 3) { totalCount nodes { id balance } edges { cursor } } }", 1),
    ('{ customers(first: 3, after: "MQ==") { totalCount nodes { id } } }', 2),
    ("{ customers(first: 8) { nodes { enterprise { id name } } } }", 5),
    ("{ customers(first: 4) { nodes { enterprise { customers(first: 2) { nodes { id } } } } } }", 5),
    ('{ a: customer(id: "1") { enterprise { name } } b: customer(id: "2") { enterprise { name } } }', 3),
    ('{ enterprise(id: "2") { name customers(first: 1) { totalCount } } }', 2),
    (
        '{ _entities(representations: [{__typename: "Customer", id: "1"}, {__typename: "Customer", id: "2"},'
        ' {__typename: "Enterprise", id: "2"}]) { ... on Customer { email } ... on Enterprise { id } } }',
        1,
    ),
]


@pytest.mark.parametrize(("query", "calls"), SHAPES, ids=[query[:60] for query, _ in SHAPES])
def test_a_plan_asks_the_upstream_no_more_and_no_less(query: str, calls: int) -> None:
    @jumping
    async def run() -> None:
        trial = Trial()
        prepared = trial.prepared(Request(query, {}))
        assert not isinstance(prepared, Refusal)
        operation, variables, plan = prepared
        assert plan is not None
        world, other = (World(7, searches=True) for _ in range(2))
        got = await trial.by_plan(operation, variables, plan, world)
        expected = await trial.generally(operation, variables, other)
        assert (got.planned, got.errors) == (True, [])
        assert got.data == expected.data
        assert sorted(got.sent) == sorted(expected.sent)
        assert len(got.sent) == calls

    run()


class Mirror:
    """A wire whose customers bear the credential that asked for them."""

    def channel(self, credential_header: str) -> _MirrorChannel:
        return _MirrorChannel(credential_header)

    async def aclose(self) -> None:
        """Has nothing to close."""


class _MirrorChannel:
    def __init__(self, credential: str) -> None:
        self._credential = credential

    async def send(self, _method: str, target: str, *_: Any) -> Answer:
        id_ = int(target.partition("?")[0].rpartition("/")[2])
        await asyncio.sleep(id_ % 7 / 1000)
        if id_ % 5 == 0:
            return NOT_FOUND
        return Answer(200, JSON, compact(one(id_, code=self._credential)))

    def close_idle(self) -> None:
        """Has nothing to close."""


async def test_a_thousand_callers_side_by_side_never_mix() -> None:
    settings = Settings(upstream_concurrency=1_000, upstream_queue=1_000, credential_concurrency=1_000)
    executor = Executor(build_blueprint(settings), settings)
    upstream = Upstream(settings, wire=Mirror())
    query = "query ($id: ID!, $more: Boolean!) { customer(id: $id) { id code email @include(if: $more) } }"

    async def ask(number: int) -> None:
        context = Context(upstream, Caller(Credential.of(f"key-of-{number}"), f"r{number}"))
        variables = {"id": str(number), "more": number % 2 == 0}
        result = await executor.execute(OperationRequest(query=query, variables=variables), context)
        context.close()
        more = {"email": f"alice{number}@example.com"} if number % 2 == 0 else {}
        mine = {"id": str(number), "code": f"X-Api-Token: key-of-{number}", **more}
        assert result.errors is None
        assert msgspec.to_builtins(result.data) == {"customer": mine if number % 5 else None}

    await ask(1)
    await asyncio.gather(*map(ask, range(1, 1_001)))


@pytest.mark.parametrize("trouble", [0.0, 0.5])
def test_plans_can_be_left_out_without_a_difference(trouble: float) -> None:
    def answers(*, plans: bool) -> list[Any]:
        found: list[Any] = []

        @jumping
        async def run() -> None:
            settings = Settings(retry_budget=0)
            executor = Executor(build_blueprint(settings), settings, plans=plans)
            for query, _ in SHAPES * 3:
                upstream = Upstream(settings, wire=World(3, trouble, searches=True))
                context = Context(upstream, Caller(Credential.of("a-key-of-its-own"), "request"))
                result = await executor.execute(OperationRequest(query=query), context)
                context.close()
                found.append((msgspec.to_builtins(result.data), result.errors))

        run()
        return found

    assert answers(plans=True) == answers(plans=False)


async def test_a_resolver_that_is_added_to_the_customer_is_called() -> None:
    settings = Settings()
    blueprint = build_blueprint(settings)
    customer = blueprint.schema.type_map["Customer"]
    assert isinstance(customer, GraphQLObjectType)
    called: list[int] = []

    def resolve(source: Any, _info: object) -> str:
        called.append(source.id)
        return "seen"

    customer.fields["mark"] = GraphQLField(GraphQLString, resolve=resolve)
    executor = Executor(blueprint, settings)
    upstream = Upstream(settings, wire=Mirror())
    for _ in range(4):
        context = Context(upstream, Caller(Credential.of("a-key-of-its-own"), "request"))
        request = OperationRequest(query='{ customer(id: "1") { mark } other: customer(id: "1") { id } }')
        result = await executor.execute(request, context)
        assert msgspec.to_builtins(result.data) == {"customer": {"mark": "seen"}, "other": {"id": "1"}}
    assert called == [1, 1, 1, 1]
