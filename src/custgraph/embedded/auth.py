"""Who is calling: an API key or a session, and the enterprises that its owner manages."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request

from .errors import NotAuthorized, UnknownKey
from .params import QueryParams

Enterprises = tuple[int, ...]
SESSION_COOKIE = "_ofn_session_id"


class Access:
    """The keys and sessions that the service knows, each with the enterprises managed."""

    def __init__(self, tokens: Mapping[str, Enterprises], sessions: Mapping[str, Enterprises]) -> None:
        self._tokens = tokens
        self._sessions = sessions

    def managed_by_caller(self, request: Request, params: QueryParams) -> Enterprises:
        """The enterprises that the caller manages; none for an anonymous one. A session goes before a key.

        Raises:
            UnknownKey: for a key that is nobody's.
        """
        session = self._sessions.get(request.cookies.get(SESSION_COOKIE, ""))
        if session is not None:
            return session
        key = api_key(request, params)
        if not key.strip():
            return ()
        managed = self._tokens.get(key)
        if managed is None:
            raise UnknownKey(key)
        return managed


def api_key(request: Request, params: QueryParams) -> str:
    """The key that was sent, in the header or else in the query; empty without one."""
    header = request.headers.get("x-api-token")
    return header if header is not None else params.text("token") or ""


def authorize(managed: Enterprises, enterprise_id: int) -> None:
    """Stops who does not manage the enterprise.

    Raises:
        NotAuthorized: then.
    """
    if enterprise_id not in managed:
        raise NotAuthorized
