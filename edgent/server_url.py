"""Where a server is: the parts of its URL, whose path is that of a proxy in front of it."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from edgent.errors import EdgeUnreachableError
from edgent.host import without_scope

_DEFAULT_PORTS = {"http": 80, "https": 443, "grpc": 80, "grpcs": 443}
_PATH = re.compile(r"(/[A-Za-z0-9._~!$&'()*+,;=:@%-]*)*")


def is_loopback(host: str) -> bool:
    """Whether a host name or address is reached from its own machine alone."""
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_loopback


@dataclass(frozen=True)
class ServerUrl:
    """A URL in parts.

    Attributes:
        authority: host and port as they are written.
        path: what stands before the paths of requests, such as ``/edge``; empty for none.
    """

    scheme: str
    host: str
    port: int
    authority: str
    path: str

    @property
    def over_tls(self) -> bool:
        """Whether the connection is encrypted."""
        return self.scheme.endswith("s")

    @property
    def in_the_clear(self) -> bool:
        """Whether others can read what is sent there: without TLS, to another machine."""
        return not self.over_tls and not is_loopback(self.host)

    @property
    def certified_name(self) -> str:
        """What the server's certificate has to be for."""
        return without_scope(self.host)

    @classmethod
    def parse(cls, url: str, *protocols: str) -> ServerUrl:
        """The parts of a URL.

        Args:
            url: such as ``https://edge.local:8443/edge/``.
            protocols: of ``http`` and ``grpc`` those that will do, each with or without TLS.

        Raises:
            EdgeUnreachableError: it is no URL of such a server.
        """
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError:  # brackets that do not match, or a port that is no number up to 65535
            host = None
        if not host or re.search(r"\s", url) or parts.scheme.removesuffix("s") not in protocols:
            *forms, last = [f"{name}{tls}://HOST:PORT" for name in protocols for tls in ("", "s")]
            is_other = url.startswith("grpc") and "grpc" not in protocols
            raise EdgeUnreachableError(
                f"{url!r} is no address of an edge: write {', '.join(forms)} or {last}"
                + ("; gRPC's has its own place: --grpc-url or edge.grpc_url" if is_other else "")
            )
        if "@" in parts.netloc or parts.query or parts.fragment or not _PATH.fullmatch(parts.path):
            raise EdgeUnreachableError(f"{url!r}: besides host and port it may hold a path, such as /edge")
        path = parts.path.rstrip("/")
        if path and parts.scheme.startswith("grpc"):
            raise EdgeUnreachableError(f"{url!r}: gRPC knows no path before its own: leave out {path}")
        return cls(parts.scheme, host, port or _DEFAULT_PORTS[parts.scheme], parts.netloc, path)
