"""Frames of a camera, of a video, or of what comes over the network, by PyAV."""

from __future__ import annotations

import itertools
import logging
import re
import time
from functools import partial
from typing import TYPE_CHECKING, Any

from device_runtime.streams.picture import Picture, broken
from device_runtime.streams.video_end import VideoEnd
from edgent.errors import InputError
from edgent.extras import require

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from av.container import InputContainer
    from av.packet import Packet
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream
    from PIL.Image import Image

_LOG = logging.getLogger(__name__)
_LOGIN = re.compile("//[^/@]*@")
_HTTP = ("http://", "https://")
_WITHOUT_SIZE = frozenset({"mpjpeg", "hls", "dash"})
"""FFmpeg's names of JPEGs that a server pushes one after another, and of playlists."""
_SILENT_S = 10.0  # a network's stream that gives nothing for so long has stopped
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 1.0, 16.0


class Video:
    """The frames of something that PyAV opens; what is live is opened again when it stops."""

    def __init__(
        self,
        address: str,
        *,
        kind: str | None = None,
        is_live: bool,
        is_paced: bool = False,
        clock: Callable[[], float] = time.perf_counter,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        """Open it.

        Args:
            address: a file, a device, or a URL.
            kind: FFmpeg's name of the format, such as ``v4l2``; found out when None.
            is_live: whether it goes on without an end, so that it is opened again when it stops. Behind
                HTTP, what says how long it is has an end all the same.
            is_paced: whether frames of what is not live are given when they are to be shown, and not as fast
                as they are read.
            clock: monotonic seconds.
            pause: waits for so many seconds.

        Raises:
            InputError: it cannot be opened, or holds no video.
            KeyboardInterrupt: Ctrl-C ended the wait for it.
            MissingExtraError: PyAV is not installed.
        """
        require("av")
        self._address, self._kind = address, kind
        self._shown = without_password(address)
        self._is_live, self._is_paced = is_live, is_paced
        self._clock, self._pause = clock, pause
        self._opened: InputContainer | None = (opened := self._open())
        if address.startswith(_HTTP) and has_an_end(opened):
            opened.close()  # without a buffer, its first frames are lost
            self._is_live = False
            self._opened = self._open()

    def __iter__(self) -> Iterator[Picture]:
        """The frames, each decoded; the picture is made of the one that is answered.

        Raises:
            InputError: a file breaks off in a way that no frame can be read behind.
        """
        import av  # noqa: PLC0415  of an extra

        pause_s, numbers = _FIRST_PAUSE_S, itertools.count()
        while True:
            stopped = "it ended"
            try:
                for picture in self._frames(self._opened or self._open(), numbers):
                    yield picture
                    pause_s = _FIRST_PAUSE_S
            except (av.error.FFmpegError, InputError) as error:
                stopped = _reason(error)
                if not self._is_live:
                    raise InputError(f"{self._shown}: {stopped}") from None
            finally:
                self._close()
            if not self._is_live:
                return
            _LOG.warning("%s stopped: %s; it is opened again in %.0f s", self._shown, stopped, pause_s)
            self._pause(pause_s)
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)

    def _open(self) -> InputContainer:
        import av  # noqa: PLC0415  of an extra

        over_network = "://" in self._address
        # In the name of a file, FFmpeg takes what stands before a colon for a protocol.
        is_file = self._kind is None and not over_network
        has_no_end = over_network and self._is_live
        try:
            opened = av.open(
                f"file:{self._address}" if is_file else self._address,
                format=self._kind,
                options={"fflags": "nobuffer", "rtsp_transport": "tcp"} if has_no_end else {},
                timeout=_SILENT_S if over_network else None,
            )
        except InterruptedError:  # FFmpeg heard Ctrl-C in Python's place
            raise KeyboardInterrupt from None
        except av.error.FFmpegError as error:
            raise InputError(
                f"{self._shown} cannot be opened as a video: {_reason(error)}; name a camera, a file or a "
                "URL that `ffprobe` can read"
            ) from None
        if not opened.streams.video:
            opened.close()
            raise InputError(f"{self._shown} holds no video")
        return opened

    def _close(self) -> None:
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    def _frames(self, opened: InputContainer, numbers: Iterator[int]) -> Iterator[Picture]:
        """All frames of what was opened, by these numbers; a broken one is told as such."""
        self._opened = opened
        stream = opened.streams.video[0]
        began_s, first_s = self._clock(), None
        end = VideoEnd(opened)
        for packet in opened.demux():
            end.read(packet)
            if packet.stream != stream:
                continue
            for frame in _decoded(packet, stream):
                name = f"frame {next(numbers)}"
                if frame is None:
                    yield broken(name, f"{self._shown} is damaged here")
                    continue
                if self._is_paced and not self._is_live and frame.time is not None:
                    first_s = frame.time if first_s is None else first_s
                    self._pause(max(began_s + frame.time - first_s - self._clock(), 0.0))
                yield Picture(name, partial(_upright, frame))
        if not self._is_live and end.missing:
            _LOG.warning("%s %s", self._shown, end.missing)


def has_an_end(opened: InputContainer) -> bool:
    """Whether what is behind HTTP says how long it is, in seconds or bytes, and is no camera's.

    The bytes of a playlist are none of the stream's.
    """
    formats = set(opened.format.name.split(","))
    return bool(opened.duration) or (opened.size > 0 and not formats & _WITHOUT_SIZE)


def without_password(address: str) -> str:
    """An address as it may be shown: who logs in is left out of a URL."""
    return _LOGIN.sub("//", address)


def _reason(error: Exception) -> str:
    """What went wrong, without the address, which FFmpeg names whole."""
    import av  # noqa: PLC0415  of an extra

    if isinstance(error, av.error.ExitError):  # we have FFmpeg give up
        return f"nothing came for {_SILENT_S:g} s"
    return getattr(error, "strerror", None) or str(error)


def _decoded(packet: Packet[Any], stream: VideoStream) -> Iterator[VideoFrame | None]:
    """The frames of a packet; None for one that is damaged."""
    import av  # noqa: PLC0415  of an extra

    try:
        yield from stream.decode(packet)
    except av.error.InvalidDataError:
        yield None


def _upright(frame: VideoFrame) -> Image:
    """The picture of a frame as it is to be seen: a phone notes how it was held beside the pixels."""
    image: Image = frame.to_image()  # type: ignore[no-untyped-call]  # its stub lacks types
    return image.rotate(frame.rotation, expand=True) if frame.rotation else image
