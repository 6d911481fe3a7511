"""The thread that reads a source, so that a frame is never older than need be."""

from __future__ import annotations

from os import PathLike
from threading import Thread
from typing import TYPE_CHECKING

from device_runtime.streams.picture import pictured
from edgent.errors import InputError
from edgent.reasons import shortened

if TYPE_CHECKING:
    from collections.abc import Iterable

    from device_runtime.streams.newest import Newest
    from device_runtime.streams.picture import Picture
    from edgent.inputs import Given


def start_reader(frames: Iterable[Given | Picture], newest: Newest) -> None:
    """Put the frames of a source where the device takes them, until they or the stream end.

    The thread does not keep the process from ending: nothing wakes a camera's driver that gives no frame.

    Raises:
        InputError: these are no frames, but one, or nothing that can be gone through.
    """
    if not _can_be_frames(frames):
        raise InputError(
            f"{shortened(repr(frames))} gives no frames: hand over what a `for` goes through, such as "
            "sorted(Path(FOLDER).glob('*.jpg')), of what `infer` takes; `infer` answers one"
        )

    def read() -> None:
        try:
            for number, frame in enumerate(frames):
                if not newest.put(pictured(frame, number)):
                    break
        except BaseException as error:  # noqa: BLE001  whoever takes the frames is told
            newest.end(error)
        newest.end()

    Thread(target=read, name="frames", daemon=True).start()


def _can_be_frames(given: object) -> bool:
    """Whether something can be gone through, and is not itself a frame: its path, or its file's bytes."""
    if isinstance(given, (str, bytes, PathLike)):
        return False
    return hasattr(given, "__iter__") or hasattr(given, "__getitem__")
