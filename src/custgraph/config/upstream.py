"""Settings of the upstream leg: where it is, and how long, how often and how much it may be asked."""

from __future__ import annotations

import re
import ssl
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from platformdirs import user_data_path
from pydantic import BaseModel, Field, SecretStr, field_validator

from custgraph.config.values import Bytes, Count, Seconds, Share

_URL = re.compile(r"[!-~]+")
_TOKEN = re.compile(r"[!-~]{8,256}")


class UpstreamSettings(BaseModel):
    """Where the Customers API is and what it is asked."""

    upstream_url: str | None = Field(
        None,
        description="Base URL of the REST API, up to and with /api/v1; unset: the embedded service with sample data.",
        examples=["https://openfoodnetwork.example/api/v1"],
    )
    upstream_token: SecretStr | None = Field(
        None,
        description="API key for callers that send none; unset: they are refused (the embedded service's demo token).",
        examples=["0123456789abcdef"],
    )
    upstream_put: Literal["full", "partial"] = Field(
        "full",
        description="PUT bodies with enterprise_id and email, as the reference asks, or with the changes alone.",
        examples=["partial"],
    )
    upstream_wire: Literal["native", "httpx"] = Field(
        "native", description="HTTP client for the upstream: our own or httpx over aiohttp.", examples=["httpx"]
    )
    upstream_allow_http: bool = Field(
        False, description="Lets an upstream that is not loopback be asked without TLS.", examples=["true"]
    )
    upstream_check_request_id: bool = Field(
        True,
        description="Refuses answers that echo another X-Request-Id than was sent; off behind a proxy with its own.",
        examples=["false"],
    )
    upstream_ca_file: str | None = Field(
        None, description="PEM file of the authorities to trust; unset: the system's.", examples=["ca.pem"]
    )
    query_deadline: Seconds = Field(
        10.0, description="Seconds for a whole query, queueing and retries included.", examples=["10"]
    )
    mutation_deadline: Seconds = Field(
        20.0, description="Seconds for a whole mutation, settling reads included.", examples=["20"]
    )
    attempt_timeout: Seconds = Field(4.0, description="Seconds for one read attempt.", examples=["4"])
    connect_timeout: Seconds = Field(2.0, description="Seconds to connect, DNS and TLS included.", examples=["2"])
    pool_timeout: Seconds = Field(1.0, description="Seconds to wait for a free upstream slot.", examples=["1"])
    write_timeout: Seconds = Field(5.0, description="Seconds to send a request.", examples=["5"])
    keepalive: Seconds = Field(5.0, description="Seconds an idle connection is kept.", examples=["5"])
    upstream_concurrency: Count = Field(
        64, description="Upstream calls under way at once, for each worker.", examples=["64"]
    )
    credential_concurrency: Count = Field(
        16, description="Upstream calls under way at once for one credential.", examples=["16"]
    )
    upstream_queue: Count = Field(128, description="Upstream calls that may wait for a slot.", examples=["128"])
    retry_budget: Share = Field(
        0.2, description="Retries over the last 10 s, as a share of the calls.", examples=["0.2"]
    )
    breaker_failures: Count = Field(5, description="Failures in a row that open the circuit.", examples=["5"])
    breaker_seconds: Seconds = Field(
        5.0, description="Seconds the circuit stays open at first; doubles up to 30.", examples=["5"]
    )
    max_answer_bytes: Bytes = Field(2_097_152, description="Largest upstream answer.", examples=["2097152"])
    max_answer_header_bytes: Bytes = Field(65_536, description="Largest upstream header block.", examples=["65536"])

    @field_validator("upstream_url")
    @classmethod
    def _url(cls, url: str | None) -> str | None:
        if url is None:
            return None
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or not _URL.fullmatch(url):
            raise ValueError("must be an http or https URL with a host")
        try:
            _ = parts.port
        except ValueError:
            raise ValueError("must have a port from 0 to 65535, or none") from None
        if parts.username or parts.password or parts.query or parts.fragment:
            raise ValueError("must have no credentials, query or fragment")
        return url.rstrip("/")

    @field_validator("upstream_token")
    @classmethod
    def _token(cls, token: SecretStr | None) -> SecretStr | None:
        if token is not None and not _TOKEN.fullmatch(token.get_secret_value()):
            raise ValueError("must be 8 to 256 characters of ASCII without spaces")
        return token

    @field_validator("upstream_ca_file")
    @classmethod
    def _authorities(cls, path: str | None) -> str | None:
        if path is not None:
            try:
                ssl.create_default_context(cafile=path)
            except (OSError, ssl.SSLError):
                raise ValueError("must be a readable PEM file of certificates") from None
        return path


class EmbeddedSettings(BaseModel):
    """The embedded Customers service that stands in when no upstream is configured."""

    embedded_data: str | None = Field(
        None,
        description="SQLite file of the embedded service; unset: in the user's data directory.",
        examples=["customers.sqlite3"],
    )
    embedded_memory: bool = Field(
        False, description="Keeps the embedded service's data in memory, thrown away at the end.", examples=["true"]
    )
    embedded_documented_only: Annotated[
        bool,
        Field(description="Makes the embedded service ignore all but the documented parameters.", examples=["true"]),
    ] = False

    @property
    def embedded_path(self) -> Path | None:
        """Where the embedded service keeps its data; None for memory."""
        if self.embedded_memory:
            return None
        if self.embedded_data is not None:
            return Path(self.embedded_data)
        return user_data_path("custgraph", appauthor=False) / "customers.sqlite3"
