"""Photos to train on and photos to measure with, out of the folder that a user has."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from edgent.counted import counted
from edgent.errors import DataError
from edgent.inputs.contents import ARRAY_SUFFIXES
from edgent.inputs.photo_folder import photos_in
from edgent.inputs.visible_files import visible

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from edgent.inputs.photo_list import Photo

TRAIN = ("train", "training")
HELD_OUT = (
    *("held_out", "held-out", "heldout", "holdout", "test", "testing", "val", "valid", "validation"),
    *("eval", "evaluation", "dev"),
)
HELD_OUT_SHARE = 0.25
FEWEST = 20
"""Photos below which neither training nor measuring makes sense."""


@dataclass(frozen=True)
class PhotoSets:
    """Two sets of photos without a photo in common.

    Attributes:
        train, held_out: the photos, all of them labelled or none.
        folders: where they lie, if each lies in a folder of labelled folders of its own.
        left_out: what was not taken, with the reasons.
    """

    train: tuple[Photo, ...]
    held_out: tuple[Photo, ...]
    folders: tuple[Path, Path] | None = None
    left_out: tuple[str, ...] = ()

    @property
    def labels(self) -> tuple[str, ...]:
        """What is known that the photos to train on show, in alphabetical order."""
        return tuple(sorted({photo.label for photo in self.train if photo.label is not None}))

    @property
    def is_labelled(self) -> bool:
        """Whether it is known what the photos show."""
        return bool(self.labels)

    @property
    def are_arrays(self) -> bool:
        """Whether these are arrays rather than pictures."""
        return all(photo.file.suffix.lower() in ARRAY_SUFFIXES for photo in (*self.train, *self.held_out))


def photo_sets(folder: Path, seed: int = 0) -> PhotoSets:
    """The photos of a folder: divided as its subfolders are (``train``, ``held_out``), else by chance.

    Args:
        folder: of photos, of labelled folders, or of folders called as in ``TRAIN`` and ``HELD_OUT``.
        seed: of the division, which takes a quarter of each class.

    Raises:
        DataError: no such folder, or too few photos in it.
        InputError: a folder cannot be read.
    """
    if not folder.is_dir():
        raise DataError(f"{folder}: no such folder of photos")
    to_train, to_measure = (_called(folder, names) for names in (TRAIN, HELD_OUT))
    sets = _of_folders(to_train[0], to_measure, seed) if to_train and to_measure else _divided(folder, seed)
    count = len(sets.train) + len(sets.held_out)
    if count < FEWEST or not sets.held_out:
        few = f"; {sets.left_out[0]}" if sets.left_out else ""
        raise DataError(
            f"{folder}: {counted(count, 'photo')}, {len(sets.held_out)} of them to measure with; at least "
            f"{FEWEST} are needed, in this folder or in a folder of it for each class, two in each{few}"
        )
    return sets


def _called(folder: Path, names: Sequence[str]) -> list[Path]:
    """The subfolders that have one of the names, in the names' order."""
    found = {inner.name.lower(): inner for inner in visible(folder) if inner.is_dir()}
    return [found[name] for name in names if name in found]


def _of_folders(to_train: Path, to_measure: Sequence[Path], seed: int) -> PhotoSets:
    """The photos of two folders; where one of them alone has labels, those of that one, divided by chance."""
    held_out_folder, *others = to_measure
    train, held_out = photos_in(to_train), photos_in(held_out_folder)
    left_out = [
        f"{other}: {counted(len(photos_in(other).photos), 'photo')}, since {held_out_folder.name} "
        "is measured with"
        for other in others
    ]
    if train.is_labelled != held_out.is_labelled:
        labelled, other = (to_train, held_out_folder) if train.is_labelled else (held_out_folder, to_train)
        left_out.append(f"{other}: its photos have no labels, unlike those of {labelled.name}")
        divided = _divided(labelled, seed)
        return replace(divided, left_out=(*left_out, *divided.left_out))
    folders = (to_train, held_out_folder) if train.is_labelled else None
    return PhotoSets(train.photos, held_out.photos, folders, (*left_out, *train.left_out, *held_out.left_out))


def _divided(folder: Path, seed: int) -> PhotoSets:
    found = photos_in(folder)
    by_label = defaultdict(list)
    for photo in found.photos:
        by_label[photo.label].append(photo)
    random = np.random.default_rng(seed)
    train, held_out = [], []
    for alike in by_label.values():
        order = random.permutation(len(alike))
        count = max(round(HELD_OUT_SHARE * len(alike)), min(1, len(alike) - 1))
        held_out += [alike[k] for k in sorted(order[:count])]
        train += [alike[k] for k in sorted(order[count:])]
    return PhotoSets(tuple(train), tuple(held_out), left_out=found.left_out)
