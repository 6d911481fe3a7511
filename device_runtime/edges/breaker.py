"""A circuit breaker: after failures in a row the edge is left alone, and only probes ask if it is back."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_LOG = logging.getLogger(__name__)
_FAILURES_TO_OPEN = 3
_FIRST_PAUSE_S = 0.25
_LONGEST_PAUSE_S = 1.0


class Breaker:
    """Closed: requests may go to the edge. Open: they may not, and a probe may when its pause is over.

    Nothing here waits; a request is never held up.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.perf_counter,
        failure: str | None = None,
        name: str = "the edge",
    ) -> None:
        """Let requests go to the edge, unless it has failed just now.

        Args:
            clock: monotonic seconds.
            failure: why the edge did not answer a moment ago: it begins open; None: closed.
            name: of the edge, for the log.
        """
        self._clock = clock
        self._failure = failure
        self._name = name
        self._failures = 0 if failure is None else _FAILURES_TO_OPEN
        self._pause_s = _FIRST_PAUSE_S
        self._probe_at_s = 0.0

    @property
    def is_open(self) -> bool:
        """Whether requests should stay away from the edge."""
        return self._failures >= _FAILURES_TO_OPEN

    @property
    def absence(self) -> str | None:
        """Why the edge is left alone; None while requests may go to it."""
        return self._failure if self.is_open else None

    @property
    def trouble(self) -> str | None:
        """What the edge failed with at last; None since it answered."""
        return self._failure if self._failures else None

    @property
    def probe_is_due(self) -> bool:
        """Whether it is open and the pause is over (half-open): one probe may go."""
        return self.is_open and self._clock() >= self._probe_at_s

    def succeeded(self) -> None:
        """The edge answered: closed."""
        if self.is_open:
            _LOG.info("%s answers again", self._name)
        self._failures = 0
        self._pause_s = _FIRST_PAUSE_S

    def failed(self, error: Exception) -> None:
        """The edge did not answer, for this reason; pauses grow while it does not come back."""
        was_open = self.is_open
        self._failures += 1
        self._failure = f"{type(error).__name__}: {error}"
        if self.is_open:
            if not was_open:
                _LOG.info("%s is left alone: %s", self._name, self._failure)
            self._probe_at_s = self._clock() + self._pause_s
            self._pause_s = min(2 * self._pause_s, _LONGEST_PAUSE_S)
