"""What listens where: sockets of this machine, and ports of another."""

from __future__ import annotations

import contextlib
import socket
import ssl
from typing import TYPE_CHECKING

from edgent.doctor.connecting import connected, looked_up
from edgent.doctor.observations import Listener

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

_TIMEOUT_S = 2.0


def is_on_this_host(host: str) -> bool:
    """Whether a name or address belongs to this machine: only then can a socket be bound to it."""
    try:
        found = looked_up(host, 0, _TIMEOUT_S)
    except (OSError, UnicodeError):  # the latter of a host name that none can have
        return False
    for family, kind, protocol, _, address in found:
        with contextlib.suppress(OSError), socket.socket(family, kind, protocol) as probe:
            probe.bind(address)
            return True
    return False


def listeners(port: int, also: Collection[int]) -> tuple[Listener, ...] | None:
    """Sockets of the process that listens on a port, or on the other ports where it is not ours to see.

    Args:
        port: the server's inference port.
        also: ports to look at when the process cannot be told.

    Returns:
        None when the sockets cannot be seen, none listens on the port, or psutil is not installed.
    """
    try:
        import psutil  # noqa: PLC0415  of the extra `edge`: a device has no server
    except ImportError:
        return None
    try:
        waiting = [
            socket_ for socket_ in psutil.net_connections("tcp") if socket_.status == psutil.CONN_LISTEN
        ]
    except psutil.Error:
        return None
    owners = {socket_.pid for socket_ in waiting if socket_.laddr.port == port}
    if not owners:
        return None
    if None in owners:
        chosen = [socket_ for socket_ in waiting if socket_.laddr.port in {port, *also}]
    else:
        chosen = [socket_ for socket_ in waiting if socket_.pid in owners]
    found = {Listener(socket_.laddr.ip, socket_.laddr.port) for socket_ in chosen}
    return tuple(sorted(found, key=lambda listener: (listener.port, listener.host)))


def speaks_tls(host: str, port: int) -> bool:
    """Whether a port speaks TLS, whoever signed its certificate."""
    anyones = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    anyones.check_hostname, anyones.verify_mode = False, ssl.CERT_NONE  # nothing is sent to it
    try:
        with connected(host, port, _TIMEOUT_S) as plain, anyones.wrap_socket(plain):
            return True
    except OSError:
        return False


def open_ports(host: str, ports: Iterable[int]) -> tuple[int, ...]:
    """Which of the ports of a host accept a connection from here."""
    accepting = []
    for port in ports:
        with contextlib.suppress(OSError), connected(host, port, _TIMEOUT_S):
            accepting.append(port)
    return tuple(accepting)
