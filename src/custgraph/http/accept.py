"""What a client accepts: `Accept` with weights (RFC 9110, section 12.5.1), as GraphQL over HTTP has it."""

from __future__ import annotations

import re
from typing import Final, Literal, NamedTuple

JSON: Final = "application/json"
GRAPHQL: Final = "application/graphql-response+json"

_RANGE = re.compile(r"([!#$%&'*+.^_`|~0-9a-z-]+)/([!#$%&'*+.^_`|~0-9a-z-]+)")
_WEIGHT = re.compile(r"0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?")

_MOST: Final = 64  # ranges that are read; a browser sends about ten

MediaType = Literal["application/json", "application/graphql-response+json"]


class Accepted(NamedTuple):
    """What an answer may be.

    Attributes:
        media_type: of the two for GraphQL, the one to answer with; None when neither is accepted.
        page: whether a web page is wanted rather than that.
    """

    media_type: MediaType | None
    page: bool


class _Wish(NamedTuple):
    """How much a media type is wanted; sorts by weight, then by how exactly it was named."""

    weight: float
    exactness: int


_UNWANTED = _Wish(0.0, 0)


def negotiate(accept: bytes) -> Accepted:
    """Chooses by weight; among equals, what was named over what a wildcard admits, and then GraphQL's own type.

    Wildcards alone admit `application/json`, which every client reads. A missing or empty header is `*/*`.
    """
    wishes = _read(accept.decode("latin-1")) if accept.strip() else {"*/*": _Wish(1.0, 0)}
    json, graphql, page = (_wish(wishes, media_type) for media_type in (JSON, GRAPHQL, "text/html"))
    best = max(json, graphql)
    media_type: MediaType | None = None
    if best.weight:
        media_type = GRAPHQL if graphql == best and (json < best or best.exactness == _EXACT) else JSON
    return Accepted(media_type, page.exactness > 0 and page.weight > 0 and page >= best)


_EXACT = 2


def _wish(wishes: dict[str, _Wish], media_type: str) -> _Wish:
    """The most exact range decides, even against a heavier one."""
    for candidate in (media_type, f"{media_type.partition('/')[0]}/*", "*/*"):
        if candidate in wishes:
            return wishes[candidate]
    return _UNWANTED


def _read(accept: str) -> dict[str, _Wish]:
    """Reads the ranges; one that is malformed, or asks for another charset than UTF-8, counts for nothing."""
    wishes: dict[str, _Wish] = {}
    for item in accept.lower().split(",", _MOST)[:_MOST]:
        name, *parameters = (part.strip() for part in item.split(";"))
        if not _RANGE.fullmatch(name):
            continue
        weight = 1.0
        for parameter in parameters:
            key, _, value = parameter.partition("=")
            if key == "q":
                weight = float(value) if _WEIGHT.fullmatch(value) else 0.0
                break  # what follows q is no parameter of the media type
            if key == "charset" and value.strip('"') != "utf-8":
                weight = 0.0
                break
        exactness = 0 if name == "*/*" else 1 if name.endswith("/*") else _EXACT
        wishes[name] = max(_Wish(weight, exactness), wishes.get(name, _UNWANTED))
    return wishes


def accepts_gzip(accept_encoding: bytes) -> bool:
    """Says whether an answer may be gzipped (RFC 9110, section 12.5.3)."""
    weights: dict[str, float] = {}
    for item in accept_encoding.decode("latin-1").lower().split(",", _MOST)[:_MOST]:
        coding, _, parameter = item.partition(";")
        key, _, value = parameter.strip().partition("=")
        weights[coding.strip()] = float(value) if key == "q" and _WEIGHT.fullmatch(value) else 1.0
    return bool(weights.get("gzip", weights.get("*", 0.0)))
