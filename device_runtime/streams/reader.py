"""The thread that reads a source, so that a frame is never older than need be."""

from __future__ import annotations

from threading import Thread
from typing import TYPE_CHECKING

from device_runtime.streams.picture import pictured

if TYPE_CHECKING:
    from collections.abc import Iterable

    from device_runtime.streams.newest import Newest
    from device_runtime.streams.picture import Picture
    from edgent.inputs import Given


def start_reader(frames: Iterable[Given | Picture], newest: Newest) -> None:
    """Put the frames of a source where the device takes them, until they or the stream end.

    The thread does not keep the process from ending: nothing wakes a camera's driver that gives no frame.
    """

    def read() -> None:
        try:
            for number, frame in enumerate(frames):
                if not newest.put(pictured(frame, number)):
                    break
        except BaseException as error:  # noqa: BLE001  whoever takes the frames is told
            newest.end(error)
        newest.end()

    Thread(target=read, name="frames", daemon=True).start()
