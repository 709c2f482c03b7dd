"""The settings, whole: one frozen value that `app` hands around."""

from __future__ import annotations

from typing import Any, Self
from urllib.parse import urlsplit

from pydantic import SecretStr, model_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from custgraph.config.limits import DocumentSettings, LimitSettings
from custgraph.config.server import ServerSettings
from custgraph.config.upstream import EmbeddedSettings, UpstreamSettings

_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Settings(DocumentSettings, LimitSettings, EmbeddedSettings, UpstreamSettings, ServerSettings, BaseSettings):
    """All settings. Made directly it takes what it is given and the defaults; `load_settings` reads every source.

    Raises:
        pydantic.ValidationError: a value is wrong, or a name is not a setting's.
    """

    model_config = SettingsConfigDict(
        env_prefix="CUSTGRAPH_", frozen=True, extra="forbid", env_ignore_empty=True, hide_input_in_errors=True
    )

    def with_upstream_token(self, token: str) -> Self:
        """Gives the same settings with this key for callers that send none."""
        return self.model_copy(update={"upstream_token": SecretStr(token)})

    @classmethod
    def settings_customise_sources(  # type: ignore[override]  # the sources left out are not wanted
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - pydantic-settings calls it so
        init_settings: PydanticBaseSettingsSource,
        **_: Any,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Reads nothing but the arguments."""
        return (init_settings,)

    @model_validator(mode="after")
    def _plain_http_only_on_loopback(self) -> Self:
        if self.upstream_url is None or self.upstream_allow_http:
            return self
        parts = urlsplit(self.upstream_url)
        if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
            fault = "must be https (or set upstream_allow_http, and keys travel in the clear)"
            raise _conflict("upstream_url", fault, "upstream_url", "https://openfoodnetwork.example/api/v1")
        return self

    @model_validator(mode="after")
    def _documents_only_needs_documents(self) -> Self:
        if self.documents_only and not self.documents:
            fault = "needs documents, or every request would be refused"
            raise _conflict("documents_only", fault, "documents", "persisted.json,documents/")
        return self

    @model_validator(mode="after")
    def _workers_share_no_memory(self) -> Self:
        if self.embedded_memory and self.workers > 1 and self.upstream_url is None:
            fault = "needs a single worker, since each would have data of its own"
            raise _conflict("embedded_memory", fault, "workers", "1")
        return self


def _conflict(setting: str, fault: str, change: str, to: str) -> PydanticCustomError:
    """Makes the fault of a setting that does not go with the others, with what would mend it."""
    return PydanticCustomError(
        "conflict", "{setting}: {fault}", {"setting": setting, "fault": fault, "change": change, "to": to}
    )
