"""A pipeline's windows from exit to exit: each input leaves by itself, by the rule that its request holds."""

from __future__ import annotations

import json
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from edgent.core.frame_exits import ExitsAsked, ExitsToAsk
from edgent.core.segment import Segment
from edgent.core.wire import read_frame, window_identity
from tests.served_pipeline import Served

if TYPE_CHECKING:
    from edgent.core.wire import Frame

LENET = Path(__file__).parents[2] / "pipelines" / "lenet" / "network.onnx"
EXIT1 = 0


class Asking(Served):
    """LeNet, whose first exit leaves the trunk inside most windows."""

    def __init__(self, folder: Path, **options: Any) -> None:
        super().__init__(LENET, folder, **options)
        self.exit = self.graph.paths[EXIT1]
        self.fork, self.last = self.exit.leaves_after, len(self.path.layers)

    @property
    def branch(self) -> bytes:
        """Identity of the first exit's own layers."""
        ends = self.exit.cut_tensor(self.fork), self.exit.cut_tensor(len(self.exit.layers))
        return window_identity(self.graph.sha256, *ends)

    def to_ask(self, threshold: float) -> ExitsToAsk:
        """The first exit."""
        return ExitsToAsk("largest_probability", (self.branch,), (threshold,))

    def frame(self, request: bytes) -> Frame:
        """The answer to a request, once its pieces are loaded."""
        self.ask(request)
        ((status, body),) = self.ask(request)
        assert status is HTTPStatus.OK, body
        return read_frame(body)

    def whole(self, index: int, image: np.ndarray) -> np.ndarray:
        """What the unsplit network answers at an exit."""
        return Segment(self.segments.head(index, len(self.graph.paths[index].layers))).run(image)


@pytest.fixture
def served(tmp_path: Path) -> Asking:
    """Nothing is loaded yet."""
    return Asking(tmp_path)


@pytest.mark.parametrize(("threshold", "left_at"), [(0.0, 0), (1.0, None)])
def test_whichever_exit_answers_it_is_the_unsplit_networks(
    served: Asking, threshold: float, left_at: int | None
) -> None:
    """Windows that end in the trunk, in the branch and at the fork; from the input and from inside."""
    image = served.noise(0)
    exits = [served.whole(index, image) for index in (EXIT1, -1)]
    for start in range(served.fork):
        crossing = image if start == 0 else Segment(served.segments.head(-1, start)).run(image)
        for stop in range(served.fork, served.last + 1):
            answer = served.frame(served.request(start, stop, crossing, exits=served.to_ask(threshold)))
            assert isinstance(answer.exits, ExitsAsked)
            assert answer.exits.left_at == left_at
            given = answer.tensor
            if left_at is None and stop < served.last:
                given = Segment(served.segments.tail(-1, stop)).run(given)
            np.testing.assert_allclose(given, exits[0 if left_at == 0 else 1], rtol=0, atol=1e-5)
            assert (answer.exits.asked_s > 0) is (left_at is None)


def test_requests_with_rules_of_their_own_run_together(served: Asking) -> None:
    """Each leaves by its own threshold, and those that stay run on as one batch."""
    images = served.noise(0, 12)
    frames = [
        served.request(0, served.last, images[n : n + 1], exits=served.to_ask(n / 12)) for n in range(12)
    ]
    served.frame(frames[0])
    together = [read_frame(body) for _, body in served.ask(*frames)]
    left = [frame.exits for frame in together if isinstance(frame.exits, ExitsAsked)]
    assert {at.left_at for at in left} == {0, None}
    for request, frame in zip(frames, together, strict=True):
        alone = served.frame(request)
        assert isinstance(alone.exits, ExitsAsked)
        assert isinstance(frame.exits, ExitsAsked)
        assert alone.exits.left_at == frame.exits.left_at
        np.testing.assert_allclose(frame.tensor, alone.tensor, rtol=0, atol=1e-5)


def test_who_does_not_ask_is_answered_beside_who_does(served: Asking) -> None:
    """With a frame of the first version, as ever."""
    image = served.noise(0)
    plain, asks = (served.request(0, served.last, image, exits=exits) for exits in (None, served.to_ask(0.0)))
    served.frame(plain)
    served.frame(asks)
    answers = [read_frame(body) for _, body in served.ask(plain, asks)]
    assert answers[0].exits is None
    assert answers[1].exits == ExitsAsked(0, 0.0)


