"""What a training reads, on disk rather than in memory: inputs, activations at the place, answers.

They lie in the cache, a file for each kind of tensor and view of the pictures: an interrupted run goes on,
and another codec at the same place begins at once.
"""

from __future__ import annotations

import hashlib
import math
import os
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from edgent.compression.views import number_of_views, view_of
from edgent.errors import DataError
from edgent.graph.cache import short_digest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from edgent.compression.codec_place import CodecPlace
    from edgent.compression.network_reader import NetworkReader
    from edgent.inputs.labelled import Labelled
    from edgent.latency.timing import Progress
    from edgent.network import Network

LARGEST_BYTES = 6 * 1024**3
"""Of all tensors of one place on disk."""
_PART = 64
_LARGEST_HALF = 65504.0


@dataclass(frozen=True)
class Batch:
    """Some samples in one view.

    Attributes:
        reads: what the encoder reads, shape (n, *shape).
        gives: what the decoder is to give, float32, shape (n, *shape).
        answers: of the unsplit network's exits side by side, shape (n, sum of classes).
        labels: shape (n,), -1 where there are none.
    """

    reads: np.ndarray
    gives: np.ndarray
    answers: np.ndarray
    labels: np.ndarray


class TrainingTensors:
    """Batches of samples, in views that are computed when they are first asked for.

    Attributes:
        views: of each sample.
        offered: samples that the data hold, of which the disk's budget may allow fewer.
        sha256: digest of the samples in use.
        labels: of these, shape (n,).
    """

    def __init__(
        self,
        network: Network,
        place: CodecPlace,
        reader: NetworkReader,
        inputs: Labelled,
        *,
        most_views: int | None = None,
        largest_bytes: int = LARGEST_BYTES,
        progress: Progress | None = None,
    ) -> None:
        """Read the inputs themselves; nothing else is computed yet.

        Args:
            network: says how inputs look, and where its cache is.
            place: where the codec stands.
            reader: runs the network.
            inputs: to train on, or held out.
            most_views: of each; by default as many as suit the inputs and fit on the disk.
            largest_bytes: of all files together.
            progress: called with what is going on, how much is done, and of how much.

        Raises:
            DataError: no input can be read, or the disk is full.
        """
        self._place, self._reader, self._section = place, reader, network.spec.input
        self._progress, self._input = progress, network.graph.source
        kept = {tensor.name: math.prod(tensor.shape) for tensor in (place.reads, place.gives)}
        kept.pop(self._input.name, None)
        a_view = 2 * sum(kept.values())
        self.offered, self.views = len(inputs), most_views or number_of_views(self._section)
        while (
            self.views > 1 and self.offered * (self._input.size_bytes + self.views * a_view) > largest_bytes
        ):
            self.views -= 1
        most = max(1, int(largest_bytes // (self._input.size_bytes + self.views * a_view)))
        self._folder = network.segments.folder / "compression"
        self._inputs, self.labels, self.sha256 = self._read_inputs(inputs, most)
        self._views: dict[int, dict[str, np.ndarray]] = {}

    def __len__(self) -> int:
        """Samples in use."""
        return len(self.labels)

    def batch(self, chosen: np.ndarray, view: int = 0) -> Batch:
        """Some samples in one view.

        Args:
            chosen: their numbers.
            view: number of the view.

        Raises:
            DataError: the disk is full.
        """
        if view not in self._views:
            self._views[view] = self._read_view(view)
        tensors = self._views[view]
        name = self._place.reads.name
        reads = (
            self._seen(chosen, view) if name == self._input.name else tensors[name][chosen].astype(np.float32)
        )
        gives = tensors[self._place.gives.name][chosen].astype(np.float32)
        return Batch(reads, gives, tensors["answers"][chosen], self.labels[chosen])

    def _seen(self, chosen: np.ndarray, view: int) -> np.ndarray:
        return np.stack([view_of(self._inputs[k], view, int(k), self._section) for k in chosen])

    def _read_inputs(self, inputs: Labelled, most: int) -> tuple[np.ndarray, np.ndarray, str]:
        """The inputs as a file of their own, their labels, and the digest of both."""
        order = np.sort(inputs.order(0)[:most])
        shape = (len(order), *self._input.shape)
        labels, digest = [], hashlib.sha256()
        done = 0
        partial = self._folder / f".inputs-{os.getpid()}.npy"
        with _writing(partial):
            array = _array_on_disk(partial, np.dtype(self._input.dtype), shape)
            for part in inputs.batches(_PART, order):
                array[done : done + len(part.images)] = part.images
                digest.update(np.ascontiguousarray(part.images).data)
                labels.append(part.labels)
                done += len(part.images)
                self._report("reading inputs", done, len(order))
            if not done:
                raise inputs.nothing_read()
            array.flush()
            file = self._folder / f"inputs-{digest.hexdigest()[:16]}.npy"
            partial.replace(file)
        known = np.concatenate(labels)
        digest.update(known.tobytes())
        return np.lib.format.open_memmap(file, "r")[:done], known, digest.hexdigest()

    def _read_view(self, view: int) -> dict[str, np.ndarray]:
        """All tensors of one view, from the cache if it has them."""
        names = dict.fromkeys((self._place.gives.name, self._place.reads.name))
        shapes = {t.name: t.shape for t in (self._place.gives, self._place.reads) if t.name in names}
        shapes.pop(self._input.name, None)
        stem = short_digest(self._reader.identity, self.sha256, str(view))
        files = {name: self._folder / f"{stem}-{short_digest(name)}.npy" for name in (*shapes, "answers")}
        if not all(file.is_file() for file in files.values()):
            self._compute(view, shapes, files)
        return {name: np.lib.format.open_memmap(file, "r") for name, file in files.items()}

    def _compute(self, view: int, shapes: dict[str, tuple[int, ...]], files: dict[str, Path]) -> None:
        partial = {name: file.with_name(f".{file.name}.{os.getpid()}") for name, file in files.items()}
        answers = []
        with _writing(*partial.values()):
            arrays = {
                name: _array_on_disk(partial[name], np.dtype(np.float16), (len(self), *shape))
                for name, shape in shapes.items()
            }
            for start in range(0, len(self), _PART):
                chosen = np.arange(start, min(start + _PART, len(self)))
                activations, of_exits = self._reader.read(self._seen(chosen, view))
                for name, array in arrays.items():
                    array[chosen] = activations[name].clip(-_LARGEST_HALF, _LARGEST_HALF)
                answers.append(of_exits)
                self._report(f"activations, view {view + 1} of {self.views}", int(chosen[-1]) + 1, len(self))
            for array in arrays.values():
                array.flush()
            of_all = np.concatenate(answers)
            _array_on_disk(partial["answers"], of_all.dtype, of_all.shape)[:] = of_all
            for name, file in files.items():
                partial[name].replace(file)

    def _report(self, phase: str, done: int, total: int) -> None:
        if self._progress is not None:
            self._progress(phase, done, total)


def _array_on_disk(file: Path, dtype: np.dtype, shape: tuple[int, ...]) -> np.memmap:
    """A new array, and room for it: a full disk says so now, and not by a signal while it is written.

    Raises:
        OSError: the disk has no room.
    """
    array: np.memmap = np.lib.format.open_memmap(file, "w+", dtype, shape)
    with file.open("r+b") as stream:
        os.posix_fallocate(stream.fileno(), 0, stream.seek(0, os.SEEK_END))
    return array


@contextmanager
def _writing(*partial: Path) -> Iterator[None]:
    """Leave no half-written file behind, and tell of a full disk in a sentence."""
    try:
        partial[0].parent.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        raise DataError(
            f"cannot write {partial[0].parent}: {error.strerror}; set XDG_CACHE_HOME to where there is room"
        ) from error
    finally:
        for file in partial:
            with suppress(OSError):
                file.unlink()
