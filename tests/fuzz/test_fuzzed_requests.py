"""Fuzzed requests to a real TorchServe: each is refused with a 4xx or is a good one, and no worker dies.

EDGENT_FUZZ says how many; 400 when it is not set.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections import Counter
from http.client import HTTPConnection
from typing import TYPE_CHECKING

import numpy as np
import pytest

from edgent.core.frame_exits import ExitsToAsk
from edgent.core.wire import Frame, head_identity, read_frame, write_frame

if TYPE_CHECKING:
    from edgent.network import Network
    from tests.torchserve_fixtures import Edge

pytestmark = pytest.mark.torchserve
COUNT = int(os.environ.get("EDGENT_FUZZ", "400"))
HEADER_BYTES = 24


def _sealed(frame: bytes) -> bytes:
    """The frame with a checksum that fits, so that what lies behind the checksum is tried, too."""
    if len(frame) < HEADER_BYTES:
        return frame
    checksum = zlib.crc32(frame[HEADER_BYTES:], zlib.crc32(frame[:20]))
    return frame[:20] + struct.pack("<I", checksum) + frame[HEADER_BYTES:]


def _fuzzed(good: list[bytes], random: np.random.Generator) -> bytes:
    """A good frame after one to four changes, sealed more often than not."""
    body = bytearray(good[random.integers(len(good))])
    for _ in range(random.integers(1, 5)):
        reach = min(len(body), 40) if random.random() < 0.6 else len(body)
        place = int(random.integers(0, reach + 1))
        match int(random.integers(6)):
            case 0:
                body[place : place + 1] = random.bytes(1)
            case 1:
                body[place : place + 4] = struct.pack(
                    "<I", int(random.choice([0, 1, 2**16, 2**31, 2**32 - 1]))
                )
            case 2:
                del body[place:]
            case 3:
                body[place:place] = random.bytes(int(random.integers(1, 64)))
            case 4:
                del body[place : place + int(random.integers(1, 64))]
            case _:
                body[3:8] = random.bytes(5)
    return _sealed(bytes(body)) if random.random() < 0.8 else bytes(body)


def test_fuzzed_requests_are_refused_and_harm_nobody(
    tiny_edge: Edge, tiny_head: str, tiny_network: Network
) -> None:
    """No 5xx but 504 (too small a budget), no traceback in an answer, and the same worker to the end."""
    random = np.random.default_rng(20)
    identity = head_identity(tiny_network.graph.sha256, tiny_head)
    images = random.integers(0, 256, (2, 3, 8, 8), np.uint8)
    good = [
        write_frame(Frame(images[:count], codec, identity, answer))
        for count, codec, answer in (
            (1, "raw", "float32"),
            (2, "raw", "uint8"),
            (0, "raw", "float32"),
            (1, "webp", None),
        )
    ]
    to_ask = ExitsToAsk("entropy", (bytes(8), bytes([1] * 8)), (0.5, 1.0))
    good.append(write_frame(Frame(images[:1], "raw", identity, "float32", exits=to_ask)))
    workers = tiny_edge.worker_pids(tiny_head)
    host = tiny_edge.server.addresses.inference.removeprefix("http://")
    token = {"Authorization": f"Bearer {tiny_edge.server.token('inference')}"}
    statuses: Counter[int] = Counter()
    connection = HTTPConnection(host, timeout=30)
    for _ in range(COUNT):
        body = _fuzzed(good, random)
        connection.request("POST", f"/predictions/{tiny_head}", body, token)
        answer = connection.getresponse()
        text = answer.read()
        statuses[answer.status] += 1
        if answer.status == 200:
            read_frame(text)
        else:
            assert b"Traceback" not in text
            assert answer.status in {400, 409, 504}, (answer.status, text, body)
    connection.close()
    assert statuses[400] > COUNT / 4
    assert tiny_edge.worker_pids(tiny_head) == workers
