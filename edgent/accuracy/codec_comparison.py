"""Answers the same inputs with and without each lossy codec, at every cut, and adds up what they change."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from edgent.accuracy.codec_accuracy import AccuracyChange, CodecSize
from edgent.accuracy.measures.measure import checked_scores
from edgent.accuracy.measures.registry import MEASURES
from edgent.core.codecs import CODECS
from edgent.core.codecs.codec import ACTIVATION, INPUT
from edgent.core.segment import Segment
from edgent.core.wire import read_frame
from edgent.errors import FrameError
from edgent.graph.tensor import Tensor
from edgent.latency.crossing import can_write, write_tensor
from edgent.latency.places import Place
from edgent.planning.plan import FLOAT32, RAW

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from edgent.datasets.dataset import Split
    from edgent.graph.exit_path import ExitPath
    from edgent.network import Network
    from edgent.planning.costs import FloatArray

_MAX_OPEN_BYTES = 1024**3  # of all segments; those of a large network are opened again and again


def through_codec(tensors: np.ndarray, codec: str, carries: str = ACTIVATION) -> tuple[np.ndarray, list[int]]:
    """What the other side reads, and the bytes of each frame: every sample by itself, as on the wire.

    Args:
        tensors: shape (batch, ...).
        codec: its name.
        carries: whether they are inputs or activations.
    """
    frames = [write_tensor(tensors[k : k + 1], codec, carries) for k in range(len(tensors))]
    return np.concatenate([read_frame(frame).tensor for frame in frames]), [len(frame) for frame in frames]


def _writes(codec: str, tensors: np.ndarray) -> bool:
    """Whether a codec is used at a cut, given what crosses there."""
    return can_write(codec, ACTIVATION, Tensor("", tensors.shape[1:], str(tensors.dtype)))


def _forks(path: ExitPath, paths: Sequence[ExitPath]) -> list[int]:
    """The partition points inside a path at which another path leaves it, rising."""
    forks = set()
    for other in paths:
        pairs = zip(path.partition_points, other.partition_points, strict=False)
        forks.add(sum(path.cut_tensor(point) == other.cut_tensor(point) for point, _ in pairs) - 1)
    return sorted(forks - {0, len(path.layers)})


class CodecComparison:
    """Scores answers with and without each lossy codec, and adds up what the codecs change."""

    def __init__(self, network: Network, measure: str, input_codecs: Sequence[str]) -> None:
        """Begin with nothing compared.

        Args:
            network: with the activation codecs that its spec offers.
            measure: name of what scores the answers.
            input_codecs: those to compare.
        """
        self._network, self._graph = network, network.graph
        self._measure_name, self._measure = measure, MEASURES[measure]
        self._segments: dict[tuple[int, int, int], tuple[Segment, int]] = {}
        written = [name for name in input_codecs if can_write(name, INPUT, self._graph.source)]
        self._exact_inputs = [name for name in written if CODECS[name].lossless]
        self._forks = [_forks(path, self._graph.paths) for path in self._graph.paths]
        self._inputs = [name for name in written if not CODECS[name].lossless]
        self._activations = [name for name in network.spec.codecs.activation if not CODECS[name].lossless]
        self._sizes: dict[tuple[str, int, str], list[int]] = defaultdict(list)
        self._added: dict[tuple[str, int, str, str], FloatArray] = defaultdict(lambda: np.zeros(2))

    @property
    def has_lossy_codecs(self) -> bool:
        """Whether the spec offers any codec that has to be compared."""
        return bool(self._inputs or self._activations)

    def plain(self, inputs: Split) -> dict[str, FloatArray]:
        """The score of each exit for each input, without loss."""
        answers = self.answers(inputs.images)
        wanted = self._wanted(inputs, answers)
        return {name: self._scores(of_exit, wanted) for name, of_exit in answers.items()}

    def check_lossless(self, images: np.ndarray) -> None:
        """Refuse a lossless codec that loses something on these images.

        Raises:
            FrameError: it does.
        """
        offered = self._network.spec.codecs
        for name in self._exact_inputs:
            if not np.array_equal(self._through(images, name), images):
                raise FrameError(f"codec {name} calls itself lossless, but changes an input of this network")
        for cut, _, tensors in self._cuts(images):
            for codec in offered.activation:
                if not CODECS[codec].lossless or not _writes(codec, tensors):
                    continue
                if not np.array_equal(self._through(tensors, codec, cut), tensors):
                    raise FrameError(f"codec {codec} calls itself lossless, but changes an activation")

    def compare(self, inputs: Split) -> None:
        """Answer the inputs without loss, then with each lossy input codec, then with each activation codec.

        What an input codec and an activation codec cost together is taken to be what both cost alone.
        """
        answers = self.answers(inputs.images)
        wanted = self._wanted(inputs, answers)
        plain = {name: self._scores(of_exit, wanted) for name, of_exit in answers.items()}
        for codec in self._inputs:
            for name, of_exit in self.answers(self._through(inputs.images, codec)).items():
                self._add((name, 0, codec, FLOAT32), self._scores(of_exit, wanted) - plain[name])
        for cut, paths, tensors in self._cuts(inputs.images) if self._activations else ():
            for codec in self._activations if paths else ():
                if not _writes(codec, tensors):
                    continue
                known = {paths[0].cut_tensor(cut[1]): self._through(tensors, codec, cut)}
                for name, of_exit in self._onwards(known, paths).items():
                    self._add((name, cut[1], RAW, codec), self._scores(of_exit, wanted) - plain[name])

    def changes(self, compared: int) -> Iterator[AccuracyChange]:
        """What was added up, over so many inputs."""
        for (exit_name, point, input_codec, activation_codec), (total, squares) in sorted(
            self._added.items(), key=lambda item: item[0]
        ):
            change = float(total) / compared
            variance = max(0.0, float(squares) / compared - change**2)
            error = math.sqrt(variance / compared)
            yield AccuracyChange(
                exit_name, point, input_codec, activation_codec, round(change, 6), round(error, 6)
            )

    def sizes(self) -> Iterator[CodecSize]:
        """The bytes of all frames that were written."""
        for (exit_name, point, codec), sizes in sorted(self._sizes.items(), key=lambda item: item[0]):
            mean, p95 = round(float(np.mean(sizes)), 1), round(float(np.percentile(sizes, 95)), 1)
            yield CodecSize(exit_name, point, codec, mean, p95)

    def answers(self, images: np.ndarray) -> dict[str, np.ndarray]:
        """What each exit gives."""
        return self._onwards({self._graph.input_name: images}, self._graph.paths)

    def _onwards(self, known: dict[str, np.ndarray], paths: Sequence[ExitPath]) -> dict[str, np.ndarray]:
        """What exits give that are reached from tensors that are known; what paths share is run once."""
        answers = {}
        for path in paths:
            start = max(point for point in path.partition_points if path.cut_tensor(point) in known)
            ends = (point for point in (*self._forks[path.index], len(path.layers)) if point > start)
            for stop in ends:
                tensors = known[path.cut_tensor(start)]
                known[path.cut_tensor(stop)] = self._run(path.index, start, stop, tensors)
                start = stop
            answers[path.exit_name] = known[path.cut_tensor(len(path.layers))]
        return answers

    def _wanted(self, inputs: Split, answers: Mapping[str, np.ndarray]) -> np.ndarray:
        """What answers are scored by: the labels, or what the deepest exit gives without loss."""
        return inputs.labels if self._measure.needs_labels else answers[self._graph.exit_names[-1]]

    def _scores(self, answers: np.ndarray, wanted: np.ndarray) -> FloatArray:
        return checked_scores(self._measure_name, self._measure, answers, wanted)

    def _add(self, key: tuple[str, int, str, str], change: FloatArray) -> None:
        """Add to a pair's sums of changes and of their squares: whole numbers where a score is 0 or 1."""
        self._added[key] += (change.sum(), (change**2).sum())

    def _cuts(self, images: np.ndarray) -> Iterator[tuple[tuple[str, int], list[ExitPath], np.ndarray]]:
        """Every cut inside a path, once: ((deepest exit, partition point), paths that go on, what crosses).

        An exit whose answer is what crosses is not among them: a plan brings it back without a codec.
        """
        known: dict[str, np.ndarray] = {self._graph.input_name: images}
        for path in reversed(self._graph.paths):
            for point in range(1, len(path.layers)):
                name = path.cut_tensor(point)
                if name not in known:
                    known[name] = self._run(path.index, point - 1, point, known[path.cut_tensor(point - 1)])
                    sharers = (self._graph.paths[k] for k in self._graph.head(path.index, point).exits)
                    paths = [sharer for sharer in sharers if point < len(sharer.layers)]
                    yield (path.exit_name, point), paths, known[name]

    def _through(self, tensors: np.ndarray, codec: str, cut: tuple[str, int] | None = None) -> np.ndarray:
        """What the other side reads of inputs, or of activations at a cut; the bytes are kept."""
        received, sizes = through_codec(tensors, codec, ACTIVATION if cut else INPUT)
        exit_name, point = cut or (self._graph.exit_names[-1], 0)
        self._sizes[exit_name, point, codec] += sizes
        return received

    def _run(self, index: int, start: int, stop: int, tensors: np.ndarray) -> np.ndarray:
        place = Place.of(self._graph, index, start, stop)
        return self._segment((self._graph.exit_names.index(place.exit), start, stop)).run(tensors)

    def _segment(self, key: tuple[int, int, int]) -> Segment:
        """The layers of an exit from a start to a stop, opened; those opened longest ago make room."""
        if key not in self._segments:
            file = self._network.segments.segment(*key)
            size_bytes = self._network.segments.size_bytes(file)
            while self._segments and self._open_bytes() + size_bytes > _MAX_OPEN_BYTES:
                del self._segments[next(iter(self._segments))]
            self._segments[key] = (Segment(file, keeps_memory=False), size_bytes)
        return self._segments[key][0]

    def _open_bytes(self) -> int:
        return sum(size_bytes for _, size_bytes in self._segments.values())
