"""From what people write as the source of a stream to its frames."""

from __future__ import annotations

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

_STDIN = "-"
_CAMERA, _WATCH = "camera:", "watch:"
_PROTOCOLS = ("rtsp://", "rtsps://", "http://", "https://")


def open_source(source: str, frame_format: str | None = None, *, is_paced: bool = True) -> Iterable[Picture]:
    """The frames of a source, which is opened now and read when they are wanted.

    Args:
        source: ``camera:N``, a camera's device, a video file, a folder or ``watch:FOLDER``, ``-`` for
            standard input, or a URL of RTSP or HTTP.
        frame_format: of raw frames on standard input; JPEG files when None.
        is_paced: whether a video file is played at its own speed, and not read as fast as can be.

    Raises:
        InputError: there is no such source, or it cannot be read.
        MissingExtraError: it is a video, and PyAV is not installed.
    """
    if source == _STDIN:
        pipe = open(sys.stdin.fileno(), "rb", buffering=0, closefd=False)  # noqa: SIM115  it stays open
        if frame_format is None:
            return jpeg_frames(pipe)
        return raw_frames(pipe, FrameFormat.parse(frame_format))
    if frame_format is not None:
        raise InputError(f"--frame-format {frame_format} is for --stream -, and the stream is {source}")
    if source.startswith(_PROTOCOLS):
        return Video(source, is_live=True)
    if source.startswith(_CAMERA):
        source = f"/dev/video{source.removeprefix(_CAMERA)}"
    path = Path(source.removeprefix(_WATCH))
    if path.is_dir() or source.startswith(_WATCH):
        return WatchedFolder(path)
    if not path.exists():
        raise InputError(
            f"{source}: there is no such file, folder or camera; name one, or camera:0, watch:FOLDER, - or a "
            "URL of RTSP or HTTP"
        )
    if stat.S_ISCHR(path.stat().st_mode):
        return Video(source, kind="v4l2", is_live=True)
    return Video(source, is_live=False, is_paced=is_paced)
