"""What a worker did for each window of layers, summed up until it is told to TorchServe."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from http import HTTPStatus
from threading import Condition
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_WINDOWS = 64
"""Windows with names of their own in a worker's counts; those that come later count together."""
OTHERS = "others"
UNKNOWN = "unknown"
"""The window of a request that does not say which one it means."""
CHECKED = "checked"
"""The outcome of a request without inputs: somebody asked whether the window is ready."""

_OUTCOMES = {
    HTTPStatus.OK: "answered",
    HTTPStatus.GATEWAY_TIMEOUT: "expired",
    HTTPStatus.TOO_EARLY: "cold",
    HTTPStatus.INTERNAL_SERVER_ERROR: "failed",
}
"""By the status of an answer; with any other one the request was refused."""

Count = tuple[str, tuple[tuple[str, str], ...]]
"""The name of a count, and its labels with their values."""


@dataclass(slots=True)
class _Sums:
    """Of one window."""

    outcomes: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    queue_s: float = 0.0
    runs: int = 0
    inputs: int = 0
    compute_s: float = 0.0

    def counts(self, window: str) -> Iterator[tuple[Count, float]]:
        """All that is not 0, and how long requests queued in any case."""
        of_window = ("window", window)
        for outcome, number in self.outcomes.items():
            yield ("edgent_window_requests_total", (of_window, ("outcome", outcome))), number
        yield ("edgent_window_queue_seconds_total", (of_window,)), self.queue_s
        if self.runs:
            yield ("edgent_window_runs_total", (of_window,)), self.runs
            yield ("edgent_window_inputs_total", (of_window,)), self.inputs
            yield ("edgent_window_compute_seconds_total", (of_window,)), self.compute_s


class WindowCounts:
    """Sums of what happened since they were taken last; may be used from two threads."""

    def __init__(self) -> None:
        """Count from nothing."""
        self._sums: dict[str, _Sums] = {}
        self._windows: set[str] = set()
        self._changed = Condition()

    def requested(self, window: str, status: HTTPStatus, queued_s: float, *, is_check: bool) -> None:
        """Count a request that was answered or refused.

        Args:
            window: which one it means.
            status: of its answer.
            queued_s: seconds for which it queued, at most; 0 where that is not known.
            is_check: whether it held no inputs.
        """
        outcome = CHECKED if is_check and status is HTTPStatus.OK else _OUTCOMES.get(status, "refused")
        with self._changed:
            sums = self._of(window)
            sums.outcomes[outcome] += 1
            sums.queue_s += queued_s

    def ran(self, window: str, inputs: int, seconds: float) -> None:
        """Count a run.

        Args:
            window: what ran.
            inputs: how many were computed together.
            seconds: that it took.
        """
        with self._changed:
            sums = self._of(window)
            sums.runs += 1
            sums.inputs += inputs
            sums.compute_s += seconds

    def wait(self) -> None:
        """Wait until there is something to take."""
        with self._changed:
            self._changed.wait_for(lambda: bool(self._sums))

    def take(self) -> dict[Count, float]:
        """Take all that there is."""
        with self._changed:
            taken, self._sums = self._sums, {}
        return dict(count for window, sums in taken.items() for count in sums.counts(window))

    def _of(self, window: str) -> _Sums:
        """What is summed up for a window, by its name while there are few: series are bounded so."""
        if window not in self._windows:
            if len(self._windows) >= MOST_WINDOWS:
                window = OTHERS
            else:
                self._windows.add(window)
        if not self._sums:
            self._changed.notify()
        if window not in self._sums:
            self._sums[window] = _Sums()
        return self._sums[window]
