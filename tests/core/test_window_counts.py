"""What a worker counts: by window and outcome, bounded, and taken once."""

from __future__ import annotations

import hashlib
from http import HTTPStatus
from threading import Thread
from typing import TYPE_CHECKING

import numpy as np
import pytest

from edgent.core.head import Head, HeadConfig
from edgent.core.stay import SentAt
from edgent.core.window_counts import MOST_WINDOWS, OTHERS, WindowCounts
from edgent.core.wire import Frame, head_identity, write_frame
from edgent.core.worker_time import WorkerTime

if TYPE_CHECKING:
    from edgent.network import Network

NAME = "tiny-p03"
CLOCK = b"here"
NOW_US = 9_000_000_000


def _sums(counts: WindowCounts) -> dict[str, float]:
    """What was counted, by name and the values of its labels, without what is 0."""
    return {
        " ".join([name.removeprefix("edgent_window_"), *(value for _, value in labels)]): value
        for (name, labels), value in counts.take().items()
        if value
    }


class Counted:
    """A head whose clock stands still but for its runs, which take 4 ms."""

    def __init__(self, network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
        model = network.segments.standalone(1, 0, 3)
        self.identity = head_identity(network.graph.sha256, NAME)
        self.head = Head(model, HeadConfig(NAME, self.identity, hashlib.sha256(model).hexdigest(), 4))
        self.now_us = NOW_US
        self.head._time = WorkerTime(lambda: self.now_us, CLOCK)
        self._run = self.head._loaded.run
        monkeypatch.setattr(self.head._loaded, "run", self._slow)

    def _slow(self, tensor: np.ndarray) -> np.ndarray:
        self.now_us += 4_000
        return self._run(tensor)

    def frame(self, inputs: int, budget_s: float = 0.0, times: SentAt | None = None) -> bytes:
        """A request."""
        images = np.zeros((inputs, 3, 8, 8), np.uint8)
        return write_frame(Frame(images, "raw", self.identity, "float32", budget_s, times=times))


@pytest.fixture
def counted(tiny_network: Network, monkeypatch: pytest.MonkeyPatch) -> Counted:
    """Such a head."""
    return Counted(tiny_network, monkeypatch)


def test_what_becomes_of_requests(counted: Counted) -> None:
    """Two that run together, one alone, a question whether it is ready, a bad one, and one too late."""
    late = SentAt(CLOCK, NOW_US - 2_000_000)
    frames = [counted.frame(1), counted.frame(1), counted.frame(2), counted.frame(0), b"no frame"]
    counted.head.answer([*frames, counted.frame(1, 1.0, late)])
    assert _sums(counted.head.counts) == {
        "requests_total tiny-p03 answered": 3,
        "requests_total tiny-p03 checked": 1,
        "requests_total unknown refused": 1,
        "requests_total tiny-p03 expired": 1,
        "runs_total tiny-p03": 2,
        "inputs_total tiny-p03": 4,
        "compute_seconds_total tiny-p03": pytest.approx(0.008),
    }
    assert _sums(counted.head.counts) == {}


def test_another_model_has_no_name_here(counted: Counted) -> None:
    """It is refused, as a window that nobody knows."""
    counted.identity = bytes(8)
    counted.head.answer([counted.frame(1)])
    assert _sums(counted.head.counts) == {"requests_total unknown refused": 1}


def test_the_queue_is_what_the_worker_was_busy(counted: Counted) -> None:
    """A request that was written while another one ran, and taken when that was answered."""
    counted.head.answer([counted.frame(1)])
    counted.head.counts.take()
    counted.head.answer([counted.frame(1, 1.0, SentAt(CLOCK, NOW_US + 1_000))])
    queued_s = _sums(counted.head.counts)["queue_seconds_total tiny-p03"]
    assert queued_s == pytest.approx(0.003)


def test_windows_are_bounded() -> None:
    """The first ones have names, all others one together; the first keep theirs."""
    counts = WindowCounts()
    for number in [*range(MOST_WINDOWS + 10), 0]:
        counts.requested(f"w{number}", HTTPStatus.OK, 0.0, is_check=False)
    sums = _sums(counts)
    assert len(sums) == MOST_WINDOWS + 1
    assert (sums["requests_total w0 answered"], sums[f"requests_total {OTHERS} answered"]) == (2, 10)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (HTTPStatus.OK, "answered"),
        (HTTPStatus.GATEWAY_TIMEOUT, "expired"),
        (HTTPStatus.TOO_EARLY, "cold"),
        (HTTPStatus.CONFLICT, "refused"),
        (HTTPStatus.BAD_REQUEST, "refused"),
        (HTTPStatus.INTERNAL_SERVER_ERROR, "failed"),
    ],
)
def test_outcomes(status: HTTPStatus, outcome: str) -> None:
    """By the status that devices get."""
    counts = WindowCounts()
    counts.requested("w", status, 0.0, is_check=False)
    assert _sums(counts) == {f"requests_total w {outcome}": 1}


def test_who_waits_is_woken() -> None:
    """By the first thing that is counted."""
    counts = WindowCounts()
    waiting = Thread(target=counts.wait)
    waiting.start()
    counts.ran("w", 1, 0.5)
    waiting.join(10)
    assert not waiting.is_alive()
