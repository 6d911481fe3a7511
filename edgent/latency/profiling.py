"""Profile one node: every segment and codec that a plan can use there, and what regressors need beside."""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from edgent.core.codecs.codec import ACTIVATION, INPUT
from edgent.core.free_memory import return_free_memory
from edgent.core.segment import Segment
from edgent.core.wire import read_frame
from edgent.generated_file import Provenance
from edgent.latency.crossing import can_write, check_samples, cut_activations, write_tensor
from edgent.latency.feature_profiling import feature_task, read_by
from edgent.latency.file_profiling import file_row, file_task, mean_pixels
from edgent.latency.frame_sizes import mean_and_p95
from edgent.latency.places import Node, Place, codec_places, owner, plan_places, short_places
from edgent.latency.profile import (
    CodecTiming,
    FeatureTiming,
    NodeProfile,
    OperatorTiming,
    SegmentTiming,
    goes_on,
    task_of,
    with_timings,
)
from edgent.latency.room import room_bytes
from edgent.latency.timing import BLOCKS, Timing, time_interleaved
from edgent.planning.plan import FILE, FLOAT32, RAW

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from edgent.core.photo import Photo
    from edgent.latency.timing import Progress, Task
    from edgent.network import Network

_LOG = logging.getLogger(__name__)
DEFAULT_BUDGET_S = 60.0
PAUSE_S = 2e-3  # before each run; what a request waits for the network is this and more


