"""The pictures that come into a folder."""

from __future__ import annotations

import logging
import os
import time
from functools import partial
from typing import TYPE_CHECKING

from device_runtime.streams.file_end import has_its_end
from device_runtime.streams.picture import Picture
from edgent.errors import InputError
from edgent.inputs.contents import IMAGE_SUFFIXES, printable, read_image

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_LOG = logging.getLogger(__name__)
_LOOKS_EVERY_S = 0.05
_RESTS = 3  # times as long as a look takes: looking takes a quarter of the time at most
_MOST_LOOKS = 40  # a file without its end that is not written for so many looks, 2 s, is taken as it is
_SUFFIXES = tuple(IMAGE_SUFFIXES)
_State = tuple[int, int]
"""When a file was changed, in nanoseconds, and its bytes."""
_UNREADABLE: _State = (0, -1)


class WatchedFolder:
    """The pictures that come into a folder, or are written anew, from now on.

    A file is complete when it has not changed between two looks and has the end of its format, or is left
    without it.
    """

    def __init__(
        self,
        folder: Path,
        pause: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """Look at what is there already, which is left alone.

        Args:
            folder: where pictures come.
            pause: waits for so many seconds.
            clock: monotonic seconds.

        Raises:
            InputError: there is no such folder.
        """
        self._folder, self._pause, self._clock = folder, pause, clock
        try:
            self._done = self._look()
        except OSError as error:
            raise InputError(f"{folder}: {error.strerror}; name a folder to watch") from None

    def __iter__(self) -> Iterator[Picture]:
        """The pictures, in the order in which they were changed; this never ends."""
        waiting: dict[str, tuple[_State, int]] = {}
        while True:
            now, took_s = self._look_until_it_is_there()
            self._done = {name: state for name, state in self._done.items() if name in now}
            waiting = {
                name: (state, _looks_alike(waiting.get(name), state))
                for name, state in now.items()
                if self._done.get(name) != state
            }
            for name in sorted(waiting, key=lambda name: waiting[name]):
                file, (state, looks) = self._folder / name, waiting[name]
                if looks >= _MOST_LOOKS or (looks and has_its_end(file)):
                    self._done[name] = state
                    yield Picture(printable(file), partial(read_image, file))
            self._pause(max(_LOOKS_EVERY_S, _RESTS * took_s))

    def _look_until_it_is_there(self) -> tuple[dict[str, _State], float]:
        """The pictures of now, and how many seconds it took to look at them.

        A folder that is gone, as of a disk that was unplugged, is waited for.
        """
        is_told = False
        while True:
            began_s = self._clock()
            try:
                return self._look(), self._clock() - began_s
            except OSError as error:
                if not is_told:
                    _LOG.warning("%s: %s; this waits until it is there again", self._folder, error.strerror)
                is_told = True
            self._pause(_LOOKS_EVERY_S)

    def _look(self) -> dict[str, _State]:
        """The pictures of now, by their names.

        Raises:
            OSError: the folder cannot be looked into.
        """
        found: dict[str, _State] = {}
        with os.scandir(self._folder) as files:
            for file in files:
                if file.name.startswith(".") or not file.name.lower().endswith(_SUFFIXES):
                    continue
                try:
                    said = file.stat()
                except FileNotFoundError:  # it was there a moment ago
                    continue
                except OSError:  # such as a link to itself; whoever reads it says why
                    found[file.name] = _UNREADABLE
                    continue
                if said.st_size:
                    found[file.name] = (said.st_mtime_ns, said.st_size)
        return found


def _looks_alike(before: tuple[_State, int] | None, state: _State) -> int:
    """How many looks in a row found a file as it is now, before this one."""
    return before[1] + 1 if before is not None and before[0] == state else 0
