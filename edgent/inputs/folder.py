"""The files of a folder that hold inputs: its own, and those of subfolders, which may be named for labels."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgent.counted import counted
from edgent.errors import InputError
from edgent.inputs.contents import IMAGE_SUFFIXES, printable
from edgent.inputs.photo_list import LIST_SUFFIX, read_list
from edgent.inputs.visible_files import input_files, visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from edgent.spec import Pipeline


@dataclass(frozen=True)
class FolderFile:
    """A file that holds inputs.

    Attributes:
        path: the file.
        name: the file's, for people, behind that of the subfolder that it lies in; of a listed file the last
            two parts of its path.
        folder: name of the subfolder that it lies in; None where it lies in none.
        label: the label that the subfolder is named for; None where it is named for none.
        is_listed: whether a list names the file; what it says of it then stands for the subfolder's name.
    """

    path: Path
    name: str
    folder: str | None = None
    label: str | None = None
    is_listed: bool = False


def folder_files(path: Path, spec: Pipeline) -> list[FolderFile]:
    """The files at a path: the folder's own, those of its labels in their order, those of other subfolders.

    Args:
        path: a folder, a .csv file that lists files, or a file that holds inputs itself.
        spec: declares the labels.

    Raises:
        InputError: no such path, or none that may be looked at, or nothing in it that could be read.
        DataError: a list that cannot be read, or with a row that names no file.
    """
    try:
        return _files_at(path, spec)
    except OSError as error:
        raise InputError(
            f"{error.filename or path}: {error.strerror}; name an image, a .npy array or a folder of these"
        ) from None


def _files_at(path: Path, spec: Pipeline) -> list[FolderFile]:
    if not path.exists():
        raise InputError(f"{path}: no such file or folder; name an image, a .npy array or a folder of these")
    if path.suffix.lower() == LIST_SUFFIX:
        return _listed(path, spec)
    if not path.is_dir():
        return [FolderFile(path, printable(path))]
    labels = [label for label in dict.fromkeys(spec.input.labels) if _is_folder_name(label)]
    files = [FolderFile(file, printable(file)) for file in input_files(path)]
    for label in labels:
        if os.path.isdir(path / label):  # noqa: PTH112  a label may be longer than a name can be
            files += [
                FolderFile(file, _name_in(label, file), label, label) for file in input_files(path / label)
            ]
    for inner in visible(path):
        if inner.is_dir() and inner.name not in labels:
            folder = printable(inner)
            files += [FolderFile(file, _name_in(folder, file), folder) for file in input_files(inner)]
    if not files:
        raise InputError(
            f"{path}: this folder holds no image ({', '.join(sorted(IMAGE_SUFFIXES))}) and no .npy array"
        )
    return files


def left_out_folders(files: Iterable[FolderFile], spec: Pipeline) -> Iterator[tuple[str, str]]:
    """What is left out because the pipeline has no such label, by folder or listed label: (name, reason)."""
    strangers = Counter(
        (file.folder, file.is_listed) for file in files if file.folder is not None and file.label is None
    )
    for (name, is_listed), count in strangers.items():
        what = "the label of" if is_listed else "a folder of"
        many = counted(count, "file")
        listed = " in the list" if is_listed else ""
        yield name, f"{what} {many}{listed}, left out: {spec.name} has no such label"


def _listed(path: Path, spec: Pipeline) -> list[FolderFile]:
    photos = read_list(path)
    if not photos:
        raise InputError(f"{path}: this list names no photo: write a row for each below its first line")
    known = spec.input.labels
    return [
        FolderFile(
            photo.file,
            _listed_name(photo.file, path.parent),
            photo.label,
            photo.label if photo.label in known else None,
            is_listed=True,
        )
        for photo in photos
    ]


def _name_in(folder: str, file: Path) -> str:
    """Files of one name may lie in several folders."""
    return f"{folder}/{printable(file)}"


def _listed_name(file: Path, folder: Path) -> str:
    """The last two parts of a path as the list in a folder has it."""
    written = file.relative_to(folder) if file.is_relative_to(folder) else file
    inner = written.parent.name
    return _name_in(printable(written.parent), file) if inner else printable(file)


def _is_folder_name(label: str) -> bool:
    return label not in {"", ".", ".."} and not set(label) & set("/\\\0")
