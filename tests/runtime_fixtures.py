"""A runtime with a scripted edge, layers that take what a test says, and a clock that moves when they do."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from device_runtime.early_exits.early_exits import EarlyExits
from device_runtime.early_exits.edge_exits import EdgeExits
from device_runtime.early_exits.share_watch import ShareWatch
from device_runtime.edges.addresses import AddressBook
from device_runtime.edges.edges import Edge, Edges
from device_runtime.edges.head_roster import HeadRoster
from device_runtime.edges.punctuality import Punctuality
from device_runtime.edges.retry_budget import RetryBudget
from device_runtime.exchange.edge_client import HeadReply
from device_runtime.exchange.exchange_thread import Arrival
from device_runtime.learning.run_times import RunTimes
from device_runtime.local_exits.local_exits import LocalExits
from device_runtime.opening import Parts
from device_runtime.runtime import DeviceRuntime
from edgent.accuracy.exit_rule_file import SureInputs
from edgent.core.wire import Frame
from edgent.errors import EdgeError, EdgeTimeoutError, HeadRefusedError, StoppedError
from edgent.planning.plan import RAW

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from device_runtime.deadline import Deadline
    from device_runtime.early_exits.edge_exits import ExitsInside
    from device_runtime.edges.addresses import Address, Addresses
    from device_runtime.link.link import Transfer
    from edgent.core.exit_rules.rule import ExitRule
    from edgent.core.frame_exits import ExitsAsked, ExitsToAsk
    from edgent.core.photo import Photo
    from edgent.core.segment import Stop
    from edgent.graph.tensor import Tensor
    from edgent.network import Network
    from edgent.planning.plan import Plan
    from edgent.planning.stages import Stage

CLASSES = 10
HELD_OUT = (SureInputs(("exit1",), 500, (500, 500)), SureInputs((), 500, (500, 500)))


class Clock:
    """Seconds that pass when told to."""

    now_s = 100.0

    def __call__(self) -> float:
        """The time."""
        return self.now_s

    def pass_s(self, seconds: float) -> None:
        """Let time pass."""
        self.now_s += seconds


class FakeSessions:
    """Layers that take as long as a test says; an exit's logits have their maximum at its own number."""

    def __init__(self, network: Network, clock: Clock) -> None:
        self.network = network
        self.clock = clock
        self.whole_s = {name: 0.01 * (n + 1) for n, name in enumerate(network.graph.exit_names)}
        self.tail_s = 0.005
        self.piece_s: dict[tuple[str, int, int], float] = {}
        self.ran: list[Stage] = []
        self.loaded: list[Stage] = []

    def load(self, stage: Stage) -> None:
        """Nothing to load."""
        self.loaded.append(stage)

    def load_all(self, stages: Iterable[Stage]) -> None:
        """Nothing to load."""
        self.loaded += stages

    def is_loaded(self, stage: Stage) -> bool:
        """Whole paths, and what was loaded."""
        return stage.start == 0 or stage in self.loaded

    def run(self, stage: Stage, tensor: np.ndarray, stop: Stop | None = None) -> np.ndarray:
        """Logits, after the time that the layers take."""
        self.ran.append(stage)
        self.clock.pass_s(self._takes_s(stage))
        logits = np.zeros((1, CLASSES), np.float32)
        logits[0, self.network.graph.path_of(stage.exit).index] = 1.0
        if stop is not None and stop.options.terminate:
            raise StoppedError("the run was ended before it was done")
        return logits

    def times_of(self, stage: Stage) -> RunTimes:
        """What the test says."""
        times = RunTimes()
        times.observe(self._takes_s(stage))
        return times

    def _takes_s(self, stage: Stage) -> float:
        layers = len(self.network.graph.path_of(stage.exit).layers)
        piece = (stage.exit, stage.start, stage.stop)
        if piece in self.piece_s:
            return self.piece_s[piece]
        return self.whole_s[stage.exit] if (stage.start, stage.stop) == (0, layers) else self.tail_s