def test_while_pieces_are_loaded_the_window_runs_whole(tmp_path: Path) -> None:
    """The next request finds them, so nobody waits for an exit."""
    served = Asking(tmp_path, warm=[(0, 12)])
    assert served.last == 12
    request = served.request(0, served.last, served.noise(0), exits=served.to_ask(0.0))
    ((status, body),) = served.ask(request)
    assert status is HTTPStatus.OK
    assert read_frame(body).exits is None
    ((_, body),) = served.ask(request)
    assert read_frame(body).exits == ExitsAsked(0, 0.0)


def test_a_window_that_is_cold_and_its_pieces_too(served: Asking) -> None:
    """As ever: it says so; and an empty batch is enough to have all of them loaded."""
    nothing = served.request(0, served.last, served.noise(0, 0), exits=served.to_ask(0.0))
    assert served.ask(nothing)[0][0] is HTTPStatus.TOO_EARLY
    request = served.request(0, served.last, served.noise(0), exits=served.to_ask(0.0))
    assert read_frame(served.ask(request)[0][1]).exits == ExitsAsked(0, 0.0)


def test_where_there_is_never_room_the_window_runs_whole(tmp_path: Path) -> None:
    """Nothing is loaded for it: pieces that drive each other out would be loaded with every request."""
    served = Asking(tmp_path, memory_bytes=600_000)  # the window takes 556 kB with its session
    request = served.request(0, served.last, served.noise(0), exits=served.to_ask(0.0))
    assert served.frame(request).exits is None
    assert len(served.pipeline._windows._held) == 1
    assert read_frame(served.ask(request)[0][1]).exits is None


def test_too_little_time_for_the_first_exit(served: Asking) -> None:
    """What is left is compared with the way to the first exit, as the input may leave there."""
    request = served.request(0, served.last, served.noise(0), exits=served.to_ask(0.0), seconds=1e-6)
    assert served.ask(request)[0][0] is HTTPStatus.TOO_EARLY
    status, body = served.ask(request)[0]
    assert status is HTTPStatus.GATEWAY_TIMEOUT
    assert "0.000 ms are left, net exit2:p0-p12 takes" in json.loads(body)["message"]


def test_what_is_refused(served: Asking) -> None:
    """Each with its reason; beside one that is well."""
    path, image = served.path, served.noise(0)
    past = served.request(
        served.fork, served.last, served.noise(served.fork), exits=served.to_ask(0.5)
    )  # the exit at its input is the device's to ask
    layer = window_identity(served.graph.sha256, path.cut_tensor(1), path.cut_tensor(2))
    deep = window_identity(
        served.graph.sha256, path.cut_tensor(served.fork + 1), path.cut_tensor(served.last)
    )
    cases = [
        (past, "does not pass the exit"),
        (served.request(0, 1, image, exits=served.to_ask(0.5)), "does not pass the exit"),
        (served.request(0, 12, image, exits=ExitsToAsk("margin", (bytes(8),), (0.5,))), "no such exit: 0000"),
        (served.request(0, 12, image, exits=ExitsToAsk("margin", (layer,), (0.5,))), "end with no exit"),
        (
            served.request(0, 12, image, exits=ExitsToAsk("margin", (deep, served.branch), (0.5, 0.5))),
            "passes it before another one that the request names first",
        ),
        (
            served.request(0, 12, image, exits=ExitsToAsk("mine", (served.branch,), (0.5,))),
            "no measure of confidence 'mine'",
        ),
        (
            served.request(0, 12, served.noise(0, 2), exits=served.to_ask(0.5)),
            "exits are asked of one input at a time, not of 2",
        ),
    ]
    good = served.request(0, 12, image, exits=served.to_ask(0.0))
    served.frame(good)
    *answers, (status, _) = served.ask(*(request for request, _ in cases), good)
    assert status is HTTPStatus.OK
    for (_, reason), (status, body) in zip(cases, answers, strict=True):
        assert status is HTTPStatus.BAD_REQUEST, body
        assert reason in json.loads(body)["message"]
