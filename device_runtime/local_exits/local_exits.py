"""The device's own exits: what they take here and now, and which of them still answers in time."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np

from device_runtime.learning.run_times import RunTimes
from device_runtime.local_exits.climb import Climb
from device_runtime.local_exits.exit_ladder import Rung, seconds_to
from device_runtime.local_exits.exit_segments import ExitSegments
from edgent.core.segment import Stop
from edgent.planning.fallback import Fallback, LocalExit, NoFallback, latest_safe_start
from edgent.planning.stages import Step, run_on_device

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Future

    from device_runtime.deadline import Deadline
    from device_runtime.local_exits.sessions import Sessions
    from edgent.network import Network
    from edgent.planning.plan import Plan
    from edgent.planning.stages import Stage

_MOST_FIRST_ROUNDS = 8
_LEAST_FIRST_ROUNDS = 5  # the fewest that show a spread
_ROUNDS_OF_PIECES = 2  # where a device is slow: whole paths show how much its runs differ
_FIRST_S = 0.3  # after so long, a device measures less: a cold start is to take a second
_PAUSE_S = 5e-3
_LEAST_SPREAD = 0.05  # runs that were made in one go say little of how fast the device will be in a minute


class LocalExits:
    """Runs whole paths on the device and remembers how long each took, spread included.

    Runs that follow a wait are remembered apart: waking up takes time, and caches have gone cold.
    """

    def __init__(
        self,
        network: Network,
        sessions: Sessions,
        clock: Callable[[], float] = time.perf_counter,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        """Load every exit's path and time it a few times, as a fallback runs: after a wait.

        Args:
            network: the network.
            sessions: holds the loaded layers.
            clock: monotonic seconds.
            pause: waits for so many seconds.
        """
        self._network, self._graph = network, network.graph
        self._sessions = sessions
        self._beside = ThreadPoolExecutor(3, thread_name_prefix="beside")  # one may be about to stop
        self._segments = ExitSegments(network.graph)
        self._path = {
            path.exit_name: run_on_device(path.exit_name, 0, len(path.layers)) for path in network.graph.paths
        }
        self._accuracy = {
            exit_.name: exit_.accuracy if exit_.accuracy is not None else (index + 1) * 1e-3
            for index, exit_ in enumerate(network.spec.exits)
        }
        self._at_once = {name: RunTimes() for name in self._path}
        self._after_wait = {name: RunTimes() for name in self._path}
        zeros = np.zeros((1, *network.graph.input_shape), network.graph.input_dtype)
        self._time_first_runs(zeros, clock, pause)

    def _time_first_runs(
        self, zeros: np.ndarray, clock: Callable[[], float], pause: Callable[[float], None]
    ) -> None:
        """Runs with and without a wait before them; a slow device makes fewer.

        The first ones, while other paths are loaded, do not count: they are slow, and an exit that looks slow
        is not run again.
        """
        began_s = clock()
        self._sessions.load_all((*self._path.values(), *self._segments.all()))
        for done in range(_MOST_FIRST_ROUNDS):
            is_slow = clock() - began_s > _FIRST_S
            if is_slow and done >= _LEAST_FIRST_ROUNDS:
                break
            for name in self._path:
                due_s = clock() + _PAUSE_S
                pause(_PAUSE_S)
                woken_s = clock()
                self.run(name, zeros)
                ended_s = clock()
                self.observe(name, ended_s - due_s, waited=True)
                if is_slow:  # once it is awake, it runs as without a wait
                    self.observe(name, ended_s - woken_s, waited=False)
                    continue
                self.run(name, zeros)
                self.observe(name, clock() - ended_s, waited=False)
            if not is_slow or done < _ROUNDS_OF_PIECES:
                self._run_pieces(zeros)

    def _run_pieces(self, tensor: np.ndarray) -> None:
        """Every piece of the trunk and every branch once, in the order of a climb; the sessions time them.

        A piece that is a whole path, as of an exit that begins at the input, was run as such.
        """
        whole = set(self._path.values())
        for way in self._segments.ahead(0):
            if way.trunk is not None and way.trunk not in whole:
                tensor = self._sessions.run(way.trunk, tensor)
            if way.branch is not None and way.branch not in whole:
                self._sessions.run(way.branch, tensor)

    def run(self, exit_name: str, tensor: np.ndarray, start: int = 0) -> np.ndarray:
        """Logits, shape (batch, classes), of a whole path, or of its layers from ``start`` on."""
        for stage in self._segments.to(exit_name, start):
            tensor = self._sessions.run(stage, tensor)
        return tensor

    def start(self, exit_name: str, tensor: np.ndarray, start: int = 0) -> tuple[Future[np.ndarray], Stop]:
        """Run a whole path, or its layers from ``start`` on, in a thread beside this one.

        Returns:
            The logits to come, and what ends the run.
        """
        return self.start_layers(self._segments.to(exit_name, start), tensor)

    def start_layers(self, stages: Sequence[Stage], tensor: np.ndarray) -> tuple[Future[np.ndarray], Stop]:
        """Run some layers in a thread beside this one: what comes of them, and what ends the run."""
        stop = Stop()

        def run() -> np.ndarray:
            output = tensor
            for stage in stages:
                output = self._sessions.run(stage, output, stop)
            return output

        return self._beside.submit(run), stop

    def tail_of(self, plan: Plan) -> Stage | None:
        """The layers that the device runs after a window; None where the edge gives the whole answer."""
        return next((stage for stage in self._network.stages(plan) if stage.step is Step.RUN_DEVICE), None)

    def reached(self, plan: Plan) -> int:
        """How many layers of its path the device runs before a plan's window."""
        return next((stage.stop for stage in self._network.stages(plan) if stage.step is Step.RUN_BEFORE), 0)

    def to_go_on(self, plan: Plan) -> set[Stage]:
        """What exits would run from what the layers before a window gave, those whose paths have that."""
        return {stage for name in self._having(plan) for stage in self._segments.to(name, self.reached(plan))}

    def can_go_on(self, exit_name: str, plan: Plan) -> bool:
        """Whether an exit can answer from what the layers before a window gave, without loading anything."""
        if exit_name not in self._having(plan):
            return False
        return all(map(self._sessions.is_loaded, self._segments.to(exit_name, self.reached(plan))))

    def _having(self, plan: Plan) -> list[str]:
        """The exits whose paths have what the layers before a plan's window give, and layers behind it."""
        point = self.reached(plan)
        tensor = self._graph.path_of(plan.exit).cut_tensor(point)
        return [
            path.exit_name
            for path in self._graph.paths
            if point < len(path.layers) and path.cut_tensor(point) == tensor
        ]

    def start_climb(
        self,
        begin: Callable[[], np.ndarray],
        image: Callable[[], np.ndarray],
        start: int,
        first: int,
        give_at: Deadline,
        enough: float,
    ) -> Climb:
        """Go up the exits in a thread beside this one.

        Args:
            begin: gives what is at hand of the trunk, shape (1, ...).
            image: gives the input, shape (1, *input shape).
            start: where on the trunk it lies; 0: the input.
            first: number of the exit that is answered first, whatever it takes.
            give_at: when an answer is to be given.
            enough: the accuracy from which on nothing else has to be waited for.
        """
        climb = Climb(self._sessions, self._segments.ahead(start), self.rungs(start), give_at, enough)
        climb.start(self._beside, begin, image, first)
        return climb

    def climbs_from(self, at_hand: Plan | None) -> int:
        """The partition point of the trunk from which exits are answered one after the other."""
        if at_hand is None:
            return 0
        point = self.reached(at_hand)
        is_trunk = point <= self._graph.path_of(at_hand.exit).leaves_after
        return point if is_trunk and all(map(self._sessions.is_loaded, self.to_go_on(at_hand))) else 0

    def rungs(self, start: int = 0) -> tuple[Rung, ...]:
        """The exits that lie ahead of a partition point of the trunk, and what they take here and now.

        Pieces are run seldom, whole paths often: where these have become slower, or are after a wait, pieces
        are taken to be so, too.
        """
        deepest = self._graph.paths[-1].exit_name
        known_s = seconds_to(self._rungs(0, 1.0))[-1]
        return self._rungs(start, max(self._after_wait_s(deepest, None) / known_s, 1.0))

    def _rungs(self, start: int, factor: float) -> tuple[Rung, ...]:
        return tuple(
            Rung(
                way.exit,
                self._accuracy[way.exit],
                factor * self._taken_s(() if way.trunk is None else (way.trunk,)),
                factor * self._taken_s(() if way.branch is None else (way.branch,)),
                way.from_input,
            )
            for way in self._segments.ahead(start)
        )

    def _taken_s(self, stages: Sequence[Stage]) -> float:
        """Seconds of stages that run one after the other, with their spread."""
        return sum(_with_spread(self._sessions.times_of(stage)) for stage in stages)

    def close(self) -> None:
        """End the thread beside."""
        self._beside.shutdown(wait=False, cancel_futures=True)

    def observe(self, exit_name: str, seconds: float, *, waited: bool) -> None:
        """Take in a run, from the moment at which it should have begun: a late wake-up is part of it."""
        (self._after_wait if waited else self._at_once)[exit_name].observe(seconds)

    def outlasted(self, exit_name: str, seconds: float) -> None:
        """Take in a run that was stopped after so long: it tells of a device that is slower now."""
        times = self._after_wait[exit_name]
        if seconds > times.typical_s:
            times.observe(seconds)

    def times(self, at_hand: Plan | None = None) -> tuple[LocalExit, ...]:
        """Each exit with its accuracy and the time that it needs after a wait, shallow to deep.

        That is what 99 % of the latest runs kept to, and their spread, which is a twentieth at least, once
        more for what they did not show. A run after a wait takes as long as one without at least, which is
        made more often. An exit whose accuracy was never measured counts by its depth.

        Args:
            at_hand: a plan whose layers before the window have run; an exit that can go on from there needs
                what the rest of its path takes, and waking up.
        """
        return tuple(
            LocalExit(name, self._accuracy[name], self._after_wait_s(name, at_hand), self._reserve_s(name))
            for name in self._path
        )

    def quickest_s(self) -> float:
        """Seconds that the quickest exit needs after a wait, from the input on."""
        return min(local.time_s for local in self.times())

    def _after_wait_s(self, exit_name: str, at_hand: Plan | None) -> float:
        waking_s = self._waking_s(exit_name)
        whole_s = _with_spread(self._at_once[exit_name]) + waking_s
        if at_hand is None or not self.can_go_on(exit_name, at_hand):
            return whole_s
        rest_s = self._taken_s(self._segments.to(exit_name, self.reached(at_hand)))
        return min(rest_s + waking_s, whole_s)

    def _waking_s(self, exit_name: str) -> float:
        """Seconds that a run after a wait takes longer than one without."""
        after_wait_s = _with_spread(self._after_wait[exit_name])
        return max(after_wait_s - _with_spread(self._at_once[exit_name]), 0.0)

    def _reserve_s(self, exit_name: str) -> float:
        """Seconds that an exit is given where it stands by, beyond what 99 % of its runs at once keep to.

        A plan of the device alone is late in one of a hundred then. It is not given twice the spread: an exit
        that was held up twice among its first runs would be passed over for one that is far quicker.
        """
        times = self._at_once[exit_name]
        kept_to_s = max(times.high_s, (1.0 + _LEAST_SPREAD) * times.typical_s)
        return self._after_wait_s(exit_name, None) - kept_to_s

    def standing_by(
        self,
        within_s: float,
        wanted: str | None = None,
        busy_s: float = 0.0,
        at_hand: Plan | None = None,
    ) -> Fallback | NoFallback:
        """The exit that answers if the edge is late: the wanted one if it fits, else the best that does.

        Args:
            within_s: seconds until the answer is wanted.
            wanted: the exit that the decision counts on.
            busy_s: seconds from now that the device will write the edge's frame; no exit can start before.
            at_hand: a plan whose layers before the window have run.
        """
        for local in self.times(at_hand):
            if local.exit == wanted and local.time_s <= within_s - busy_s:
                return latest_safe_start([local], within_s)
        return self._best_in_time(within_s, busy_s, at_hand)

    def accuracy_of(self, exit_name: str) -> float:
        """An exit's accuracy, 0 to 1; its place among the exits where the spec names none."""
        return self._accuracy[exit_name]

    def runs_at_once_s(self) -> dict[str, tuple[float, ...]]:
        """Seconds of each exit's latest runs without a wait."""
        return {name: times.runs_s for name, times in self._at_once.items()}

    def takes_at_once(self, exit_name: str) -> float:
        """Seconds that 99 % of its latest runs without a wait kept to."""
        return self._at_once[exit_name].high_s

    def usually_takes(self, exit_name: str, at_hand: Plan | None = None) -> float:
        """Seconds that half of its runs without a wait kept to, of what is left to run where it can go on."""
        if at_hand is None or not self.can_go_on(exit_name, at_hand):
            return self._at_once[exit_name].typical_s
        rest = self._segments.to(exit_name, self.reached(at_hand))
        return sum(self._sessions.times_of(stage).typical_s for stage in rest)

    def to_run_now(self, planned: Fallback | NoFallback, left_s: float, at_hand: Plan | None = None) -> str:
        """The exit to answer with now.

        Args:
            planned: what was to be run if the edge is late. Its latest safe start leaves room for the
                spread, so that a moment later it still is the one, as long as it usually ends in time.
            left_s: seconds until the answer is wanted.
            at_hand: a plan whose layers before the window have run.
        """
        if isinstance(planned, Fallback) and self.usually_takes(planned.exit, at_hand) <= left_s:
            return planned.exit
        now = self._best_in_time(left_s, 0.0, at_hand)
        return now.exit if isinstance(now, Fallback) else now.quickest.exit

    def _best_in_time(self, within_s: float, busy_s: float, at_hand: Plan | None) -> Fallback | NoFallback:
        """The best exit that fits; where none does, the one that usually is the quickest.

        Spreads tell what can be relied on. Where nothing can, one slow run among few is no reason for an exit
        that takes longer.
        """
        times = self.times(at_hand)
        best = latest_safe_start(times, within_s, busy_s)
        if isinstance(best, Fallback):
            return best
        quickest = min(times, key=lambda local: self.usually_takes(local.exit, at_hand))
        return NoFallback(quickest, busy_s + quickest.time_s - within_s)


def _with_spread(times: RunTimes) -> float:
    return times.high_s + max(times.high_s - times.typical_s, _LEAST_SPREAD * times.typical_s)
