"""The folder that an option names for what a command writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgent.errors import ArchiveError

if TYPE_CHECKING:
    from pathlib import Path


def make_folder(folder: Path, option: str) -> None:
    """Make a folder and those above it; one that is there stays.

    Args:
        folder: where it is to be.
        option: that names it.

    Raises:
        ArchiveError: a file is in its place, or it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise ArchiveError(f"{option} {folder} is a file: name a folder") from None
    except OSError as error:
        raise ArchiveError(f"cannot write {error.filename or folder}: {error.strerror}") from None
