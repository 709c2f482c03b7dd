"""What statuses, headers and bodies mean: pauses, refusals, and words that may be passed on."""

from __future__ import annotations

import json
import time
from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custgraph.errors import Forbidden, NotFound, Refused, Unauthenticated, UpstreamBadResponse
from custgraph.rest.answers import Verdict, Weight, of_answer, of_fault, retry_after, whole_seconds
from custgraph.rest.headers import is_json
from custgraph.rest.wire import Answer, WireFault
from support.fakewire import JSON, refusal

SECRET = "key-1234567890"


def limited(value: str, date: str | None = None) -> float | None:
    headers = {b"retry-after": value.encode("latin-1")} | ({b"date": date.encode()} if date is not None else {})
    return retry_after(Answer(429, headers, b""))


def http(seconds: float) -> str:
    return formatdate(seconds, usegmt=True)


@pytest.mark.parametrize(
    ("value", "pause"),
    [
        ("0", 0.0),
        ("7", 7.0),
        (" 7 ", 7.0),
        ("61", 60.0),
        ("3153600000", 60.0),
        ("99999999999999999999", 60.0),
        ("-1", None),
        ("+1", None),
        ("1.5", None),
        ("1e3", None),
        ("", None),
        ("soon", None),
        ("\xb2", None),
        ("9" * 5000, None),
    ],
)
def test_seconds_to_wait(value: str, pause: float | None) -> None:
    assert limited(value) == pause


def test_a_date_is_held_against_the_answers_own() -> None:
    assert limited(http(1_000_030), http(1_000_000)) == 30
    assert limited(http(1_000_000), http(1_000_030)) == 0
    assert limited(http(2_000_000), http(1_000_000)) == 60


def test_without_one_it_is_held_against_the_clock() -> None:
    pause = limited(http(time.time() + 30))
    assert pause is not None
    assert 28 < pause <= 30


@given(st.text(st.characters(max_codepoint=255), max_size=80))
def test_no_header_text_is_more_than_its_reader_can_take(value: str) -> None:
    pause = limited(value, value)
    assert pause is None or 0 <= pause <= 60


@pytest.mark.parametrize(("seconds", "whole"), [(0.0, 1), (0.2, 1), (1.0, 1), (1.1, 2), (59.9, 60)])
def test_whole_seconds_are_rounded_up(seconds: float, whole: int) -> None:
    assert whole_seconds(seconds) == whole


def escaped(secret: str) -> bytes:
    return b'{"errors":[{"detail":"Invalid (%s)."}]}' % "".join(f"\\u{ord(char):04x}" for char in secret).encode()


@pytest.mark.parametrize(
    "body",
    [
        json.dumps({"errors": [{"detail": f"Invalid API key ({SECRET}) specified."}]}).encode(),
        json.dumps({"errors": [{"title": SECRET}]}).encode(),
        SECRET.encode(),
        escaped(SECRET),
    ],
)
def test_a_401_that_repeats_the_key_means_an_unknown_key(body: bytes) -> None:
    verdict = of_answer(Answer(401, JSON, body), SECRET)
    assert type(verdict.error) is Unauthenticated
    assert SECRET not in str(verdict.error)


@pytest.mark.parametrize("body", [b"", b"{}", b"[1]", b'{"errors":[{"detail":1}]}', b"\xff", SECRET[:-1].encode()])
def test_any_other_401_means_a_right_that_is_missing(body: bytes) -> None:
    assert type(of_answer(Answer(401, JSON, body), SECRET).error) is Forbidden


def test_a_404_counts_only_as_the_apis_own_word() -> None:
    assert type(of_answer(refusal(404), SECRET).error) is NotFound
    for answer in (
        Answer(404, JSON, b"{}"),
        Answer(404, {b"content-type": b"text/html"}, b"<p>"),
        Answer(404, {}, b""),
    ):
        assert type(of_answer(answer, SECRET).error) is UpstreamBadResponse


def sentences(*texts: str) -> tuple[str, ...]:
    error = of_answer(refusal(422, "Invalid resource.", validation_errors=list(texts)), SECRET).error
    assert isinstance(error, Refused)
    return error.sentences


def test_validation_sentences_are_passed_on() -> None:
    texts = (
        "Email is invalid",
        "Shipping address street address 1 can't be blank",
        "L\u2019e-mail n\u2019est pas valide",
    )
    assert sentences(*texts) == texts


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        f"Key {SECRET} is bad",
        "<b>Email</b>",
        "at /srv/app/customers.rb:42",
        "see https://inner.test",
        "a\nb",
        "a\x1b[31m",
        "a\u202eb",
        "x" * 301,
        "{:email=>1}",
    ],
)
def test_what_is_no_sentence_for_people_is_replaced(text: str) -> None:
    assert sentences(text) == ("A value is not valid",)


def test_so_many_sentences_and_no_more() -> None:
    assert len(sentences(*["Email is invalid"] * 500)) == 50


@pytest.mark.parametrize(
    ("media_type", "json_"),
    [
        (b"application/json", True),
        (b"Application/JSON; charset=utf-8", True),
        (b"application/vnd.api+json", True),
        (b"text/plain", False),
        (b"application/jsonx", False),
        (b"text/html; x=application/json", False),
        (b"", False),
    ],
)
def test_the_media_type_says_whether_it_is_json(media_type: bytes, json_: bool) -> None:
    assert is_json({b"content-type": media_type}) is json_


def test_every_status_has_a_meaning_that_blames_whom_it_should() -> None:
    for status in range(200, 600):
        verdict = of_answer(Answer(status, JSON, b"{}"), SECRET)
        assert verdict.doubt or 400 <= status < 500, status
        assert not (verdict.again and verdict.weight is Weight.FAILURE), status


def test_a_fault_before_anything_was_sent_leaves_no_doubt() -> None:
    kinds = ("connect", "unreachable", "tls", "timeout", "stale", "reset", "truncated", "malformed")
    for kind in kinds:
        for sent in (True, False):
            for hurried in (True, False):
                verdict: Verdict = of_fault(WireFault(kind, "x", sent=sent), hurried=hurried)  # type: ignore[arg-type]
                assert verdict.doubt is sent
