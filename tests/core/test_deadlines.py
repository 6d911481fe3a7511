"""Requests that waited: what a head does with them, on a clock that the test turns."""

from __future__ import annotations

import hashlib
import json
from http import HTTPStatus
from typing import TYPE_CHECKING

import numpy as np
import pytest

from edgent.core.head import Head, HeadConfig
from edgent.core.refusal import refused_stay
from edgent.core.stay import SentAt, Stay
from edgent.core.wire import Frame, head_identity, read_frame, write_frame
from edgent.core.worker_time import WorkerTime

if TYPE_CHECKING:
    from edgent.network import Network

NAME = "tiny-p03"
CLOCK, OTHER = b"here", b"else"
NOW_US = 9_000_000_000
IMAGE = np.zeros((1, 3, 8, 8), np.uint8)


class Counted:
    """A head on a clock that stands still, whose runs are counted."""

    def __init__(self, network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
        model = network.segments.standalone(1, 0, 3)
        self.identity = head_identity(network.graph.sha256, NAME)
        self.head = Head(model, HeadConfig(NAME, self.identity, hashlib.sha256(model).hexdigest(), 4))
        self.now_us, self.runs = NOW_US, 0
        self.head._time = WorkerTime(lambda: self.now_us, CLOCK)
        self.head._loaded.least_compute_s = 0.001
        self._run = self.head._loaded.run
        monkeypatch.setattr(self.head._loaded, "run", self._counted)

    def _counted(self, tensor: np.ndarray) -> np.ndarray:
        self.runs += 1
        self.now_us += 4_000
        return self._run(tensor)

    def ask(
        self,
        budget_s: float,
        times: SentAt | None,
        payload: bytes | None = None,
        tensor: np.ndarray = IMAGE,
        codec: str = "raw",
    ) -> tuple[HTTPStatus, bytes]:
        """The answer to one request."""
        frame = Frame(tensor, codec, self.identity, "float32", budget_s, 7, times=times)
        return self.head.answer([write_frame(frame, payload)])[0]


@pytest.fixture
def counted(tiny_network: Network, monkeypatch: pytest.MonkeyPatch) -> Counted:
    """That head."""
    return Counted(tiny_network, monkeypatch)


def test_an_expired_request_is_neither_decoded_nor_computed(counted: Counted) -> None:
    """It waited 80 of its 50 ms; its payload is no picture, and nobody looks."""
    status, body = counted.ask(0.05, SentAt(CLOCK, NOW_US - 80_000), b"no picture", codec="webp")
    said = json.loads(body)
    assert (status, said["code"], counted.runs) == (HTTPStatus.GATEWAY_TIMEOUT, 504, 0)
    assert said["message"] == (
        "expired: 80.0 ms on its way and in the queue, of which at most 0.0 in the queue; "
        "30.0 ms ago somebody still waited for it"
    )
    assert refused_stay(said) == Stay(CLOCK, NOW_US, 0.0, 0.0)


def test_how_long_it_queued(counted: Counted) -> None:
    """The worker was at work for 4 ms before it took the request, so that it queued for 4 ms at most."""
    counted.ask(0.0, None)
    _, body = counted.ask(0.05, SentAt(CLOCK, counted.now_us - 80_000))
    assert "of which at most 4.0 in the queue" in json.loads(body)["message"]
    stay = refused_stay(json.loads(body))
    assert stay is not None
    assert stay.busy_s == 0.004


def test_what_would_be_late_is_not_computed_either(counted: Counted) -> None:
    """Half a millisecond is left, and the head takes one at least."""
    status, body = counted.ask(0.05, SentAt(CLOCK, NOW_US - 49_500))
    assert (status, counted.runs) == (HTTPStatus.GATEWAY_TIMEOUT, 0)
    assert "0.500 ms are left, tiny-p03 takes 1.000" in json.loads(body)["message"]
    assert refused_stay(json.loads(body)) is not None


def test_what_would_be_late_as_heads_usually_take_is_not_computed_while_others_wait(counted: Counted) -> None:
    """Two milliseconds are left, and the head takes one at least and usually four."""
    for _ in range(16):
        counted.ask(1.0, SentAt(CLOCK, counted.now_us - 5_000))
    status, body = counted.ask(0.05, SentAt(CLOCK, counted.now_us - 48_000))
    assert (status, counted.runs) == (HTTPStatus.GATEWAY_TIMEOUT, 16)
    assert "2.000 ms are left, tiny-p03 takes 4.000" in json.loads(body)["message"]
    counted.now_us += 1_000_000
    assert counted.ask(0.05, SentAt(CLOCK, counted.now_us - 48_000))[0] == HTTPStatus.OK, "nobody waits"


@pytest.mark.parametrize(
    "times",
    [
        pytest.param(SentAt(CLOCK, NOW_US - 20_000), id="in time"),
        pytest.param(SentAt(OTHER, NOW_US - 80_000), id="another clock"),
        pytest.param(SentAt(), id="no clock is known"),
        pytest.param(SentAt(CLOCK, NOW_US + 60_000_000), id="written in the future"),
    ],
)
def test_what_may_be_in_time_is_computed(counted: Counted, times: SentAt) -> None:
    """And its answer says how long it stayed."""
    status, body = counted.ask(0.05, times)
    frame = read_frame(body)
    assert (status, counted.runs, body[2]) == (HTTPStatus.OK, 1, 3)
    assert frame.times == Stay(CLOCK, NOW_US, 0.004, 0.0)


def test_a_device_of_before_is_answered_as_ever(counted: Counted) -> None:
    """In the version in which it asked, budget from now on, with no word about time, refused or not."""
    status, body = counted.ask(0.05, None)
    assert (status, body[2], read_frame(body).times) == (HTTPStatus.OK, 1, None)
    status, body = counted.ask(1e-6, None)
    assert (status, list(json.loads(body))) == (HTTPStatus.GATEWAY_TIMEOUT, ["code", "message"])


def test_a_question_for_readiness_never_expires(counted: Counted) -> None:
    """Nothing is computed for it, and its answer says that the head is there."""
    status, _ = counted.ask(0.05, SentAt(CLOCK, NOW_US - 80_000), tensor=IMAGE[:0])
    assert (status, counted.runs) == (HTTPStatus.OK, 0)


def test_others_of_a_batch_are_no_time_of_its_own(counted: Counted) -> None:
    """Two windows' worth in one batch: each says what its own run took, and that it waited for the other."""
    frames = [
        Frame(np.zeros((size, 3, 8, 8), np.uint8), "raw", counted.identity, "float32", times=SentAt())
        for size in (1, 2)
    ]
    answers = [read_frame(body) for _, body in counted.head.answer([write_frame(frame) for frame in frames])]
    for answer in answers:
        assert isinstance(answer.times, Stay)
        assert answer.times.began_us >= NOW_US
        assert answer.times.began_us / 1e6 + answer.times.held_s == pytest.approx(NOW_US / 1e6 + 0.008)
        assert answer.times.busy_s == pytest.approx(answer.times.began_us / 1e6 - NOW_US / 1e6)


@pytest.mark.parametrize(
    "said",
    [
        {},
        [],
        {"stay": None},
        {"stay": ["zz", 1, 0.1, 0.1]},
        {"stay": ["65646765", -1, 0.1, 0.1]},
        {"stay": ["65646765", 1, float("nan"), 0.1]},
        {"stay": ["65646765", 1, 0.1, 1e9]},
        {"stay": ["6564", 1, 0.1, 0.1]},
        {"stay": ["65646765", float("inf"), 0.1, 0.1]},
        {"stay": [1, 2, 3]},
    ],
)
def test_a_refusal_that_says_nothing_sound(said: object) -> None:
    """A proxy's, or a damaged one: nothing is taken from it."""
    assert refused_stay(said) is None
