"""A discrete-event simulation: devices ask, edges queue and compute, answers tell devices how long it took.

A request that needs the edge is two events: it reaches the edge, where its turn is known at once
(`EdgeQueue`), and its device learns. Between a request's making and these, others are made and learn.
"""

import heapq
import math
from collections import defaultdict

import numpy as np

from edgent.capacity.crowd import Crowd, Span
from edgent.capacity.decision_grid import Choice, DecisionGrid
from edgent.capacity.edge_queue import EdgeQueue, Rules
from edgent.capacity.link_cells import LinkCells
from edgent.capacity.outcome import EdgeFate, Fate, Outcome
from edgent.capacity.queue_beliefs import QueueBeliefs
from edgent.capacity.scenario import Edges, Scenario

AROUND_S = 0.5e-3
"""Seconds that a worker is busy with a request beside computing: all that TorchServe adds to a bare socket
(docs/laboratory/hop.md). In latencies it is part of the round trip already."""
_USUAL_SPAN = Span()


def grid_of(scenario: Scenario) -> DecisionGrid:
    """The decisions of a scenario's devices, for all of its simulations."""
    links = LinkCells.of(scenario.traces)
    return DecisionGrid(scenario.conditions, scenario.policy, links, scenario.is_eager)


def simulate(
    scenario: Scenario, edges: Edges, grid: DecisionGrid | None = None, span: Span = _USUAL_SPAN
) -> Outcome:
    """What becomes of the requests of a scenario's devices.

    Args:
        scenario: who asks, and how.
        edges: how many, with how many workers.
        grid: of the scenario; what it decided before, it need not decide again.
        span: how long is simulated.
    """
    grid = grid_of(scenario) if grid is None else grid
    return simulate_crowd(scenario, edges, grid, Crowd.of(scenario, edges, grid.links, span))


def simulate_crowd(scenario: Scenario, edges: Edges, grid: DecisionGrid, crowd: Crowd) -> Outcome:
    """What becomes of requests that are given.

    Args:
        scenario: who asks, and how; its rate is of no matter.
        edges: how many, with how many workers.
        grid: of the scenario.
        crowd: the requests.
    """
    return _Simulation(scenario, edges, grid, crowd).run()


_SKIPPED = Choice(0, is_remote=False, seconds=0.0)


