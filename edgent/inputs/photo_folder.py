"""The photos of a folder that is not described by a spec yet: its subfolders are their labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgent.counted import counted
from edgent.inputs.photo_list import Photo
from edgent.inputs.visible_files import input_files, is_input, visible

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass(frozen=True)
class FolderPhotos:
    """What a folder holds.

    Attributes:
        photos: all of them labelled, or none.
        left_out: what was not taken, with the reasons.
    """

    photos: tuple[Photo, ...]
    left_out: tuple[str, ...] = ()

    @property
    def is_labelled(self) -> bool:
        """Whether the photos have labels."""
        return any(photo.label is not None for photo in self.photos)


def photos_in(folder: Path) -> FolderPhotos:
    """All photos of a folder: those of its subfolders are labelled with their folder's name.

    Where no subfolder holds a photo, these are the folder's own, without labels. One subfolder alone is no
    label either, as a camera's folder is none. Hidden files and folders are passed over.
    """
    inner = {item: input_files(item) for item in visible(folder) if item.is_dir()}
    filled = {item: files for item, files in inner.items() if files}
    own = input_files(folder)
    if not filled:
        return FolderPhotos(tuple(map(Photo, own)), tuple(_empty(inner)))
    left_out = tuple(_empty(inner))
    if own:
        left_out = (f"{folder}: {counted(len(own), 'photo')} in no subfolder, unlike the others", *left_out)
    if len(filled) == 1:
        return FolderPhotos(tuple(map(Photo, *filled.values())), left_out)
    labelled = tuple(Photo(file, item.name) for item, files in filled.items() for file in files)
    return FolderPhotos(labelled, left_out)


def _empty(inner: dict[Path, list[Path]]) -> Iterator[str]:
    """The subfolders that hold no photo, and how many photos lie deeper."""
    for item, files in inner.items():
        if not files:
            deeper = sum(is_input(file) for file in item.rglob("*"))
            yield f"{item}: no photo" + (f" but {deeper} in folders of its own" if deeper else "")
