"""Which bodies are taken."""

from __future__ import annotations

import pytest

from custgraph.http.content_type import is_json
from support.edge import refusal, stage

TAKEN = [
    "application/json",
    "Application/JSON",
    "application/json; charset=utf-8",
    "application/json;charset=UTF-8",
    'application/json; charset="utf-8"',
    "application/json;  charset=utf8",
    "application/json; profile=x",
    "application/json;",
]
NOT_TAKEN = [
    "",
    "text/plain",
    "text/plain;charset=UTF-8",
    "text/plain application/json",
    "text/plain, application/json",
    "application/json, text/plain",
    "application/json text/plain",
    "application/jsonx",
    "application/json+x",
    "xapplication/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=application/json",
    "text/plain; application/json",
    "application/graphql",
    "application/graphql-response+json",
    "application/json; charset=utf-16",
    "application/json; charset=latin-1",
    "application/json; charset=utf-8; charset=utf-7",
    "application/json; charset",
    "application/json" + " " * 30_000 + "x",
    "application/json" + "; a=b" * 6_000,
    "application/*",
    "*/*",
]


@pytest.mark.parametrize("content_type", TAKEN)
def test_taken(content_type: str) -> None:
    assert is_json(content_type.encode())


@pytest.mark.parametrize("content_type", NOT_TAKEN, ids=lambda value: value[:60])
async def test_not_taken_and_nothing_is_run(content_type: str) -> None:
    here = stage(max_header_bytes=100_000)
    status, code, _ = refusal(await here.post(content_type=content_type))
    assert (status, code) == (415, "UNSUPPORTED_MEDIA_TYPE")
    assert here.engine.contexts == []


async def test_a_missing_type_is_not_taken() -> None:
    here = stage()
    async with here.client as client:
        response = await client.post("/graphql", content=b'{"query":"{hello}"}')
    assert refusal(response)[:2] == (415, "UNSUPPORTED_MEDIA_TYPE")
    assert here.engine.contexts == []


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "gzip, gzip", "x"])
async def test_compressed_bodies_are_not_taken(coding: str) -> None:
    here = stage()
    status, code, _ = refusal(await here.post(content_encoding=coding))
    assert (status, code) == (415, "UNSUPPORTED_MEDIA_TYPE")
    assert here.engine.contexts == []


async def test_identity_is_no_compression() -> None:
    assert (await stage().post(content_encoding="identity")).status_code == 200
