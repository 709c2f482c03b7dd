"""docs/http.md says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from custgraph.config import Settings
from custgraph.http import refusals

PAGE = (Path(__file__).parents[2] / "docs" / "http.md").read_text()


def test_the_table_of_refusals_is_the_one_in_the_code() -> None:
    told = re.findall(r"^\| ([0-9]{3}) \| `([A-Z_]+)` \| (.+) \|$", PAGE, re.MULTILINE)
    known = re.findall(r"^([0-9]{3}) +([A-Z_]+) +(.+)$", refusals.__doc__ or "", re.MULTILINE)
    assert [(status, code, why.replace("`", "")) for status, code, why in told] == [
        (status, code, why.replace("`", "")) for status, code, why in known
    ]
    assert set(refusals.CODES.items()) <= {(int(status), code) for status, code, _ in known}


def test_every_setting_named_is_one() -> None:
    named = {name.lower() for name in re.findall(r"CUSTGRAPH_([A-Z_]+)", PAGE)}
    assert named <= set(Settings.model_fields)
    assert {"max_in_flight", "cors_origins", "session_cookie", "batching", "body_timeout"} <= named
