"""The page on reliability has every code and every setting of the upstream leg, with the default in force."""

from __future__ import annotations

import re
from pathlib import Path

from custgraph import errors
from custgraph.config.limits import LimitSettings
from custgraph.config.upstream import UpstreamSettings

PAGE = (Path(__file__).parents[2] / "docs" / "reliability.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `CUSTGRAPH_([A-Z_]+)` \| (\S+) \| \S.*\|$", re.MULTILINE)


def test_every_code_says_whether_to_try_again() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, Exception)]
    codes = {kind.code for kind in kinds if issubclass(kind, errors.CustgraphError)}
    assert len(codes) >= 12
    for code in codes:
        row = next((line for line in PAGE.splitlines() if line.startswith("| ") and f"`{code}`" in line), "")
        assert row.count(" | ") == 3, code


def test_every_setting_of_the_leg_has_its_default_and_a_reason() -> None:
    rows = dict(ROW.findall(PAGE))
    fields = {**UpstreamSettings.model_fields, "max_upstream_calls": LimitSettings.model_fields["max_upstream_calls"]}
    assert rows == {name.upper(): written(field.default) for name, field in fields.items()}


def written(default: object) -> str:
    """A default as the page writes it."""
    return str(default).lower()
