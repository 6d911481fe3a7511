"""Answers the same inputs with and without feature codecs, and adds up what these change."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from edgent.accuracy.codec_accuracy import FeatureChange
from edgent.accuracy.measures.measure import checked_scores
from edgent.accuracy.measures.registry import MEASURES
from edgent.core.segment import Segment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from edgent.datasets.dataset import Split
    from edgent.network import Network
    from edgent.planning.costs import FloatArray


class FeatureComparison:
    """Scores every exit behind every feature codec.

    A session is opened for one batch: a large network has no room for all of them at once.
    """

    def __init__(self, network: Network, measure: str) -> None:
        """Begin with nothing compared.

        Args:
            network: with the feature codecs that its spec names.
            measure: name of what scores the answers.
        """
        self._network, self._graph = network, network.graph
        self._measure_name, self._measure = measure, MEASURES[measure]
        self._added: dict[tuple[str, str], FloatArray] = defaultdict(lambda: np.zeros(2))

    def compare(self, inputs: Split) -> None:
        """Answer the inputs with and without each codec."""
        if not self._network.feature_codecs:
            return
        answers = {
            path.exit_name: self._run(path.index, 0, len(path.layers), inputs.images)
            for path in self._graph.paths
        }
        wanted = inputs.labels if self._measure.needs_labels else answers[self._graph.exit_names[-1]]
        plain = {name: self._scores(of_exit, wanted) for name, of_exit in answers.items()}
        for name in self._network.feature_codecs:
            for exit_name, of_exit in self._answers_behind(name, inputs.images).items():
                change = self._scores(of_exit, wanted) - plain[exit_name]
                code = self._network.feature_codecs[name].code.name
                self._added[exit_name, code] += (change.sum(), (change**2).sum())

    def changes(self, compared: int) -> Iterator[FeatureChange]:
        """What was added up, over so many inputs."""
        for (exit_name, code), (total, squares) in self._added.items():
            change = float(total) / compared
            error = math.sqrt(max(0.0, float(squares) / compared - change**2) / compared)
            yield FeatureChange(exit_name, code, round(change, 6), round(error, 6))

    def _answers_behind(self, name: str, images: np.ndarray) -> Mapping[str, np.ndarray]:
        """What each exit gives behind a codec; exits that it does not stand before are left out."""
        codec, decoded, answers = self._network.feature_codecs[name], None, {}
        for path in self._graph.paths:
            points = codec.points(path)
            if points is None:
                continue
            reads, gives = points
            if decoded is None:  # the same on every path that has its tensors
                read = images if reads == 0 else self._run(path.index, 0, reads, images)
                decoded = _run(codec.decoder, _run(codec.encoder, read))
            answers[path.exit_name] = self._run(path.index, gives, len(path.layers), decoded)
        return answers

    def _run(self, index: int, start: int, stop: int, tensors: np.ndarray) -> np.ndarray:
        return _run(self._network.segments.segment(index, start, stop), tensors)

    def _scores(self, answers: np.ndarray, wanted: np.ndarray) -> FloatArray:
        return checked_scores(self._measure_name, self._measure, answers, wanted)


def _run(file: Path, tensors: np.ndarray) -> np.ndarray:
    return Segment(file, keeps_memory=False).run(tensors)
