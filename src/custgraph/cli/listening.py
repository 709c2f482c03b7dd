"""Takes the port, before anything else is done: it may be somebody else's."""

from __future__ import annotations

import errno
import os
import socket
from ipaddress import ip_address
from typing import Final

BACKLOG: Final = 2048


class CannotListen(Exception):
    """The address cannot be listened on; the message says why, and what to do."""


def listen(host: str, port: int) -> list[socket.socket]:
    """Listens on every address that the host stands for, all with one port.

    Clients that connect from now on wait until the gateway has started.

    Raises:
        CannotListen: an address is taken, or not this machine's.
    """
    sockets: list[socket.socket] = []
    try:
        for family, kind, protocol, _, address in _addresses(host, port):
            taken = socket.socket(family, kind, protocol)
            sockets.append(taken)
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                taken.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            if port == 0 and len(sockets) > 1:
                address = (address[0], sockets[0].getsockname()[1], *address[2:])
            taken.bind(address)
            taken.listen(BACKLOG)
            taken.set_inheritable(True)
    except OSError as error:
        for taken in sockets:
            taken.close()
        raise CannotListen(_why(error, host, port)) from None
    return sockets


def _addresses(
    host: str, port: int
) -> list[tuple[socket.AddressFamily, socket.SocketKind, int, str, tuple[object, ...]]]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    return list(dict.fromkeys(found))


def _why(error: OSError, host: str, port: int) -> str:
    place = f"port {port} of {host}"
    if error.errno == errno.EADDRINUSE:
        another = port + 1 if port < 65535 else 8000
        return f"{place} is in use. Choose another, such as --port {another}, or --port 0 for a free one."
    if error.errno == errno.EACCES:
        return f"{place} is not open to this user. Choose a port above 1023, such as --port 8000."
    if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
        return f"{host} is no address of this machine. Example: --host 127.0.0.1"
    return f"{place} cannot be listened on: {os.strerror(error.errno or 0)}."


def origin_of(host: str, sockets: list[socket.socket]) -> str:
    """The address to give to people: a host that stands for all addresses is reached at loopback."""
    port = sockets[0].getsockname()[1]
    try:
        address = ip_address(host)
    except ValueError:
        return f"http://{host}:{port}"
    if address.is_unspecified:
        host = "127.0.0.1" if address.version == 4 else "[::1]"
    elif address.version == 6:
        host = f"[{host}]"
    return f"http://{host}:{port}"
