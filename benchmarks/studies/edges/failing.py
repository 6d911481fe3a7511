"""Two edges behind one link, of which the one that is asked fails in the middle of a round of requests."""

from __future__ import annotations

import random
import time
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.testbed.device.reply import Reply
from benchmarks.testbed.errors import TestbedError
from benchmarks.testbed.testbed import Testbed, TestbedConfig
from benchmarks.testbed.trial import sample_inputs, write_changed, write_slowed_spec
from edgent.planning.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from benchmarks.testbed.conversation import Conversation
    from benchmarks.testbed.edge.harmed_server import Harm
    from edgent.spec import Pipeline

HARMS: tuple[Harm, ...] = ("killed", "frozen", "drained", "slowed to a tenth")
SLOWDOWN, REQUIREMENT_S, RATE_BPS, ROUND_TRIP_S = 690.0, 0.05, 20e6, 0.002
"""A device of which the first exit takes 30 ms and the second one 60; either edge answers in some ms."""
_NAMES = ("a", "b")
_LONGEST_S = 60.0
_HARM_WITHIN_S = 0.01  # so that it falls anywhere in a request
_WARM_UP = 100
_PAUSE_S = 0.02


@dataclass(frozen=True)
class Asked:
    """One request.

    Attributes:
        round: Its number, of those with this harm.
        harmed: The name of the edge that is harmed in this round.
        after_s: Seconds from the harm to the answer; negative before.
        edge: The name of the edge that took part; None: the device answered alone.
    """

    harm: Harm
    round: int
    harmed: str
    after_s: float
    edge: str | None
    exit: str
    latency_s: float

    @property
    def is_late(self) -> bool:
        """Whether it missed the requirement."""
        return self.latency_s > REQUIREMENT_S


class TwoEdges:
    """Both servers, the link, and the device; a context manager."""

    def __init__(self, pipeline: Pipeline, folder: Path) -> None:
        """Nothing is started yet.

        Args:
            pipeline: What is served.
            folder: For all files.
        """
        self._pipeline, self._folder = pipeline, folder
        self._inputs = folder / "inputs.npy"
        np.save(self._inputs, sample_inputs(pipeline))
        self._edges: dict[str, Conversation] = {}
        self._stack = ExitStack()
        self._random = random.Random(0)  # noqa: S311  no secret

    def __enter__(self) -> TwoEdges:
        with ExitStack() as stack:
            testbed = stack.enter_context(Testbed(TestbedConfig(RATE_BPS, round_trip_s=ROUND_TRIP_S)))
            self._device = self._start_device(stack, testbed, self._start_edges(stack, testbed))
            self._stack = stack.pop_all()
        return self

    def _start_edges(self, stack: ExitStack, testbed: Testbed) -> list[dict[str, str]]:
        """Both servers; returns the edges of a spec."""
        served = write_changed(self._pipeline, self._folder / self._pipeline.file.name)
        for name in _NAMES:
            (self._folder / name).mkdir()
            place = str(self._folder / name)
            program = testbed.edge.start("edge.harmed_server", str(served), place, testbed.edge_host)
            stack.callback(program.close)
            self._edges[name] = program
        edges = []
        for name, program in self._edges.items():
            said = program.read()
            url = testbed.reached_at(said["http"])
            edges.append({"name": name, "inference_url": url, "token_file": said["token_file"]})
        return edges

    def _start_device(
        self, stack: ExitStack, testbed: Testbed, edges: Sequence[dict[str, str]]
    ) -> Conversation:
        """The device, which plans for both.

        Raises:
            TestbedError: An edge does not answer it.
        """
        spec = write_slowed_spec(
            self._pipeline,
            self._folder / "device",
            SLOWDOWN,
            edges=list(edges),
            bandwidth={"environment": "dynamic", "policy": "hedged"},
            latency_requirement_ms=REQUIREMENT_S * 1e3,
        )
        url, token_file = edges[0]["inference_url"], edges[0]["token_file"]
        device = testbed.device.start("device.program", str(spec), str(self._inputs), url, url, token_file)
        stack.callback(device.close)
        device.read()
        device.ask(do="pace")
        error = device.ask(do="open_listed", name="device", spec=str(spec))["error"]
        if error is not None:
            raise TestbedError(error)
        return device

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def rounds(self, harm: Harm, rounds: int, requests: int) -> Iterator[list[Asked]]:
        """Rounds of so many requests, each with the harm in its middle, done to the edge that is asked."""
        for number in range(rounds):
            self._settle()
            yield self._round(harm, number, requests)

    def _round(self, harm: Harm, number: int, requests: int) -> list[Asked]:
        replies: list[Reply] = []
        harmed = ""
        for k in range(requests):
            if k == requests // 2:
                harmed = next((reply.edge for reply in reversed(replies) if reply.edge), _NAMES[0])
                after_s = self._random.uniform(0, _HARM_WITHIN_S)
                self._edges[harmed].tell(do="harm", name=harm, after_s=after_s)
            replies.append(self._ask(k))
        at_s = float(self._edges[harmed].read()["at_s"])
        self._edges[harmed].ask(do="heal")
        return [
            Asked(
                harm,
                number,
                harmed,
                reply.began_s + reply.latency_s - at_s,
                reply.edge,
                reply.plan.exit,
                reply.latency_s,
            )
            for reply in replies
        ]

    def _plans(self) -> list[Plan]:
        """The best plan for each edge."""
        said = self._device.ask(do="plans_by_edge", runtime="device")["plans"]
        return [Plan.parse(plan) for plan in said.values()]

    def _is_deepest(self, plan: Plan) -> bool:
        return plan.remote and plan.exit == self._pipeline.exits[-1].name

    def _ask(self, number: int) -> Reply:
        return Reply.from_json(self._device.ask(do="infer", runtime="device", index=number))

    def _settle(self) -> None:
        """Ask until either edge would answer by the deepest exit if it were the only one, and some more.

        Raises:
            TestbedError: They do not come back.
        """
        until_s = time.monotonic() + _LONGEST_S
        while not all(map(self._is_deepest, plans := self._plans())):
            if time.monotonic() > until_s:
                raise TestbedError(f"edges are not all back after {_LONGEST_S:g} s: plans are {plans}")
            self._ask(0)
            time.sleep(_PAUSE_S)
        for number in range(_WARM_UP):
            self._ask(number)


def until_the_other_s(round_: Sequence[Asked]) -> float | None:
    """Seconds from the harm until the other edge answers; None where it never does."""
    by_other = (one for one in round_ if one.after_s > 0 and one.edge not in {None, one.harmed})
    return min((one.after_s for one in by_other), default=None)
