"""Finds the picture codecs that are worth measuring: a grid of rungs, thinned on a sample of inputs.

Every rung writes and reads the sample, and the deepest exit answers it. Few inputs tell accuracies only
roughly, so rungs are told apart by how near the answers stay to those without loss; accuracy only rules out
what is clearly too bad. Those that are left are measured like codecs that a spec names, and chosen from.
"""

from __future__ import annotations

import itertools
import time
from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from edgent.accuracy.ladder_choice import MeasuredCodec, most_useful
from edgent.accuracy.measures.measure import checked_scores
from edgent.accuracy.measures.registry import MEASURES
from edgent.core.codecs.avif_rung import is_there
from edgent.core.codecs.codec import INPUT
from edgent.core.segment import Segment
from edgent.core.wire import read_frame
from edgent.latency.crossing import can_write, write_tensor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from edgent.datasets.dataset import Split
    from edgent.latency.timing import Progress
    from edgent.network import Network

FINALISTS = 16
"""How many rungs are measured on all inputs."""
KEPT = 6
"""How many of these are kept."""
LARGEST_LOSS = 0.1
"""A rung that costs the deepest exit more than this is not kept."""
SAMPLE = 64
"""Inputs of the sample, fewer where the time is up before."""
BATCH = 8
_QUALITIES = {"jpeg": (10, 20, 30, 50), "webp": (5, 10, 20, 35, 50, 75), "avif": (10, 20, 30, 40, 50, 65)}
_SCALES = ("", "@0.85", "@0.7", "@0.5")


def grid() -> tuple[str, ...]:
    """The rungs that are tried, ``jpeg`` among them; without AVIF where this Pillow has none."""
    families = [family for family in _QUALITIES if family != "avif" or is_there()]
    rungs = (
        f"{family}{quality}{scale}"
        for family, scale in itertools.product(families, _SCALES)
        for quality in _QUALITIES[family]
    )
    return "jpeg", *rungs


def writable(network: Network) -> tuple[str, ...]:
    """The rungs of the grid that write the network's input; none where that is no picture of 8 bits."""
    return tuple(name for name in grid() if can_write(name, INPUT, network.graph.source))


def finalists(codecs: Sequence[MeasuredCodec], loss: dict[str, float]) -> list[MeasuredCodec]:
    """The rungs of a sampled grid that are worth measuring on all inputs, by falling bytes.

    Args:
        codecs: scored by how near the deepest exit's answers stay.
        loss: by name, what each costs the deepest exit on the sample.
    """
    good = [codec for codec in codecs if loss[codec.name] <= LARGEST_LOSS]
    least = min((codec.score for codec in good), default=0.0)
    return most_useful(codecs, FINALISTS, least) if good else []


def chosen(sampled: Sequence[MeasuredCodec], scores: dict[str, float], lossless: float) -> tuple[str, ...]:
    """The rungs to keep, by falling bytes.

    Args:
        sampled: bytes and seconds of the finalists.
        scores: what the deepest exit reaches behind each, by name, over all compared inputs.
        lossless: what it reaches without loss.
    """
    measured = [
        MeasuredCodec(codec.name, codec.size_bytes, codec.write_s, codec.read_s, scores[codec.name])
        for codec in sampled
    ]
    return tuple(codec.name for codec in most_useful(measured, KEPT, lossless - LARGEST_LOSS))


def search_ladder(
    network: Network,
    batches: Iterable[Split],
    measure: str,
    *,
    budget_s: float,
    progress: Progress | None = None,
    clock: Callable[[], float] = time.perf_counter,
    codec_clock: Callable[[], float] = time.process_time,
) -> list[MeasuredCodec]:
    """The finalists of the grid, on as many batches as the time allows, one at least.

    There are none where no rung writes the network's input, or no input of the sample can be read.

    Args:
        network: what answers.
        batches: inputs with their labels.
        measure: name of what scores the answers.
        budget_s: seconds after which no other batch is begun.
        progress: called with what is going on, how much is done, and of how much.
        clock: seconds, monotonic.
        codec_clock: times the codecs; by default only what this process computes, as neighbours may be busy.
    """
    names = writable(network)
    sample = _Sample(network, measure, codec_clock)
    began_s, done = clock(), 0
    for batch in batches if names else ():
        sample.answer_plain(batch)
        for count, name in enumerate(names, start=1):
            sample.answer(name)
            if progress is not None:
                progress("picture codecs on a sample", done + len(batch.images) * count / len(names), SAMPLE)
        done += len(batch.images)
        if clock() - began_s >= budget_s:
            break
    if not done:
        return []
    if progress is not None:
        progress("picture codecs on a sample", SAMPLE, SAMPLE)
    return finalists([sample.measured(name) for name in names], {name: sample.loss(name) for name in names})


class _Sample:
    """What is known of each rung so far."""

    def __init__(self, network: Network, measure: str, clock: Callable[[], float]) -> None:
        deepest = network.graph.paths[-1]
        self._segment = Segment(network.segments.tail(deepest.index, 0), keeps_memory=False)
        self._measure, self._clock = measure, clock
        self._rows: dict[str, list[tuple[float, float, float]]] = defaultdict(list)
        self._scores: dict[str, list[float]] = defaultdict(list)
        self._losses: dict[str, list[float]] = defaultdict(list)

    def answer_plain(self, batch: Split) -> None:
        """Answer a batch without loss, and keep it for the rungs."""
        self._images, self._plain = batch.images, self._segment.run(batch.images)
        self._wanted = batch.labels if MEASURES[self._measure].needs_labels else self._plain
        self._reached = checked_scores(self._measure, MEASURES[self._measure], self._plain, self._wanted)

    def answer(self, name: str) -> None:
        """Answer the batch behind a rung."""
        received = []
        for image in self._images:
            began_s = self._clock()
            frame = write_tensor(image[np.newaxis], name, INPUT)
            written_s = self._clock()
            received.append(read_frame(frame).tensor)
            self._rows[name].append((len(frame), written_s - began_s, self._clock() - written_s))
        answers = self._segment.run(np.concatenate(received))
        self._scores[name].extend(MEASURES["closeness"].scores(answers, self._plain))
        scores = checked_scores(self._measure, MEASURES[self._measure], answers, self._wanted)
        self._losses[name].extend(self._reached - scores)

    def measured(self, name: str) -> MeasuredCodec:
        """A rung's mean bytes, median seconds and closeness."""
        sizes, write_s, read_s = np.array(self._rows[name]).T
        return MeasuredCodec(
            name,
            float(sizes.mean()),
            float(np.median(write_s)),
            float(np.median(read_s)),
            float(np.mean(self._scores[name])),
        )

    def loss(self, name: str) -> float:
        """What a rung costs the deepest exit."""
        return float(np.mean(self._losses[name]))