class FakeEdge:
    """An edge session that does what a script says, one entry a request.

    An entry is called with the head and the moment until which the request waits. It gives an `Arrival`,
    raises an error, or sets ``under_way`` and raises `EdgeTimeoutError`.
    """

    tracker: Any = None
    start_error: str | None = None

    def __init__(self, clock: Clock, name: str = "here") -> None:
        self.clock = clock
        self.name = name
        self.roster = HeadRoster((), clock)
        self.punctuality = Punctuality()
        self.script: list[Callable[[str, Deadline], Arrival]] = []
        self.under_way: Future[Arrival] | None = None
        self.probe_s = 0.0  # how long the probe under way goes on; 0: none is
        self.absence: str | None = None
        self.asked: list[tuple[str, str, str, float]] = []
        self.sent: tuple[Callable[[], object], ExitsInside | None] = (lambda: None, None)
        self.expected_s = 1.0
        self.to_ask: list[ExitsToAsk | None] = []
        self.written: list[np.ndarray | Photo] = []
        self.observed: list[Transfer] = []
        self.probed: list[str | None] = []
        self.crossed: list[bool] = []
        self.abandoned = self.closed = False

    @property
    def is_busy(self) -> bool:
        """Whether an exchange is under way."""
        return self.under_way is not None

    @property
    def is_probing(self) -> bool:
        """Whether that is a probe of the link."""
        return self.probe_s > 0

    def trouble(self, _: Addresses) -> str | None:
        """That it is left alone, or that it has not answered."""
        return "it has not answered" if self.is_busy and not self.is_probing else self.absence

    @property
    def is_free(self) -> bool:
        """Whether a head may be asked."""
        return not self.is_busy and self.absence is None

    def wait_for_probe(self, until: Deadline, unless: Future[None] | None = None) -> None:
        """The probe ends if it does so in time."""
        left_s = until.left_s()
        self.clock.pass_s(min(self.probe_s, left_s))
        if self.probe_s <= left_s:
            self.under_way, self.probe_s = None, 0.0

    def write(
        self,
        address: Address,
        tensor: np.ndarray | Photo,
        up: str,
        down: str,
        budget_s: float,
        exits: ExitsToAsk | None = None,
        payload: bytes | None = None,
    ) -> bytes:
        """A frame, unless the edge is busy."""
        if self.is_busy:
            raise EdgeTimeoutError("the answer to an earlier request is still under way")
        self.asked.append((address.endpoint, up, down, budget_s))
        self.to_ask.append(exits)
        self.written.append(tensor)
        return b"frame"

    def send(
        self,
        address: Address,
        frame: bytes,
        prepare: Callable[[], object],
        *,
        afterwards: Callable[[], object],
        latency_requirement_s: float,
        wait_until: Deadline,
        exits: ExitsInside | None = None,
        expected_s: float = 1.0,
    ) -> None:
        """Remember what takes the answer, and what is done once it is out."""
        self.sent, self.expected_s = (prepare, exits), expected_s
        self.afterwards = afterwards

    def answer(self, address: Address, *, wait_until: Deadline, **_: Any) -> Arrival:
        """What the script says, of the exchange under way as well."""
        prepare, exits = self.sent
        self.under_way = None
        try:
            arrival = self.script.pop(0)(address.endpoint, wait_until)
        except EdgeError as error:
            if self.under_way is None:
                self.roster.failed(address, error)
            raise
        prepare()
        self.afterwards()
        self.punctuality.observe(self.expected_s, arrival.reply.exchange_s)
        return replace(arrival, exits=exits)

    def activation(self, address: Address, arrival: Arrival, cut: Tensor) -> np.ndarray:
        """The tensor, if it is of the cut's shape."""
        assert arrival.frame is not None
        tensor, left_at = arrival.frame.tensor, arrival.left_at
        if tensor.shape != (1, *(cut if left_at is None else left_at.cut(len(left_at.layers))).shape):
            raise HeadRefusedError(f"{address} answered with shape {tensor.shape}")
        self.roster.answered(address)
        return tensor

    def overtaken(self, address: Address) -> Arrival | None:
        """What came meanwhile."""
        if self.under_way is None or not self.under_way.done() or self.under_way.exception():
            return None
        arrival, self.under_way = self.under_way.result(), None
        return arrival

    def collect(self) -> None:
        """An exchange that has ended is taken."""
        if self.under_way is not None and self.under_way.done():
            self.under_way = None

    def observe(self, transfer: Transfer) -> None:
        """Remember it."""
        self.observed.append(transfer)

    def check(self, addresses: Addresses, prepare: Callable[[], object] | None = None) -> None:
        """Remember nothing."""

    def probe_if_due(self, addresses: Addresses, *, is_crossed: bool) -> None:
        """Remember whom it might ask."""
        self.crossed.append(is_crossed)
        self.probed.append(addresses[0].endpoint if addresses else None)

    def abandon(self) -> None:
        """Remember it."""
        self.abandoned = True

    def close(self) -> None:
        """Remember it."""
        self.closed = True


