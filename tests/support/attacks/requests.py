"""Abuses of HTTP, of JSON, and of what stands around a document."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator

from support.attacks.attack import ACCEPT, CLOSED, HOST, JSON, Attack

MAX_BODY = 262_144
"""Bytes, by default."""

QUERY = b'{"query":"{__typename}"}'
BAD_REQUEST = frozenset({"BAD_REQUEST"})


def all_requests() -> list[Attack]:
    """All of them."""
    return [*bodies(), *media_types(), *framing(), *sizes(), *credentials(), *methods()]


def post(body: bytes, *headers: bytes, target: bytes = b"/graphql") -> bytes:
    """A POST of JSON with these header lines."""
    lines = b"".join(header + b"\r\n" for header in headers)
    length = b"Content-Length: %d\r\n" % len(body)
    return b"POST %s HTTP/1.1\r\n" % target + HOST + ACCEPT + JSON + lines + length + b"\r\n" + body


def get(target: bytes, *headers: bytes, method: bytes = b"GET") -> bytes:
    """A GET with these header lines."""
    lines = b"".join(header + b"\r\n" for header in headers)
    return b"%s %s HTTP/1.1\r\n" % (method, target) + HOST + ACCEPT + lines + b"\r\n"


def bodies() -> Iterator[Attack]:
    """Bodies that are no GraphQL request."""
    value = b'{"query":"query($a:Int){__typename}","variables":{"a":%s}}'
    for name, body in {
        "nothing": b"",
        "blanks": b"   ",
        "a number": b"1",
        "a number of 10,000 digits": b"7" * 10_000,
        "a string": b'"x"',
        "null": b"null",
        "an array, batching being off": b"[%s]" % QUERY,
        "an array of 10,000 requests": b"[" + b",".join([QUERY] * 10_000) + b"]",
        "no query": b"{}",
        "query twice": b'{"query":"{__typename}","query":"{a}"}',
        "query twice, once escaped": rb'{"query":"{__typename}","qu\u0065ry":"{a}"}',
        "invalid UTF-8": b'{"query":"\xff"}',
        "an overlong encoding": b'{"query":"\xc0\xaf"}',
        "UTF-16": QUERY.decode().encode("utf-16"),
        "UTF-32": QUERY.decode().encode("utf-32"),
        "a byte order mark": b"\xef\xbb\xbf" + QUERY,
        "text behind": QUERY + b"x",
        "two values": QUERY + QUERY,
        "100,000 open arrays": b"[" * 100_000,
        "100,000 arrays": b"[" * 100_000 + b"]" * 100_000,
        "40,000 objects": b'{"a":' * 40_000 + b"1" + b"}" * 40_000,
        "variables 1,000 deep": value % (b'{"a":' * 1000 + b"1" + b"}" * 1000),
        "an integer of 5,000 digits": value % (b"7" * 5000),
        "an exponent out of reach": value % b"1e999",
        "a huge exponent": value % b"1e9999999999",
        "NaN": value % b"NaN",
        "Infinity": value % b"-Infinity",
        "half a surrogate pair": value % rb'"\ud800"',
        "the other half": value % rb'"\udfff"',
        "a control character": value % b'"\x00"',
        "a query of another type": b'{"query":["{__typename}"]}',
        "variables of another type": b'{"query":"{__typename}","variables":"{}"}',
        "extensions of another type": b'{"query":"{__typename}","extensions":[]}',
        "40,000 members of one name": b"{" + b",".join([b'"a":1'] * 40_000) + b"}",
        "a form": b"query=%7B__typename%7D",
    }.items():
        codes = frozenset({"BATCHING_DISABLED", "BAD_REQUEST"}) if body[:2] == b"[{" else BAD_REQUEST
        status = 413 if len(body) > MAX_BODY else 400
        yield Attack(f"body: {name}", post(body), frozenset({status}), codes if status == 400 else frozenset())


def media_types() -> Iterator[Attack]:
    """What pages of other sites can send, and compressed bodies."""
    for content_type in (
        b"text/plain",
        b"text/plain;charset=UTF-8",
        b"application/x-www-form-urlencoded",
        b"multipart/form-data; boundary=x",
        b"text/plain application/json",
        b"application/jsonx",
        b"application/json; charset=utf-16",
        b"application/json, text/plain",
        b"",
    ):
        request = post(QUERY).replace(JSON, b"Content-Type: %s\r\n" % content_type)
        yield Attack(f"media type: {content_type.decode() or 'empty'}", request, frozenset({415}))
    yield Attack("media type: none", post(QUERY).replace(JSON, b""), frozenset({415}))
    for coding in (b"gzip", b"deflate", b"br", b"zstd"):
        request = post(gzip.compress(b" " * 10_000_000), b"Content-Encoding: " + coding)
        yield Attack(f"compressed: {coding.decode()}, ten megabytes", request, frozenset({415}))


def framing() -> Iterator[Attack]:
    """What two parsers read as two things."""
    chunked = b"Transfer-Encoding: chunked"
    head = b"POST /graphql HTTP/1.1\r\n" + HOST + JSON
    whole = head + b"Content-Length: %d\r\n\r\n" % len(QUERY) + QUERY
    for name, request in {
        "length and coding": post(QUERY, chunked),
        "coding and length, smuggling": head
        + b"Content-Length: 4\r\n"
        + chunked
        + b"\r\n\r\n0\r\n\r\nGET /x HTTP/1.1\r\n",
        "two lengths": post(QUERY, b"Content-Length: 5"),
        "the same length twice": post(QUERY, b"Content-Length: %d" % len(QUERY)),
        "a signed length": head + b"Content-Length: +24\r\n\r\n" + QUERY,
        "a length in hexadecimal": head + b"Content-Length: 0x18\r\n\r\n" + QUERY,
        "a negative length": head + b"Content-Length: -1\r\n\r\n" + QUERY,
        "another coding": head + b"Transfer-Encoding: gzip\r\n\r\n" + QUERY,
        "a coding before chunked": head + b"Transfer-Encoding: x, chunked\r\n\r\n0\r\n\r\n",
        "chunked twice": head + chunked + b"\r\n" + chunked + b"\r\n\r\n0\r\n\r\n",
        "a chunk without a size": head + chunked + b"\r\n\r\nx\r\n",
        "a chunk of a negative size": head + chunked + b"\r\n\r\n-1\r\n",
        "a chunk of 2^64 bytes": head + chunked + b"\r\n\r\n10000000000000000\r\n",
        "bare line feeds": whole.replace(b"\r\n", b"\n"),
        "one bare line feed": whole.replace(HOST, b"Host: gateway\n"),
        "a folded header": whole.replace(JSON, JSON + b"X-A: b\r\n c\r\n"),
        "a blank before a colon": whole.replace(b"Host:", b"Host :"),
        "NUL in a header": whole.replace(JSON, JSON + b"X-A: b\x00c\r\n"),
        "no Host": whole.replace(HOST, b""),
        "two Hosts": whole.replace(HOST, HOST + HOST),
        "a path in Host": whole.replace(HOST, b"Host: a/?x=\r\n"),
        "a user in Host": whole.replace(HOST, b"Host: a@b\r\n"),
        "an absolute target": whole.replace(b"/graphql", b"http://evil.example/graphql"),
        "an authority as target": whole.replace(b"POST /graphql", b"CONNECT evil.example:443"),
        "HTTP/0.9": b"GET /graphql\r\n\r\n",
        "HTTP/2.0": whole.replace(b"HTTP/1.1", b"HTTP/2.0"),
        "HTTP/2 with prior knowledge": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"x" * 200,
        "garbage": b"\x00\xff" * 100 + b"\r\n\r\n",
    }.items():
        yield Attack(f"framing: {name}", request, frozenset({400, 405, 413, 505, CLOSED}))


def sizes() -> Iterator[Attack]:
    """What is too large, by what it says and by what it is."""
    mebibyte, chunked = b"x" * (1 << 20), b"Transfer-Encoding: chunked\r\n"
    head = b"POST /graphql HTTP/1.1\r\n" + HOST + JSON
    over = b"".join(b"10000\r\n%s\r\n" % (b"x" * 65_536) for _ in range(16)) + b"0\r\n\r\n"
    for name, request, status in [
        ("a body of a mebibyte", post(mebibyte), 413),
        ("a string of a mebibyte", post(b'{"query":"%s"}' % mebibyte), 413),
        ("a chunked body of a mebibyte", head + chunked + b"\r\n" + over, 413),
        ("a length of a gibibyte", head + b"Content-Length: 1073741824\r\n\r\n", 413),
        ("a length of 40 digits", head + b"Content-Length: " + b"9" * 40 + b"\r\n\r\n", 400),
        ("a URL of 100 KB", get(b"/graphql?query=" + b"x" * 100_000), 414),
        ("a URL of 9 KB", get(b"/graphql?query=" + b"x" * 9_000), 414),
        ("a header of a mebibyte", post(QUERY, b"X-A: " + mebibyte), 431),
        ("headers of 40 KB", post(QUERY, *[b"X-%d: " % n + b"x" * 1000 for n in range(40)]), 431),
        ("a header name of 60 KB", post(QUERY, b"x" * 60_000 + b": 1"), 431),
        ("101 headers", post(QUERY, *[b"X-%d: 1" % n for n in range(101)]), 431),
        ("10,000 headers", post(QUERY, *[b"X-%d: 1" % n for n in range(10_000)]), 431),
    ]:
        yield Attack(f"size: {name}", request, frozenset({status}))


def credentials() -> Iterator[Attack]:
    """Credentials that are none, or too many."""
    token, bearer = b"X-Api-Token: a-token-of-mine", b"Authorization: Bearer a-token-of-mine"
    for name, headers in {
        "short": [b"X-Api-Token: 1234567"],
        "long": [b"X-Api-Token: " + b"x" * 257],
        "empty": [b"X-Api-Token:"],
        "a blank in it": [b"X-Api-Token: token of mine"],
        "not ASCII": ["X-Api-Token: tökenofmine".encode()],
        "another scheme": [b"Authorization: Basic dXNlcjpwYXNzd29yZA=="],
        "no scheme": [b"Authorization: a-token-of-mine"],
    }.items():
        yield Attack(f"credential: {name}", post(QUERY, *headers), frozenset({401}), frozenset({"UNAUTHENTICATED"}))
    for name, headers in {
        "header twice": [token, token],
        "bearer twice": [bearer, bearer],
        "header and bearer": [token, bearer],
    }.items():
        yield Attack(f"credential: {name}", post(QUERY, *headers), frozenset({400}), BAD_REQUEST)
    in_url = b"/graphql?query={__typename}&token=a-token-of-mine"
    yield Attack("credential: in the URL", get(in_url), frozenset({400}), BAD_REQUEST)
    in_url = b"/graphql?token=a-token-of-mine"
    yield Attack("credential: in the URL of a POST", post(QUERY, target=in_url), frozenset({400}), BAD_REQUEST)


def methods() -> Iterator[Attack]:
    """Other ways in."""
    query = b"/graphql?query={__typename}"
    for method in (b"PUT", b"PATCH", b"DELETE", b"TRACE", b"PROPFIND"):
        yield Attack(f"method: {method.decode()}", get(query, method=method), frozenset({400, 405}))
    mutation = b"/graphql?query=mutation{deleteCustomer(id:1){deletedCustomerId}}"
    yield Attack("method: a mutation over GET", get(mutation), frozenset({405}))
    upgrade = [b"Connection: Upgrade", b"Upgrade: websocket", b"Sec-WebSocket-Version: 13", b"Sec-WebSocket-Key: eA=="]
    yield Attack("method: a WebSocket", get(b"/graphql", *upgrade), frozenset({403, 404}))
    yield Attack(
        "method: a WebSocket for GraphQL",
        get(query, *upgrade, b"Sec-WebSocket-Protocol: graphql-transport-ws"),
        frozenset({403, 404}),
    )
    yield Attack("accept: nothing that there is", get(query).replace(ACCEPT, b"Accept: text/csv\r\n"), frozenset({406}))
    yield Attack("query string: two queries", get(query + b"&query={x}"), frozenset({400}), BAD_REQUEST)
    yield Attack("query string: not UTF-8", get(b"/graphql?query=%ff"), frozenset({400}), BAD_REQUEST)
    twice = json.dumps({"a": 1})[:-1] + ',"a":2}'
    yield Attack(
        "query string: a name twice in variables",
        get(query + b"&variables=" + twice.replace(" ", "").encode()),
        frozenset({400}),
        BAD_REQUEST,
    )
