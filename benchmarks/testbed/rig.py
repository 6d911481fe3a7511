"""A testbed with TorchServe on its edge and edgent's runtime on its device."""

from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from rich.console import Console

from benchmarks.testbed.conversation import Conversation
from benchmarks.testbed.device.program import GIVEN
from benchmarks.testbed.device.reply import Reply
from benchmarks.testbed.device.stock import StockReply
from benchmarks.testbed.edge.server import BuildOther, EdgeServer, build_archives
from benchmarks.testbed.errors import TestbedError
from benchmarks.testbed.progress import bar
from benchmarks.testbed.self_test import Check, require, self_test, table
from benchmarks.testbed.testbed import Kind, Testbed, TestbedConfig
from benchmarks.testbed.trial import open_trial, write_changed
from edgent.latency.loading import load_costs, spec_space
from edgent.planning.cost_table import CostTable
from edgent.planning.link import Link
from edgent.planning.plan import Plan
from edgent.planning.table_building import build_cost_table

UNSHAPED_BPS = 100e6
"""While nothing is measured."""
_UNHURRIED_S = 60.0
_MOST_ASKS = 50
_CPU_SHARE = 0.1
"""About what profiling takes of a processor: it pauses before each computation."""


@dataclass(frozen=True)
class Slowness:
    """How the device is made slow.

    Attributes:
        slowdown: By a CPU quota: all that runs on it, Python included.
        dilation: By sleeping after every computation of segments and codecs.
    """

    slowdown: float = 1.0
    dilation: float = 1.0

    def __str__(self) -> str:
        if self.dilation > 1:
            return f"{self.dilation:g}x slower in what it computes"
        return f"{self.slowdown:g}x slower by CPU quota"


@dataclass(frozen=True)
class KnownLink:
    """What the device measured of the link: what plans are made from.

    Attributes:
        costs: Of every plan, with what the interface adds to frames.
        interface: `http` or `grpc`, whichever was quicker on this link.
        overhead_bytes: What it adds to frames, up and down.
    """

    link: Link
    costs: CostTable
    interface: str
    overhead_bytes: tuple[float, float]