class Scene:
    """A runtime and what it is made of."""

    def __init__(self, network: Network, plan: Plan, rule: ExitRule | None = None) -> None:
        self.clock = Clock()
        self.network = network
        self.sessions = FakeSessions(network, self.clock)
        self.edge = FakeEdge(self.clock)
        parts: Any = (self.edge, self.sessions)
        local_exits = LocalExits(network, parts[1], self.clock, self.clock.pass_s)
        self.sessions.ran.clear()
        self.local_exits = local_exits
        shares = None if rule is None else ShareWatch(["exit1"], {RAW: HELD_OUT}, Path("tiny.yaml"))
        on_edge = None if rule is None else EdgeExits(network, rule)
        early_exits = (
            None if rule is None else EarlyExits(rule, network.graph, parts[1], self.clock, on_edge, shares)
        )
        self.retries = RetryBudget()
        self._parts = Parts(
            network,
            AddressBook(network, on_edge),
            Edges([Edge(parts[0])]),
            parts[1],
            local_exits,
            plan,
            self.retries,
            early_exits=early_exits,
        )
        self.runtime = DeviceRuntime(self._parts, self.clock)

    def plan_by(self, planner: Any) -> None:
        """A runtime whose plans this planner chooses, for the same edge."""
        self.reopen(Edge(self._parts.edges.first.session, planner), plan=None)

    def think_twice_by(self, second_thoughts: Any) -> None:
        """A runtime with the same plan that looks at large frames once more."""
        self.reopen(Edge(self._parts.edges.first.session, None, second_thoughts), plan=self._parts.plan)

    def hedge(self, how: bool | str) -> None:
        """A runtime with this `device.hedge`."""
        spec = self.network.spec
        device = spec.device.model_copy(update={"hedge": how})
        self.network = replace(self.network, spec=spec.model_copy(update={"device": device}))
        self._parts = replace(self._parts, network=self.network)
        self.runtime = DeviceRuntime(self._parts, self.clock)

    def reopen(self, *edges: Edge, plan: Plan | None) -> None:
        """A runtime with these edges."""
        self._parts = replace(self._parts, edges=Edges(edges), plan=plan)
        self.runtime = DeviceRuntime(self._parts, self.clock)

    def arrival(
        self,
        plan: Plan,
        *,
        edge_s: float = 0.002,
        shape: tuple[int, ...] | None = None,
        exits: ExitsAsked | None = None,
    ) -> Arrival:
        """What the head of a plan answers, with the maximum at class 7."""
        cut = self.network.graph.path_of(plan.exit).cut(plan.stop)
        tensor = np.zeros((1, *(shape or cut.shape)), np.float32)
        tensor.flat[min(7, tensor.size - 1)] = 1.0
        frame = Frame(tensor, "float32", bytes(8), seconds=edge_s, exits=exits)
        return Arrival(frame, HeadReply(b"", edge_s + 0.004, 300, 200), decode_s=0.001)

    def answers(self, plan: Plan, after_s: float, **options: Any) -> Callable[[str, Deadline], Arrival]:
        """An entry of the edge's script: an answer after so many seconds, or none while it is waited for."""

        def exchange(_: str, wait_until: Deadline) -> Arrival:
            self.clock.pass_s(min(after_s, wait_until.left_s()))
            if wait_until.left_s() <= 0:
                self.edge.under_way = Future()
                raise EdgeTimeoutError("the head had not answered when the local exit had to start")
            return self.arrival(plan, **options)

        return exchange


@pytest.fixture
def scene(tiny_network: Network) -> Callable[..., Scene]:
    """Makes runtimes of the network ``tiny`` with a fixed plan and, where one is given, an exit rule."""
    return lambda plan, rule=None: Scene(tiny_network, plan, rule)
