"""What holds for every test: no setting and no data of whoever runs them."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

settings.register_profile("custgraph", deadline=None)  # a busy machine is no failure
settings.load_profile("custgraph")


@pytest.fixture(autouse=True, scope="session")
def nobodys_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Takes `CUSTGRAPH_*` away and moves the data directory, for the programs that tests start, too."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("CUSTGRAPH_")]:
            patch.delenv(name)
        patch.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("data")))
        yield
