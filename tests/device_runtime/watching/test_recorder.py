"""A recorder writes what happened, and costs the one who answers next to nothing."""

from __future__ import annotations

import json
from dataclasses import replace
from threading import Event
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from device_runtime.watching.recorded_lines import describe, description_line
from device_runtime.watching.recorder import Recorder
from device_runtime.watching.recording_file import RecordingFile
from edgent.inputs import GivenInput
from edgent.planning.plan import Plan
from edgent.recording.reading import read_recording

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from device_runtime.answer import Answer

IMAGE = np.zeros((3, 8, 8), np.uint8)
ITEM = GivenInput("photo.png", IMAGE, expected="7")
BROKEN = GivenInput("broken.png", None, error="no readable image: it is empty")


class Lines:
    """A sink that keeps lines, and takes them only once it may."""

    def __init__(self) -> None:
        self.written: list[dict[str, Any]] = []
        self.may = Event()
        self.began = Event()
        self.is_closed = False
        self.may.set()

    def write(self, line: str) -> None:
        """Keep a line."""
        self.began.set()
        assert self.may.wait(30)
        self.written.append(json.loads(line))

    def close(self) -> None:
        """Keep that it ended."""
        self.is_closed = True


class Seconds:
    """A clock that moves when it is told to."""

    now_s = 1000.0

    def __call__(self) -> float:
        """The time."""
        return self.now_s


@pytest.fixture
def made(scene: Callable[..., Any]) -> Any:
    """A runtime that answers alone."""
    return scene(Plan.device_only("exit2"))


@pytest.fixture
def answer(made: Any) -> Answer:
    """One of its answers."""
    answer: Answer = made.runtime.infer(IMAGE)
    return answer


def test_the_first_line_describes(made: Any) -> None:
    """The pipeline, its exits and their layers, its edges, what is asked for."""
    description = describe(made.runtime, 0.25)

    assert description.pipeline == made.network.spec.name
    assert [one.name for one in description.exits] == ["exit1", "exit2"]
    paths = made.network.graph.paths
    assert [len(one.layers) for one in description.exits] == [len(path.layers) for path in paths]
    assert description.edges == ("here",)
    assert description.latency_requirement_ms == 250.0
    assert json.loads(description_line(description))["format"] == 1


def test_what_was_written_is_read(made: Any, answer: Answer, tmp_path: Path) -> None:
    """Through the file: values are the answer's own."""
    recorder = Recorder(made.runtime, RecordingFile(tmp_path / "run.jsonl"))
    recorder.answered(0, ITEM, answer)
    recorder.broken(1, BROKEN)
    recorder.close()
    history = read_recording(tmp_path / "run.jsonl")

    (read,) = history.answers
    assert (read.input, read.expected, read.label) == ("photo.png", "7", answer.label)
    assert read.latency_ms == pytest.approx(answer.latency_s * 1e3, abs=1e-3)
    assert read.plan == read.wanted == "exit2:p0"
    assert read.accuracy == made.network.spec.exits[-1].accuracy
    assert read.photo is not None
    assert history.troubles == {"not answered: no readable image: it is empty": 1}


def test_an_answer_of_no_numbers_is_recorded(made: Any, answer: Answer, tmp_path: Path) -> None:
    """Without a confidence, and so that it is read again."""
    broken = replace(answer, logits=np.full_like(answer.logits, np.nan))
    recorder = Recorder(made.runtime, RecordingFile(tmp_path / "run.jsonl"))
    recorder.answered(0, ITEM, broken)
    recorder.close()
    for line in (tmp_path / "run.jsonl").read_text().splitlines():
        json.loads(line, parse_constant=pytest.fail)
    [read] = read_recording(tmp_path / "run.jsonl").answers
    assert (read.label, read.confidence) == (answer.label, None)


def test_beliefs_and_pictures_are_written_now_and_then(made: Any, answer: Answer) -> None:
    """The first has both; later ones only after a while."""
    sink, clock = Lines(), Seconds()
    recorder = Recorder(made.runtime, sink, clock=clock)
    for index, pause_s in enumerate((0.0, 0.06, 0.06, 0.9)):
        clock.now_s += pause_s
        recorder.answered(index, ITEM, answer)
    recorder.close()

    assert ["edges" in line for line in sink.written[1:]] == [True, False, True, True]
    assert ["photo" in line for line in sink.written[1:]] == [True, False, False, True]


def test_a_slow_sink_holds_nobody_up(made: Any, answer: Answer) -> None:
    """What cannot wait is left out, in order, and a line says how many."""
    sink = Lines()
    recorder = Recorder(made.runtime, sink, most_waiting=3)
    sink.may.clear()
    sink.began.clear()
    recorder.answered(0, ITEM, answer)
    assert sink.began.wait(30)
    for index in range(1, 9):
        recorder.answered(index, ITEM, answer)
    sink.may.set()
    recorder.close()

    assert [line.get("index") for line in sink.written[1:]] == [0, 1, 2, 3, None]
    assert sink.written[-1] == {"kind": "gap", "lines": 5}


def test_it_is_closed_once(made: Any) -> None:
    """And its sink with it."""
    sink = Lines()
    recorder = Recorder(made.runtime, sink)
    recorder.close()
    recorder.close()

    assert sink.is_closed


def test_a_sink_that_hangs_is_left_behind(
    made: Any, answer: Answer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A device ends all the same, and says so."""
    monkeypatch.setattr("device_runtime.watching.recorder._LONGEST_END_S", 0.01)
    sink = Lines()
    recorder = Recorder(made.runtime, sink)
    sink.may.clear()
    sink.began.clear()
    recorder.answered(0, ITEM, answer)
    assert sink.began.wait(30)
    recorder.answered(1, ITEM, answer)
    recorder.close()
    sink.may.set()

    assert [record.getMessage() for record in caplog.records] == [
        "a recording, or a live page, takes no more lines: its last ones are missing"
    ]
