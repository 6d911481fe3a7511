"""The stream of ``edgent-device --stream``: answers frames until they end, and sums up."""

from __future__ import annotations

import itertools
import time
from collections import deque
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from PIL.Image import Image

from device_runtime.report import Row
from device_runtime.streams.source import open_source
from device_runtime.streams.video import without_password
from edgent.counted import counted
from edgent.errors import InputError, OutputError
from edgent.inputs import GivenInput
from edgent.reasons import without_numbers
from edgent.termination import Terminated
from edgent.units import milliseconds

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from device_runtime.runtime import DeviceRuntime
    from device_runtime.streams.picture import Picture
    from device_runtime.streams.streamed_answer import StreamedAnswer
    from device_runtime.watching.watching import Watchers
    from edgent.planning.plan import Plan

_REMEMBERED = 10_000  # answers and broken frames: a stream may have no end


@dataclass(frozen=True)
class StreamWanted:
    """The stream of a command line.

    Attributes:
        source: as the user writes it.
        frames: what it gives.
        plan: what to do with each; None: the planner decides.
        fps: frames per second at most; None: no cap.
        drops: whether a frame that waits is dropped for a newer one.
    """

    source: str
    frames: Iterable[Picture]
    plan: Plan | None
    fps: float | None
    drops: bool


@dataclass
class StreamTold:
    """What a stream came to.

    Attributes:
        source: as the user writes it, but for a password in it.
        rows: the latest answers.
        broken: the latest frames that could not be answered.
        ages_s: of the latest answers.
        answered, dropped: how many frames were.
        unanswered: how many could not be.
        first_s, last_s: when the first answer was given and when the last one, in seconds from the stream's
            beginning.
        lasted_s: seconds from the stream's beginning to its end.
        ended_by: Ctrl-C or SIGTERM, where one of them ended it.
        error: why its source could not be read any more, or an answer not be written; None where all was.
    """

    source: str
    rows: deque[Row] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))
    broken: deque[GivenInput] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))
    ages_s: deque[float] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))
    answered: int = 0
    dropped: int = 0
    unanswered: int = 0
    first_s: float = 0.0
    last_s: float = 0.0
    lasted_s: float = 0.0
    ended_by: KeyboardInterrupt | None = None
    error: InputError | OutputError | None = None

    def left_out(self) -> list[GivenInput]:
        """Frames that could not be answered, one for each reason; its name says how many there are more.

        Reasons that differ in a number alone are one.
        """
        by_reason: dict[str, list[GivenInput]] = {}
        for item in self.broken:
            by_reason.setdefault(without_numbers(item.error or ""), []).append(item)
        return [_summed_up(reason, alike) for reason, alike in by_reason.items()]

    def lines(self) -> list[str]:
        """The stream in words."""
        if not self.answered:
            return []
        ages_s = np.array(self.ages_s)
        signal = "SIGTERM" if isinstance(self.ended_by, Terminated) else "Ctrl-C"
        ended = "" if self.ended_by is None else f", ended by {signal}"
        latest = f" (of the latest {len(ages_s):,})" if self.answered > len(ages_s) else ""
        unanswered = f", {self.unanswered:,} could not be answered" if self.unanswered else ""
        lasted = f"{self.lasted_s:,.1f} s" if self.lasted_s >= 1 else milliseconds(self.lasted_s)
        return [
            (
                f"stream of {lasted}{ended}: "
                f"{counted(self.answered, 'frame')} answered{self._rate()}, "
                f"{self.dropped:,} dropped for newer ones{unanswered}"
            ),
            (
                f"age of an answer {milliseconds(float(np.median(ages_s)))} in the median, "
                f"{milliseconds(float(ages_s.max()))} at most{latest}"
            ),
        ]

    def _rate(self) -> str:
        """How many answers a second came from the first one to the last; nothing where there is but one."""
        between_s = self.last_s - self.first_s
        return f", {(self.answered - 1) / between_s:.2f} a second" if between_s > 0 else ""


def _summed_up(reason: str, alike: list[GivenInput]) -> GivenInput:
    """Frames that could not be answered for reasons that differ in a number at most, as one."""
    first, *more = alike
    if not more:
        return first
    is_same = all(item.error == first.error for item in more)
    name = f"{first.name} and {len(more):,} more"
    return replace(first, name=name, error=first.error if is_same else reason)


def stream_wanted(
    source: str | None,
    inputs: Sequence[str] | None,
    plans: Sequence[Plan],
    repeat: int,
    frame_format: str | None,
    fps: float | None,
    every_frame: bool,
) -> StreamWanted | None:
    """The stream of a command line, opened; None where it names none.

    Raises:
        InputError: there is no such source, or an option does not go with a stream, or not without one.
    """
    if source is None:
        given = {"--frame-format": frame_format, "--fps": fps, "--every-frame": every_frame or None}
        named = [option for option, value in given.items() if value is not None]
        if named:
            raise InputError(f"{', '.join(named)}: this is for streams; name one with --stream")
        return None
    if inputs:
        raise InputError("--stream and --input: give one of them")
    if len(plans) > 1:
        raise InputError(f"--stream with {len(plans)} plans: a frame is answered once, give one --plan")
    if repeat > 1:
        raise InputError("--stream and --repeat: a stream comes once")
    frames = open_source(source, frame_format, is_paced=not every_frame)
    return StreamWanted(source, frames, plans[0] if plans else None, fps, drops=not every_frame)


def answer_stream(
    runtime: DeviceRuntime,
    wanted: StreamWanted,
    latency_requirement_s: float | None,
    count: int | None,
    watchers: Watchers,
) -> StreamTold:
    """Answer the frames of a stream until it ends, so many were answered, a signal, or something fails."""
    told, began_s = StreamTold(without_password(wanted.source)), time.perf_counter()

    def on_broken(index: int, name: str, error: str) -> None:
        item = GivenInput(name, None, error)
        told.broken.append(item)
        told.unanswered += 1
        watchers.broken(index, item)

    stream = runtime.stream(
        wanted.frames,
        latency_requirement_s,
        wanted.plan,
        drops=wanted.drops,
        fps=wanted.fps,
        on_broken=on_broken,
    )
    try:
        with stream:
            for answer in itertools.islice(stream, count):
                _note(told, answer, watchers)
    except KeyboardInterrupt as end:
        told.ended_by = end
    except (InputError, OutputError) as error:
        told.error = error
    told.dropped, told.lasted_s = stream.dropped, time.perf_counter() - began_s
    return told


def _note(told: StreamTold, answer: StreamedAnswer, watchers: Watchers) -> None:
    assert answer.picture is not None, "a stream keeps the picture of an answer that it gives"
    content = answer.picture.content
    item = GivenInput(answer.picture.name, content if isinstance(content, (bytes, Image)) else None)
    watchers.answered(answer.frame, item, answer)
    told.last_s = answer.captured_s + answer.age_s
    if not told.answered:
        told.first_s = told.last_s
    told.answered += 1
    told.ages_s.append(answer.age_s)
    file_kept = answer.file_kept if isinstance(content, bytes) else None  # a video has pixels, as it should
    told.rows.append(Row.of(item, replace(answer, picture=None, file_kept=file_kept)))
