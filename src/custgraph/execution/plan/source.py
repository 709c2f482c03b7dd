"""The source of a plan, as it grows.

It holds names of the schema's fields and arguments, names of variables and keys of the response as texts, and nothing
else of a document. Classes, functions and constants reach it through its namespace; what a request brings never does.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count
from keyword import iskeyword
from typing import Any

import msgspec
from graphql import Undefined

from custgraph.execution.plan.run import Waiting, surprise
from custgraph.execution.plan.selection import Uncompilable

_BUILTINS = {"map": map, "str": str, "type": type}


class Source:
    """Functions, each of which takes a record and the run: `s, run`."""

    def __init__(self) -> None:
        self._namespace: dict[str, Any] = {
            "__builtins__": _BUILTINS,
            "LISTS": frozenset({list, tuple}),
            "UNSET": msgspec.UNSET,
            "Undefined": Undefined,
            "Waiting": Waiting,
            "surprise": surprise,
        }
        self._lines: list[str] = []
        self._numbers = count()

    def name(self, prefix: str) -> str:
        """Gives a name that nothing else has."""
        return f"{prefix}_{next(self._numbers)}"

    def bind(self, prefix: str, value: Any) -> str:
        """Makes an object known and gives its name."""
        name = self.name(prefix)
        self._namespace[name] = value
        return name

    def function(self, prefix: str, *body: str) -> str:
        """Writes a function and gives its name."""
        name = self.name(prefix)
        self._lines += [f"def {name}(s, run):", *(f"    {line}" for line in body)]
        return name

    def table(self, prefix: str, functions: dict[type, str]) -> str:
        """Writes a table of functions by class and gives its name."""
        name = self.name(prefix)
        entries = ", ".join(f"{self.bind('record', record)}: {function}" for record, function in functions.items())
        self._lines.append(f"{name} = {{{entries}}}")
        return name

    def build(self, names: Iterable[str]) -> tuple[Any, ...]:
        """Gives the functions of these names."""
        exec(compile("\n".join(self._lines), "<plan>", "exec"), self._namespace)  # noqa: S102 - see above what it holds
        return tuple(self._namespace[name] for name in names)


def identifier(name: str) -> str:
    """Gives a name back.

    Raises:
        Uncompilable: Python could take it for something else.
    """
    if not name.isidentifier() or iskeyword(name):
        raise Uncompilable
    return name
