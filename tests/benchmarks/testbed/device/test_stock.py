"""The device without edgent counts what goes over its connection, and says when it is not answered."""

from __future__ import annotations

import json
import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from benchmarks.testbed.device.stock import StockClient
from benchmarks.testbed.errors import TestbedError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PICTURE = b"\xff\xd8" + b"p" * 2000
BODY = b'{\n  "rose": 0.9,\n  "tulip": 0.1\n}'
ANSWER = b"HTTP/1.1 200 OK\r\nx-request-id: 1\r\nPragma: no-cache\r\nContent-Length: %d\r\n\r\n" % len(BODY)
REFUSAL = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"


@contextmanager
def _answering(answers: list[bytes], requests: list[bytes]) -> Iterator[str]:
    """A server that takes one connection and gives these answers to the requests on it; its URL."""

    def serve(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            for answer in answers:
                request = b""
                while not request.endswith(PICTURE):
                    request += connection.recv(65536)
                requests.append(request)
                connection.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,))
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        thread.join()


@pytest.fixture
def token_file(tmp_path: Path) -> Path:
    """As TorchServe writes it."""
    file = tmp_path / "key_file.json"
    file.write_text(json.dumps({"inference": {"key": "secret"}}))
    return file


def test_it_counts_every_byte_of_a_kept_connection(token_file: Path) -> None:
    """Both ways, headers included, and takes the first class of the answer."""
    requests: list[bytes] = []
    with _answering([ANSWER + BODY] * 2, requests) as url:
        client = StockClient(url, token_file)
        replies = [client.ask(PICTURE) for _ in range(2)]
        client.close()
    assert [reply.sent_bytes for reply in replies] == [len(request) for request in requests]
    assert {reply.received_bytes for reply in replies} == {len(ANSWER + BODY)}
    assert {reply.label for reply in replies} == {"rose"}
    assert requests[0].startswith(b"POST /predictions/stock HTTP/1.1\r\n")
    assert b"\r\nAuthorization: Bearer secret\r\n" in requests[0]


def test_a_refusal_is_said(token_file: Path) -> None:
    """With the server's status."""
    with _answering([REFUSAL], []) as url:
        client = StockClient(url, token_file)
        with pytest.raises(TestbedError, match="did not classify 2002 bytes: 503"):
            client.ask(PICTURE)
        client.close()
