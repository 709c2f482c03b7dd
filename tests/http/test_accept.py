"""Which media type an `Accept` header gets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custgraph.http.accept import GRAPHQL, JSON, Accepted, accepts_gzip, negotiate

BROWSER = b"text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"

CHOSEN: dict[bytes, str | None] = {
    b"": JSON,
    b" ": JSON,
    b"*/*": JSON,
    b"application/*": JSON,
    b"application/json": JSON,
    b"application/graphql-response+json": GRAPHQL,
    b"APPLICATION/GraphQL-Response+JSON": GRAPHQL,
    b"application/graphql-response+json, application/json": GRAPHQL,
    b"application/json, application/graphql-response+json": GRAPHQL,
    b"application/graphql-response+json, application/json;q=0.9": GRAPHQL,
    b"application/graphql-response+json;q=0.9, application/json": JSON,
    b"application/graphql-response+json;q=0.5, */*": JSON,
    b"application/json, */*": JSON,
    b"application/json;q=0.9, */*;q=0.1": JSON,
    b"application/json;q=0, */*": GRAPHQL,
    b"application/json;q=0, application/graphql-response+json;q=0": None,
    b"application/*;q=0, */*": None,
    b"*/*;q=0": None,
    b"*/*;q=0, application/json;q=0.001": JSON,
    b"application/json; charset=utf-8": JSON,
    b'application/json; charset="utf-8"': JSON,
    b"application/json; charset=utf-16": None,
    b"application/json;charset=utf-8;q=0.2, application/graphql-response+json;q=0.1": JSON,
    b"application/json ; q=1.000": JSON,
    b"application/json;q=1.5": None,
    b"application/json;q=-1": None,
    b"application/json;q=nan": None,
    b"application/json;q=1e0": None,
    b"application/json;q=": None,
    b"text/html": None,
    b"text/plain, image/*": None,
    b"application": None,
    b"application/json/x": None,
    b"application/jsonx": None,
    b"/": None,
    b"*": None,
    b";;,,": None,
    b",application/json,": JSON,
    b"\xff\xfe": None,
    b"text/css," * 63 + b"application/graphql-response+json": GRAPHQL,
    b"text/css," * 64 + b"application/graphql-response+json": None,
    b";" * 30_000: None,
    BROWSER: JSON,
}


@pytest.mark.parametrize(("accept", "media_type"), CHOSEN.items(), ids=lambda value: str(value)[:60])
def test_the_media_type_chosen(accept: bytes, media_type: str | None) -> None:
    assert negotiate(accept).media_type == media_type


WANTS_PAGE = {
    BROWSER: True,
    b"text/html": True,
    b"text/*": True,
    b"text/html;q=0.1": True,
    b"text/html;q=0.1, application/json": False,
    b"text/html;q=0, */*": False,
    b"*/*": False,
    b"": False,
    b"application/json": False,
    b"text/html, application/json;q=0.9": True,
}


@pytest.mark.parametrize(("accept", "page"), WANTS_PAGE.items())
def test_who_wants_a_page(accept: bytes, page: bool) -> None:
    assert negotiate(accept).page is page


@given(st.binary(max_size=80) | st.text(alphabet="aptjson/*;q=0.19, +-graphql", max_size=80).map(str.encode))
def test_any_header_is_read(accept: bytes) -> None:
    assert isinstance(negotiate(accept), Accepted)


@given(st.permutations(["application/json;q=0.3", "application/graphql-response+json;q=0.7", "*/*;q=0.9", "text/css"]))
def test_the_order_means_nothing(ranges: list[str]) -> None:
    assert negotiate(", ".join(ranges).encode()) == Accepted(GRAPHQL, page=False)


GZIP = {
    b"": False,
    b"gzip": True,
    b"gzip, deflate, br, zstd": True,
    b"GZIP;q=0.5": True,
    b"gzip;q=0": False,
    b"gzip;q=0.000, *": False,
    b"*": True,
    b"*;q=0": False,
    b"br": False,
    b"identity": False,
    b"gzip;q=abc": True,
    b"xgzip": False,
}


@pytest.mark.parametrize(("accept_encoding", "accepted"), GZIP.items())
def test_who_takes_gzip(accept_encoding: bytes, accepted: bool) -> None:
    assert accepts_gzip(accept_encoding) is accepted
