"""Devices too slow for the deepest exit: their layers sleep and take no core, and profiles know how long."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

from benchmarks.studies.rescue.slow_sessions import SlowSessions
from benchmarks.testbed.trial import write_changed
from device_runtime.edges.addresses import AddressBook
from device_runtime.edges.edge_opening import CLOCK, Around, Here, planned_edge
from device_runtime.edges.edges import Edges
from device_runtime.edges.retry_budget import RetryBudget
from device_runtime.local_exits.local_exits import LocalExits
from device_runtime.opening import Parts
from device_runtime.runtime import DeviceRuntime
from edgent.latency.profile import read_profile
from edgent.latency.timing import Timing
from edgent.network import Network
from edgent.planning_inputs import load_planning_inputs
from edgent.spec import read_spec

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from benchmarks.studies.load.slow_edge import SlowEdge
    from edgent.graph.branchy_graph import BranchyGraph
    from edgent.latency.places import Node
    from edgent.planning.stages import Stage
    from edgent.spec import Pipeline

_LAYER_S, _DEEP_LAYER_S = 16e-3, 80e-3
"""What layers take on a device, and those that lie behind the trunk's first exit: the deepest is too slow."""
_EXACT = {"input": ["raw"], "activation": ["float32"]}


def device_s(graph: BranchyGraph, exit_name: str, start: int, stop: int) -> float:
    """Seconds that a device takes for the layers [start, stop) of an exit's path."""
    path, shallowest = graph.path_of(exit_name), graph.paths[0]
    begins = shallowest.leaves_after if path.index == graph.paths[-1].index else stop
    deep = max(stop - max(start, begins), 0)
    return (stop - start - deep) * _LAYER_S + deep * _DEEP_LAYER_S


class SleepingSessions(SlowSessions):
    """Layers that take what `device_s` says, whatever machine this is. Many look seldom whether to stop."""

    slice_s = 10e-3

    def __init__(self, network: Network) -> None:
        super().__init__(network, slowdown=1.0)

    def _takes_s(self, stage: Stage) -> float:
        return device_s(self._network.graph, stage.exit, stage.start, stage.stop)


def write_slow_spec(pipeline: Pipeline, folder: Path, head_s: float, requirement_s: float) -> Path:
    """Write a spec with profiles of such a device, and of an edge that takes as long for whatever it runs.

    Args:
        pipeline: LeNet's.
        folder: for the spec and the profiles.
        head_s: seconds that the edge takes.
        requirement_s: within which answers are wanted.
    """
    graph, regressors = Network.open(pipeline).graph, pipeline.regressors
    assert regressors is not None, "the shipped pipeline has profiles"
    nodes: tuple[tuple[Node, str], ...] = (("device", regressors.device), ("edge", regressors.edge))
    file = write_changed(
        pipeline,
        folder / f"{pipeline.name}.yaml",
        regressors={"device": "device.yaml", "edge": "edge.yaml"},
        codecs=_EXACT,
        latency_requirement_ms=requirement_s * 1e3,
        bandwidth={"environment": "dynamic"},
    )
    for node, name in nodes:
        profile = read_profile(pipeline.resolve(name), node, graph.sha256)
        rows = []
        for row in profile.segments:
            takes_s = head_s if node == "edge" else device_s(graph, row.exit, row.start, row.stop)
            rows.append(replace(row, timing=_exactly(row.timing, takes_s)))
        replace(profile, segments=tuple(rows)).write(folder / f"{node}.yaml")
    return file


def _exactly(timing: Timing, seconds: float) -> Timing:
    """A timing of what always takes so long."""
    blocks = (seconds * 1e6,) * len(timing.medians_us)
    return Timing(blocks, blocks, timing.runs)


def open_devices(spec: Path, edges: Sequence[SlowEdge], count: int) -> list[DeviceRuntime]:
    """Runtimes as `DeviceRuntime.open` makes them, with layers that sleep, the same ones for all.

    Links are measured one after the other: all at once would measure each other.
    """
    network = Network.open(read_spec(spec), spec.parent / "segments")
    sessions = SleepingSessions(network)
    exits = [LocalExits(network, sessions, CLOCK)]  # loads the layers
    with ThreadPoolExecutor(count) as pool:
        exits += pool.map(lambda _: LocalExits(network, sessions, CLOCK), range(count - 1))
    return [_open(network, edges, sessions, local_exits) for local_exits in exits]


def _open(
    network: Network, edges: Sequence[SlowEdge], sessions: SleepingSessions, local_exits: LocalExits
) -> DeviceRuntime:
    book, retries, networks = AddressBook(network), RetryBudget(), []
    for edge in edges:
        reached = {"inference_url": edge.url, "grpc_url": None, "token_file": str(edge.token_file)}
        section = network.spec.edge.model_copy(update=reached)
        networks.append(replace(network, spec=network.spec.of_edge(section)))
    inputs = load_planning_inputs(network, networks)
    around = Around(book, None, retries, None, None, len(edges))
    here = Here(sessions, local_exits, None, inputs.policy, inputs.forecast)
    opened = [
        planned_edge(of_edge, costs, around, here)
        for of_edge, costs in zip(networks, inputs.costs, strict=True)
    ]
    return DeviceRuntime(Parts(network, book, Edges(opened), sessions, local_exits, None, retries))
