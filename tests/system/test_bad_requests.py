"""Garbage, wrong tokens and absent heads against a real TorchServe: refused with a reason."""

from __future__ import annotations

import json
import socket
import struct
import zlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
import pytest
import requests

from device_runtime.deadline import Deadline
from device_runtime.exchange.edge_client import EdgeClient
from device_runtime.runtime import DeviceRuntime
from edgent.core.frame_exits import ExitsToAsk
from edgent.core.wire import (
    WIRE_VERSION_WITH_EXITS,
    WIRE_VERSION_WITH_TIMES,
    Frame,
    head_identity,
    read_frame,
    write_frame,
)
from edgent.errors import EdgeBusyError, EdgeUnreachableError, HeadRefusedError, TokenError
from edgent.planning.plan import Plan
from tests import networks

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from edgent.network import Network
    from tests.torchserve_fixtures import Edge

pytestmark = pytest.mark.torchserve
PATIENT_S = 60.0
AT_SECTION = 24 + 4 * 4  # behind the header and the dimensions
AT_THRESHOLD = AT_SECTION + 2 + 3 + len("margin") + 8
IMAGE = np.random.default_rng(2).integers(0, 256, (1, 3, 8, 8), np.uint8)


def _sealed(frame: bytes) -> bytes:
    """The frame with its checksum put right again after a change."""
    checksum = zlib.crc32(frame[24:], zlib.crc32(frame[:20]))
    return frame[:20] + struct.pack("<I", checksum) + frame[24:]


def _with(frame: bytes, place: int, value: bytes) -> bytes:
    return _sealed(frame[:place] + value + frame[place + len(value) :])


@pytest.fixture(scope="module")
def good(tiny_network: Network) -> bytes:
    """A frame that ``tiny-p02`` takes."""
    identity = head_identity(tiny_network.graph.sha256, "tiny-p02")
    return write_frame(Frame(IMAGE, "raw", identity, "float32"))


@pytest.fixture
def post(tiny_edge: Edge, tiny_head: str) -> Iterator[Any]:
    """Posts a body as curl would, with the token."""
    with requests.Session() as session:
        session.trust_env = False
        session.headers["Authorization"] = f"Bearer {tiny_edge.server.token('inference')}"

        def send(body: bytes, kind: str | None = "application/octet-stream") -> requests.Response:
            url = f"{tiny_edge.server.addresses.inference}/predictions/{tiny_head}"
            return session.post(url, body, headers={"Content-Type": kind} if kind else {}, timeout=60)

        yield send


def _garbage(good: bytes) -> dict[str, tuple[bytes, str | None, int]]:
    """What is posted, as which content type, and the status that must come back."""
    binary = "application/octet-stream"
    to_ask = ExitsToAsk("margin", (bytes(8),), (0.5,))
    asks = write_frame(Frame(IMAGE, "raw", good[8:16], "float32", exits=to_ask))
    random = np.random.default_rng(4)
    return {
        "empty": (b"", binary, 400),
        "random bytes": (random.bytes(3000), binary, 400),
        "right magic, then random bytes": (b"EG\x01" + random.bytes(3000), binary, 400),
        "ten megabytes over the limit": (bytes(10_000_000), binary, 413),
        "six megabytes": (bytes(6_000_000), binary, 400),
        "json": (b'{"image": [1, 2, 3]}', "application/json", 400),
        "json null": (b"null", "application/json", 400),
        "json zero": (b"0", "application/json", 400),
        "json nested deep": (b"[" * 5000 + b"]" * 5000, "application/json", 400),
        "a frame called json": (good, "application/json", 200),  # TorchServe hands on what is no JSON
        "text": ("Grüße".encode(), "text/plain", 400),
        "text that is none": (b"\xff\xfe\xfd", "text/plain", 400),
        "a form": (b"a=1&b=2", "application/x-www-form-urlencoded", 400),
        "no content type": (b"hello", None, 400),
        "a form in parts, with broken parts": (b"--x\r\nContent", "multipart/form-data; boundary=x", 400),
        "cut short": (good[:-1], binary, 400),
        "a byte too many": (good + b"\0", binary, 400),
        "one bit flipped": (good[:60] + bytes([good[60] ^ 1]) + good[61:], binary, 400),
        "another wire version": (_with(good, 2, bytes([WIRE_VERSION_WITH_TIMES + 1])), binary, 409),
        "exits that are pixels": (_with(good, 2, bytes([WIRE_VERSION_WITH_EXITS])), binary, 400),
        "an exit to ask of a head": (asks, binary, 200),
        "a threshold that is no number": (_with(asks, AT_THRESHOLD, struct.pack("<d", np.nan)), binary, 400),
        "a threshold of 2": (_with(asks, AT_THRESHOLD, struct.pack("<d", 2.0)), binary, 400),
        "no exit to ask": (_with(asks, AT_SECTION + 3, b"\0"), binary, 400),
        "255 exits to ask": (_with(asks, AT_SECTION + 3, b"\xff"), binary, 400),
        "an answer about exits": (_with(asks, AT_SECTION + 2, b"\2"), binary, 400),
        "64 kB about exits": (_with(asks, AT_SECTION, b"\xff\xff"), binary, 400),
        "another model": (_with(good, 8, b"identity"), binary, 409),
        "unknown codec": (_with(good, 3, b"\xee"), binary, 400),
        "unknown answer codec": (_with(good, 4, b"\xee"), binary, 400),
        "unknown element type": (_with(good, 5, b"\xee"), binary, 400),
        "other element type": (_with(good, 5, b"\x02"), binary, 400),
        "rank 255": (_with(good, 6, b"\xff"), binary, 400),
        "rank 0": (_with(good, 6, b"\x00"), binary, 400),
        "four billion images": (_with(good, 24, b"\xff\xff\xff\xff"), binary, 400),
        "huge in every dimension": (_with(good, 24, b"\xff" * 16), binary, 400),
        "batch over the cap": (_batch_of_65(good), binary, 400),
        "compressed junk": (_with(good, 3, b"\x04"), binary, 400),
    }


