"""Every test here has the logs captured, at the lowest level."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from support.faults.logs import Captured, captured_logs


@pytest.fixture(autouse=True, scope="module")
def logs() -> Iterator[Captured]:
    with captured_logs() as captured:
        yield captured
