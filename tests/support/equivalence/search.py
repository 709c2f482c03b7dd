"""Searches for a request that a plan answers otherwise than graphql-core does."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis import strategies as st

from custgraph.execution.faults import Refusal
from support.clock import JumpingLoop
from support.equivalence.documents import Request, Writer
from support.equivalence.trial import Answer, Trial
from support.equivalence.world import World


@dataclass
class Tally:
    """What was tried.

    Attributes:
        refused: requests that never ran, so that there was nothing to compare.
        unplanned: operations without a plan.
        compared: those that ran both ways.
        planned: those of them whose plan went through to its end.
        failed: those with errors.
    """

    refused: int = 0
    unplanned: int = 0
    compared: int = 0
    planned: int = 0
    failed: int = 0

    @property
    def share(self) -> float:
        """The share of plans that went through."""
        return self.planned / max(1, self.compared)

    def __str__(self) -> str:
        return (
            f"{self.compared} compared, {self.planned} of them planned to the end ({self.share:.0%}), "
            f"{self.failed} with errors; {self.unplanned} without a plan, {self.refused} refused"
        )


@dataclass
class Search:
    """One search, on a clock of its own."""

    loop: JumpingLoop = field(default_factory=JumpingLoop)
    tally: Tally = field(default_factory=Tally)
    complaints: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.loop.set_exception_handler(lambda _loop, complaint: self.complaints.append(complaint))
        asyncio.set_event_loop(self.loop)
        self.trial = Trial()

    def close(self) -> None:
        """Lets go of the loop."""
        self.loop.close()
        asyncio.set_event_loop(None)

    def run(self, examples: int, start: int | None = None, progress: Callable[[Tally], None] | None = None) -> Tally:
        """Tries so many requests.

        Args:
            examples: how many.
            start: repeats a search; None: a fixed one.
            progress: told now and then how far it is.

        Raises:
            AssertionError: an answer differed.
        """

        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            derandomize=start is None,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
            verbosity=Verbosity.normal,
        )
        @given(st.randoms(use_true_random=False))
        def differs(chance: Random) -> None:
            self.compare(chance)
            if progress is not None:
                progress(self.tally)

        (differs if start is None else seed(start)(differs))()
        assert not self.complaints, self.complaints
        return self.tally

    def compare(self, chance: Random) -> None:
        """Makes a request and holds the two answers against each other."""
        request = Writer(self.trial.blueprint.schema, chance).request()
        number = chance.randrange(1 << 32)
        trouble = chance.choice([0.0, 0.0, 0.1, 0.4])
        lies = chance.choice([0.0, 0.0, 0.0, 0.1, 0.5])
        prepared = self.trial.prepared(request)
        if isinstance(prepared, Refusal):
            self.tally.refused += 1
            return
        operation, variables, plan = prepared
        if plan is None:
            self.tally.unplanned += 1
            return
        self.trial.liar.tell(number, lies)
        expected = self.loop.run_until_complete(self.trial.generally(operation, variables, World(number, trouble)))
        got = self.loop.run_until_complete(self.trial.by_plan(operation, variables, plan, World(number, trouble)))
        self.tally.compared += 1
        self.tally.planned += got.planned
        self.tally.failed += bool(expected.errors)
        _agree(request, expected, got)


def _agree(request: Request, expected: Answer, got: Answer) -> None:
    """Sees that two answers are the same, to the order of keys and errors; and that a plan asks for nothing more."""
    assert json.dumps(got.data) == json.dumps(expected.data), request
    assert got.errors == expected.errors, request
    more = Counter(got.sent) - Counter(expected.sent)
    assert not more, (request, more)
    if got.planned:  # a plan that gives up may have done so before graphql-core asked for all that it would
        assert len(got.sent) == len(expected.sent), request
