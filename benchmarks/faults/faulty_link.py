"""The link with faults as tests and the benchmark use it: a proxy in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

    from benchmarks.faults.fault import Fault


class FaultyLink:
    """Stands between a device and an edge; forwards until told to do harm."""

    def __init__(self, edge_url: str) -> None:
        """Start the proxy in front of an edge."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.faults.proxy", *_host_and_port(edge_url)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )
        self.url = f"{urlsplit(edge_url).scheme}://127.0.0.1:{self._read()}"
        """Where the device finds the edge."""

    @contextmanager
    def doing(self, fault: Fault) -> Iterator[None]:
        """A fault for as long as the context lasts."""
        self._order({"fault": asdict(fault)})
        try:
            yield
        finally:
            self._order({"fault": None})

    def lead_to(self, edge_url: str) -> None:
        """Forward to another edge from now on; open connections are reset."""
        host, port = _host_and_port(edge_url)
        self._order({"edge": [host, int(port)]})

    def stop(self) -> None:
        """End the proxy."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()

    def __enter__(self) -> FaultyLink:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _order(self, order: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        self._read()

    def _read(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline().strip()
        if not line:
            raise RuntimeError("the proxy ended")
        return line


def _host_and_port(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.hostname or "", str(parts.port)