def _batch_of_65(good: bytes) -> bytes:
    return write_frame(Frame(np.zeros((65, 3, 8, 8), np.uint8), "raw", good[8:16], "float32"))


GARBAGE = sorted(_garbage(bytes(300)))


@pytest.mark.parametrize("name", GARBAGE)
def test_garbage_gets_a_reason_and_the_worker_lives(
    name: str, good: bytes, post: Any, tiny_edge: Edge, tiny_head: str
) -> None:
    """A 4xx in JSON that says why; the same process answers the next good request."""
    body, kind, status = _garbage(good)[name]
    before = tiny_edge.worker_pids(tiny_head)
    answer = post(body, kind)
    assert answer.status_code == status, answer.text
    if status in (400, 409):
        assert len(answer.json()["message"]) > 10
        assert answer.json()["code"] == status
    follow_up = post(good)
    assert follow_up.status_code == 200
    assert read_frame(follow_up.content).tensor.shape == (1, 4, 8, 8)
    assert tiny_edge.worker_pids(tiny_head) == before


def test_many_connections_that_break_off(tiny_edge: Edge, tiny_head: str, good: bytes, post: Any) -> None:
    """Announced bodies that never come, and clients that leave before the answer, hurt nobody else."""
    host, port = tiny_edge.server.addresses.inference.removeprefix("http://").split(":")
    header = (
        f"POST /predictions/{tiny_head} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(good)}\r\n"
        f"Authorization: Bearer {tiny_edge.server.token('inference')}\r\n\r\n"
    ).encode()
    for sent in (header, header + good[:50], header + good, b"GET / HTTP", b"\x16\x03\x01"):
        for _ in range(5):
            with socket.create_connection((host, int(port)), 10) as connection:
                connection.sendall(sent)
    assert post(good).status_code == 200


def test_an_empty_batch_asks_whether_the_head_is_there(tiny_edge: Edge, tiny_head: str) -> None:
    """No image, no answer elements, but the identity is checked: ready, and of our model."""
    client = tiny_edge.client()
    client.check(tiny_edge.address("tiny", tiny_head), Deadline.after(PATIENT_S))
    other = replace(tiny_edge.address("tiny", tiny_head), identity=head_identity("0" * 64, tiny_head))
    with pytest.raises(HeadRefusedError, match="same model"):
        client.check(other, Deadline.after(PATIENT_S))
    client.close()


def test_a_batch_is_answered_as_a_batch(tiny_edge: Edge, tiny_head: str) -> None:
    """Sixty-four images in one frame, the most that is taken, come back as sixty-four activations."""
    images = np.random.default_rng(3).integers(0, 256, (64, 3, 8, 8), np.uint8)
    client = tiny_edge.client()
    deadline, address = Deadline.after(PATIENT_S), tiny_edge.address("tiny", tiny_head)
    for codec in ("raw", "float32"):
        request = client.write_request(address, images, codec, "float32", PATIENT_S)
        frame = client.read_reply(address, client.exchange(address, request, deadline))
        assert frame.tensor.shape == (64, 4, 8, 8)
    client.close()


def test_a_head_without_a_worker_and_one_that_is_not_there(tiny_edge: Edge) -> None:
    """Busy and unknown are different errors, and each says what to do."""
    client = tiny_edge.client()
    with pytest.raises(EdgeBusyError, match="no worker"):
        client.check(tiny_edge.address("tiny", "tiny-p03"), Deadline.after(PATIENT_S))
    with pytest.raises(HeadRefusedError, match="make archive"):
        client.check(tiny_edge.address("tiny", "tiny-p99"), Deadline.after(PATIENT_S))
    client.close()


