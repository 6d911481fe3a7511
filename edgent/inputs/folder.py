"""The files of a folder that hold inputs: its own, and those of subfolders, which may be named for labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgent.errors import InputError
from edgent.inputs.contents import ARRAY_SUFFIXES, IMAGE_SUFFIXES, printable
from edgent.inputs.photo_list import LIST_SUFFIX, read_list

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from edgent.inputs.photo_list import Photo
    from edgent.spec import Pipeline


@dataclass(frozen=True)
class FolderFile:
    """A file that holds inputs.

    Attributes:
        path: the file.
        folder: name of the subfolder that it lies in; None where it lies in none.
        label: the label that the subfolder is named for; None where it is named for none.
    """

    path: Path
    folder: str | None = None
    label: str | None = None


def folder_files(path: Path, spec: Pipeline) -> list[FolderFile]:
    """The files at a path: the folder's own, those of its labels in their order, those of other subfolders.

    Args:
        path: a folder, a .csv file that lists files, or a file that holds inputs itself.
        spec: declares the labels.

    Raises:
        InputError: no such path, or nothing in it that could be read.
        DataError: a list that cannot be read.
    """
    if not path.exists():
        raise InputError(f"{path}: no such file or folder; name an image, a .npy array or a folder of these")
    if path.suffix.lower() == LIST_SUFFIX:
        return [_listed(photo, spec) for photo in read_list(path)]
    if not path.is_dir():
        return [FolderFile(path)]
    labels = [label for label in dict.fromkeys(spec.input.labels) if _is_folder_name(label)]
    files = [FolderFile(file) for file in _readable(path)]
    for label in labels:
        if (path / label).is_dir():
            files += [FolderFile(file, label, label) for file in _readable(path / label)]
    for inner in sorted(path.iterdir()):
        if inner.is_dir() and inner.name not in labels and not inner.name.startswith((".", "__")):
            files += [FolderFile(file, printable(inner)) for file in _readable(inner)]
    if not files:
        raise InputError(
            f"{path}: this folder holds no image ({', '.join(sorted(IMAGE_SUFFIXES))}) and no .npy array"
        )
    return files


def left_out_folders(files: Iterable[FolderFile], spec: Pipeline) -> Iterator[tuple[str, str]]:
    """The subfolders whose files are left out because no label has their name: (folder, reason)."""
    folders = [file.folder for file in files if file.folder is not None and file.label is None]
    for folder in dict.fromkeys(folders):
        yield folder, f"a folder of {folders.count(folder)} files, left out: {spec.name} has no such label"


def _listed(photo: Photo, spec: Pipeline) -> FolderFile:
    return FolderFile(photo.file, photo.label, photo.label if photo.label in spec.input.labels else None)


def _readable(folder: Path) -> list[Path]:
    suffixes = IMAGE_SUFFIXES | ARRAY_SUFFIXES
    return sorted(file for file in folder.iterdir() if file.suffix.lower() in suffixes)


def _is_folder_name(label: str) -> bool:
    return label not in {"", ".", ".."} and not set(label) & set("/\\\0")
