"""What a log may say of an exception: its class and where it was raised. Its text may hold anybody's data."""

from __future__ import annotations

from pathlib import Path

DEEPEST = 5
"""Frames told of."""


def fault(error: BaseException) -> dict[str, str]:
    """Gives the fields `error` and `where`."""
    places: list[str] = []
    traceback = error.__traceback__
    while traceback is not None:
        places.append(f"{traceback.tb_frame.f_globals.get('__name__', '?')}:{traceback.tb_lineno}")
        traceback = traceback.tb_next
    if isinstance(error, SyntaxError) and error.filename:
        places.append(f"{Path(error.filename).stem}:{error.lineno}")
    return {"error": type(error).__name__, "where": " < ".join(reversed(places[-DEEPEST:]))}
