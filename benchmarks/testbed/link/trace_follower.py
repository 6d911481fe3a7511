"""Makes the link follow a trace while requests run."""

import itertools
import threading
import time
from collections.abc import Callable
from types import TracebackType

import numpy as np

from edgent.bandwidth.traces import BandwidthTrace

LEAST_RATE_BPS = 8000.0
"""An outage in a trace becomes this rate: no shaper takes zero, and a frame then still takes 1.5 s."""


class TraceFollower:
    """Replays a trace onto a link, round and round, in a thread of its own.

    A trace of a single direction stands for both.
    """

    def __init__(self, trace: BandwidthTrace, set_rate: Callable[[float, float], None]) -> None:
        """Begin when the context is entered.

        Args:
            trace: What the link is to carry.
            set_rate: Takes bits per second up and down.
        """
        downwards = trace.download or trace
        rates_bps = np.maximum([trace.bandwidth_bps, downwards.bandwidth_bps], LEAST_RATE_BPS)
        self._samples = np.vstack([trace.held_s, rates_bps]).T.tolist()
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
            for duration_s, up_bps, down_bps in itertools.cycle(self._samples):
                self._set_rate(up_bps, down_bps)
                due_s += duration_s
                if self._stop.wait(max(0.0, due_s - time.monotonic())):
                    return
        except Exception as error:  # noqa: BLE001 raised again where the follower ends
            self._failure = error