class Rig:
    """Device and edge, from nothing to answers; everything is gone when the context is left.

    Use: enter, `check`, `profile` where the trial has no profiles, `serve`, `start_device`, then `open` and
    `infer`.
    """

    def __init__(
        self, spec: Path, inputs: np.ndarray, slowness: Slowness, console: Console, kind: Kind = "namespaces"
    ) -> None:
        self.slowness = slowness
        self.network = open_trial(spec)
        self.testbed = Testbed(TestbedConfig(rate_bps=1e6, slowdown=slowness.slowdown, kind=kind))
        self.checks: list[Check] = []
        self._console = console
        self._spec = spec
        self._inputs = spec.parent / "inputs.npy"
        np.save(self._inputs, inputs)
        self._stack = ExitStack()
        self._heads: set[str] = set()
        self._edge: EdgeServer | None = None
        self._device: Conversation | None = None

    def __enter__(self) -> "Rig":
        self._stack.enter_context(self.testbed)
        self.set_rate(UNSHAPED_BPS)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def check(self) -> None:
        """Measure the testbed, with nothing running in it.

        Raises:
            SelfTestError: It is off by more than the tolerance.
        """
        self.set_rate(*self.testbed.config.rates_bps)
        with self._console.status("self-test of the testbed"):
            self.checks = self_test(self.testbed)
        self._console.print(table(self.checks))
        require(self.checks)
        self.set_rate(UNSHAPED_BPS)

    @property
    def worst_check(self) -> float:
        """By how much the self-test was off at most, relative."""
        return max(abs(check.deviation) for check in self.checks)

    def profile(self, budget_s: float, wanted_by: Sequence[Path] = ()) -> None:
        """Profile both nodes where they are, the device as slow as it will be.

        Args:
            budget_s: Seconds of timing on the device.
            wanted_by: Specs of the same network: windows that their plans are likely to choose count, too.
        """
        # Sleeping takes no CPU time: a dilated device is profiled at full speed, and its times are scaled.
        dilation = self.slowness.dilation
        device_s = budget_s * dilation * _CPU_SHARE if dilation > 1 else budget_s
        for specs in ((), wanted_by)[: 2 if wanted_by else 1]:  # plans need profiles of both nodes
            self._profile("device", device_s, dilation / self.testbed.cpu_share, specs)
            self._profile("edge", budget_s * _CPU_SHARE, 1.0, specs)

    def _profile(
        self, node: Literal["device", "edge"], budget_s: float, factor: float, wanted_by: Sequence[Path]
    ) -> None:
        host = self.testbed.device if node == "device" else self.testbed.edge
        pauses = self.slowness.dilation if node == "device" else 1.0
        arguments = map(str, (self._spec, node, self._inputs, budget_s, factor, pauses, *wanted_by))
        self.testbed.set_slowdown(1)
        with bar(self._console, f"profile of the {node}{', windows' if wanted_by else ''}") as tell:
            program = host.start("profile_program", *arguments)
            program.read()
            if node == "device":
                self.testbed.set_slowdown(self.testbed.config.slowdown)
            answer = program.ask()
            while not answer.get("done"):
                tell("", answer["share"])
                answer = program.read()
            program.close()
        self.testbed.set_slowdown(1)

    def serve(self, plans: Collection[Plan], batch_size: int = 1, others: Iterable[BuildOther] = ()) -> None:
        """Start TorchServe with a worker for the head of each plan, and with others' archives."""
        if self._edge is not None:
            self._edge.close()
        self._heads = {head for plan in plans if (head := self.network.head_of(plan))}
        store = self._spec.parent / "store"
        with self._console.status(f"TorchServe with {len(self._heads)} workers"):
            build_archives(store, self.network, self._heads, others)
            self._edge = EdgeServer(self.testbed, store, batch_size)
        self._stack.callback(self._edge.close)

    def can_run(self, plan: Plan) -> bool:
        """Whether a plan needs no head, or a head that has a worker."""
        head = self.network.head_of(plan)
        return head is None or head in self._heads

    def start_device(self) -> None:
        """Start the device's program, at full speed: `slow_down` comes when everything is loaded."""
        self.testbed.set_slowdown(1)
        if self._device is not None:
            self._device.close()
        with self._console.status("device"):
            self._device = self._device_program(self.testbed.device.start, self.edge.urls)
        self._stack.callback(self._device.close)

    @property
    def edge(self) -> EdgeServer:
        """TorchServe, once it serves."""
        assert self._edge is not None, "`serve` comes first"
        return self._edge

    def warm_up(
        self, plans: Collection[Plan], times: int = 1, interfaces: Sequence[str] = ("http", "grpc")
    ) -> None:
        """Run plans over the interfaces: workers wake, the device loads its tails."""
        for interface in interfaces:
            self.ask(do="speak", interface=interface)
            for turn in range(times):
                for plan in plans:
                    self.run(plan, turn)

    def wake(self, plan: Plan, runtime: str = GIVEN) -> None:
        """Let a runtime ask for a plan until the edge answers: a window that is cold says so, and gets ready.

        Raises:
            TestbedError: The edge did not answer in time.
        """
        for number in range(_MOST_ASKS):
            said = self.ask(
                do="infer", runtime=runtime, index=number, requirement_s=_UNHURRIED_S, plan=str(plan)
            )
            error = Reply.from_json(said).edge_error
            if error is None:
                return
        raise TestbedError(f"{plan} was not answered by the edge: {error}")

    def slow_down(self) -> None:
        """From now on the device is as slow as it is to be."""
        self.ask(do="dilate", factor=self.slowness.dilation)
        self.testbed.set_slowdown(self.testbed.config.slowdown)

    def speed_up(self) -> None:
        """From now on the device is at full speed."""
        self.testbed.set_slowdown(1)
        self.ask(do="dilate", factor=1.0)

    def set_rate(self, up_bps: float, down_bps: float | None = None) -> None:
        """Of the link, up and down; the same both ways where only one is given."""
        self.testbed.set_rate(up_bps, up_bps if down_bps is None else down_bps)

    def set_round_trip(self, round_trip_s: float) -> None:
        """Of the link, beside what its rates and the edge take."""
        self.testbed.set_round_trip(round_trip_s)

    def ask(self, **request: Any) -> dict[str, Any]:
        """Tell the device's program something; see `benchmarks.testbed.device.program.Device`."""
        assert self._device is not None, "`start_device` comes first"
        return self._device.ask(**request)

    def open(
        self,
        name: str,
        spec: Path | None = None,
        interfaces: Sequence[str] = ("http", "grpc"),
        **sections: Any,
    ) -> KnownLink:
        """Start a runtime on the device that measures the link and plans by itself.

        It is opened with a spec of its own, or with the trial's, some sections replaced.
        """
        if spec is None:
            spec = write_changed(self.network.spec, self._spec.with_name(f"{name}.yaml"), **sections)
        said = self.ask(do="open", name=name, spec=str(spec), interfaces=list(interfaces))
        trial = open_trial(spec)
        costs, (up_bytes, down_bytes) = load_costs(trial), said["overhead_bytes"]
        table = build_cost_table(costs, up_bytes, down_bytes, spec_space(trial.spec, costs))
        return KnownLink(Link(*said["link"]), table, said["interface"], (up_bytes, down_bytes))

    def infer(
        self, runtime: str, index: int, requirement_s: float | None = None, plan: Plan | None = None
    ) -> Reply:
        """Let a runtime answer one input; `run` does a given plan.

        Raises:
            TestbedError: The edge did not answer a given plan, twice.
        """
        request = {"runtime": runtime, "index": index, "requirement_s": requirement_s}
        for _ in range(2):
            said = self.ask(do="infer", plan=str(plan) if plan else None, **request)
            reply = Reply.from_json(said)
            if plan is None or reply.edge_error is None:
                return reply
        raise TestbedError(f"{plan} was not answered by the edge: {reply.edge_error}")

    def run(self, plan: Plan, index: int) -> Reply:
        """Answer one input as told, however long it takes.

        Raises:
            TestbedError: The edge did not answer, twice.
        """
        return self.infer(GIVEN, index, _UNHURRIED_S, plan)

    def ask_stock(self, photo: Path) -> StockReply:
        """Let the stock classifier answer a photo's file, as the phone made it."""
        return StockReply(**self.ask(do="stock", photo=str(photo)))

    def start_load(self, plan: Plan, devices: int, seconds: float) -> Conversation:
        """Let so many devices ask the head of an edge-only plan, from the edge itself: past the link.

        The program's next answer is what the load came to.
        """
        on_edge = {"http": self.edge.url_on_edge, "grpc": self.edge.url_on_edge}
        program = self._device_program(self.testbed.edge.start, on_edge)
        head, codec = self.network.head_of(plan), plan.codec_up
        program.tell(do="load", head=head, codec=codec, devices=devices, seconds=seconds)
        return program

    def _device_program(self, start: Callable[..., Conversation], urls: dict[str, str]) -> Conversation:
        arguments = (self._spec, self._inputs, urls["http"], urls["grpc"], self.edge.token_file)
        program = start("device.program", *map(str, arguments))
        program.read()
        return program
