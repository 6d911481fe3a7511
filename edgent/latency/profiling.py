"""Profile one node: every segment and codec that a plan can use there, and what regressors need beside."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from edgent.core.codecs.codec import ACTIVATION, INPUT
from edgent.core.segment import Segment
from edgent.core.wire import read_frame
from edgent.generated_file import Provenance
from edgent.latency.crossing import can_write, check_samples, cut_activations, write_tensor
from edgent.latency.operator_grid import operator_grid
from edgent.latency.places import Node, Place, codec_places, owner, plan_places, short_places
from edgent.latency.profile import (
    CodecTiming,
    NodeProfile,
    OperatorTiming,
    SegmentTiming,
    task_of,
    with_timings,
)
from edgent.latency.timing import BLOCKS, Timing, time_interleaved
from edgent.planning.plan import FLOAT32, RAW

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from edgent.latency.timing import Progress, Task
    from edgent.network import Network

DEFAULT_BUDGET_S = 60.0
_PAUSE_S = 2e-3  # before each run; what a request waits for the network is this and more


def profile_node(
    network: Network,
    node: Node,
    samples: np.ndarray,
    *,
    budget_s: float = DEFAULT_BUDGET_S,
    started: NodeProfile | None = None,
    keep: Callable[[NodeProfile], None] | None = None,
    progress: Progress | None = None,
    clock: Callable[[], float] = time.perf_counter,
) -> NodeProfile:
    """Time everything on this machine, as the named node.

    Args:
        network: what to profile.
        node: ``device`` times tails, ``edge`` heads; each its share of the codecs.
        samples: real inputs, shape (n, *input shape); codecs and segments take them in turn.
        budget_s: seconds of timing, spent evenly.
        started: an interrupted profile to go on with; it is not used if circumstances differ.
        keep: called with the unfinished profile after each block of runs.
        progress: called with what is going on, how much is done, and of how much.
        clock: seconds, monotonic.

    Returns:
        The profile, without regressors.

    Raises:
        InputError: samples of another shape or element type than the network's input, or none.
        ModelError: a segment cannot be cut or loaded.
    """
    check_samples(network, samples)
    workload = _Workload(network, node, samples, progress, clock)
    profile = workload.profile()
    timings = time_interleaved(
        {task_of(row): workload.tasks[task_of(row)] for row in profile.rows},
        budget_s,
        done=_usable(started, profile),
        after_block=None if keep is None else lambda timings: keep(with_timings(profile, timings)),
        progress=progress,
        pause=lambda: time.sleep(_PAUSE_S),
        clock=clock,
    )
    return with_timings(profile, timings)


class _Workload:
    """All tasks of a node, loaded and ready, and the rows of the profile that they will fill."""

    def __init__(
        self,
        network: Network,
        node: Node,
        samples: np.ndarray,
        progress: Progress | None,
        clock: Callable[[], float],
    ) -> None:
        self._network, self._node, self._samples, self._clock = network, node, samples, clock
        section = network.spec.device if node == "device" else network.spec.edge
        self._providers, self._provider_options = section.providers, section.provider_options
        self._threads = section.threads
        self.tasks: dict[tuple[object, ...], Task] = {}
        graph = network.graph
        places = list(dict.fromkeys([*plan_places(graph, node), *short_places(graph)]))
        loaded: dict[Place, Segment] = {}
        rows = []
        for number, place in enumerate(places):
            loaded[place], row = self._load(place)
            rows.append(row)
            if progress is not None:
                progress("loading", number + 1, len(places))
        self._segments = tuple(rows)
        crossing = cut_activations(graph, loaded.__getitem__, samples)
        for place, segment in loaded.items():
            self.tasks["segment", place.exit, place.start, place.stop] = _run(
                segment, crossing[owner(graph, place), place.start]
            )
        self._codecs = tuple(self._codec_rows(crossing))
        self._operators = tuple(self._operator_rows())

    def profile(self) -> NodeProfile:
        """The profile with no run timed yet."""
        command = f"edgent profile SPEC --node {self._node}"
        return NodeProfile(
            node=self._node,
            made_by=Provenance.here_and_now(self._network.graph.sha256, command),
            threads=self._threads,
            providers=self._providers,
            samples=len(self._samples),
            blocks=BLOCKS,
            segments=self._segments,
            codecs=self._codecs,
            operators=self._operators,
        )

    def _load(self, place: Place) -> tuple[Segment, SegmentTiming]:
        index = self._network.graph.exit_names.index(place.exit)
        file = self._network.segments.segment(index, place.start, place.stop)
        began_s = self._clock()
        segment = self._open(file)
        load_us = round((self._clock() - began_s) * 1e6, 1)
        size_bytes = self._network.segments.size_bytes(file)
        row = SegmentTiming(place.exit, place.start, place.stop, size_bytes, load_us, Timing())
        return segment, row

    def _open(self, model: bytes | Path) -> Segment:
        return Segment(
            model,
            providers=self._providers,
            provider_options=self._provider_options,
            threads=self._threads,
        )

    def _codec_rows(self, crossing: Mapping[tuple[str, int], Sequence[np.ndarray]]) -> Iterator[CodecTiming]:
        offered = self._network.spec.codecs
        for exit_name, point in codec_places(self._network.graph):
            tensors = crossing[exit_name, point]
            names = (RAW, *self._network.input_codecs) if point == 0 else (FLOAT32, *offered.activation)
            carries = INPUT if point == 0 else ACTIVATION
            cut = self._network.graph.path_of(exit_name).cut(point)
            for name in dict.fromkeys(names):
                if not can_write(name, carries, cut):
                    continue
                frames = [write_tensor(tensor, name, carries) for tensor in tensors]
                sizes = [len(frame) for frame in frames]
                row = CodecTiming(
                    exit_name,
                    point,
                    name,
                    size_bytes=round(float(np.mean(sizes)), 1),
                    size_p95_bytes=round(float(np.percentile(sizes, 95)), 1),
                    timing=Timing(),
                )
                writes = (self._node == "device") == (point == 0)
                self.tasks[task_of(row)] = _write(tensors, name, carries) if writes else _read(frames)
                yield row

    def _operator_rows(self) -> Iterator[OperatorTiming]:
        random = np.random.default_rng(0)
        for operator in operator_grid():
            segment = self._open(operator.content)
            source = random.normal(size=(1, *operator.input_shape)).astype(np.float32)
            row = OperatorTiming(operator.name, Timing())
            self.tasks[task_of(row)] = _run(segment, [source])
            yield row


def _run(segment: Segment, tensors: Sequence[np.ndarray]) -> Task:
    return lambda visit: segment.run(tensors[visit % len(tensors)])


def _write(tensors: Sequence[np.ndarray], codec: str, carries: str) -> Task:
    return lambda visit: write_tensor(tensors[visit % len(tensors)], codec, carries)


def _read(frames: Sequence[bytes]) -> Task:
    return lambda visit: read_frame(frames[visit % len(frames)])


def _usable(started: NodeProfile | None, profile: NodeProfile) -> Mapping[tuple[object, ...], Timing] | None:
    """The timings of an interrupted profile, if it was begun under the same circumstances."""
    if started is None or started.complete:
        return None
    same = all(
        getattr(started, name) == getattr(profile, name)
        for name in ("node", "threads", "providers", "samples", "blocks")
    )
    same &= started.made_by.machine == profile.made_by.machine
    same &= started.made_by.versions == profile.made_by.versions
    if not same:
        return None
    return {task_of(row): row.timing for row in started.rows}
