"""A testbed with TorchServe on its edge and edgent's runtime on its device."""

import sys
from collections.abc import Collection
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from subprocess import PIPE
from types import TracebackType
from typing import Any, Literal

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from benchmarks.rig.conversation import Conversation
from benchmarks.rig.trial_spec import open_trial, trial_inputs, write_trial_spec
from benchmarks.testbed.errors import TestbedError
from benchmarks.testbed.host import Host
from benchmarks.testbed.self_test import Check, require, self_test, table
from benchmarks.testbed.testbed import Kind, Testbed, TestbedConfig
from edgent.latency.loading import load_costs
from edgent.planning.cost_table import CostTable
from edgent.planning.link import Link
from edgent.planning.plan import Plan
from edgent.spec import Pipeline

UNSHAPED_BPS = 100e6
"""While nothing is measured."""
_UNHURRIED_S = 60.0
_CPU_SHARE = 0.1
"""About what profiling takes of a processor: it pauses before each computation."""


@dataclass(frozen=True)
class Slowness:
    """How the device is made slow.

    Attributes:
        slowdown: by a CPU quota: all that runs on it, Python included.
        dilation: by sleeping after every computation of segments and codecs.
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
        link: as it was measured.
        candidates: every plan, with what the interface adds to frames.
        interface: ``http`` or ``grpc``, whichever was quicker on this link.
    """

    link: Link
    candidates: CostTable
    interface: str


