"""Where a server is, and who could read what is sent there."""

from __future__ import annotations

import pytest

from edgent.server_url import ServerUrl, is_loopback


@pytest.mark.parametrize(
    ("host", "is_so"),
    [
        ("127.0.0.1", True),
        ("127.8.9.1", True),
        ("localhost", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("0.0.0.0", False),
        ("::", False),
        ("::ffff:10.0.0.1", False),
        ("192.168.1.7", False),
        ("edge.local", False),
        ("", False),
    ],
)
def test_loopback(host: str, is_so: bool) -> None:
    """Names other than localhost count as reachable, whatever they resolve to here."""
    assert is_loopback(host) is is_so


@pytest.mark.parametrize(
    ("url", "is_so"),
    [
        ("http://127.0.0.1:8080", False),
        ("http://[::1]:8080", False),
        ("grpc://LOCALHOST:7070", False),
        ("https://edge.local:8443", False),
        ("grpcs://10.0.0.5:8470", False),
        ("http://edge.local:8080", True),
        ("http://localhost.example.org:8080", True),
        ("grpc://10.0.0.5:7070", True),
    ],
)
def test_in_the_clear(url: str, is_so: bool) -> None:
    """Without TLS, and to another machine."""
    assert ServerUrl.parse(url, "http", "grpc").in_the_clear is is_so
