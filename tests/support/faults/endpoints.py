"""Upstreams that cannot be reached: each gives a base URL to which no call gets through."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import trustme

from support.faults.catalogue.words import CANARY
from support.upstream import PREFIX, FakeUpstream


@dataclass(frozen=True)
class Reach:
    """Where the gateway is sent, and what of it must never be repeated.

    Attributes:
        url: the base URL.
        ca_file: PEM of the authorities to trust, for https.
        upstream: the fake behind it, whose ledger must stay empty; None where nothing could listen.
    """

    url: str
    ca_file: str | None = None
    upstream: FakeUpstream | None = None


Endpoint = Callable[[Path], AbstractAsyncContextManager[Reach]]
"""Sets an endpoint up; the path is a folder for its files."""


@asynccontextmanager
async def refused(_folder: Path) -> AsyncIterator[Reach]:
    """A port that is taken, so that nobody else gets it, and on which nobody listens."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        yield Reach(f"http://127.0.0.1:{holder.getsockname()[1]}{PREFIX}")


@asynccontextmanager
async def black_holed(_folder: Path) -> AsyncIterator[Reach]:
    """A listener whose queue is full: the kernel drops every further SYN, as a silent firewall would."""
    with contextlib.ExitStack() as sockets:
        listener = sockets.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):
            filler = sockets.enter_context(socket.socket())
            filler.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                filler.connect(listener.getsockname())
        yield Reach(f"http://127.0.0.1:{listener.getsockname()[1]}{PREFIX}")


@asynccontextmanager
async def unknown_host(_folder: Path) -> AsyncIterator[Reach]:
    """A name that no DNS may ever know (RFC 2606)."""
    yield Reach(f"http://{CANARY}.invalid{PREFIX}")


def _context(authority: trustme.CA, host: str, *, expired: bool = False) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    now, day = datetime.datetime.now(datetime.UTC), datetime.timedelta(days=1)
    until = now - day if expired else now + day
    authority.issue_cert(host, not_before=now - 9 * day, not_after=until).configure_cert(context)
    return context


def _trusted(authority: trustme.CA, folder: Path) -> str:
    file = folder / f"ca-{id(authority)}.pem"
    authority.cert_pem.write_to_path(str(file))
    return str(file)


@asynccontextmanager
async def _over_tls(folder: Path, context: ssl.SSLContext, trusted: trustme.CA) -> AsyncIterator[Reach]:
    async with FakeUpstream(tls=context) as upstream:
        yield Reach(upstream.url("localhost"), _trusted(trusted, folder), upstream)


def tls_sound(folder: Path) -> AbstractAsyncContextManager[Reach]:
    """No fault: the control, without which the others would prove nothing."""
    authority = trustme.CA()
    return _over_tls(folder, _context(authority, "localhost"), authority)


def tls_expired(folder: Path) -> AbstractAsyncContextManager[Reach]:
    """A certificate that was valid until yesterday."""
    authority = trustme.CA()
    return _over_tls(folder, _context(authority, "localhost", expired=True), authority)


def tls_wrong_host(folder: Path) -> AbstractAsyncContextManager[Reach]:
    """A good certificate of somebody else."""
    authority = trustme.CA()
    return _over_tls(folder, _context(authority, "elsewhere.test"), authority)


def tls_untrusted(folder: Path) -> AbstractAsyncContextManager[Reach]:
    """A good certificate from an authority that nobody here trusts."""
    return _over_tls(folder, _context(trustme.CA(), "localhost"), trustme.CA())


@asynccontextmanager
async def _raw(folder: Path, answer: bytes | None) -> AsyncIterator[Reach]:
    """Accepts, reads the first bytes of a handshake, then says `answer` and closes; goes silent for None."""
    done = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        if answer is None:
            await done.wait()
        else:
            writer.write(answer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        port = server.sockets[0].getsockname()[1]
        yield Reach(f"https://localhost:{port}{PREFIX}", _trusted(trustme.CA(), folder))
    finally:
        done.set()
        server.close()
        await server.wait_closed()


def tls_absent(folder: Path) -> AbstractAsyncContextManager[Reach]:
    """Plain HTTP where TLS was expected."""
    return _raw(folder, b"HTTP/1.1 400 Bad Request\r\nContent-Length: %d\r\n\r\n%s" % (len(CANARY), CANARY.encode()))


def tls_cut(folder: Path) -> AbstractAsyncContextManager[Reach]:
    """Closes in the middle of the handshake."""
    return _raw(folder, b"")


def tls_silent(folder: Path) -> AbstractAsyncContextManager[Reach]:
    """Never answers the handshake."""
    return _raw(folder, None)


ENDPOINTS: dict[str, tuple[str, Endpoint]] = {
    "refused": ("refuses the connection", refused),
    "black-holed": ("drops every attempt to connect", black_holed),
    "dns": ("has a name that DNS does not know", unknown_host),
    "tls-expired": ("has an expired certificate", tls_expired),
    "tls-wrong-host": ("has another host's certificate", tls_wrong_host),
    "tls-untrusted": ("has a certificate from an unknown authority", tls_untrusted),
    "tls-absent": ("speaks no TLS where https is configured", tls_absent),
    "tls-cut": ("closes in the middle of the TLS handshake", tls_cut),
    "tls-silent": ("never answers the TLS handshake", tls_silent),
}
