"""What holds for every test: no setting and no data of whoever runs them, and which modules are under test."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

from support.compiled import LEFT_OUT, interpreted

settings.register_profile("custgraph", deadline=None)  # a busy machine is no failure
settings.load_profile("custgraph")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Has an option say what `PYTHONPATH` is meant to do."""
    parser.addoption("--compiled", action="store_true", help="make sure that the compiled modules are those under test")


def pytest_configure(config: pytest.Config) -> None:
    """Stops where the sources would be tested in place of the compiled modules."""
    if config.getoption("compiled") and (sources := interpreted()):
        raise pytest.UsageError(f"--compiled, but these are not: {', '.join(sources)}; run `make test-compiled`")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out what compiled modules cannot be tested with."""
    if config.getoption("compiled"):
        left_out = [item for item in items if item.nodeid.startswith(tuple(LEFT_OUT))]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


@pytest.fixture(autouse=True, scope="session")
def nobodys_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Takes `CUSTGRAPH_*` away and moves the data directory, for the programs that tests start, too."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("CUSTGRAPH_")]:
            patch.delenv(name)
        patch.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("data")))
        yield
