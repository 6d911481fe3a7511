"""The file that a recording is written into."""

from __future__ import annotations

import contextlib
import logging
from typing import TYPE_CHECKING

from edgent.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

_LOG = logging.getLogger(__name__)


class RecordingFile:
    """Takes lines; one that cannot be written, as on a full disk, ends the recording and not the answers."""

    def __init__(self, path: Path) -> None:
        """Make the file, which must not be there yet, in a folder that may be missing.

        Raises:
            InputError: it is there, or is a folder, or cannot be made.
        """
        self._path = path
        try:
            if path.is_dir():
                raise InputError(f"--record {path} is a folder: name a file, such as {path / 'run.jsonl'}")
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("x", encoding="utf-8")
        except FileExistsError as error:
            raise InputError(
                f"--record {error.filename} is there, and is not overwritten: name another file"
            ) from None
        except OSError as error:
            raise InputError(f"--record {path}: {error.strerror}; name another file") from None

    def write(self, line: str) -> None:
        """Write a line, at once."""
        if self._file.closed:
            return
        try:
            self._file.write(line + "\n")
            self._file.flush()
        except OSError as error:
            _LOG.warning("%s: %s; nothing more is recorded", self._path, error.strerror)
            with contextlib.suppress(OSError):  # for the same reason
                self._file.close()

    def close(self) -> None:
        """Close the file; again does nothing."""
        self._file.close()