def profile_node(
    network: Network,
    node: Node,
    samples: np.ndarray,
    *,
    photos: Sequence[Photo] = (),
    windows: Sequence[Place] = (),
    operators: bool = True,
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
        photos: whose own files may go up, for the codec ``file``; it is left out where there are none.
        windows: segments to time beside these, because plans can choose them.
        operators: whether to time the small networks of `operator_grid`, too, which are made with onnx.
        budget_s: seconds of timing, spent evenly.
        started: an interrupted profile to go on with, or a complete one to add windows to; it is not used if
            circumstances differ.
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
    unfilled = empty_profile(network, node, len(samples))
    known = started if started is not None and goes_on(started, unfilled) else unfilled
    workload = _Workload(network, known, samples, photos, windows, progress, clock)
    if operators:
        workload.add_operators()
    unfilled = replace(unfilled, photo_pixels=mean_pixels(photos))
    timings: Mapping[tuple[object, ...], Timing] = {task_of(row): row.timing for row in known.rows}
    spent_s, number_of_tasks = 0.0, workload.number_of_tasks
    for tasks in workload.groups():
        share_s = budget_s * len(tasks) / max(number_of_tasks, 1)
        timings = time_interleaved(
            tasks,
            share_s,
            done=timings,
            after_block=None if keep is None else lambda timings: keep(workload.filled(unfilled, timings)),
            progress=_after(spent_s, budget_s, progress),
            pause=lambda: time.sleep(PAUSE_S),
            clock=clock,
        )
        spent_s += share_s
    return workload.filled(unfilled, timings)


def _after(spent_s: float, budget_s: float, progress: Progress | None) -> Progress | None:
    """The progress of tasks that come after others, of the whole budget."""
    if progress is None:
        return None
    return lambda phase, done_s, _: progress(phase, spent_s + done_s, budget_s)


def empty_profile(network: Network, node: Node, samples: int) -> NodeProfile:
    """A profile of this machine as a node, with nothing in it yet."""
    section = network.spec.device if node == "device" else network.spec.edge
    return NodeProfile(
        node=node,
        made_by=Provenance.here_and_now(network.graph.sha256, f"edgent profile SPEC --node {node}"),
        threads=section.threads,
        providers=section.providers,
        samples=samples,
        blocks=BLOCKS,
        segments=(),
        codecs=(),
        operators=(),
    )


def knows_codecs(profile: NodeProfile, network: Network) -> bool:
    """Whether a profile has all input codecs that the spec offers by now, photos' files among them."""
    known = {row.codec for row in profile.codecs if row.partition_point == 0}
    source = network.graph.source
    return all(name in known for name in network.input_codecs if can_write(name, INPUT, source))


class _Workload:
    """The rows of a profile, and of each that is not complete its task, loaded and ready."""

    def __init__(
        self,
        network: Network,
        known: NodeProfile,
        samples: np.ndarray,
        photos: Sequence[Photo],
        windows: Sequence[Place],
        progress: Progress | None,
        clock: Callable[[], float],
    ) -> None:
        self._network, self._node, self._samples, self._clock = network, known.node, samples, clock
        self._photos = photos
        self._threads, self._providers = known.threads, known.providers
        section = network.spec.device if known.node == "device" else network.spec.edge
        self._provider_options = section.provider_options
        self._complete = {task_of(row): row for row in known.rows if len(row.timing.medians_us) >= BLOCKS}
        self.tasks: dict[tuple[object, ...], Task] = {}
        graph = network.graph
        usual = [*plan_places(graph, known.node), *short_places(graph)]
        self._places = list(dict.fromkeys([*usual, *known.timing_by_place, *windows]))
        self._segments = {place: row for place in self._places if (row := self._complete_segment(place))}
        self._waiting = [place for place in self._places if place not in self._segments]
        self._loaded: dict[Place, Segment] = {}
        self._progress = progress
        self._load_next()
        self.codecs = tuple(self._codec_rows())
        self.features = tuple(self._feature_rows())
        self.operators: tuple[OperatorTiming, ...] = ()

    def add_operators(self) -> None:
        """Put the small networks of the grid among the rows and the tasks."""
        self.operators = tuple(self._operator_rows())

    def filled(self, profile: NodeProfile, timings: Mapping[tuple[object, ...], Timing]) -> NodeProfile:
        """A profile with the rows that were timed by now; segments may wait for their turn in memory."""
        rows = replace(
            profile,
            segments=tuple(self._segments[place] for place in self._places if place in self._segments),
            codecs=self.codecs,
            operators=self.operators,
            features=self.features,
        )
        return with_timings(rows, timings)

    @property
    def number_of_tasks(self) -> int:
        """Of all groups together, before the first one is taken."""
        return len(self.tasks) + len(self._waiting)

    def groups(self) -> Iterator[Mapping[tuple[object, ...], Task]]:
        """The tasks in groups whose segments are in memory together; mostly there is one group."""
        yield self.tasks
        while self._waiting:
            _LOG.info(
                "%d segments have yet to be timed: they do not fit into memory with others",
                len(self._waiting),
            )
            self.tasks.clear()
            self._loaded.clear()
            return_free_memory()
            self._load_next()
            yield self.tasks

    def _load_next(self) -> None:
        """Load segments that wait, each once, as far as there is room for them, and put them among the tasks.

        There is room for the first one whatever it takes.
        """
        waiting, self._waiting, left_bytes = self._waiting, [], room_bytes()
        for place in waiting:
            file = self._file(place)
            size_bytes = self._network.segments.size_bytes(file)
            if self._loaded and size_bytes > left_bytes:
                self._waiting.append(place)
                continue
            left_bytes -= size_bytes
            self._load(place, file, size_bytes)
            if self._progress is not None:
                self._progress("loading", len(self._segments), len(self._places))
        for place, segment in self._loaded.items():
            self.tasks["segment", place.exit, place.start, place.stop] = _run(
                segment, self._crossing[owner(self._network.graph, place), place.start]
            )

    def _load(self, place: Place, file: Path, size_bytes: int) -> None:
        began_s = self._clock()
        self._loaded[place] = self._open(file)
        load_us = round((self._clock() - began_s) * 1e6, 1)
        self._segments[place] = SegmentTiming(
            place.exit, place.start, place.stop, size_bytes, load_us, Timing()
        )

    def _complete_segment(self, place: Place) -> SegmentTiming | None:
        """The row of a segment that was timed before, if that came to an end."""
        row = self._complete.get(("segment", place.exit, place.start, place.stop))
        return row if isinstance(row, SegmentTiming) else None

    @cached_property
    def _crossing(self) -> Mapping[tuple[str, int], Sequence[np.ndarray]]:
        """What crosses each cut, as `cut_activations` has it."""
        return cut_activations(
            self._network.graph,
            lambda layer: self._loaded.get(layer) or self._open(self._file(layer)),
            self._samples,
        )

    def _file(self, place: Place) -> Path:
        index = self._network.graph.exit_names.index(place.exit)
        return self._network.segments.segment(index, place.start, place.stop)

    def _open(self, model: bytes | Path) -> Segment:
        return Segment(
            model,
            providers=self._providers,
            provider_options=self._provider_options,
            threads=self._threads,
        )

    def _codec_rows(self) -> Iterator[CodecTiming]:
        offered = self._network.spec.codecs
        ways = (False, True) if self._network.spec.windows else (False,)
        for exit_name, point in codec_places(self._network.graph):
            names = (RAW, *self._network.input_codecs) if point == 0 else (FLOAT32, *offered.activation)
            carries = INPUT if point == 0 else ACTIVATION
            cut = self._network.graph.path_of(exit_name).cut(point)
            for name in dict.fromkeys(names):
                if name == FILE:
                    yield from self._file_rows(exit_name)
                elif can_write(name, carries, cut):
                    for goes_up in ways if point else (False,):
                        yield self._codec_row(exit_name, point, name, carries, goes_up=goes_up)

    def _codec_row(
        self, exit_name: str, point: int, name: str, carries: str, *, goes_up: bool
    ) -> CodecTiming:
        complete = self._complete.get(("codec up" if goes_up else "codec", exit_name, point, name))
        if isinstance(complete, CodecTiming):
            return complete
        tensors = self._crossing[exit_name, point]
        frames = [write_tensor(tensor, name, carries) for tensor in tensors]
        sizes = mean_and_p95(list(map(len, frames)))
        row = CodecTiming(exit_name, point, name, *sizes, timing=Timing(), goes_up=goes_up)
        writes = (self._node == "device") == row.rises
        self.tasks[task_of(row)] = _write(tensors, name, carries) if writes else _read(frames)
        return row

    def _file_rows(self, exit_name: str) -> Iterator[CodecTiming]:
        complete = self._complete.get(("codec", exit_name, 0, FILE))
        if isinstance(complete, CodecTiming):
            yield complete
        elif self._photos:
            row = file_row(exit_name, self._photos)
            self.tasks[task_of(row)] = file_task(self._photos, self._node)
            yield row

    def _feature_rows(self) -> Iterator[FeatureTiming]:
        for codec in self._network.feature_codecs.values():
            complete = self._complete.get(("feature", codec.code.name))
            if isinstance(complete, FeatureTiming):
                yield complete
                continue
            tensors = read_by(codec, self._network.graph, self._crossing)
            row, task = feature_task(codec, self._node, tensors, self._open)
            self.tasks[task_of(row)] = task
            yield row

    def _operator_rows(self) -> Iterator[OperatorTiming]:
        from edgent.latency.operator_grid import operator_grid  # noqa: PLC0415  imports onnx

        random = np.random.default_rng(0)
        for operator in operator_grid():
            complete = self._complete.get(("operator", operator.name))
            if isinstance(complete, OperatorTiming):
                yield complete
                continue
            source = random.normal(size=(1, *operator.input_shape)).astype(np.float32)
            row = OperatorTiming(operator.name, Timing())
            self.tasks[task_of(row)] = _run(self._open(operator.content), [source])
            yield row


def _run(segment: Segment, tensors: Sequence[np.ndarray]) -> Task:
    return lambda visit: segment.run(tensors[visit % len(tensors)])


def _write(tensors: Sequence[np.ndarray], codec: str, carries: str) -> Task:
    return lambda visit: write_tensor(tensors[visit % len(tensors)], codec, carries)


def _read(frames: Sequence[bytes]) -> Task:
    return lambda visit: read_frame(frames[visit % len(frames)])
