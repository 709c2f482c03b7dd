"""Settings of the process and of the HTTP edge."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import BaseModel, Field, field_validator

from custgraph.config.values import Bytes, CommaSeparated, Count, Seconds

_ORIGIN = re.compile(r"https?://(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")


class ServerSettings(BaseModel):
    """How the process listens and what its edge lets through."""

    host: str = Field("127.0.0.1", description="Address to listen on.", examples=["::"])
    port: Annotated[int, Field(ge=0, le=65535)] = Field(
        8000, description="Port to listen on; 0 takes a free one.", examples=["8000"]
    )
    workers: Annotated[int, Field(ge=1, le=256)] = Field(
        1, description="Worker processes; they share nothing.", examples=["2"]
    )
    root_path: Annotated[str, Field(pattern=r"^(/[^/?#\s]+)*$")] = Field(
        "", description="Path prefix that a proxy in front strips.", examples=["/shop"]
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="Least level that is logged.", examples=["info"]
    )
    log_format: Literal["auto", "json", "console"] = Field(
        "auto", description="Log lines as JSON or for people; auto: for people on a terminal.", examples=["json"]
    )
    metrics_port: Annotated[int, Field(ge=0, le=65535)] | None = Field(
        None, description="Port of /metrics for Prometheus; unset: no metrics.", examples=["9464"]
    )
    drain_timeout: Seconds = Field(
        25.0, description="Seconds that a stop waits for operations under way.", examples=["25"]
    )
    graphiql: bool = Field(True, description="Serves GraphiQL to browsers at /graphql.", examples=["false"])
    introspection: bool = Field(True, description="Answers __schema and __type.", examples=["false"])
    stitching_sdl: bool = Field(
        False, description="Answers _sdl with the schema for stitching gateways.", examples=["true"]
    )
    suggestions: bool = Field(
        True, description="Lets validation errors suggest names of the schema.", examples=["false"]
    )
    cors_origins: CommaSeparated = Field(
        (), description="Origins whose pages may call; none by default.", examples=["https://shop.example"]
    )
    session_cookie: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")] | None = Field(
        None,
        description="Name of the upstream's session cookie to accept as a credential; unset: cookies are ignored.",
        examples=["_ofn_session_id"],
    )
    max_body_bytes: Bytes = Field(262_144, description="Largest request body.", examples=["262144"])
    max_header_bytes: Bytes = Field(32_768, description="Largest request header block.", examples=["32768"])
    max_headers: Count = Field(100, description="Most request headers.", examples=["100"])
    max_url_bytes: Bytes = Field(8_192, description="Longest request URL.", examples=["8192"])
    body_timeout: Seconds = Field(10.0, description="Seconds a client has to send its request.", examples=["10"])
    max_in_flight: Count = Field(200, description="Operations under way before new ones are shed.", examples=["200"])
    max_loop_lag: Seconds = Field(
        0.25, description="Event-loop lag, in seconds, at which new operations are shed.", examples=["0.25"]
    )

    @field_validator("cors_origins")
    @classmethod
    def _origins(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        for origin in origins:
            if not _ORIGIN.fullmatch(origin):
                raise ValueError(f"{origin!r} is not an origin (scheme and host, no path, no wildcard)")
        return origins
