"""Connections to a host: no name server and no address of it holds the doctor up for longer than told."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from edgent.errors import EdgeTimeoutError
from edgent.name_lookup import NameLookup

if TYPE_CHECKING:
    from edgent.name_lookup import Addresses


def looked_up(host: str, port: int, timeout_s: float) -> Addresses:
    """The addresses of a host.

    Raises:
        OSError: the name server knows no such host, or says nothing in time.
        UnicodeError: no host can have such a name.
    """
    try:
        return NameLookup(host, port).addresses(timeout_s)
    except EdgeTimeoutError as error:
        raise TimeoutError(str(error)) from None


def connected(host: str, port: int, timeout_s: float) -> socket.socket:
    """A connection to the first of a host's addresses that takes one.

    Args:
        host: its name or address.
        port: of the server.
        timeout_s: for the name server, for each address, and for whatever is sent and received then.

    Raises:
        OSError: as above, or no address takes a connection; what the last one said.
        UnicodeError: no host can have such a name.
    """
    *others, last = looked_up(host, port, timeout_s)
    for address in others:
        try:
            return _connected(address, timeout_s)
        except OSError:
            continue
    return _connected(last, timeout_s)


def _connected(found: tuple[int, int, int, str, tuple[str, int]], timeout_s: float) -> socket.socket:
    family, kind, protocol, _, address = found
    connection = socket.socket(family, kind, protocol)
    try:
        connection.settimeout(timeout_s)
        connection.connect(address)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except OSError:
        connection.close()
        raise
    return connection
