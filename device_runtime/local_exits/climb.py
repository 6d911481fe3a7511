"""Goes from exit to exit while the next one is still in time, and keeps the best answer on the way."""

from __future__ import annotations

import logging
import math
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING

from device_runtime.local_exits.exit_ladder import next_rung
from edgent.core.segment import Stop
from edgent.errors import StoppedError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Executor

    import numpy as np

    from device_runtime.deadline import Deadline
    from device_runtime.local_exits.exit_ladder import Rung
    from device_runtime.local_exits.exit_segments import Way
    from device_runtime.local_exits.sessions import Sessions
    from edgent.planning.stages import Stage

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Reached:
    """An exit whose answer is at hand.

    Attributes:
        exit: its name.
        accuracy: 0 to 1.
        logits: shape (1, classes).
        run_s: seconds of the layers on its path, without the branches that were passed.
        from_input: its path began at the input, whatever else was at hand.
    """

    exit: str
    accuracy: float
    logits: np.ndarray
    run_s: float
    from_input: bool = False


class Climb:
    """One way up the exits of a network. One thread runs it, others read what it has reached.

    Attributes:
        reached: the answers so far, each more accurate than the one before.
        is_enough: done once one of them is accurate enough.
        ended: done when it goes no further; its exception, if an exit was not even reached.
    """

    def __init__(
        self,
        sessions: Sessions,
        ways: Sequence[Way],
        rungs: Sequence[Rung],
        deadline: Deadline,
        enough: float = math.inf,
    ) -> None:
        """Stand at the bottom.

        Args:
            sessions: runs the segments.
            ways: to each exit: to those that begin at the input, then to those that leave the trunk, in the
                order in which they do.
            rungs: what each of them takes, in the same order.
            deadline: when an answer is to be given.
            enough: the accuracy from which on nothing else has to be waited for.
        """
        self._sessions = sessions
        self._ways, self._rungs = ways, rungs
        self._deadline = deadline
        self._enough = enough
        self._stop = Stop()
        self._goes_on = True
        self.reached: tuple[Reached, ...] = ()
        self.is_enough: Future[None] = Future()
        self.ended: Future[None] = Future()

    @property
    def best(self) -> Reached | None:
        """The most accurate answer so far."""
        return self.reached[-1] if self.reached else None

    def start(
        self,
        beside: Executor,
        begin: Callable[[], np.ndarray],
        image: Callable[[], np.ndarray],
        first: int,
    ) -> None:
        """Go up in a thread beside this one.

        Args:
            beside: has the thread.
            begin: gives what is at hand of the trunk, shape (1, ...).
            image: gives the input, shape (1, *input shape).
            first: number of the exit that is answered first, whatever it takes.
        """
        self.ended = beside.submit(self._run, begin, image, first)

    def _run(self, begin: Callable[[], np.ndarray], image: Callable[[], np.ndarray], first: int) -> None:
        """Go up; nothing that was reached is lost."""
        done, trunk_s = 0, 0.0
        rung: int | None = first
        tensor = begin()
        try:
            while rung is not None:
                at, goes = self._rungs[rung], self._ways[rung]
                if goes.from_input:
                    logits, run_s = self._timed(goes.branch, image())
                else:
                    for way in self._ways[done : rung + 1]:
                        tensor, seconds = self._timed(way.trunk, tensor)
                        trunk_s += seconds
                    logits, branch_s = self._timed(goes.branch, tensor)
                    done, run_s = rung + 1, trunk_s + branch_s
                self.reached += (Reached(at.exit, at.accuracy, logits, run_s, goes.from_input),)
                if at.accuracy >= self._enough and not self.is_enough.done():
                    self.is_enough.set_result(None)
                rung = self._next(done)
        except Exception as error:
            if not self.reached:
                raise
            if not isinstance(error, StoppedError):
                _LOG.warning("the device went no further than %s: %s", self.reached[-1].exit, error)

    def finish(self) -> None:
        """From another thread: go on to no other exit once one is reached."""
        self._goes_on = False

    def stop(self) -> None:
        """From another thread: end the layers that run now, too."""
        self._goes_on = False
        self._stop()

    def _next(self, done: int) -> int | None:
        """The exit to answer after the first so many; those that begin at the input are always ahead."""
        if not self._goes_on:
            return None
        above = self.best.accuracy if self.best else -math.inf
        ahead = [k for k, rung in enumerate(self._rungs) if k >= done or rung.from_input]
        chosen = next_rung([self._rungs[k] for k in ahead], self._deadline.left_s(), above)
        return None if chosen is None else ahead[chosen]

    def _timed(self, stage: Stage | None, tensor: np.ndarray) -> tuple[np.ndarray, float]:
        """What a stage makes of a tensor, and seconds."""
        if stage is None:
            return tensor, 0.0
        began_s = self._deadline.clock()
        output = self._sessions.run(stage, tensor, self._stop)
        return output, self._deadline.clock() - began_s