class _Simulation:
    """The state of one run."""

    def __init__(self, scenario: Scenario, edges: Edges, grid: DecisionGrid, crowd: Crowd) -> None:
        self._scenario = scenario
        self._edges = edges
        self._grid = grid
        self._crowd = crowd
        rules = Rules(edges.workers, scenario.longest_queue, scenario.keeps_deadline, AROUND_S)
        self._queues = defaultdict[int, EdgeQueue](lambda: EdgeQueue(rules))
        self._known = max(min(scenario.known_edges, edges.count), 1)
        self._beliefs = QueueBeliefs(crowd.devices * self._known)
        self._events: list[tuple[float, int, float | None]] = []
        """Time, request, and how long it waited; None: it reaches the edge."""
        self._half_trip_s = scenario.conditions.round_trip_s / 2
        self._requirement_s = scenario.conditions.latency_requirement_s
        self._local_exits = scenario.conditions.local_exits
        # Lists: a simulation reads and writes one number at a time.
        self._asked_s = crowd.asked_s.tolist()
        self._device = crowd.device.tolist()
        self._edge = crowd.edge.tolist()
        self._upload_bps, self._download_bps = crowd.upload_bps.tolist(), crowd.download_bps.tolist()
        requests = len(self._asked_s)
        self._chosen: list[Choice] = []
        self._place = [0] * requests
        """Which of the edges that its device knows a request goes to, counted from the device's own."""
        self._busy_until_s = [0.0] * crowd.devices
        self._fate = [int(Fate.LATE)] * requests
        self._on_edge = [int(EdgeFate.NOT_ASKED)] * requests
        self._latency_s = [math.inf] * requests
        self._accuracy = [0.0] * requests
        self._wait_s = [math.nan] * requests

    def run(self) -> Outcome:
        """Every request to its end."""
        events = self._events
        cells = self._crowd.cell.tolist()
        for n, now_s in enumerate(self._asked_s):
            while events and events[0][0] <= now_s:
                self._next()
            self._ask(n, now_s, cells[n])
        while events:
            self._next()
        return self._outcome()

    def _next(self) -> None:
        """The next event."""
        at_s, n, wait_s = heapq.heappop(self._events)
        if wait_s is None:
            self._reach(n, at_s)
        else:
            self._beliefs.learn(self._device[n] * self._known + self._place[n], at_s, wait_s)

    def _ask(self, n: int, now_s: float, cell: int) -> None:
        """A device decides, and sends where it needs the edge."""
        device, queue = self._device[n], None
        if self._scenario.one_at_a_time and now_s < self._busy_until_s[device]:
            self._chosen.append(_SKIPPED)
            self._fate[n] = Fate.SKIPPED
            return
        if self._edges.count:
            self._place[n], expected_s = self._least_busy(device, now_s)
            steps = expected_s / self._grid.queue_step_s
            queue = min(round(steps), self._grid.queue_steps)
        choice = self._grid.choice(cell, queue)
        self._chosen.append(choice)
        self._busy_until_s[device] = math.inf if choice.is_remote else now_s + choice.seconds
        if not choice.is_remote:
            if choice.seconds <= self._requirement_s:
                self._answer(n, Fate.DEVICE, choice.seconds, choice.accuracy)
            return
        upload_bps = self._upload_bps[n]
        upload_s = choice.upload_bits / upload_bps if upload_bps else math.inf
        arrives_s = now_s + choice.before_s + upload_s + self._half_trip_s
        if arrives_s > self._given_up_s(n):
            self._on_edge[n] = EdgeFate.NOT_REACHED
            self._rescue(n)
        else:
            heapq.heappush(self._events, (arrives_s, n, None))

    def _least_busy(self, device: int, now_s: float) -> tuple[int, float]:
        """Which of its edges a device expects to wait for it the least, its own if in doubt, and how long."""
        first = device * self._known
        if self._known == 1:
            return 0, self._beliefs.expected_s(first, now_s)
        waits_s = [self._beliefs.expected_s(first + place, now_s) for place in range(self._known)]
        place = min(range(self._known), key=waits_s.__getitem__)
        return place, waits_s[place]

    def _reach(self, n: int, at_s: float) -> None:
        """A request reaches its edge, which says how long it waited, if too late for this request."""
        choice, given_up_s = self._chosen[n], self._given_up_s(n)
        queue = self._queues[(self._edge[n] + self._place[n]) % self._crowd.edges]
        turn = queue.enter(at_s, choice.compute_s, given_up_s - choice.back_s)
        if turn is None:
            self._on_edge[n] = EdgeFate.REFUSED
            self._rescue(n, at_s + self._half_trip_s)
            return
        self._wait_s[n] = turn.start_s - at_s
        told_s = turn.start_s + self._half_trip_s
        if turn.is_computed:
            download_bps = self._download_bps[n]
            told_s += choice.compute_s
            told_s += choice.download_bits / download_bps if download_bps else math.inf
        self._on_edge[n] = EdgeFate.COMPUTED if turn.is_computed else EdgeFate.EXPIRED
        if turn.is_computed and told_s <= given_up_s:
            after_s = choice.seconds - choice.before_s
            self._answer(n, Fate.EDGE, told_s + after_s - self._asked_s[n], choice.accuracy)
        else:
            self._rescue(n, told_s)
        if told_s < math.inf:
            heapq.heappush(self._events, (told_s, n, turn.start_s - at_s))

    def _given_up_s(self, n: int) -> float:
        """When the edge's answer has to be at the device at the latest."""
        choice = self._chosen[n]
        asked_s: float = self._asked_s[n]
        return asked_s + choice.budget_s - (choice.seconds - choice.before_s)

    def _rescue(self, n: int, told_s: float = math.inf) -> None:
        """A local exit answers: the best that is in time where the edge says early that it will not.

        Else it is the one that stands by, as late as it may. Without one nobody answers in time.
        """
        otherwise, asked_s = self._chosen[n].otherwise, self._asked_s[n]
        left_s = asked_s + self._requirement_s - told_s if told_s <= self._given_up_s(n) else -math.inf
        fitting = [local for local in self._local_exits if local.time_s <= left_s]
        best = max(fitting, key=lambda local: (local.accuracy, -local.time_s), default=None)
        if best is not None and best.accuracy >= (otherwise or 0.0):
            self._answer(n, Fate.STOOD_BY, told_s - asked_s + best.time_s, best.accuracy)
        elif otherwise is not None:
            self._answer(n, Fate.STOOD_BY, self._requirement_s, otherwise)
        else:
            self._busy_until_s[self._device[n]] = asked_s + self._requirement_s

    def _answer(self, n: int, fate: Fate, latency_s: float, accuracy: float) -> None:
        self._fate[n], self._latency_s[n], self._accuracy[n] = fate, latency_s, accuracy
        self._busy_until_s[self._device[n]] = self._asked_s[n] + latency_s

    def _outcome(self) -> Outcome:
        """What counts of it."""
        crowd = self._crowd
        counted = crowd.asked_s >= crowd.begins_s
        on_edge = np.array(self._on_edge, np.int64)
        compute_s = np.array([choice.compute_s for choice in self._chosen])
        busy_s = np.where(on_edge == EdgeFate.COMPUTED, compute_s + AROUND_S, 0.0)
        workers = math.inf if self._edges.workers is None else self._edges.workers
        return Outcome(
            plan=np.array([choice.plan for choice in self._chosen], np.int64)[counted],
            fate=np.array(self._fate, np.int64)[counted],
            on_edge=on_edge[counted],
            latency_s=np.array(self._latency_s)[counted],
            accuracy=np.array(self._accuracy)[counted],
            wait_s=np.array(self._wait_s)[counted],
            busy_s=busy_s[counted],
            capacity_s=crowd.edges * workers * crowd.counted_s,
        )
