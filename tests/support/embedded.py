"""Clients of the embedded service, and short views of its answers."""

from __future__ import annotations

from collections.abc import Callable

import httpx

from custgraph.embedded.service import EmbeddedService

BASE_URL = "http://embedded/api/v1"
CRASH = (422, "Something went wrong. Our team has been notified.")
NOT_ALLOWED = (401, "You are not authorized to perform that action.")
NOT_FOUND = (404, "The resource you were looking for could not be found.")

ClientFor = Callable[[str | None], httpx.AsyncClient]


def client_of(service: EmbeddedService, token: str | None) -> httpx.AsyncClient:
    """A client with this API key, or with none."""
    headers = {} if token is None else {"X-Api-Token": token}
    return httpx.AsyncClient(transport=httpx.ASGITransport(service), base_url=BASE_URL, headers=headers)


def ids(response: httpx.Response) -> list[int]:
    """The ids of a list, in its order."""
    assert response.status_code == 200, response.text
    return [row["attributes"]["id"] for row in response.json()["data"]]


def refusal(response: httpx.Response) -> tuple[int, str]:
    """The status and the detail of the only error."""
    [error] = response.json()["errors"]
    return response.status_code, error["detail"]


def complaints(response: httpx.Response) -> list[str]:
    """The validation sentences of a refused write."""
    assert refusal(response) == (422, "Invalid resource. Please fix errors and try again.")
    sentences: list[str] = response.json()["meta"]["validation_errors"]
    return sentences
