"""A device without edgent: it posts a picture's own bytes to a classifier in TorchServe, and reads JSON."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import requests

from benchmarks.testbed.errors import TestbedError

if TYPE_CHECKING:
    from pathlib import Path

STOCK = "stock"
"""The classifier's name in TorchServe."""
_PATIENCE_S = 60.0


@dataclass(frozen=True)
class StockReply:
    """One answered picture.

    Attributes:
        label: The most probable class.
        latency_s: From the picture's bytes in memory to its class.
        sent_bytes, received_bytes: On the connection, with what HTTP adds.
    """

    label: str
    latency_s: float
    sent_bytes: int
    received_bytes: int


class StockClient:
    """Asks over one kept connection, as TorchServe's documentation shows it with `requests`."""

    def __init__(self, url: str, token_file: Path) -> None:
        keys = json.loads(token_file.read_text(encoding="utf-8"))
        self._url = f"{url}/predictions/{STOCK}"
        self._session = requests.Session()
        self._session.trust_env = False  # no proxy within the testbed
        self._session.headers["Authorization"] = f"Bearer {keys['inference']['key']}"

    def ask(self, picture: bytes) -> StockReply:
        """Let the edge classify a picture.

        Raises:
            TestbedError: It does not.
        """
        began_s = time.perf_counter()
        try:
            response = self._session.post(self._url, data=picture, timeout=_PATIENCE_S)
            response.raise_for_status()
            label = next(iter(response.json()))
        except requests.RequestException as error:
            raise TestbedError(f"{self._url} did not classify {len(picture)} bytes: {error}") from None
        latency_s = time.perf_counter() - began_s
        return StockReply(label, latency_s, _sent_bytes(response.request), _received_bytes(response))

    def close(self) -> None:
        """Close the connection."""
        self._session.close()


def _sent_bytes(request: requests.PreparedRequest) -> int:
    host = urlsplit(request.url or "").netloc
    head = f"{request.method} {request.path_url} HTTP/1.1\r\nHost: {host}\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in request.headers.items())
    return len(f"{head}\r\n") + len(request.body or "")


def _received_bytes(response: requests.Response) -> int:
    head = f"HTTP/1.1 {response.status_code} {response.reason}\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in response.raw.headers.iteritems())
    return len(f"{head}\r\n") + len(response.content)
