"""Arguments that more than one field takes."""

from __future__ import annotations

from typing import Annotated

import strawberry

from custgraph.schema.filters import CustomerFilter

Id = Annotated[strawberry.ID, strawberry.argument(description="Its `id`.")]
Ids = Annotated[list[strawberry.ID], strawberry.argument(description="Their `id`s, 200 at most.")]
Filter = Annotated[
    CustomerFilter | None, strawberry.argument(description="Keeps the customers that meet every condition given.")
]
First = Annotated[
    int | None,
    strawberry.argument(description="How many from the start, 1 to 200; 50 when neither `first` nor `last` is given."),
]
After = Annotated[str | None, strawberry.argument(description="Starts after this cursor.")]
Last = Annotated[int | None, strawberry.argument(description="How many from the end, 1 to 200.")]
Before = Annotated[str | None, strawberry.argument(description="Ends before this cursor.")]
