"""Documents named by hash or id: automatic persisted queries and trusted documents."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from custgraph.config import Settings
from custgraph.execution import BrokenTrustedDocument
from custgraph.operation import OperationResult
from support.shop import Shop, codes, messages

QUERY = "{ __typename }"
OTHER = "query Other { other: __typename }"
ANSWER = {"__typename": "Query"}


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def by_hash(text: str, **more: Any) -> dict[str, Any]:
    return {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": sha256(text), **more}}}


def refused(result: OperationResult, code: str) -> bool:
    return not result.executed and codes(result) == [code] and 400 <= result.status < 500


async def test_a_hash_is_not_known_until_its_text_was_sent() -> None:
    shop = Shop()
    for _ in range(2):
        result = await shop.ask(**by_hash(QUERY))
        assert refused(result, "PERSISTED_QUERY_NOT_FOUND")
        assert messages(result) == ["PersistedQueryNotFound"]
    assert (await shop.ask(QUERY, **by_hash(QUERY))).data == ANSWER
    for _ in range(3):
        assert (await shop.ask(**by_hash(QUERY))).data == ANSWER
    upper: dict[str, Any] = {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": sha256(QUERY).upper()}}}
    assert (await shop.ask(**upper)).data == ANSWER


async def test_a_text_under_another_hash_is_refused_and_not_kept() -> None:
    shop = Shop()
    assert refused(await shop.ask(QUERY, **by_hash(OTHER)), "BAD_USER_INPUT")
    assert refused(await shop.ask(**by_hash(OTHER)), "PERSISTED_QUERY_NOT_FOUND")


async def test_a_text_that_cannot_run_is_not_kept() -> None:
    shop = Shop()
    for broken in ("{ nothing }", "{"):
        assert not (await shop.ask(broken, **by_hash(broken))).executed
        assert refused(await shop.ask(**by_hash(broken)), "PERSISTED_QUERY_NOT_FOUND")


@pytest.mark.parametrize(
    "extension",
    [1, "x", [], {}, {"version": 1}, {"sha256Hash": sha256(QUERY)}, {"version": 2, "sha256Hash": sha256(QUERY)},
     {"version": 1, "sha256Hash": 3}, {"version": 1, "sha256Hash": None}],
)  # fmt: skip
async def test_malformed_extensions_are_refused(extension: Any) -> None:
    for query in (None, QUERY):
        assert refused(await Shop().ask(query, extensions={"persistedQuery": extension}), "BAD_USER_INPUT")


async def test_other_extensions_are_ignored() -> None:
    shop = Shop()
    for extensions in ({}, {"clientLibrary": {"name": "@apollo/client"}}, {"persistedQuery": None}):
        assert (await shop.ask(QUERY, extensions=extensions)).data == ANSWER


async def test_persisted_queries_can_be_switched_off() -> None:
    shop = Shop(settings=Settings(persisted_queries=False))
    result = await shop.ask(**by_hash(QUERY))
    assert refused(result, "PERSISTED_QUERY_NOT_SUPPORTED")
    assert messages(result) == ["PersistedQueryNotSupported"]
    assert (await shop.ask(QUERY, **by_hash(QUERY))).data == ANSWER
    assert refused(await shop.ask(**by_hash(QUERY)), "PERSISTED_QUERY_NOT_SUPPORTED")


async def test_persisted_queries_are_bounded_in_number_and_bytes() -> None:
    for settings in (Settings(persisted_query_cache=3), Settings(persisted_query_cache_bytes=60)):
        shop = Shop(settings=settings)
        texts = [f"{{ a{index}: __typename }}" for index in range(9)]
        for text in texts:
            await shop.ask(text, **by_hash(text))
        known = [(await shop.ask(**by_hash(text))).executed for text in texts]
        assert known == [False] * 6 + [True] * 3


Write = Callable[[str, str], str]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a file, and gives its path."""

    def write(name: str, text: str) -> str:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


APOLLO = {
    "format": "apollo-persisted-query-manifest",
    "version": 1,
    "operations": [{"id": sha256(QUERY), "name": "Q", "type": "query", "body": QUERY}],
}


def trusting(*paths: str, only: bool = False) -> Shop:
    return Shop(settings=Settings(documents=paths, documents_only=only))


async def test_a_relay_map_is_read(write: Write) -> None:
    shop = trusting(write("persisted.json", json.dumps({"1f2e": QUERY, "md5ish": OTHER})))
    assert (await shop.ask(document_id="1f2e")).data == ANSWER
    assert (await shop.ask(document_id="md5ish")).data == {"other": "Query"}
    assert (await shop.ask(document_id=sha256(QUERY))).data == ANSWER
    assert (await shop.ask(document_id=f"sha256:{sha256(QUERY)}")).data == ANSWER
    assert (await shop.ask(extensions={"persistedQuery": {"version": 1, "sha256Hash": "1f2e"}})).data == ANSWER


