"""The pass-through proxy over custgraph's own wire: what a gateway over this client can cost at the least."""

from __future__ import annotations

import asyncio
import os

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from custgraph.config import Settings
from custgraph.rest.native_wire import NativeChannel, NativeWire

settings = Settings()
wire = NativeWire(
    os.environ["UPSTREAM"],
    None,
    connect_timeout=settings.connect_timeout,
    write_timeout=settings.write_timeout,
    keepalive=settings.keepalive,
    max_idle=settings.upstream_concurrency,
    max_body=settings.max_answer_bytes,
    max_headers=settings.max_answer_header_bytes,
)
channels: dict[str, NativeChannel] = {}


async def endpoint(request: Request) -> Response:
    token = request.headers["x-api-token"]
    channel = channels.get(token)
    if channel is None:
        channel = channels[token] = wire.channel(f"X-Api-Token: {token}")
    query = request.url.query
    target = request.url.path + (f"?{query}" if query else "")
    until = asyncio.get_running_loop().time() + settings.attempt_timeout
    answer = await channel.send("GET", target, None, "proxy", "", until)
    return Response(answer.body, answer.status, media_type="application/json")


app = Starlette(routes=[Route("/{path:path}", endpoint)])
