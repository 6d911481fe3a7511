"""What a feature codec takes and costs on held-out data: bytes of its codes, scores of the exits behind it.

All of it through onnxruntime and the packed code, as device and edge run it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from edgent.accuracy.measures.measure import checked_scores
from edgent.accuracy.measures.registry import MEASURES
from edgent.core.code_packing import pack_code, unpack_code
from edgent.core.segment import Segment
from edgent.core.wire import frame_bytes
from edgent.graph.feature_record import ExitScore
from edgent.latency.frame_sizes import mean_and_p95

if TYPE_CHECKING:
    from collections.abc import Iterable

    from edgent.compression.codec_export import CodecFiles
    from edgent.compression.codec_place import CodecPlace
    from edgent.datasets.dataset import Split
    from edgent.network import Network


@dataclass(frozen=True)
class Measured:
    """A codec on held-out data.

    Attributes:
        samples: how many there were.
        bytes_mean, bytes_p95: of the frames that carry the codes.
        exits: scores of the exits behind it, shallow to deep.
    """

    samples: int
    bytes_mean: float
    bytes_p95: float
    exits: tuple[ExitScore, ...]


class CodecMeasuring:
    """The network around a codec's place, opened once for any number of codecs."""

    def __init__(self, network: Network, place: CodecPlace, measure: str) -> None:
        """Open the layers before and behind the place.

        Args:
            network: the unsplit network.
            place: where the codec stands.
            measure: name of what scores the answers.
        """
        self._measure_name, self._measure = measure, MEASURES[measure]
        graph, segments = network.graph, network.segments
        paths = [graph.path_of(name) for name in place.exits]
        index, self._place = paths[-1].index, place
        self._before = Segment(segments.segment(index, 0, place.start)) if place.start else None
        self._replaced = Segment(segments.segment(index, place.start, place.stop)) if place.jumps else None
        self._behind = {path.exit_name: Segment(segments.tail(path.index, place.stop)) for path in paths}
        self._deepest = graph.exit_names[-1]
        last = len(graph.paths) - 1
        self._whole = Segment(segments.head(last, len(graph.paths[last].layers)))

    def measure(self, files: CodecFiles, batches: Iterable[Split]) -> Measured:
        """Answer held-out inputs with and without a codec.

        Args:
            files: the codec.
            batches: inputs and labels.
        """
        encoder, decoder = Segment(files.encoder), Segment(files.decoder)
        sizes: list[int] = []
        scores: dict[str, list[np.ndarray]] = {name: [] for name in self._behind}
        for batch in batches:
            reads = batch.images if self._before is None else self._before.run(batch.images)
            payloads = [pack_code(code) for code in encoder.run(reads)]
            shape = decoder.input_shape
            sizes += [frame_bytes(len(shape) + 1, len(payload)) for payload in payloads]
            given = decoder.run(np.stack([unpack_code(payload, shape) for payload in payloads]))
            exact = reads if self._replaced is None else self._replaced.run(reads)
            wanted = batch.labels if self._measure.needs_labels else self._whole.run(batch.images)
            for name, tail in self._behind.items():
                pair = [self._scores(tail.run(tensor), wanted) for tensor in (exact, given)]
                scores[name].append(np.stack(pair, axis=1))
        means = {name: np.concatenate(pairs).mean(axis=0) for name, pairs in scores.items()}
        exits = tuple(
            ExitScore(name, *(round(float(score), 6) for score in pair)) for name, pair in means.items()
        )
        return Measured(len(sizes), *mean_and_p95(sizes), exits)

    def _scores(self, answers: np.ndarray, wanted: np.ndarray) -> np.ndarray:
        return checked_scores(self._measure_name, self._measure, answers, wanted)
