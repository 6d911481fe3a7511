"""From what people write as the source of a stream to its frames."""

from __future__ import annotations

import logging
import os
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from device_runtime.streams.pipe import FrameFormat, jpeg_frames, raw_frames
from device_runtime.streams.video import Video
from device_runtime.streams.watched_folder import WatchedFolder
from edgent.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from device_runtime.streams.picture import Picture
    from device_runtime.streams.pipe import Readable

_LOG = logging.getLogger(__name__)
_STDIN = "-"
_CAMERA, _WATCH = "camera:", "watch:"
_PROTOCOLS = ("rtsp://", "rtsps://", "http://", "https://")
_SOURCES = "a video file, a folder, camera:0, watch:FOLDER, - or a URL of RTSP or HTTP"


def open_source(source: str, frame_format: str | None = None, *, is_paced: bool = True) -> Iterable[Picture]:
    """The frames of a source, which is opened now and read when they are wanted.

    Args:
        source: ``camera:N``, a camera's device, a video file, a folder or ``watch:FOLDER``, ``-`` for
            standard input, or a URL of RTSP or HTTP. A file that is there is meant, whatever its name.
        frame_format: of raw frames on standard input; JPEG files when None.
        is_paced: whether a video with an end is played at its own speed, and not read as fast as can be.

    Raises:
        InputError: there is no such source, or it cannot be read.
        MissingExtraError: it is a video, and PyAV is not installed.
    """
    if source == _STDIN:
        return _piped(frame_format)
    if frame_format is not None:
        raise InputError(f"--frame-format {frame_format} is for --stream -, and the stream is {source}")
    if source.startswith(_PROTOCOLS):
        return Video(source, is_live=True, is_paced=is_paced)
    if not os.path.lexists(source):
        if not source.removeprefix(_WATCH):  # such as of a variable that is not set; not the folder of now
            raise InputError(f"--stream '{source}' names nothing: name {_SOURCES}")
        if source.startswith(_WATCH):
            return WatchedFolder(Path(source.removeprefix(_WATCH)))
        if source.startswith(_CAMERA):
            source = f"/dev/video{source.removeprefix(_CAMERA)}"
    return _at_path(source, is_paced=is_paced)


def _at_path(source: str, *, is_paced: bool) -> Iterable[Picture]:
    """The frames of what is at a path: a folder, a camera, or a video.

    Raises:
        InputError: there is nothing, or it cannot be read.
        MissingExtraError: it is a video, and PyAV is not installed.
    """
    mode = _mode(source)
    if stat.S_ISDIR(mode):
        return WatchedFolder(Path(source))
    if stat.S_ISCHR(mode):
        return Video(source, kind="v4l2", is_live=True)
    if stat.S_ISFIFO(mode):
        _LOG.warning("%s is a named pipe: this waits until a program opens it for writing", source)
    return Video(source, is_live=False, is_paced=is_paced)


def _piped(frame_format: str | None) -> Iterable[Picture]:
    """The frames on standard input: raw ones of a format, or JPEG files.

    Raises:
        InputError: there is no such format, or standard input cannot be read.
    """
    written = None if frame_format is None else FrameFormat.parse(frame_format)
    return jpeg_frames(_stdin()) if written is None else raw_frames(_stdin(), written)


def _stdin() -> Readable:
    """Standard input, unbuffered.

    Raises:
        InputError: it is closed, or a folder.
    """
    if sys.stdin is None:
        raise InputError("--stream -: standard input is closed; pipe frames into the command")
    if sys.stdin.isatty():
        _LOG.warning("standard input is a terminal: this waits for frames; pipe them into the command")
    try:
        return open(sys.stdin.fileno(), "rb", buffering=0, closefd=False)  # it stays open
    except OSError as error:
        raise InputError(
            f"--stream -: standard input: {error.strerror}; pipe frames into the command"
        ) from None


def _mode(source: str) -> int:
    """What is at a path, in the bits of `stat`.

    Raises:
        InputError: nothing is, or nobody may look at it.
    """
    try:
        return Path(source).stat().st_mode
    except FileNotFoundError:
        why = "there is no such file, folder or camera"
    except OSError as error:
        why = str(error.strerror)
    raise InputError(f"{source}: {why}; name {_SOURCES}")
