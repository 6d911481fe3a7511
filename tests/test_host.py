"""Names and addresses of machines: what is one, and how it stands in a URL."""

from __future__ import annotations

import pytest

from edgent.errors import ArchiveError
from edgent.host import authority, check_host, without_scope
from edgent.server_url import ServerUrl

HOSTS = ("edge.local", "edge", "192.168.1.7", "fe80::1", "fe80::1%eth0.100", "a-b.example.org", "edge_1")


@pytest.mark.parametrize("host", HOSTS)
def test_hosts(host: str) -> None:
    """Names and addresses, which a URL gives back."""
    check_host(host)
    url = ServerUrl.parse(f"https://{authority(host, 8443)}", "http")
    assert (url.host, url.port) == (host, 8443)
    assert url.certified_name == without_scope(host)


@pytest.mark.parametrize(
    "host",
    [
        *("https://edge", "edge:8443", "a b", "a/b", "-a", "[::1]", 'a"b', "%d", "a\n", "", "edge.local."),
        *("192.168.1.300", "192.168.1", "a" * 64, ".".join("a" * 63 for _ in range(4))),
        *("$(x)", "fe80::1%$(x)", "fe80::1%eth0;x", "fe80::1%a b", "fe80::1%", "edge%eth0", "10.0.0.1%eth0"),
    ],
)
def test_what_is_no_host(host: str) -> None:
    """What would be read as something else in a URL, a unit or a shell."""
    with pytest.raises(ArchiveError, match="write a host name or an IP address alone"):
        check_host(host)
