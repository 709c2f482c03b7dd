"""What a body may be: `application/json` in UTF-8, and nothing that a browser sends unasked.

A page of another site can make a browser post `text/plain` and forms without asking this server first; JSON it cannot
(Fetch, "CORS-safelisted request-header"). So an exact media type is the first guard against forged requests.
"""

from __future__ import annotations

import re
from typing import Final

_LONGEST: Final = 256
_JSON = re.compile(r"application/json[ \t]*((?:;[ \t]*[a-z0-9-]+=(?:[a-z0-9._-]+|\"[a-z0-9._-]+\")[ \t]*)*);?[ \t]*")


def is_json(content_type: bytes) -> bool:
    """Says whether a `Content-Type` is JSON in UTF-8. Other parameters than `charset` mean nothing."""
    if len(content_type) > _LONGEST:  # also what keeps the pattern quick
        return False
    match = _JSON.fullmatch(content_type.decode("latin-1").lower())
    if match is None:
        return False
    for parameter in match[1].split(";"):
        name, _, value = parameter.strip().partition("=")
        if name == "charset" and value.strip('"') not in ("utf-8", "utf8"):
            return False
    return True
