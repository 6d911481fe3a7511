"""The link with faults: a proxy in a process of its own."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from benchmarks.testbed.conversation import start

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.testbed.faults.fault import Fault


class FaultyLink:
    """Stands between a device and an edge; forwards until told to do harm."""

    def __init__(self, edge_url: str) -> None:
        """Start the proxy in front of an edge."""
        host, port = _host_and_port(edge_url)
        self._proxy = start("faults.proxy", host, str(port))
        self.url = f"{urlsplit(edge_url).scheme}://127.0.0.1:{self._proxy.read()['port']}"
        """Where the device finds the edge."""

    @contextmanager
    def doing(self, fault: Fault) -> Iterator[None]:
        """A fault for as long as the context lasts."""
        self._proxy.ask(fault=asdict(fault))
        try:
            yield
        finally:
            self._proxy.ask(fault=None)

    def lead_to(self, edge_url: str) -> None:
        """Forward to another edge from now on; open connections are reset."""
        self._proxy.ask(edge=_host_and_port(edge_url))

    def __enter__(self) -> FaultyLink:
        return self

    def __exit__(self, *_: object) -> None:
        self._proxy.close()


def _host_and_port(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    assert parts.hostname is not None, "an edge's URL names its host"
    assert parts.port is not None, "an edge's URL names its port"
    return parts.hostname, parts.port
