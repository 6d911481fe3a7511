"""A head with bytes alone: batches, refusals request by request, and a file that is not whole."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING

import numpy as np
import pytest

from edgent.core.head import Head, HeadConfig
from edgent.core.segment import Segment
from edgent.core.wire import Frame, head_identity, read_frame, write_frame
from edgent.errors import ModelError
from edgent.graph.reading import read_branchy_graph
from edgent.graph.segments import Segments
from tests.networks import for_batch_one

if TYPE_CHECKING:
    from pathlib import Path

    from edgent.network import Network

NAME = "tiny-p03"
LARGEST_BATCH = 4
RANDOM = np.random.default_rng(8)


@pytest.fixture(scope="module")
def model(tiny_network: Network) -> bytes:
    """The head's ONNX file."""
    return tiny_network.segments.standalone(1, 0, 3)


@pytest.fixture(scope="module")
def config(tiny_network: Network, model: bytes) -> HeadConfig:
    """What its archive would say."""
    identity = head_identity(tiny_network.graph.sha256, NAME)
    return HeadConfig(NAME, identity, hashlib.sha256(model).hexdigest(), LARGEST_BATCH)


@pytest.fixture
def head(model: bytes, config: HeadConfig) -> Head:
    """The head, loaded."""
    return Head(model, config)


@pytest.fixture(scope="module")
def segment(model: bytes) -> Segment:
    """What it computes."""
    return Segment(model)


def _images(count: int) -> np.ndarray:
    return RANDOM.integers(0, 256, (count, 3, 8, 8), np.uint8)


def _request(
    config: HeadConfig, tensor: np.ndarray, answer_codec: str | None = "float32", seconds: float = 0.0
) -> bytes:
    return write_frame(Frame(tensor, "raw", config.identity, answer_codec, seconds))


def test_requests_of_several_sizes(head: Head, config: HeadConfig, segment: Segment) -> None:
    """One, three, one, no and two images together: each request gets its own answer."""
    batch = [_images(count) for count in (1, 3, 1, 0, 2, 1)]
    answers = head.answer([_request(config, images) for images in batch])
    for images, (status, body) in zip(batch, answers, strict=True):
        frame = read_frame(body)
        assert status is HTTPStatus.OK
        assert (frame.identity, frame.codec) == (config.identity, "float32")
        if len(images):
            np.testing.assert_allclose(frame.tensor, segment.run(images), rtol=0, atol=1e-6)
        else:
            assert frame.tensor.size == 0