async def test_an_apollo_manifest_is_read(write: Write) -> None:
    shop = trusting(write("manifest.json", json.dumps(APOLLO)))
    assert (await shop.ask(**by_hash(QUERY))).data == ANSWER
    assert (await shop.ask(document_id=sha256(QUERY))).data == ANSWER


async def test_a_folder_is_read(write: Write, tmp_path: Path) -> None:
    write("queries/type.graphql", QUERY)
    write("queries/deep/Other.graphql", OTHER)
    write("queries/notes.txt", "{ nothing }")
    shop = trusting(str(tmp_path / "queries"))
    assert (await shop.ask(document_id="type")).data == ANSWER
    assert (await shop.ask(document_id="deep/Other")).data == {"other": "Query"}
    assert (await shop.ask(**by_hash(OTHER))).data == {"other": "Query"}


async def test_an_unknown_id_is_refused(write: Write) -> None:
    shop = trusting(write("persisted.json", json.dumps({"1": QUERY})))
    assert refused(await shop.ask(document_id="2"), "DOCUMENT_NOT_FOUND")
    assert refused(await shop.ask(QUERY, document_id="1"), "BAD_USER_INPUT")


async def test_variables_and_limits_hold_for_trusted_documents(write: Write) -> None:
    paged = "query ($n: Int) { page(first: $n) { items { id } } }"
    shop = trusting(write("persisted.json", json.dumps({"paged": paged})))
    assert (await shop.ask(document_id="paged", variables={"n": 3})).executed
    assert refused(await shop.ask(document_id="paged", variables={"n": "x"}), "BAD_USER_INPUT")


async def test_only_trusted_documents_can_be_let_through(write: Write) -> None:
    shop = trusting(write("persisted.json", json.dumps({"1": QUERY})), only=True)
    assert (await shop.ask(document_id="1")).data == ANSWER
    assert (await shop.ask(**by_hash(QUERY))).data == ANSWER
    assert (await shop.ask(QUERY)).data == ANSWER
    assert (await shop.ask(QUERY, **by_hash(QUERY))).data == ANSWER
    others: list[dict[str, Any]] = [{"query": OTHER}, by_hash(OTHER), {"query": OTHER, **by_hash(OTHER)}]
    for request in (*others, {"query": QUERY + " "}):
        result = await shop.ask(**request)
        assert refused(result, "DOCUMENT_NOT_TRUSTED")
    assert refused(await shop.ask(document_id="2"), "DOCUMENT_NOT_FOUND")
    assert refused(await shop.ask(), "BAD_USER_INPUT")


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("map.json", '{"7": "{ nothing }"}', "map.json: document '7': Cannot query field 'nothing'"),
        ("map.json", '{"7": "{ item"}', "map.json: document '7': Syntax Error: Expected Name, found <EOF>. (line 1)"),
        ("map.json", json.dumps({"7": "{ " + "__typename " * 31 + "}"}), "document '7': The operation is too complex"),
        ("map.json", "{", "map.json: is not JSON."),
        ("map.json", "[" * 100_000, "map.json: is not JSON."),
        ("map.graphql", QUERY, "map.graphql: is one document; name its folder."),
        ("map.json", "[1]", "map.json: is neither a map from ids to texts nor an Apollo manifest."),
        ("map.json", '{"7": 1}', "map.json: is neither a map from ids to texts nor an Apollo manifest."),
        ("map.json", json.dumps({"format": APOLLO["format"], "operations": [{}]}), "nor an Apollo manifest."),
        ("folder/a.graphql", "{ nothing }", "a.graphql: Cannot query field 'nothing'"),
    ],
)
def test_a_broken_document_stops_the_start_by_name(write: Write, name: str, content: str, says: str) -> None:
    path = write(name, content)
    if name.startswith("folder/"):
        path = str(Path(path).parent)
    with pytest.raises(BrokenTrustedDocument) as caught:
        trusting(path)
    assert says in str(caught.value)


def test_files_that_cannot_be_read_stop_the_start(tmp_path: Path) -> None:
    with pytest.raises(BrokenTrustedDocument, match=r"none\.json: cannot be read: No such file.* Example: CUSTGRAPH_D"):
        trusting(str(tmp_path / "none.json"))
    with pytest.raises(BrokenTrustedDocument, match=r"has no \*\.graphql file"):
        trusting(str(tmp_path))
    (tmp_path / "map.json").write_bytes(b"\xff")
    with pytest.raises(BrokenTrustedDocument, match=r"map\.json: cannot be read: it is not UTF-8\."):
        trusting(str(tmp_path / "map.json"))


def test_one_id_for_two_documents_stops_the_start(write: Write) -> None:
    paths = write("a.json", json.dumps({"1": QUERY})), write("b.json", json.dumps({"1": OTHER}))
    with pytest.raises(BrokenTrustedDocument, match=r"b\.json: document '1': another document has the id '1' already"):
        trusting(*paths)
