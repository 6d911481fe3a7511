"""Which photos, and of what: lists in .csv files."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgent.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

LIST_SUFFIX = ".csv"
_FILE, _LABEL = "file", "label"


@dataclass(frozen=True)
class Photo:
    """A file that holds an input, and its label where that is known."""

    file: Path
    label: str | None = None


def read_list(path: Path) -> tuple[Photo, ...]:
    """The photos of a list: a .csv file with a column ``file`` and, if they are labelled, a column ``label``.

    Paths in it are relative to the list's folder. Blanks around the columns' names, and behind commas, say
    nothing.

    Raises:
        DataError: it cannot be read, has no such column, or a row without a file.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            rows = csv.DictReader(lines, skipinitialspace=True)
            rows.fieldnames = [name.strip() for name in rows.fieldnames or ()]
            if _FILE not in rows.fieldnames:
                raise DataError(
                    f"{path}: no list of photos: its first line must name a column {_FILE!r}, and a column "
                    f"{_LABEL!r} where they are labelled"
                )
            return tuple(_listed(path, rows))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path}: no readable list of photos: {error}") from None


def write_list(path: Path, photos: Sequence[Photo]) -> None:
    """Write a list of photos with whole paths, in which links stay links.

    Raises:
        DataError: it cannot be written.
    """
    try:
        with path.open("w", encoding="utf-8", newline="") as lines:
            rows = csv.writer(lines, lineterminator="\n")
            rows.writerow([_FILE, _LABEL])
            rows.writerows([str(photo.file.absolute()), photo.label or ""] for photo in photos)
    except OSError as error:
        raise DataError(f"cannot write {path}: {error.strerror}") from None


def _listed(path: Path, rows: csv.DictReader[str]) -> Iterator[Photo]:
    for row in rows:
        name = (row[_FILE] or "").strip()
        if not name or "\0" in name:
            raise DataError(f"{path}:{rows.line_num}: no file is named in column {_FILE!r} of this row")
        yield Photo(path.parent / row[_FILE], (row.get(_LABEL) or "").strip() or None)
