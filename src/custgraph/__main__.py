"""`python -m custgraph` is the command, too."""

from __future__ import annotations

from custgraph.cli import main

if __name__ == "__main__":
    main()
