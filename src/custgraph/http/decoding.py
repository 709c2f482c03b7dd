"""From bodies and query strings to GraphQL requests (GraphQL over HTTP, "Request")."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import unquote_to_bytes

from custgraph.http.json_bodies import read_json
from custgraph.http.refusals import Refused
from custgraph.operation import OperationRequest
from custgraph.strict_json import NotStrictJson

_MEMBERS: Final = {
    "query": (str, "a string"),
    "operationName": (str, "a string"),
    "variables": (dict, "an object"),
    "extensions": (dict, "an object"),
    "documentId": (str, "a string"),
}
_KINDS: Final = {
    type(None): "null",
    bool: "a boolean",
    int: "a number",
    float: "a number",
    str: "a string",
    list: "an array",
    dict: "an object",
}
_LONGEST_PATH: Final = 120

IN_URL: Final = "Send no token in a URL, where logs and histories keep it; use the X-Api-Token header."


def decode_body(body: bytes) -> OperationRequest | list[OperationRequest]:
    """Reads the body of a POST: one request, or an array of them.

    Raises:
        Refused: it is neither; says what is wrong and where.
    """
    if not body:
        raise Refused(400, "The body is empty; send a JSON object with a 'query'.")
    value = _read(body, "The body")
    if type(value) is list:
        return [_request(item, f"[{index}]") for index, item in enumerate(value)]
    return _request(value, "")


def decode_query_string(text: bytes) -> OperationRequest:
    """Reads the parameters of a GET; `variables` and `extensions` are JSON, and an empty one counts as left out.

    Raises:
        Refused: they are no GraphQL request.
    """
    members: dict[str, Any] = {}
    for name, value in _parameters(text):
        if name == "token":
            raise Refused(400, IN_URL)
        if name not in _MEMBERS:
            continue
        if name in members:
            raise Refused(400, f"The parameter {name!r} came twice.")
        members[name] = value
    members = {name: value for name, value in members.items() if value or name == "query"}
    for name in ("variables", "extensions"):
        if name in members:
            members[name] = _read(members[name].encode(), f"The parameter {name!r}")
    return _request(members, "")


def names_document(text: bytes) -> bool:
    """Says whether a query string asks for an operation, rather than for a page to write one on."""
    return any(name in (b"query", b"documentId", b"extensions") for name in _names(text))


def has_token(text: bytes) -> bool:
    """Says whether a query string carries a token."""
    return b"token" in _names(text)


def _names(text: bytes) -> list[bytes]:
    return [unquote_to_bytes(part.partition(b"=")[0]) for part in text.split(b"&")]


def _parameters(text: bytes) -> list[tuple[str, str]]:
    """Splits `application/x-www-form-urlencoded` text, which has to be UTF-8."""
    pairs = []
    for part in text.split(b"&"):
        name, _, value = part.replace(b"+", b" ").partition(b"=")
        try:
            pairs.append((unquote_to_bytes(name).decode(), unquote_to_bytes(value).decode()))
        except UnicodeDecodeError:
            raise Refused(400, "The query string is not UTF-8.") from None
    return pairs


def _read(text: bytes, what: str) -> Any:
    try:
        return read_json(text)
    except NotStrictJson as error:
        where = f" at {error.where[:_LONGEST_PATH]}" if error.where else ""
        raise Refused(400, f"{what} is not sound JSON: {error}{where}.") from None


def _request(value: Any, where: str) -> OperationRequest:
    if type(value) is not dict:
        raise Refused(400, f"The request{where and ' at ' + where} must be a JSON object, not {_KINDS[type(value)]}.")
    get = value.get
    query, variables, extensions = get("query"), get("variables"), get("extensions")
    operation_name, document_id = get("operationName"), get("documentId")
    if (
        (query is None or type(query) is str)
        and (variables is None or type(variables) is dict)
        and (operation_name is None or type(operation_name) is str)
        and (extensions is None or type(extensions) is dict)
        and (document_id is None or type(document_id) is str)
    ):
        if query is None and document_id is None and (extensions is None or "persistedQuery" not in extensions):
            raise Refused(400, f"The request{where and ' at ' + where} has no 'query'.")
        return OperationRequest(query, operation_name, variables, extensions, document_id)
    for name, (kind, wanted) in _MEMBERS.items():
        if (item := get(name)) is not None and type(item) is not kind:
            raise Refused(400, f"{name!r}{where and ' of ' + where} must be {wanted}, not {_KINDS[type(item)]}.")
    raise AssertionError("one of them is of another type")
