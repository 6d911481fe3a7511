"""The name or address of a machine as users give it: checked in one place, written into URLs in one way."""

from __future__ import annotations

import ipaddress
import re

from edgent.errors import ArchiveError

_LONGEST_NAME = 253
_NAME = re.compile(
    r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*"
)
_SCOPE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,14}")


def check_host(host: str) -> None:
    """Check that this is a host name or an IP address, and nothing that a URL, a unit or a shell reads else.

    An IPv6 address may have a scope, which is a network interface: ``fe80::1%eth0``.

    Raises:
        ArchiveError: it is neither.
    """
    if not _is_address(host) and not _is_name(host):
        raise ArchiveError(
            f"--host {host!r}: write a host name or an IP address alone, without scheme and port, such as "
            "edge.local, 192.168.1.7 or fe80::1%eth0"
        )


def without_scope(host: str) -> str:
    """What a certificate says of a host: the scope of an address means something on one machine alone."""
    return host.partition("%")[0]


def authority(host: str, port: int) -> str:
    """Host and port as they stand in a URL."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _is_address(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    scope = address.scope_id if isinstance(address, ipaddress.IPv6Address) else None
    return scope is None or _SCOPE.fullmatch(scope) is not None


def _is_name(host: str) -> bool:
    """Whether it is a name; digits alone at its end make it an address that is wrong."""
    is_number = host.rpartition(".")[2].isdigit()
    return len(host) <= _LONGEST_NAME and not is_number and _NAME.fullmatch(host) is not None
