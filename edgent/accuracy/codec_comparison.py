"""Answers the same inputs with and without each lossy codec, at every cut, and adds up what they change."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from edgent.accuracy.added_changes import AddedChanges
from edgent.accuracy.codec_accuracy import AccuracyChange, CodecSize
from edgent.core.codecs import CODECS
from edgent.core.codecs.codec import ACTIVATION, INPUT
from edgent.core.wire import read_frame
from edgent.errors import FrameError
from edgent.graph.tensor import Tensor
from edgent.latency.crossing import can_write, write_tensor
from edgent.latency.file_profiling import write_photo
from edgent.latency.frame_sizes import mean_and_p95
from edgent.planning.plan import FILE, FLOAT32, RAW

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from edgent.accuracy.scored_network import PlainBatch, ScoredNetwork
    from edgent.core.photo import Photo
    from edgent.graph.exit_path import ExitPath


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


class CodecComparison:
    """Scores answers with and without each lossy codec, and adds up what the codecs change."""

    def __init__(self, scored: ScoredNetwork, input_codecs: Sequence[str]) -> None:
        """Take what is to be compared; nothing is yet.

        Args:
            scored: a network with the activation codecs that its spec offers.
            input_codecs: those to compare.
        """
        self._scored, self._network, self._graph = scored, scored.network, scored.network.graph
        written = [
            name for name in input_codecs if name != FILE and can_write(name, INPUT, self._graph.source)
        ]
        self._exact_inputs = [name for name in written if CODECS[name].lossless]
        self._inputs = [name for name in written if not CODECS[name].lossless]
        self._activations = [
            name for name in self._network.spec.codecs.activation if not CODECS[name].lossless
        ]
        self._sizes: dict[tuple[str, int, str], list[int]] = defaultdict(list)
        self._added: dict[tuple[str, int, str, str], AddedChanges] = defaultdict(AddedChanges)

    @property
    def has_lossy_codecs(self) -> bool:
        """Whether the spec offers any codec that has to be compared."""
        return bool(self._inputs or self._activations)

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

    def check_files(self, photos: Iterable[Photo], checked: int) -> None:
        """Note the bytes of photos' own files; the first so many are read as the edge would read them.

        Raises:
            FrameError: the edge makes something else of one than the device.
        """
        sizes = self._sizes[self._graph.exit_names[-1], 0, FILE]
        for photo in photos:
            frame = write_photo(photo)
            if len(sizes) < checked and not np.array_equal(read_frame(frame).tensor, photo.tensor):
                raise FrameError("a photo's own file becomes another input on the edge than here")
            sizes.append(len(frame))

    def compare(self, plain: PlainBatch) -> Iterator[float]:
        """Answer the inputs with each lossy input codec, then with each activation codec.

        What an input codec and an activation codec cost together is taken to be what both cost alone.

        Yields:
            The share that is done, after each input codec and each cut.
        """
        cuts = {path.cut_tensor(point) for path in self._graph.paths for point in range(1, len(path.layers))}
        steps = len(self._inputs) + (len(cuts) if self._activations else 0)
        for done, codec in enumerate(self._inputs, start=1):
            answers = self._scored.answers(self._through(plain.images, codec))
            self._add(0, codec, FLOAT32, answers, plain)
            yield done / steps
        crossing = self._cuts(plain.images) if self._activations else ()
        for done, (cut, paths, tensors) in enumerate(crossing, start=len(self._inputs) + 1):
            for codec in self._activations if paths else ():
                if not _writes(codec, tensors):
                    continue
                known = {paths[0].cut_tensor(cut[1]): self._through(tensors, codec, cut)}
                self._add(cut[1], RAW, codec, self._scored.onwards(known, paths), plain)
            yield done / steps

    def changes(self, compared: int) -> Iterator[AccuracyChange]:
        """What was added up, over so many inputs."""
        for place, added in sorted(self._added.items(), key=lambda item: item[0]):
            yield AccuracyChange(*place, *added.mean_and_error(compared))

    def sizes(self) -> Iterator[CodecSize]:
        """The bytes of all frames that were written."""
        written = {key: sizes for key, sizes in self._sizes.items() if sizes}
        for place, sizes in sorted(written.items(), key=lambda item: item[0]):
            yield CodecSize(*place, *mean_and_p95(sizes))

    def _add(
        self,
        point: int,
        input_codec: str,
        activation_codec: str,
        answers: Mapping[str, np.ndarray],
        plain: PlainBatch,
    ) -> None:
        """Add what a pair of codecs changes in the scores of exits' answers."""
        for name, of_exit in answers.items():
            change = self._scored.scores(of_exit, plain.wanted) - plain.scores[name]
            self._added[name, point, input_codec, activation_codec].add(change)

    def _cuts(self, images: np.ndarray) -> Iterator[tuple[tuple[str, int], list[ExitPath], np.ndarray]]:
        """Every cut inside a path, once: ((deepest exit, partition point), paths that go on, what crosses).

        An exit whose answer is what crosses is not among them: a plan brings it back without a codec.
        """
        known: dict[str, np.ndarray] = {self._graph.input_name: images}
        for path in reversed(self._graph.paths):
            for point in range(1, len(path.layers)):
                name = path.cut_tensor(point)
                if name not in known:
                    before = known[path.cut_tensor(point - 1)]
                    known[name] = self._scored.open.layers(path.index, point - 1, point, before)
                    sharers = (self._graph.paths[k] for k in self._graph.head(path.index, point).exits)
                    paths = [sharer for sharer in sharers if point < len(sharer.layers)]
                    yield (path.exit_name, point), paths, known[name]

    def _through(self, tensors: np.ndarray, codec: str, cut: tuple[str, int] | None = None) -> np.ndarray:
        """What the other side reads of inputs, or of activations at a cut; the bytes are kept."""
        received, sizes = through_codec(tensors, codec, ACTIVATION if cut else INPUT)
        exit_name, point = cut or (self._graph.exit_names[-1], 0)
        self._sizes[exit_name, point, codec] += sizes
        return received
