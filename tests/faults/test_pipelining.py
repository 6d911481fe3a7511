"""Requests that follow each other on one HTTP connection before they are answered.

TorchServe keeps a request's id with the connection, not with the request, and an answer takes the id away.
When the next request has arrived by then, it goes to the worker without an id, which fails on the way and is
told to nobody: the worker waits for a request and the frontend for its answer, until the response timeout
ends the worker and starts another. A device never asks so. Whatever doubles its bytes does, and so can anyone
who has the token; gRPC gives each request an id of its own.
"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import numpy as np
import pytest

from edgent.core.wire import Frame, head_identity, write_frame

if TYPE_CHECKING:
    from benchmarks.studies.faults.measure import Subject
    from benchmarks.testbed.edge.edge_under_test import EdgeUnderTest

pytestmark = [pytest.mark.torchserve, pytest.mark.full]
HEAD = "tiny-p02"
AT_ONCE = 40
ROUNDS = 200
SILENCE_S = 2.0  # an answer takes milliseconds


@pytest.mark.parametrize("edge", ["http"], indirect=True)
def test_a_lost_request_silences_its_head_no_longer_than_the_response_timeout(
    edge: EdgeUnderTest, subject: Subject
) -> None:
    """Meanwhile the device answers alone; afterwards the head has another worker and answers again."""
    subject.settle()
    before = edge.server.management.worker_pids(HEAD)
    if all(_answers(edge) == AT_ONCE for _ in range(ROUNDS)):
        pytest.fail("this TorchServe loses no request: docs/explanation/security.md need not warn of it now")
    answer = subject.runtime.infer(subject.images[0], subject.requirement_s)
    assert (answer.edge_error or "").startswith("EdgeTimeoutError")
    assert not answer.plan.remote
    subject.settle()
    assert set(edge.server.management.worker_pids(HEAD)).isdisjoint(before)


def _answers(edge: EdgeUnderTest) -> int:
    """How many of some requests in one write are answered before nothing more comes."""
    frame = Frame(
        np.zeros((1, 3, 8, 8), np.uint8), "raw", head_identity(edge.network.graph.sha256, HEAD), "float32"
    )
    body = write_frame(frame)
    header = (
        f"POST /predictions/{HEAD} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n"
        f"Authorization: Bearer {edge.server.token('inference')}\r\n\r\n"
    )
    parts, received = urlsplit(edge.url), b""
    with socket.create_connection((parts.hostname or "", parts.port or 80), 10) as connection:
        connection.sendall((header.encode() + body) * AT_ONCE)
        connection.settimeout(SILENCE_S)
        while received.count(b"HTTP/1.1 200") < AT_ONCE:
            try:
                received += connection.recv(65536)
            except TimeoutError:
                break
    return received.count(b"HTTP/1.1 200")
