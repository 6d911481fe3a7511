"""Devices that share three edges of unequal speed: requests go where it is planned, or as a split says."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.studies.load.slow_edge import slow_edge
from benchmarks.testbed.device.pace import pace
from benchmarks.testbed.trial import open_trial, sample_inputs, write_slowed_spec
from device_runtime.runtime import DeviceRuntime
from edgent.latency.loading import load_cost_table
from edgent.network import Network
from edgent.planning.plan import Plan
from edgent.planning.stages import Step
from edgent.spec import read_spec

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.studies.edges.split_search import Split
    from device_runtime.edges.edges import Edge, Edges
    from edgent.planning.decision import Decision
    from edgent.spec import Pipeline

SPEEDS = (1.0, 0.5, 0.2)
HEAD_S, REQUIREMENT_S, DEVICES = 0.05, 0.4, 16
SLOWDOWN = 10_000.0
"""Of devices: none of their own exits is in time, so that an answer counts if an edge gives it in time."""
RATE = 0.9 * sum(SPEEDS) / HEAD_S
"""Requests a second that all devices would make if answers took no time: 90 % of what edges can compute."""
_WARM_UP_S = 4.0


@dataclass(frozen=True)
class Asked:
    """One request.

    Attributes:
        split: What the edges get of all requests, in percent; None: each goes where it is planned.
        run: Its number, of those with this split.
        edge: The name of the edge that took part; None: none did.
        accuracy: Of the exit that answered in time; 0 where none did.
    """

    split: Split | None
    run: int
    device: int
    edge: str | None
    accuracy: float


def split_requests(edges: Edges, split: Split, seed: int) -> None:
    """Draw the edge of each request, with the plan that is best there; `plan_requests` undoes it.

    All parts of a device hold the same edges, so these are changed in place.
    """
    random, shares = np.random.default_rng(seed), np.array(split) / sum(split)

    def drawn(requirement_s: float) -> tuple[Edge, Decision]:
        edge = tuple(edges)[random.choice(len(edges), p=shares)]
        assert edge.planner is not None, "edges of a device that plans"
        return edge, edge.planner.decide(requirement_s)

    edges.decide = drawn  # type: ignore[method-assign]


def plan_requests(edges: Edges) -> None:
    """Have each request go where it is planned."""
    vars(edges).pop("decide", None)


class UnequalEdges:
    """Three TorchServes whose heads take their time without taking a core, and devices of all three."""

    def __init__(self, pipeline: Pipeline, folder: Path) -> None:
        """Nothing is started yet.

        Args:
            pipeline: LeNet.
            folder: For all files.
        """
        self._pipeline, self._folder = pipeline, folder
        self._images = sample_inputs(pipeline)
        self._accuracies = {declared.name: declared.accuracy or 0.0 for declared in pipeline.exits}
        self._stack = ExitStack()

    def __enter__(self) -> UnequalEdges:
        with ExitStack() as stack:
            network = Network.open(read_spec(self._pipeline.file), self._folder / "cache")
            layers = len(network.graph.paths[-1].layers)
            edges = []
            for n, speed in enumerate(SPEEDS):
                folder = self._folder / f"{n}"
                edge = stack.enter_context(slow_edge(network, folder, HEAD_S / speed, layers))
                edges.append(
                    {
                        "name": name_of(speed),
                        "inference_url": edge.url,
                        "token_file": str(edge.token_file),
                        "speed": _profiled_s(network) / HEAD_S,
                    }
                )
            spec = write_slowed_spec(
                self._pipeline,
                self._folder / "device",
                SLOWDOWN,
                edges=edges,
                bandwidth={"environment": "dynamic", "policy": "hedged"},
                codecs={"input": ["raw"], "activation": ["float32"]},
                latency_requirement_ms=REQUIREMENT_S * 1e3,
            )
            pace(open_trial(spec))

            def opened(_: int) -> DeviceRuntime:
                return DeviceRuntime.open(spec, cache=spec.parent / "segments")

            with ThreadPoolExecutor(DEVICES) as pool:
                self._devices = [stack.enter_context(device) for device in pool.map(opened, range(DEVICES))]
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def run(self, split: Split | None, seconds: float, run: int = 0) -> list[Asked]:
        """Let all devices ask for so many seconds, after a warm-up."""
        for number, device in enumerate(self._devices):
            plan_requests(device.edges)
            if split is not None:
                split_requests(device.edges, split, number)
        begins_s = time.perf_counter() + _WARM_UP_S

        def live(number: int) -> list[Asked]:
            random, asked = np.random.default_rng((run, number)), list[Asked]()
            while (now_s := time.perf_counter()) < begins_s + seconds:
                answer = self._devices[number].infer(self._images[0])
                accuracy = self._accuracies[answer.plan.exit] if answer.met_requirement else 0.0
                if now_s >= begins_s:
                    asked.append(Asked(split, run, number, answer.edge, accuracy))
                time.sleep(random.exponential(DEVICES / RATE))
            return asked

        with ThreadPoolExecutor(DEVICES) as pool:
            return [one for of_device in pool.map(live, range(DEVICES)) for one in of_device]


def name_of(speed: float) -> str:
    """The name of the edge that is so quick, relative to the quickest."""
    return f"speed-{speed:g}"


def _profiled_s(network: Network) -> float:
    """What the edge's profile says that the whole network takes."""
    table, deepest = load_cost_table(network), network.graph.paths[-1]
    return float(table.seconds[Step.RUN_EDGE, table.index_of(Plan(deepest.exit_name, len(deepest.layers)))])
