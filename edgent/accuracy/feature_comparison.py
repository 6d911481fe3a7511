"""Answers the same inputs with and without feature codecs, and adds up what these change."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from edgent.accuracy.added_changes import AddedChanges
from edgent.accuracy.codec_accuracy import FeatureChange

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import numpy as np

    from edgent.accuracy.scored_network import PlainBatch, ScoredNetwork
    from edgent.graph.feature_codec import FeatureCodec


class FeatureComparison:
    """Scores every exit behind every feature codec."""

    def __init__(self, scored: ScoredNetwork) -> None:
        """Take what is to be compared; nothing is yet.

        Args:
            scored: a network with the feature codecs that its spec names.
        """
        self._scored, self._paths = scored, scored.network.graph.paths
        self._codecs = tuple(scored.network.feature_codecs.values())
        self._added: dict[tuple[str, str], AddedChanges] = defaultdict(AddedChanges)

    def compare(self, plain: PlainBatch) -> None:
        """Answer the inputs with each codec."""
        read: dict[str, np.ndarray] = {}
        for codec in self._codecs:
            for exit_name, of_exit in self._answers_behind(codec, plain.images, read).items():
                change = self._scored.scores(of_exit, plain.wanted) - plain.scores[exit_name]
                self._added[exit_name, codec.code.name].add(change)

    def changes(self, compared: int) -> Iterator[FeatureChange]:
        """What was added up, over so many inputs."""
        for (exit_name, code), added in self._added.items():
            yield FeatureChange(exit_name, code, *added.mean_and_error(compared))

    def _answers_behind(
        self, codec: FeatureCodec, images: np.ndarray, read: dict[str, np.ndarray]
    ) -> Mapping[str, np.ndarray]:
        """What each exit gives that a codec stands before.

        Args:
            codec: the codec.
            images: the inputs.
            read: what codecs read of these inputs, by the tensor's name; what is missing is added.
        """
        points = {path.index: found for path in self._paths if (found := codec.points(path)) is not None}
        deepest, run, name = max(points), self._scored.open.run, codec.reads.name
        if name not in read:  # by the very layers that a plan runs: another cut changes the last bits
            start = points[deepest][0]
            read[name] = self._scored.open.layers(deepest, 0, start, images) if start else images
        decoded = run(codec.decoder, run(codec.encoder, read[name]))
        return self._scored.onwards({codec.gives.name: decoded}, [self._paths[index] for index in points])
