"""A device and an edge with TorchServe, joined by a link that follows a trace while requests run."""

import sys
import time
from collections.abc import Callable, Collection, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from subprocess import PIPE
from types import TracebackType
from typing import Any

import numpy as np

from benchmarks.studies.live.answers import LiveAnswer
from benchmarks.testbed.conversation import Conversation
from benchmarks.testbed.host import Host
from benchmarks.testbed.testbed import Testbed
from edgent.bandwidth.traces import BandwidthTrace
from edgent.planning.fallback import LocalExit
from edgent.planning.link import Link

UNSHAPED_BPS = 100e6
"""While nothing is measured."""


@dataclass(frozen=True)
class Opened:
    """What the device's runtime knew when it was opened."""

    link: Link
    local_exits: tuple[LocalExit, ...]


class LiveEdge:
    """TorchServe on the testbed's edge and edgent's runtime on its device.

    Attributes:
        testbed: the link and both hosts.
    """

    def __init__(self, testbed: Testbed, spec: Path, heads: Collection[str]) -> None:
        """Start TorchServe and wait until its workers are ready.

        Args:
            testbed: entered already.
            spec: of the pipeline.
            heads: those that get a worker.
        """
        self.testbed = testbed
        self._heads = sorted(heads)
        self._stack = ExitStack()
        command = ["edge_program", str(spec), testbed.edge_host, "1", *self._heads]
        edge = self._start("benchmarks.rig", testbed.edge, command)
        served = edge.read()
        scheme, _, port = served["url"].rpartition(":")
        host, reached_at = testbed.edge_address(int(port))
        self._url = f"{scheme.partition(':')[0]}://{host}:{reached_at}"
        self._token_file = served["token_file"]

    def __enter__(self) -> "LiveEdge":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self._stack.close()

    def device(self, spec: Path, inputs: Path) -> Conversation:
        """Start the device's program and let it warm up the edge."""
        self.testbed.set_rate(UNSHAPED_BPS, UNSHAPED_BPS)
        arguments = [str(spec), str(inputs), self._url, self._token_file, *self._heads]
        device = self._start("benchmarks.studies.live", self.testbed.device, ["device_program", *arguments])
        device.read()
        return device

    def run(
        self,
        device: Conversation,
        spec: Path,
        trace: BandwidthTrace,
        pause_s: float,
        told: Callable[[LiveAnswer], None] = lambda _: None,
    ) -> tuple[Opened, list[LiveAnswer]]:
        """One request after another while the link follows a trace.

        The runtime is opened, and measures the link, at the trace's first sample; requests begin when that is
        over, one every ``pause_s`` from then on.

        Args:
            device: what `device` started.
            spec: what its runtime is opened with.
            trace: what the link follows, up and down alike.
            pause_s: from the beginning of one request to that of the next.
            told: is told every answer.
        """
        first_bps = float(trace.bandwidth_bps[0])
        self.testbed.set_rate(first_bps, first_bps)
        said = device.ask(do="open", spec=str(spec))
        opened = Opened(Link(**said["link"]), tuple(LocalExit(**one) for one in said["local_exits"]))
        answers: list[LiveAnswer] = []
        began_s = time.monotonic()
        with self.testbed.follow(zip(trace.held_s, trace.bandwidth_bps, strict=True)):
            for number, at_s in enumerate(np.arange(pause_s / 2, trace.total_s, pause_s)):
                time.sleep(max(0.0, began_s + float(at_s) - time.monotonic()))
                answer = LiveAnswer.read(device.ask(do="infer", index=number), number, began_s, trace)
                answers.append(answer)
                told(answer)
        self.testbed.set_rate(UNSHAPED_BPS, UNSHAPED_BPS)
        return opened, answers

    def _start(self, package: str, host: Host, command: Sequence[str]) -> Conversation:
        program, *arguments = command
        options: dict[str, Any] = {"stdin": PIPE, "stdout": PIPE, "start_new_session": True}
        process = host.popen([sys.executable, "-m", f"{package}.{program}", *arguments], **options)
        conversation = Conversation(process, program)
        self._stack.callback(conversation.close)
        return conversation