@pytest.mark.parametrize("content", [None, "wrong", '{"inference": {"key": "wrong"}}'])
def test_wrong_and_missing_tokens(
    tiny_edge: Edge, tiny_head: str, tmp_path: Path, content: str | None
) -> None:
    """TorchServe refuses, the client says TokenError."""
    file = tmp_path / "token"
    if content is not None:
        file.write_text(content)
    url = tiny_edge.server.addresses.inference
    client = EdgeClient(url, token_file=file if content else None)
    with pytest.raises(TokenError, match="token"):
        client.check(tiny_edge.address("tiny", tiny_head), Deadline.after(PATIENT_S))
    client.close()


def test_a_rotated_token_is_read_again(tiny_edge: Edge, tiny_head: str, tmp_path: Path) -> None:
    """The file holds a token that no longer counts; once it is renewed the next request works."""
    file = tmp_path / "key_file.json"
    file.write_text(json.dumps({"inference": {"key": "expired"}}))
    client = EdgeClient(tiny_edge.server.addresses.inference, token_file=file)
    with pytest.raises(TokenError):
        client.check(tiny_edge.address("tiny", tiny_head), Deadline.after(PATIENT_S))
    file.write_text(tiny_edge.server.token_file.read_text())
    client.check(tiny_edge.address("tiny", tiny_head), Deadline.after(PATIENT_S))
    client.close()


def test_the_management_api_is_closed_where_it_should_be(tiny_edge: Edge, tiny_head: str) -> None:
    """Nothing can be registered or removed at run time, nothing at all without the management token."""
    server = tiny_edge.server
    url = server.addresses.management
    with requests.Session() as session:
        session.trust_env = False
        assert session.get(f"{url}/models", timeout=10).status_code == 400
        wrong = {"Authorization": f"Bearer {server.token('inference')}"}
        assert session.get(f"{url}/models", headers=wrong, timeout=10).status_code == 400
        right = {"Authorization": f"Bearer {server.token('management')}"}
        archive = f"{url}/models?url=tiny-p03.mar&model_name=evil"
        assert session.post(archive, headers=right, timeout=10).status_code == 405
        assert session.delete(f"{url}/models/{tiny_head}", headers=right, timeout=10).status_code == 405
    assert "evil" not in server.management.models()
    assert tiny_head in server.management.models()


@pytest.mark.usefixtures("tiny_head")
def test_a_device_with_another_model_answers_alone(tiny_edge: Edge, tiny_spec: Path, tmp_path: Path) -> None:
    """Same names, other weights: the edge lacks this version; the answer says so and is the device's."""
    model = onnx.load(networks.chain(tmp_path / "network.onnx"))
    model.doc_string = "the same network, another file"
    onnx.save(model, tmp_path / "network.onnx")
    (tmp_path / "tiny.yaml").write_text(tiny_spec.read_text())
    with DeviceRuntime.open(
        tmp_path / "tiny.yaml",
        plan=Plan("exit2", 2),
        inference_url=tiny_edge.server.addresses.inference,
        token_file=tiny_edge.server.token_file,
        cache=tmp_path / "cache",
    ) as runtime:
        answer = runtime.infer(IMAGE, PATIENT_S)
    assert answer.edge_error is not None
    assert answer.edge_error.startswith("HeadAbsentError")
    assert "edgent archive" in answer.edge_error
    assert not answer.plan.remote


@pytest.mark.parametrize("interface", ["http", "grpc"])
@pytest.mark.parametrize("trouble", ["nobody there", "no token", "no worker"])
def test_an_edge_that_fails_costs_no_answer(
    trouble: str, interface: str, tiny_edge: Edge, tiny_spec: Path, tmp_path: Path
) -> None:
    """Whatever is wrong with the edge, the input is answered here, and the reason is kept."""
    addresses = tiny_edge.server.addresses
    changes: dict[str, dict[str, Any]] = {
        "nobody there": {"inference_url": f"{interface}://127.0.0.1:1"},
        "no token": {"token_file": tmp_path / "missing"},
        "no worker": {"plan": Plan("exit2", 3)},
    }
    kinds = {
        "nobody there": EdgeUnreachableError,
        "no token": TokenError,
        "no worker": EdgeBusyError,
    }
    places = {
        "inference_url": addresses.inference if interface == "http" else addresses.grpc_inference,
        "token_file": tiny_edge.server.token_file,
    }
    arguments = {"plan": Plan("exit2", 2), "cache": tmp_path / "cache"} | places | changes[trouble]
    with DeviceRuntime.open(tiny_spec, **arguments) as runtime:  # type: ignore[arg-type]  # a mix of types
        answer = runtime.infer(IMAGE, PATIENT_S)
    assert answer.edge_error is not None
    assert answer.edge_error.startswith(kinds[trouble].__name__)
    assert not answer.plan.remote
    assert answer.wanted == arguments["plan"]
