"""Going from exit to exit with a clock that moves as the layers do."""

from __future__ import annotations

from concurrent.futures import Executor, Future
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from device_runtime.deadline import Deadline
from device_runtime.local_exits.climb import Climb
from device_runtime.local_exits.exit_ladder import Rung, next_rung
from device_runtime.local_exits.exit_segments import Way
from edgent.errors import StoppedError
from edgent.planning.stages import Stage, run_on_device
from tests.runtime_fixtures import Clock

if TYPE_CHECKING:
    from collections.abc import Callable

WAYS = tuple(
    Way(name, run_on_device("exit3", k, k + 1), run_on_device(name, k + 1, k + 2))
    for k, name in enumerate(("exit1", "exit2", "exit3"))
)
RUNGS = tuple(
    Rung(way.exit, accuracy, 0.01, 0.002) for way, accuracy in zip(WAYS, (0.7, 0.8, 0.9), strict=True)
)


class AtOnce(Executor):
    """Runs what it is given before it returns."""

    def submit(self, function: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
        """A future that is done."""
        future: Future[Any] = Future()
        try:
            future.set_result(function(*arguments, **named))
        except Exception as error:  # noqa: BLE001  as executors do
            future.set_exception(error)
        return future


class Layers:
    """Sessions that take 10 ms a piece of trunk and 2 ms a branch, and tell the test of each."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.ran: list[tuple[str, int]] = []
        self.slower: dict[int, float] = {}
        self.before: Callable[[Stage], object] = id

    def run(self, stage: Stage, tensor: np.ndarray, _: object) -> np.ndarray:
        """The tensor with one more in it."""
        self.before(stage)
        self.ran.append((stage.exit, stage.start))
        is_trunk = any(stage is way.trunk for way in WAYS)
        self.clock.pass_s(0.01 * self.slower.get(stage.start, 1.0) if is_trunk else 0.002)
        return tensor + 1


@pytest.fixture
def layers() -> Layers:
    """Layers, and their clock."""
    return Layers()


def zeros() -> np.ndarray:
    """What a climb begins with."""
    return np.zeros((1, 1))


def climbed(layers: Layers, within_s: float, first: int | None = None, **options: Any) -> Climb:
    """A climb that has ended."""
    sessions: Any = layers
    climb = Climb(sessions, WAYS, RUNGS, Deadline.after(within_s, layers.clock), **options)
    first = (next_rung(RUNGS, within_s) or 0) if first is None else first
    climb.start(AtOnce(), zeros, zeros, first)
    return climb


@pytest.mark.parametrize(
    ("within_s", "passed"),
    [
        (0.0121, ["exit1"]),
        (0.0221, ["exit2"]),
        (0.0245, ["exit1", "exit2"]),
        (0.033, ["exit3"]),
        (0.0345, ["exit1", "exit3"]),
        (0.1, ["exit1", "exit2", "exit3"]),
        (0.001, ["exit1"]),  # late: its first exit all the same
    ],
)
def test_it_goes_as_far_as_time_allows(layers: Layers, within_s: float, passed: list[str]) -> None:
    """No layer is run twice, branches only where the best exit stays in time."""
    climb = climbed(layers, within_s)
    assert [at.exit for at in climb.reached] == passed
    assert len(layers.ran) == len(set(layers.ran))
    assert climb.best is not None
    trunk = ["exit1", "exit2", "exit3"].index(passed[-1]) + 1
    assert climb.best.logits.item() == trunk + 1, "branches that were passed are not in its answer"
    assert climb.best.run_s == pytest.approx(0.01 * trunk + 0.002)


def test_it_gives_up_the_next_exit_where_one_was_slow(layers: Layers) -> None:
    """The second piece takes three times as long: exit 3 is late by then."""
    layers.slower = {1: 3.0}
    climb = climbed(layers, 0.05)
    assert [at.exit for at in climb.reached] == ["exit1", "exit2"]


def test_stopped_on_the_way_it_keeps_what_it_has(layers: Layers) -> None:
    """Before the first exit there is nothing to keep, and the error is told."""

    def stop_at(start: int) -> Callable[[Stage], None]:
        def before(stage: Stage) -> None:
            if stage.start == start:
                raise StoppedError("the run was ended before it was done")

        return before

    layers.before = stop_at(2)
    climb = climbed(layers, 1.0)
    assert [at.exit for at in climb.reached] == ["exit1"]
    assert climb.ended.exception() is None
    layers.before = stop_at(0)
    climb = climbed(layers, 1.0)
    assert climb.best is None
    assert isinstance(climb.ended.exception(), StoppedError)


def test_layers_that_fail_cost_no_answer_that_is_at_hand(
    layers: Layers, caplog: pytest.LogCaptureFixture
) -> None:
    """The failure is told in the log."""

    def fail(stage: Stage) -> None:
        if stage is WAYS[1].trunk:
            raise MemoryError("no memory")

    layers.before = fail
    climb = climbed(layers, 1.0)
    assert [at.exit for at in climb.reached] == ["exit1"]
    assert "went no further than exit1: no memory" in caplog.text


def test_finished_from_outside_it_still_reaches_an_exit(layers: Layers) -> None:
    """And no more than that."""
    climb = Climb(layers, WAYS, RUNGS, Deadline.after(1.0, layers.clock))  # type: ignore[arg-type]
    climb.finish()
    climb.start(AtOnce(), zeros, zeros, 0)
    assert [at.exit for at in climb.reached] == ["exit1"]


def test_what_is_enough_is_told_once(layers: Layers) -> None:
    """It goes on all the same while time allows."""
    climb = climbed(layers, 1.0, enough=0.8)
    assert climb.is_enough.done()
    assert climb.best is not None
    assert climb.best.exit == "exit3"
    assert not climbed(layers, 0.013, enough=0.8).is_enough.done()
