"""Makes the link follow a trace while requests run."""

import itertools
import threading
import time
from collections.abc import Callable, Iterable
from types import TracebackType

LEAST_RATE_BPS = 8000.0
"""An outage in a trace becomes this rate: no shaper takes zero, and a frame then still takes 1.5 s."""


class TraceFollower:
    """Replays samples of (seconds, bits per second) onto a link, round and round, in a thread of its own."""

    def __init__(
        self, samples: Iterable[tuple[float, float]], set_rate: Callable[[float, float], None]
    ) -> None:
        self._samples = list(samples)
        self._set_rate = set_rate
        self._stop = threading.Event()
        self._failure: Exception | None = None
        self._thread = threading.Thread(target=self._follow, name="trace", daemon=True)

    def __enter__(self) -> "TraceFollower":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()
        if self._failure is not None and error is None:
            raise self._failure

    def _follow(self) -> None:
        # Against the clock: changing the rate takes milliseconds, which must not add up.
        due_s = time.monotonic()
        try:
            for duration_s, bandwidth_bps in itertools.cycle(self._samples):
                rate_bps = max(bandwidth_bps, LEAST_RATE_BPS)
                self._set_rate(rate_bps, rate_bps)
                due_s += duration_s
                if self._stop.wait(max(0.0, due_s - time.monotonic())):
                    return
        except Exception as error:  # noqa: BLE001 raised again where the follower ends
            self._failure = error
