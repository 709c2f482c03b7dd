"""What the supervisor of several workers tells them through the environment."""

from __future__ import annotations

import os
from pathlib import Path


def share_metrics(folder: Path) -> None:
    """Makes the processes that are started from now on count into one folder, as prometheus-client wants to be told."""
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
