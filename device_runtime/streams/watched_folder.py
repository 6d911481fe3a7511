"""The pictures that come into a folder."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

from device_runtime.streams.picture import Picture
from edgent.errors import InputError
from edgent.inputs.contents import IMAGE_SUFFIXES, printable, read_image

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_LOOKS_EVERY_S = 0.05
_State = tuple[int, int]
"""When a file was changed, in nanoseconds, and its bytes."""
_UNREADABLE: _State = (0, -1)


class WatchedFolder:
    """The pictures that come into a folder, or are written anew, from now on.

    A file is complete when it has not changed between two looks.
    """

    def __init__(self, folder: Path, pause: Callable[[float], None] = time.sleep) -> None:
        """Look at what is there already, which is left alone.

        Args:
            folder: where pictures come.
            pause: waits for so many seconds.

        Raises:
            InputError: there is no such folder.
        """
        self._folder, self._pause = folder, pause
        self._done = self._look()

    def __iter__(self) -> Iterator[Picture]:
        """The pictures, in the order in which they were changed; this never ends.

        Raises:
            InputError: the folder is gone.
        """
        before: dict[Path, _State] = {}
        while True:
            now = self._look()
            self._done = {file: state for file, state in self._done.items() if file in now}
            new = {file: state for file, state in now.items() if self._done.get(file) != state}
            for file in sorted(new, key=lambda file: new[file]):
                if before.get(file) == new[file]:
                    self._done[file] = new[file]
                    yield Picture(printable(file), partial(read_image, file))
            before = new
            self._pause(_LOOKS_EVERY_S)

    def _look(self) -> dict[Path, _State]:
        """The pictures of now."""
        found: dict[Path, _State] = {}
        try:
            files = list(self._folder.iterdir())
        except OSError as error:
            raise InputError(f"{self._folder}: {error.strerror}; name a folder to watch") from None
        for file in files:
            if file.suffix.lower() not in IMAGE_SUFFIXES or file.name.startswith("."):
                continue
            try:
                said = file.stat()
            except FileNotFoundError:  # it was there a moment ago
                continue
            except OSError:  # such as a link to itself; whoever reads it says why
                found[file] = _UNREADABLE
                continue
            if said.st_size:
                found[file] = (said.st_mtime_ns, said.st_size)
        return found
