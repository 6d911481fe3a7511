"""Every exit's answers to the same inputs, and their scores; what exits share is run once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgent.accuracy.measures.measure import checked_scores
from edgent.accuracy.measures.registry import MEASURES
from edgent.accuracy.open_segments import OpenSegments
from edgent.latency.room import room_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np

    from edgent.datasets.dataset import Split
    from edgent.graph.exit_path import ExitPath
    from edgent.network import Network
    from edgent.planning.costs import FloatArray


_HEAVY_SHARE = 1 / 16  # of the room in memory
_WEIGHT_BYTES = 4


@dataclass(frozen=True)
class PlainBatch:
    """Inputs as they are answered without loss.

    Attributes:
        images: the inputs, shape (batch, *input shape).
        wanted: what answers to them are scored by: their labels, or what the deepest exit gives.
        scores: of each exit for each input, shape (batch,).
    """

    images: np.ndarray
    wanted: np.ndarray
    scores: Mapping[str, FloatArray]


class ScoredNetwork:
    """A network whose layers stay open, and the measure of its answers."""

    def __init__(self, network: Network, measure: str) -> None:
        """Nothing is open yet.

        Args:
            network: whose exits answer.
            measure: name of what scores the answers.
        """
        most_bytes = room_bytes()
        self.network, self.open = network, OpenSegments(network, most_bytes)
        self._graph = network.graph
        self._measure_name, self._measure = measure, MEASURES[measure]
        heavy_bytes = _HEAVY_SHARE * most_bytes
        self._stops = [
            sorted({*_forks(path, self._graph.paths), *_around_heavy(path, heavy_bytes), len(path.layers)})
            for path in self._graph.paths
        ]

    def plain(self, inputs: Split) -> PlainBatch:
        """Answer inputs without loss."""
        answers = self.answers(inputs.images)
        labelled = self._measure.needs_labels
        wanted = inputs.labels if labelled else answers[self._graph.exit_names[-1]]
        scores = {name: self.scores(of_exit, wanted) for name, of_exit in answers.items()}
        return PlainBatch(inputs.images, wanted, scores)

    def answers(self, images: np.ndarray) -> dict[str, np.ndarray]:
        """What each exit gives."""
        return self.onwards({self._graph.input_name: images}, self._graph.paths)

    def onwards(self, known: dict[str, np.ndarray], paths: Sequence[ExitPath]) -> dict[str, np.ndarray]:
        """What exits give that are reached from tensors that are known.

        Layers with many weights are run by themselves, so that these are loaded once, whatever cut comes
        before.

        Args:
            known: tensors by name; those at which paths part and heavy layers begin and end are added.
            paths: of the exits; each has a known tensor.
        """
        answers = {}
        for path in paths:
            start = max(point for point in path.partition_points if path.cut_tensor(point) in known)
            for stop in (point for point in self._stops[path.index] if point > start):
                tensors = known[path.cut_tensor(start)]
                known[path.cut_tensor(stop)] = self.open.layers(path.index, start, stop, tensors)
                start = stop
            answers[path.exit_name] = known[path.cut_tensor(len(path.layers))]
        return answers

    def scores(self, answers: np.ndarray, wanted: np.ndarray) -> FloatArray:
        """From 0 to 1, one for each answer, shape (batch,)."""
        return checked_scores(self._measure_name, self._measure, answers, wanted)


def _around_heavy(path: ExitPath, heavy_bytes: float) -> set[int]:
    """The partition points inside a path before and behind layers with more weights than so many bytes."""
    heavy = [k for k, layer in enumerate(path.layers) if _WEIGHT_BYTES * layer.parameters > heavy_bytes]
    return {point for k in heavy for point in (k, k + 1)} - {0}


def _forks(path: ExitPath, paths: Sequence[ExitPath]) -> set[int]:
    """The partition points inside a path at which another path leaves it."""
    forks = set()
    for other in paths:
        pairs = zip(path.partition_points, other.partition_points, strict=False)
        forks.add(sum(path.cut_tensor(point) == other.cut_tensor(point) for point, _ in pairs) - 1)
    return forks - {0, len(path.layers)}