def test_requests_of_one_size_run_together(
    head: Head, config: HeadConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two of one image and two of two are two runs, and readiness takes none."""
    batches = []
    run = head._loaded._segment.run

    def counted(tensor: np.ndarray) -> np.ndarray:
        batches.append(len(tensor))
        return run(tensor)

    monkeypatch.setattr(head._loaded._segment, "run", counted)
    head.answer([_request(config, _images(count)) for count in (1, 2, 0, 2, 1)])
    assert batches == [2, 4]


@pytest.mark.parametrize(
    ("body", "status", "reason"),
    [
        pytest.param(b"garbage", 400, "a frame has at least 24 bytes, this is 7", id="garbage"),
        pytest.param(b"", 400, "this is 0", id="empty"),
        pytest.param([1, 2], 400, "send one frame as application/octet-stream, not list", id="JSON"),
        pytest.param("text", 400, "not str", id="text"),
    ],
)
def test_what_is_no_frame(head: Head, body: object, status: int, reason: str) -> None:
    """Refused with the reason."""
    ((said, answer),) = head.answer([body])
    assert said == status
    assert json.loads(answer)["code"] == status
    assert reason in json.loads(answer)["message"]


@pytest.mark.parametrize(
    ("frame", "status", "reason"),
    [
        (Frame(_images(1), "raw", bytes(8)), 409, "must come from the same model"),
        (Frame(_images(1)[0], "raw", b""), 400, r"takes a batch of shape (3, 8, 8), not (3, 8, 8)"),
        (Frame(np.uint8(3), "raw", b""), 400, "takes a batch of shape (3, 8, 8), not ()"),
        (Frame(_images(1)[..., 1:], "raw", b""), 400, "not (1, 3, 8, 7)"),
        (Frame(np.zeros((1, 3, 8, 8), np.float32), "raw", b""), 400, "takes uint8, not float32"),
        (Frame(_images(LARGEST_BATCH + 1), "raw", b""), 400, "at most 3072"),
        (Frame(_images(1), "raw", b"", "webp"), 400, "codec webp cannot write a float32 tensor"),
        (Frame(_images(1), "raw", b"", seconds=1e-6), 504, "0.000 ms are left, tiny-p03 takes 1.000"),
    ],
)
def test_what_a_head_does_not_take(
    head: Head, config: HeadConfig, frame: Frame, status: int, reason: str
) -> None:
    """Another model, shape, element type, more than the largest batch, an answer that cannot be, too late."""
    head._loaded.least_compute_s = 1e-3
    request = write_frame(frame if frame.identity else replace(frame, identity=config.identity))
    ((said, answer),) = head.answer([request])
    assert (said, json.loads(answer)["code"]) == (status, status)
    assert reason in json.loads(answer)["message"]


def test_another_wire_version(head: Head, config: HeadConfig) -> None:
    """Told apart from a broken frame: 409."""
    request = bytearray(_request(config, _images(1)))
    request[2] = 9
    ((status, answer),) = head.answer([request])
    assert status is HTTPStatus.CONFLICT
    assert "wire version 9" in json.loads(answer)["message"]


def test_bad_requests_harm_no_neighbour(head: Head, config: HeadConfig, segment: Segment) -> None:
    """Garbage and an answer codec that cannot be, between two good requests."""
    first, last = _images(1), _images(1)
    requests = [_request(config, first), b"garbage", _request(config, _images(1), "webp")]
    answers = head.answer([*requests, _request(config, last)])
    assert [status for status, _ in answers] == [200, 400, 400, 200]
    for images, (_, body) in ((first, answers[0]), (last, answers[3])):
        np.testing.assert_allclose(read_frame(body).tensor, segment.run(images), rtol=0, atol=1e-6)


def test_nothing_to_do(head: Head) -> None:
    """No requests have no answers."""
    assert head.answer([]) == []


def test_what_can_be_in_time_is_computed(head: Head, config: HeadConfig) -> None:
    """No budget, a long one, and a question for readiness whatever its budget."""
    head._loaded.least_compute_s = 1e-3
    requests = [
        _request(config, _images(count), seconds=seconds)
        for count, seconds in ((1, 0.0), (1, 10.0), (0, 1e-6))
    ]
    assert [status for status, _ in head.answer(requests)] == [200, 200, 200]


def test_an_answer_has_its_requests_number_codec_and_time(head: Head, config: HeadConfig) -> None:
    """So that no answer is taken for another's, whatever happens on the way."""
    frames = [Frame(_images(1), "raw", config.identity, "uint8", number=number) for number in (0, 7, 255)]
    answers = [read_frame(body) for _, body in head.answer([write_frame(frame) for frame in frames])]
    assert [answer.number for answer in answers] == [0, 7, 255]
    assert {answer.codec for answer in answers} == {"uint8"}
    assert all(answer.seconds > 0 for answer in answers)


def test_a_damaged_file_is_not_loaded(model: bytes, config: HeadConfig) -> None:
    """One bit of the weights changed."""
    damaged = bytearray(model)
    damaged[len(damaged) // 2] ^= 1
    with pytest.raises(ModelError, match=r"head.onnx of tiny-p03 is damaged"):
        Head(bytes(damaged), config)


def test_requests_run_singly_where_the_network_takes_no_batch(tmp_path: Path) -> None:
    """Those of one size run together all the same, and a request of two images has two answers."""
    graph = read_branchy_graph(for_batch_one(tmp_path / "network.onnx"))
    model = Segments(graph, tmp_path).standalone(1, 0, len(graph.paths[1].layers))
    config = HeadConfig("one-p05", bytes(8), hashlib.sha256(model).hexdigest(), LARGEST_BATCH)
    batches = [_images(count) for count in (1, 1, 2)]
    answers = Head(model, config).answer([_request(config, images) for images in batches])
    for images, (status, body) in zip(batches, answers, strict=True):
        singly = [Segment(model).run(image[np.newaxis]) for image in images]
        assert status is HTTPStatus.OK
        np.testing.assert_array_equal(read_frame(body).tensor, np.concatenate(singly))
