"""Inputs to measure with where a spec says: a known data set, files, an .npz of arrays.

They have labels where they lie in folders that are named for labels, or in an array beside the images.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from edgent.counted import counted
from edgent.datasets.dataset import Split
from edgent.datasets.registry import DATASETS
from edgent.errors import DataError, InputError
from edgent.inputs.archived_array import archived_array
from edgent.inputs.file_inputs import FileInputs
from edgent.inputs.folder import folder_files, left_out_folders
from edgent.inputs.unknown_labels import not_known, unknown_labels

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    import numpy.typing as npt

    from edgent.core.photo import Photo
    from edgent.inputs.folder import FolderFile
    from edgent.spec import Pipeline

ARCHIVE_SUFFIX = ".npz"
NO_LABEL = -1


class Labelled:
    """Inputs of a network, all with labels or all without, read a batch at a time.

    Attributes:
        has_labels: whether they have labels that the pipeline knows.
        unknown_labels: labels that they have instead, which it does not know.
    """

    def __init__(
        self,
        count: int,
        read: Callable[[int], np.ndarray],
        labels: npt.NDArray[np.int64] | None = None,
        left_out: Sequence[str] = (),
        unknown_labels: Sequence[str] = (),
        photo: Callable[[int], Photo | None] = lambda _: None,
    ) -> None:
        """Say where they come from; none is read yet.

        Args:
            count: how many there are.
            read: gives one of them, shape (*input shape), or raises InputError.
            labels: the numbers of their classes, shape (count,); None where there are none.
            left_out: what was left out already, each with its reason.
            unknown_labels: labels that the pipeline does not know, where it knows none of them.
            photo: gives one of them as the file of a picture, or None where it is none.
        """
        self._photo = photo
        self.has_labels = labels is not None
        self.unknown_labels = tuple(unknown_labels)
        self._count, self._read = count, read
        self._labels = np.full(count, NO_LABEL, np.int64) if labels is None else labels
        self._left_out = tuple(left_out)
        self._broken: dict[int, str] = {}

    @classmethod
    def of(cls, images: np.ndarray, labels: npt.NDArray[np.int64] | None = None) -> Labelled:
        """Those of an array.

        Args:
            images: shape (n, *input shape).
            labels: shape (n,), or None.

        Raises:
            DataError: another number of labels than of images.
        """
        if labels is not None and len(labels) != len(images):
            raise DataError(
                f"{counted(len(images), 'image')}, but {counted(len(labels), 'label')}: "
                "give one to each image"
            )
        return cls(len(images), images.__getitem__, labels)

    def __len__(self) -> int:
        """How many there are, less those that were found to be broken."""
        return self._count - len(self._broken)

    @property
    def left_out(self) -> tuple[str, ...]:
        """What was left out, with reasons; a broken file is found when it is read."""
        return (*self._left_out, *(self._broken[index] for index in sorted(self._broken)))

    @property
    def split(self) -> Split:
        """All of them, in memory.

        Raises:
            DataError: none can be read.
        """
        for batch in self.batches(max(1, self._count)):
            return batch
        raise self.nothing_read()

    def nothing_read(self) -> DataError:
        """What to raise where none of them can be read."""
        return DataError(f"no input can be read; {'; '.join(self.left_out[:1]) or 'there is none'}")

    def order(self, seed: int) -> npt.NDArray[np.int64]:
        """All of them in random order, for :meth:`batches`."""
        return np.random.default_rng(seed).permutation(self._count)

    def batches(self, size: int, order: npt.NDArray[np.int64] | None = None) -> Iterator[Split]:
        """Them in batches with their labels, which are -1 where there are none; broken ones are left out.

        Args:
            size: of a batch at most.
            order: which ones, by their numbers; all from the first to the last when None.
        """
        order = np.arange(self._count) if order is None else order
        for start in range(0, len(order), size):
            chosen = order[start : start + size].tolist()
            tensors: dict[int, np.ndarray] = {}
            for index in sorted({*chosen} - self._broken.keys()):  # file by file, whatever the order
                try:
                    tensors[index] = self._read(index)
                except InputError as error:
                    self._broken[index] = str(error)
            whole = [index for index in chosen if index in tensors]
            if whole:
                yield Split(np.stack([tensors[index] for index in whole]), self._labels[whole])

    def photos(self, order: npt.NDArray[np.int64] | None = None) -> Iterator[Photo]:
        """Those that are photos whose own files may go up, not decoded yet.

        Args:
            order: which ones, by their numbers; all from the first to the last when None.
        """
        for index in (np.arange(self._count) if order is None else order).tolist():
            if index in self._broken:
                continue
            try:
                photo = self._photo(index)
            except InputError as error:
                self._broken[index] = str(error)
                continue
            if photo is not None and photo.kept_here is None:
                yield photo


def held_out_data(spec: Pipeline, *, use_labels: bool = True) -> Labelled:
    """The inputs that a spec names to measure with, those with labels if any has one.

    Raises:
        DataError: it names none, or these cannot be read.
        InputError: there is nothing to read.
    """
    path = held_out_path(spec)
    if path is not None:
        return read_labelled(path, spec, use_labels=use_labels)
    split = DATASETS[spec.held_out or ""].held_out()
    return Labelled.of(split.images, split.labels if use_labels else None)


def held_out_path(spec: Pipeline) -> Path | None:
    """Where the inputs are that a spec names to measure with; None where these are a known data set.

    Raises:
        DataError: it names none, or they are not there.
    """
    source = spec.held_out
    if source is None:
        raise DataError(
            f"{spec.file} names no data.held_out and no training.dataset: write one, a folder of labelled "
            "folders, a .csv list of files or an .npz file of images and labels"
        )
    if source in DATASETS:
        return None
    path = spec.resolve(source)
    if not path.exists():
        known = ", ".join(DATASETS)
        raise DataError(
            f"{spec.file}: data.held_out: {path} is not there, and no data set is called so; known: {known}"
        )
    return path


def read_labelled(path: Path, spec: Pipeline, *, use_labels: bool = True) -> Labelled:
    """The inputs of a folder, a file, or an .npz of images and, if they have them, labels.

    Where some have labels, the others are left out.

    Args:
        path: what lies in a subfolder that is named for a label has that label.
        spec: declares shape, element type and labels.
        use_labels: whether labels are wanted; without, all inputs are taken alike.

    Raises:
        DataError: there is nothing to read.
    """
    if path.suffix.lower() == ARCHIVE_SUFFIX:
        return _from_archive(path, spec, use_labels=use_labels)
    return _from_files(path, spec, use_labels=use_labels)


def no_labels(where: str, spec: Pipeline, unknown_labels: Sequence[str] = ()) -> DataError:
    """What to raise where labels are needed and there are none that the pipeline knows."""
    if unknown_labels:
        return DataError(
            f"{where} holds no input with a label of {spec.name}: {not_known(unknown_labels, spec)}"
        )
    example = f", such as {where}/{spec.input.labels[0]}" if spec.input.labels else ""
    return DataError(
        f"{where} holds no labelled input: it needs a subfolder of inputs for each label{example}, or to be "
        "a .csv list of files with a column label, or an .npz file of images and labels"
    )


def _from_files(path: Path, spec: Pipeline, *, use_labels: bool) -> Labelled:
    labels = spec.input.labels
    found = folder_files(path, spec)
    known = [file for file in found if file.label is not None and labels.count(file.label) == 1]
    if not use_labels or not known:
        inputs = FileInputs(found, spec)
        unknown = unknown_labels(found) if use_labels else []
        return Labelled(
            len(inputs), inputs.read, left_out=inputs.left_out, unknown_labels=unknown, photo=inputs.photo
        )
    inputs = FileInputs(known, spec)
    class_of = [labels.index(file.label) for file in known if file.label is not None]
    classes = np.array([class_of[number] for number in inputs.file_numbers], np.int64)
    left_out = (*_without_label(found, spec), *inputs.left_out)
    return Labelled(len(inputs), inputs.read, classes, left_out, photo=inputs.photo)


def _without_label(files: Sequence[FolderFile], spec: Pipeline) -> Iterator[str]:
    """What is left out where others have labels, with the reasons."""
    for file in files:
        if file.folder is None:
            lacks = (
                "no label is listed for it"
                if file.is_listed
                else "it lies in no folder that is named for a label"
            )
            yield f"{file.name}: {lacks}"
        elif file.label is not None and spec.input.labels.count(file.label) > 1:
            yield f"{file.name}: several classes are labelled {file.label!r}"
    for folder, reason in left_out_folders(files, spec):
        yield f"{folder}: {reason}"


def _from_archive(path: Path, spec: Pipeline, *, use_labels: bool) -> Labelled:
    try:
        with np.load(path, allow_pickle=False) as archive:
            images = archived_array(archive, "images")
            labels = archived_array(archive, "labels") if use_labels and "labels" in archive.files else None
    except Exception as error:  # noqa: BLE001  a header is Python text: it fails in too many ways to list
        raise DataError(
            f"{path}: no .npz file with an array images and, beside it, labels: {error}"
        ) from None
    shape, dtype, classes = spec.input.shape, spec.input.dtype, len(spec.input.labels)
    if images.shape[1:] != shape or images.dtype != dtype or len(images) == 0:
        raise DataError(
            f"{path}: images of shape {list(images.shape)}, {images.dtype}; {spec.name} takes a number of "
            f"{list(shape)}, {dtype}"
        )
    if labels is None:
        return Labelled.of(images)
    if labels.shape != images.shape[:1] or labels.dtype.kind not in "iu":
        raise DataError(
            f"{path}: labels of shape {list(labels.shape)}, {labels.dtype}; expected a whole number for "
            f"each of {len(images)} images"
        )
    if labels.min() < 0 or labels.max() >= classes:
        raise DataError(
            f"{path}: labels from {labels.min()} to {labels.max()}; {spec.name} has classes 0 to "
            f"{classes - 1}"
        )
    return Labelled.of(images, labels.astype(np.int64))
