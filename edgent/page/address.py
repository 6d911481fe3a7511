"""Where the live page is served, and which token opens it."""

from __future__ import annotations

import ipaddress
import platform
import secrets
from dataclasses import dataclass

TOKEN_VARIABLE = "EDGENT_LIVE_TOKEN"  # noqa: S105  the variable's name
LOOPBACK = "127.0.0.1"
_TOKEN_BYTES = 32


@dataclass(frozen=True)
class PageAddress:
    """Where the page is served.

    Attributes:
        host: a name or an address of this machine.
        port: TCP port.
        token: opens the page; None on loopback, where only this machine's users come by.
        is_token_new: whether its user has yet to be told.
    """

    host: str
    port: int
    token: str | None = None
    is_token_new: bool = False

    @classmethod
    def of(cls, host: str, port: int, token: str | None = None) -> PageAddress:
        """An address with a token where it needs one.

        Args:
            host: a name or an address of this machine.
            port: TCP port.
            token: that the user gave; None: a new one is made where the page can be reached from elsewhere.
        """
        if token is not None or is_loopback(host):
            return cls(host, port, token)
        return cls(host, port, secrets.token_urlsafe(_TOKEN_BYTES), is_token_new=True)

    @property
    def shown(self) -> str:
        """What a browser opens, with the token if it is a new one."""
        url = f"http://{_in_url(self.host)}:{self.port}/"
        if self.token is None:
            return url
        return f"{url}?token={self.token if self.is_token_new else f'(that of {TOKEN_VARIABLE})'}"


def is_loopback(host: str) -> bool:
    """Whether an address is this machine's own, which nobody else reaches.

    IPv6's does not count: the server's list of pages that may connect knows no such addresses.
    """
    if host == "localhost":
        return True
    try:
        return ipaddress.IPv4Address(host).is_loopback
    except ValueError:
        return False


def _in_url(host: str) -> str:
    """A host as it stands in a URL: the machine's name where all of its addresses are meant."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if address.is_unspecified:
        return platform.node()
    return f"[{host}]" if address.version == 6 else host