class Rig:
    """Device and edge, from nothing to answers; everything is gone when the context is left.

    Use: enter, `profile`, `serve`, then `open` and `infer`.

    Attributes:
        testbed: the link and both hosts.
        network: the trial's network.
        checks: what the testbed's self-test found.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        folder: Path,
        slowness: Slowness,
        console: Console,
        kind: Kind = "namespaces",
    ) -> None:
        self.slowness = slowness
        self._console = console
        self._folder = folder
        self._spec = write_trial_spec(pipeline, folder)
        self.network = open_trial(self._spec)
        self._inputs = folder / "inputs.npy"
        np.save(self._inputs, trial_inputs(pipeline))
        self.testbed = Testbed(TestbedConfig(rate_bps=1e6, slowdown=slowness.slowdown, kind=kind))
        self.checks: list[Check] = []
        self._stack = ExitStack()
        self._edge: Conversation | None = None
        self._device: Conversation | None = None
        self._edge_at: dict[str, str] = {}

    def __enter__(self) -> "Rig":
        with ExitStack() as stack:
            stack.enter_context(self.testbed)
            with self._console.status("self-test of the testbed"):
                self.checks = self_test(self.testbed)
            self._console.print(table(self.checks))
            require(self.checks)
            self.testbed.set_rate(UNSHAPED_BPS, UNSHAPED_BPS)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self._stack.close()

    def profile(self, budget_s: float) -> None:
        """Profile both nodes where they are, the device as slow as it will be."""
        share = self.testbed.cpu_share
        self._profile("device", budget_s, self.slowness.dilation / share)
        self._profile("edge", budget_s * _CPU_SHARE, 1.0)

    def _profile(self, node: Literal["device", "edge"], budget_s: float, factor: float) -> None:
        # Sleeping takes no CPU time: a dilated device is profiled at full speed, and its times are scaled.
        if node == "device" and self.slowness.dilation > 1:
            budget_s *= self.slowness.dilation * _CPU_SHARE
        host = self.testbed.device if node == "device" else self.testbed.edge
        columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
        self.testbed.set_slowdown(1)
        command = ("profile_program", str(self._spec), node, str(self._inputs), str(budget_s), str(factor))
        with Progress(*columns, console=self._console) as bars:
            task = bars.add_task(f"profile of the {node}", total=1.0)
            program = self._start(host, command, f"{node}'s profile program")
            program.read()
            if node == "device":
                self.testbed.set_slowdown(self.testbed.config.slowdown)
            answer = program.ask()
            while not answer.get("done"):
                bars.update(task, completed=answer["share"])
                answer = program.read()
            bars.update(task, completed=1.0)
            program.close()
        self.testbed.set_slowdown(1)

    def serve(self, heads: Collection[str], batch_size: int = 1) -> None:
        """Start TorchServe with a worker for each head, and the device's program at full speed."""
        if self._edge is not None:
            self._edge.close()
        with self._console.status(f"TorchServe with {len(heads)} workers"):
            command = ("edge_program", str(self._spec), self.testbed.edge_host, str(batch_size), *heads)
            self._edge = self._start(self.testbed.edge, command, "edge's program")
            self._edge_at = self._edge.read()
        self._stack.callback(self._edge.close)

    def start_device(self) -> None:
        """Start the device's program, at full speed: `slow_down` comes when everything is loaded."""
        self.testbed.set_slowdown(1)
        urls = (self._from_device(self._edge_at["url"]), self._from_device(self._edge_at["grpc"]))
        arguments = (str(self._spec), str(self._inputs), *urls, self.token_file)
        if self._device is not None:
            self._device.close()
        with self._console.status("device"):
            self._device = self._start(
                self.testbed.device,
                ("device_program", *arguments),
                "device's program",
            )
            self._device.read()
        self._stack.callback(self._device.close)

    def _from_device(self, url: str) -> str:
        """Where the device reaches an address of the edge's."""
        scheme, _, port = url.rpartition(":")
        host, reached_at = self.testbed.edge_address(int(port))
        return f"{scheme.partition(':')[0]}://{host}:{reached_at}"

    def warm_up(self, plans: Collection[Plan], times: int = 1) -> None:
        """Run plans over both interfaces: workers wake, the device loads its tails."""
        for interface in ("http", "grpc"):
            self.ask(do="speak", interface=interface)
            for turn in range(times):
                for plan in plans:
                    self.run(plan, turn)

    @property
    def token_file(self) -> str:
        """The edge's tokens."""
        return self._edge_at["token_file"]

    def slow_down(self) -> None:
        """From now on the device is as slow as it is to be."""
        self.ask(do="dilate", factor=self.slowness.dilation)
        self.testbed.set_slowdown(self.testbed.config.slowdown)

    def speed_up(self) -> None:
        """From now on the device is at full speed."""
        self.testbed.set_slowdown(1)
        self.ask(do="dilate", factor=1.0)

    def set_rate(self, rate_bps: float) -> None:
        """Of the link, in both directions."""
        self.testbed.set_rate(rate_bps, rate_bps)

    def ask(self, **request: Any) -> dict[str, Any]:
        """Tell the device's program something; see `benchmarks.rig.device_program.Device`."""
        assert self._device is not None, "the device's program has been started"
        return self._device.ask(**request)

    def open(self, name: str, policy: str = "algorithm 1", *, hedge: bool, **conditions: Any) -> KnownLink:
        """Start a runtime on the device that measures the link and plans by itself."""
        answer = self.ask(do="open", name=name, policy=policy, hedge=hedge, **conditions)
        link = Link(answer["round_trip_s"], answer["upload_bps"], answer["download_bps"])
        overheads = (answer["request_overhead_bytes"], answer["answer_overhead_bytes"])
        return KnownLink(link, load_costs(self.network).candidates(*overheads), answer["interface"])

    def bare_candidates(self) -> CostTable:
        """Every plan with nothing but frames on the link, on a device at full speed, as profiled last."""
        costs = load_costs(self.network).candidates()
        return costs.slowed(1 / (self.slowness.dilation * self.slowness.slowdown))

    def infer(
        self, runtime: str, requirement_s: float, index: int, plan: Plan | None = None
    ) -> dict[str, Any]:
        """Let a runtime answer one input; ``given`` does what it is told.

        Raises:
            TestbedError: the edge did not answer a given plan, twice.
        """
        request = {"runtime": runtime, "requirement_s": requirement_s, "index": index}
        for _ in range(2):
            answer = self.ask(do="infer", plan=str(plan) if plan else None, **request)
            if plan is None or answer["edge_error"] is None:
                return answer
        raise TestbedError(f"{plan} was not answered by the edge: {answer['edge_error']}")

    def run(self, plan: Plan, index: int) -> dict[str, Any]:
        """Answer one input as told, however long it takes.

        Raises:
            TestbedError: the edge did not answer, twice.
        """
        return self.infer("given", _UNHURRIED_S, index, plan)

    def start_load(self, plan: Plan, devices: int, seconds: float) -> Conversation:
        """Let so many devices ask the head of an edge-only plan, from the edge itself: past the link."""
        head = self.head_of(plan)
        assert head is not None
        where = (str(self._spec), str(self._inputs), self._edge_at["url"], self.token_file)
        what = (head, str(devices), str(seconds), plan.input_codec)
        return self._start(
            self.testbed.edge, ("load_program", *where, *what), "load", package="benchmarks.comparison"
        )

    def head_of(self, plan: Plan) -> str | None:
        """The head that a plan asks; None when it is device-only."""
        if plan.partition_point == 0:
            return None
        index = self.network.graph.path_of(plan.exit).index
        return self.network.graph.head_name(self.network.spec.name, index, plan.partition_point)

    def heads_of(self, plans: Collection[Plan]) -> set[str]:
        """The heads that plans ask."""
        return {head for plan in plans if (head := self.head_of(plan))}

    def _start(
        self, host: Host, command: tuple[str, ...], what: str, package: str = "benchmarks.rig"
    ) -> Conversation:
        program, *arguments = command
        process = host.popen(
            [sys.executable, "-m", f"{package}.{program}", *arguments],
            stdin=PIPE,
            stdout=PIPE,
            start_new_session=True,
        )
        return Conversation(process, what)
