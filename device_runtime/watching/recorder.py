"""Writes a recording while a device answers, into a file or to a live page."""

from __future__ import annotations

import logging
import time
from collections import deque
from threading import Condition, Thread
from typing import TYPE_CHECKING, NamedTuple, Protocol

from device_runtime.choosing.promised_accuracy import promised_accuracy
from device_runtime.watching.recorded_lines import (
    answer_line,
    describe,
    description_line,
    failure_line,
    gap_line,
)
from device_runtime.watching.thumbnail import thumbnail

if TYPE_CHECKING:
    from collections.abc import Callable

    from device_runtime.answer import Answer
    from device_runtime.edges.edge_belief import EdgeBelief
    from device_runtime.runtime import DeviceRuntime
    from edgent.inputs import GivenInput

_LOG = logging.getLogger(__name__)
MOST_WAITING = 1000
_LONGEST_END_S = 10.0
_BELIEFS_EVERY_S = 0.1
_PHOTOS_EVERY_S = 1.0


class Sink(Protocol):
    """Takes the lines of a recording."""

    def write(self, line: str) -> None:
        """Take a line, without its end; one that cannot be taken any more is told by the sink itself."""

    def close(self) -> None:
        """Nothing more comes."""


class _Happened(NamedTuple):
    """What is to be written of an input: an answer, or that there was none."""

    time_s: float
    number: int
    item: GivenInput
    answer: Answer | None
    beliefs: tuple[EdgeBelief, ...] | None


class Recorder:
    """A watcher that hands answers to a thread, which writes a line of each.

    Where lines come faster than they can be written, some are left out, and a line says how many.
    """

    def __init__(
        self,
        runtime: DeviceRuntime,
        sink: Sink,
        latency_requirement_s: float | None = None,
        clock: Callable[[], float] = time.time,
        most_waiting: int = MOST_WAITING,
    ) -> None:
        """Write the first line.

        Args:
            runtime: that answers.
            sink: takes the lines; it is closed with the recorder.
            latency_requirement_s: of the requests; the spec's when None.
            clock: seconds since 1970.
            most_waiting: how many inputs may wait to be written.
        """
        self._runtime, self._sink, self._clock = runtime, sink, clock
        self._waiting: deque[_Happened] = deque()
        self._most_waiting, self._left_out = most_waiting, 0
        self._beliefs_s = self._photo_s = 0.0
        self._changed, self._is_closed = Condition(), False
        sink.write(description_line(describe(runtime, latency_requirement_s)))
        self._thread = Thread(target=self._write_all, name="recorder", daemon=True)
        self._thread.start()

    def answered(self, index: int, item: GivenInput, answer: Answer) -> None:
        """Have a line written, with what is believed of the edges where that was not written just now."""
        now_s, beliefs = self._clock(), None
        if now_s - self._beliefs_s >= _BELIEFS_EVERY_S:
            beliefs, self._beliefs_s = self._runtime.edge_beliefs(), now_s
        self._hand_over(_Happened(now_s, index, item, answer, beliefs))

    def broken(self, index: int, item: GivenInput) -> None:
        """Have written why an input was not answered."""
        self._hand_over(_Happened(self._clock(), index, item, None, None))

    def close(self) -> None:
        """Wait until all is written, but not for a sink that takes nothing; again does nothing."""
        with self._changed:
            if self._is_closed:
                return
            self._is_closed = True
            self._changed.notify()
        self._thread.join(_LONGEST_END_S)
        if self._thread.is_alive():
            _LOG.warning("a recording, or a live page, takes no more lines: its last ones are missing")
            return
        self._sink.close()

    def _hand_over(self, happened: _Happened) -> None:
        with self._changed:
            if len(self._waiting) < self._most_waiting:
                self._waiting.append(happened)
            else:
                self._left_out += 1
            self._changed.notify()

    def _write_all(self) -> None:
        while True:
            with self._changed:
                while not (self._waiting or self._left_out or self._is_closed):
                    self._changed.wait()
                happened = self._waiting.popleft() if self._waiting else None
                left_out = 0 if happened else self._left_out
                self._left_out -= left_out
            if happened is not None:
                self._sink.write(self._line(happened))
            elif left_out:
                self._sink.write(gap_line(left_out))
            else:
                return

    def _line(self, happened: _Happened) -> str:
        time_s, number, item, answer, beliefs = happened
        if answer is None:
            return failure_line(time_s, number, item)
        photo = None
        if time_s - self._photo_s >= _PHOTOS_EVERY_S:
            photo, self._photo_s = thumbnail(item), time_s
        accuracy = promised_accuracy(self._runtime, answer)
        return answer_line(time_s, number, item, answer, accuracy, beliefs, photo)
