"""Compares the answers of compiled plans with those of graphql-core, for many thousands of random requests."""

from __future__ import annotations

import argparse
import logging
import secrets
import sys
import time
import warnings

import structlog

from support.equivalence.search import Search, Tally

LEAST_SHARE = 0.4
"""Share of plans that must go through: less, and graphql-core would be compared with itself."""


def main() -> None:
    """Searches, and shows how far it is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=23_000, help="requests to try; nine in ten can be compared")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1 << 32), help="repeats a search")
    options = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    warnings.filterwarnings("ignore", "coroutine .* was never awaited")  # graphql-core leaves some when it cancels
    print(f"seed {options.seed}", flush=True)
    started = time.monotonic()

    def progress(tally: Tally) -> None:
        tried = tally.compared + tally.unplanned + tally.refused
        if tried % 500 == 0:
            print(f"{time.monotonic() - started:6.0f} s  {tally}", flush=True)

    search = Search()
    try:
        tally = search.run(options.examples, options.seed, progress)
    finally:
        search.close()
    print(tally)
    if tally.share < LEAST_SHARE:
        sys.exit(f"too few plans went through: {tally.share:.0%}")


if __name__ == "__main__":
    main()
