"""Pictures that the device makes inputs of: the time that this takes is the request's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from edgent.errors import InputError
from edgent.planning.decision import Decision
from edgent.planning.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LOCAL = Plan("exit1", 0)


class SlowPath:
    """A path that takes so many seconds to say where it is."""

    def __init__(self, file: Path, pass_s: Callable[[float], None], seconds: float) -> None:
        self.file, self.pass_s, self.seconds = file, pass_s, seconds

    def __fspath__(self) -> str:
        """The path, late."""
        self.pass_s(self.seconds)
        return str(self.file)


class RecordingPlanner:
    """Always the same plan; remembers for how long it was asked to plan."""

    calibration = None

    def __init__(self) -> None:
        self.asked_s: list[float] = []
        self.calibration = None

    def decide(self, requirement_s: float) -> Decision:
        """The plan."""
        self.asked_s.append(requirement_s)
        return Decision(LOCAL, 0.01, meets_requirement=True, index=0, reason="is the only one")


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A picture of the network's own size."""
    pixels = np.random.default_rng(1).integers(0, 256, (8, 8, 3), np.uint8)
    Image.fromarray(pixels).save(tmp_path / "one.png")
    return tmp_path / "one.png"


def test_preparation_is_part_of_the_latency(scene: Callable[[Plan], Any], picture: Path) -> None:
    """20 ms before 10 ms of layers are 30 ms."""
    made = scene(LOCAL)
    answer = made.runtime.infer(SlowPath(picture, made.clock.pass_s, 0.02), 1.0)
    assert (answer.prepare_s, answer.latency_s) == pytest.approx((0.02, 0.03))
    assert answer.to_json()["timeline_ms"]["prepare"] == pytest.approx(20)


def test_the_planner_gets_what_preparation_leaves(scene: Callable[[Plan], Any], picture: Path) -> None:
    """In whole milliseconds; an array, which needs no preparation, leaves all of it."""
    made = scene(LOCAL)
    planner: Any = RecordingPlanner()
    made.plan_by(planner)
    made.runtime.infer(SlowPath(picture, made.clock.pass_s, 0.0205), 0.1)
    made.runtime.infer(np.zeros((3, 8, 8), np.uint8), 0.1)
    made.runtime.infer(SlowPath(picture, made.clock.pass_s, 5.0), 0.1)
    assert planner.asked_s == pytest.approx([0.08, 0.1, 0.001])


def test_what_is_no_picture_is_refused_before_anything_is_run(scene: Callable[[Plan], Any]) -> None:
    """And the runtime goes on."""
    made = scene(LOCAL)
    with pytest.raises(InputError, match="no readable image"):
        made.runtime.infer(b"garbage", 1.0)
    assert made.runtime.infer(np.zeros((3, 8, 8), np.uint8), 1.0).plan == LOCAL
