"""Which photos, and of what: a folder of labelled folders, a folder of photos, or a list in a .csv file."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgent.errors import DataError
from edgent.inputs.contents import ARRAY_SUFFIXES, IMAGE_SUFFIXES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

LIST_SUFFIX = ".csv"
_FILE, _LABEL = "file", "label"
_SUFFIXES = IMAGE_SUFFIXES | ARRAY_SUFFIXES


@dataclass(frozen=True)
class Photo:
    """A file that holds an input, and its label where that is known."""

    file: Path
    label: str | None = None


def photos_in(folder: Path) -> tuple[Photo, ...]:
    """All photos of a folder: those of its subfolders are labelled with their folder's name.

    Where no subfolder holds a photo, these are the folder's own, without labels. One subfolder alone is no
    label either, as a camera's folder is none.
    """
    by_folder = {inner.name: _readable(inner) for inner in _visible(folder) if inner.is_dir()}
    labels = [name for name, files in by_folder.items() if files]
    if not labels:
        return tuple(Photo(file) for file in _readable(folder))
    if len(labels) == 1:
        return tuple(Photo(file) for file in by_folder[labels[0]])
    return tuple(Photo(file, name) for name in labels for file in by_folder[name])


def read_list(path: Path) -> tuple[Photo, ...]:
    """The photos of a list: a .csv file with a column ``file`` and, if they are labelled, a column ``label``.

    Paths in it are relative to the list's folder.

    Raises:
        DataError: it cannot be read, or has no such column.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            rows = csv.DictReader(lines)
            if _FILE not in (rows.fieldnames or ()):
                raise DataError(
                    f"{path}: no list of photos: its first line must name a column {_FILE!r}, and a column "
                    f"{_LABEL!r} where they are labelled"
                )
            return tuple(Photo(path.parent / row[_FILE], row.get(_LABEL) or None) for row in rows)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path}: no readable list of photos: {error}") from None


def write_list(path: Path, photos: Sequence[Photo]) -> None:
    """Write a list of photos with whole paths.

    Raises:
        DataError: it cannot be written.
    """
    try:
        with path.open("w", encoding="utf-8", newline="") as lines:
            rows = csv.writer(lines, lineterminator="\n")
            rows.writerow([_FILE, _LABEL])
            rows.writerows([str(photo.file.resolve()), photo.label or ""] for photo in photos)
    except OSError as error:
        raise DataError(f"cannot write {path}: {error.strerror}") from None


def _visible(folder: Path) -> list[Path]:
    return sorted(inner for inner in folder.iterdir() if not inner.name.startswith((".", "__")))


def _readable(folder: Path) -> list[Path]:
    return [file for file in _visible(folder) if file.suffix.lower() in _SUFFIXES]
