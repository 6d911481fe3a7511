"""Photos to train on and photos to measure with, out of the folder that a user has."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from edgent.errors import DataError
from edgent.inputs.photo_list import Photo, photos_in

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

TRAIN = ("train", "training")
HELD_OUT = ("held_out", "held-out", "test", "testing", "val", "valid", "validation")
HELD_OUT_SHARE = 0.25
FEWEST = 20
"""Photos below which neither training nor measuring makes sense."""


@dataclass(frozen=True)
class PhotoSets:
    """Two sets of photos without a photo in common.

    Attributes:
        train, held_out: the photos.
        folders: where they lie, if each lies in a folder of labelled folders of its own.
    """

    train: tuple[Photo, ...]
    held_out: tuple[Photo, ...]
    folders: tuple[Path, Path] | None = None

    @property
    def is_labelled(self) -> bool:
        """Whether it is known what the photos show."""
        return any(photo.label is not None for photo in self.train)


def photo_sets(folder: Path, seed: int = 0) -> PhotoSets:
    """The photos of a folder: divided as its subfolders are (``train``, ``held_out``), else by chance.

    Args:
        folder: of photos, of labelled folders, or of folders called as in ``TRAIN`` and ``HELD_OUT``.
        seed: of the division, which takes a quarter of each class.

    Raises:
        DataError: no such folder, or too few photos in it.
    """
    if not folder.is_dir():
        raise DataError(f"{folder}: no such folder of photos")
    train_folder, held_out_folder = (_first_there(folder, names) for names in (TRAIN, HELD_OUT))
    if train_folder is not None and held_out_folder is not None:
        train, held_out = photos_in(train_folder), photos_in(held_out_folder)
        is_labelled = all(photo.label is not None for photo in (*train, *held_out))
        sets = PhotoSets(train, held_out, (train_folder, held_out_folder) if is_labelled else None)
    else:
        sets = _divided(photos_in(folder), seed)
    count = len(sets.train) + len(sets.held_out)
    if count < FEWEST or not sets.held_out:
        raise DataError(
            f"{folder}: {count} photos, {len(sets.held_out)} of them to measure with; at least {FEWEST} are "
            "needed, in this folder or in a folder of it for each class"
        )
    return sets


def _first_there(folder: Path, names: Sequence[str]) -> Path | None:
    return next((folder / name for name in names if (folder / name).is_dir()), None)


def _divided(photos: Sequence[Photo], seed: int) -> PhotoSets:
    by_label = defaultdict(list)
    for photo in photos:
        by_label[photo.label].append(photo)
    random = np.random.default_rng(seed)
    train, held_out = [], []
    for alike in by_label.values():
        order = random.permutation(len(alike))
        count = round(HELD_OUT_SHARE * len(alike))
        held_out += [alike[k] for k in sorted(order[:count])]
        train += [alike[k] for k in sorted(order[count:])]
    return PhotoSets(tuple(train), tuple(held_out))
