"""The features of many photos, kept in the cache part by part, so that an interrupted run goes on."""

from __future__ import annotations

import io
import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from edgent.counted import counted
from edgent.errors import DataError, InputError
from edgent.exits.features import Features
from edgent.graph.cache import short_digest, write_whole
from edgent.inputs.tensor import to_tensor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from edgent.exits.features import FeatureReader
    from edgent.inputs.photo_list import Photo
    from edgent.latency.timing import Progress
    from edgent.spec import Pipeline

_LOG = logging.getLogger(__name__)
_PART = 128  # photos


@dataclass(frozen=True)
class PhotoFeatures:
    """The features of the photos that could be read.

    Attributes:
        features: of these.
        photos: that were read, in the same order.
        left_out: the others, each with its reason.
    """

    features: Features
    photos: tuple[Photo, ...]
    left_out: tuple[str, ...]

    def labelled_with(self, classes: Sequence[str]) -> PhotoFeatures:
        """Only the photos that are labelled with one of the classes; the others are left out.

        Raises:
            DataError: there are none.
        """
        kept = [k for k, photo in enumerate(self.photos) if photo.label in classes]
        others = tuple(
            f"{photo.file}: labelled {photo.label!r}, which is no class, or more than one"
            for photo in self.photos
            if photo.label not in classes
        )
        if not kept:
            raise DataError(f"no photo is labelled with one of the classes: {others[0]}")
        photos = tuple(self.photos[k] for k in kept)
        return PhotoFeatures(self.features[np.array(kept)], photos, (*self.left_out, *others))


class PhotoReader:
    """Reads features of photos on several threads, or from the cache.

    Args:
        reader: runs the network.
        spec: says how a photo becomes an input.
        folder: of the cache.
        threads: number of photos at once.
    """

    def __init__(self, reader: FeatureReader, spec: Pipeline, folder: Path, threads: int) -> None:
        self._reader, self._spec, self._folder, self._threads = reader, spec, folder, threads

    def read(self, photos: Sequence[Photo], phase: str, progress: Progress | None = None) -> PhotoFeatures:
        """The features of photos.

        Args:
            photos: their files.
            phase: what the progress calls it.
            progress: called with the phase, how many are done, and of how many.

        Raises:
            DataError: none of them can be read.
        """

        def tell(before: int, done: int) -> None:
            if progress is not None:
                progress(phase, before + done, len(photos))

        parts, read, left_out = [], [], []
        with ThreadPoolExecutor(self._threads) as pool:
            for start in range(0, len(photos), _PART):
                part = photos[start : start + _PART]
                answers = self._part(part, pool, partial(tell, start))
                for photo, answer in zip(part, answers, strict=True):
                    if isinstance(answer, str):
                        left_out.append(answer)
                    else:
                        read.append(photo)
                        parts.append(answer)
        if not parts:
            raise DataError(
                f"none of {counted(len(photos), 'photo')} can be read: {left_out[0] if left_out else ''}"
            )
        return PhotoFeatures(Features.joined(parts), tuple(read), tuple(left_out))

    def _part(
        self, photos: Sequence[Photo], pool: ThreadPoolExecutor, tell: Callable[[int], None]
    ) -> list[Features | str]:
        """Features of each photo, or why it was left out."""
        file = self._folder / f"features-{self._digest(photos)}.npz"
        kept = _read_part(file, len(photos))
        if kept is not None:
            tell(len(photos))
        else:
            kept = []
            for one in pool.map(self._one, photos):
                kept.append(one)
                tell(len(kept))
            if all(isinstance(one, Features) for one in kept):
                whole = Features.joined([one for one in kept if isinstance(one, Features)])
                content = io.BytesIO()
                np.savez(content, *whole.places, answers=whole.answers)
                write_whole(file, content.getvalue())
        return kept

    def _one(self, photo: Photo) -> Features | str:
        try:
            return self._reader.read(to_tensor(photo.file, self._spec))
        except InputError as error:
            return str(error)

    def _digest(self, photos: Sequence[Photo]) -> str:
        steps = self._spec.input.model_dump_json(exclude={"labels", "labels_file", "samples"})
        return short_digest(self._reader.identity, steps, *_states(photos))


def _states(photos: Sequence[Photo]) -> Iterator[str]:
    """What tells whether a file has changed."""
    for photo in photos:
        try:
            state = photo.file.stat()
        except OSError:
            yield f"{photo.file}"
        else:
            yield f"{photo.file.absolute()}\0{state.st_size}\0{state.st_mtime_ns}"


def _read_part(file: Path, count: int) -> list[Features | str] | None:
    """What the cache holds; None where it holds nothing, or nothing whole."""
    try:
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as arrays:
            answers = arrays["answers"]
            places = [arrays[f"arr_{number}"] for number in range(len(arrays.files) - 1)]
    except FileNotFoundError:
        return None
    except Exception as error:  # noqa: BLE001  a broken archive fails in too many ways to list
        _LOG.info("%s is read anew: %s", file, error)
        return None
    if any(len(array) != count for array in (answers, *places)):
        return None
    return [Features(tuple(place[k : k + 1] for place in places), answers[k : k + 1]) for k in range(count)]
