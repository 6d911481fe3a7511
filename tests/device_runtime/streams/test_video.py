"""Videos by PyAV: read, played at their own speed, damaged, and opened again."""

from __future__ import annotations

import errno
import logging
import socket
import struct
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any

import av
import numpy as np
import pytest
from PIL.Image import Image

from device_runtime.streams.video import Video, has_an_end
from edgent.errors import InputError
from tests.runtime_fixtures import Clock

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from device_runtime.streams.picture import Picture

RATE = 10


def write_video(file: Path, count: int, codec: str = "mpeg4") -> Path:
    """A video of frames that are brighter and brighter."""
    shades = (number * 200 // count for number in range(count))
    return write_frames(file, (np.full((48, 64, 3), shade, np.uint8) for shade in shades), codec)


def write_frames(file: Path, frames: Iterable[np.ndarray], codec: str = "mpeg4") -> Path:
    """A video of these frames, of 48 rows and 64 columns."""
    with av.open(str(file), "w") as container:
        stream: Any = container.add_stream(codec, rate=RATE)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuvj420p" if codec == "mjpeg" else "yuv420p"
        for pixels in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode())
    return file


class Quiet(SimpleHTTPRequestHandler):
    """Serves files and logs nothing."""

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  as the class above has it
        """Nothing."""


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """The URL of a server of a folder."""
    handler = partial(Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def brightness(pictures: Iterable[Picture]) -> list[float]:
    """Of each picture, in the mean."""
    contents = [picture.content for picture in pictures]
    assert all(isinstance(content, Image) for content in contents)
    return [float(np.asarray(content).mean()) for content in contents]


def test_a_file_is_read_to_its_end(tmp_path: Path) -> None:
    """Every frame, in order."""
    file = write_video(tmp_path / "clip.mp4", 20)
    given = brightness(Video(str(file), is_live=False))
    assert len(given) == 20
    assert given == sorted(given)


@pytest.mark.parametrize("name", ["10:15.avi", "http:clip.avi"])
def test_a_colon_in_a_name_begins_no_protocol(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """As in names that cameras make of the time; FFmpeg alone would take it for one."""
    write_video(tmp_path / "clip.avi", 3).rename(tmp_path / name)
    monkeypatch.chdir(tmp_path)
    assert len(brightness(Video(name, is_live=False))) == 3


def test_a_file_is_played_at_its_own_speed(tmp_path: Path) -> None:
    """A frame every tenth of a second; whoever is late by then goes on at once."""
    clock = Clock()
    file = write_video(tmp_path / "clip.mp4", 5)
    video = Video(str(file), is_live=False, is_paced=True, clock=clock, pause=clock.pass_s)
    shown_s = []
    for picture in video:
        shown_s.append(clock() - 100)
        if picture.name == "frame 1":
            clock.pass_s(0.25)
    assert shown_s == pytest.approx([0, 0.1, 0.35, 0.35, 0.4])


def test_a_damaged_frame_is_told(tmp_path: Path) -> None:
    """And those behind it are read."""
    file = write_video(tmp_path / "clip.avi", 10, codec="mjpeg")
    content = bytearray(file.read_bytes())
    begins = [at for at in range(len(content)) if content[at : at + 3] == b"\xff\xd8\xff"]
    content[begins[4] + 100 : begins[4] + 400] = bytes(300)
    file.write_bytes(content)
    pictures = list(Video(str(file), is_live=False))
    assert [picture.name for picture in pictures if picture.error] == ["frame 4"]
    assert len(brightness(picture for picture in pictures if picture.error is None)) == 9


def test_a_video_of_a_phone_is_upright(tmp_path: Path) -> None:
    """The phone was held upright, and says beside the pixels that they are to be turned to the right."""
    frame = np.zeros((48, 64, 3), np.uint8)
    frame[:24] = 200
    file = write_frames(tmp_path / "clip.mp4", [frame])
    content = bytearray(file.read_bytes())
    to_the_right = struct.pack(">9i", 0, 1 << 16, 0, -1 << 16, 0, 0, 48 << 16, 0, 1 << 30)
    matrix_at = content.index(b"tkhd") + 44  # ISO/IEC 14496-12, 8.3.2
    content[matrix_at : matrix_at + len(to_the_right)] = to_the_right
    file.write_bytes(content)
    (picture,) = Video(str(file), is_live=False)
    pixels = np.asarray(picture.content)
    assert pixels.shape == (64, 48, 3)
    assert pixels[:, 28:].min() > 150
    assert pixels[:, :20].max() < 50


@pytest.mark.parametrize("name", ["notes.mp4", "nowhere.mp4"])
def test_what_is_no_video_is_refused(tmp_path: Path, name: str) -> None:
    """When it is opened."""
    (tmp_path / "notes.mp4").write_text("no video at all")
    with pytest.raises(InputError, match=f"{name} cannot be opened as a video: .*; name a camera"):
        Video(str(tmp_path / name), is_live=False)


def test_ctrl_c_ends_a_wait_for_a_video(monkeypatch: pytest.MonkeyPatch) -> None:
    """As for a named pipe's writer: FFmpeg hears it in Python's place."""

    def interrupted(*_: object, **__: object) -> None:
        raise av.error.InterruptedError(errno.EINTR, "Interrupted system call")

    monkeypatch.setattr(av, "open", interrupted)
    with pytest.raises(KeyboardInterrupt):
        Video("frames", is_live=False)


def test_a_camera_that_is_not_there_is_refused() -> None:
    """By its device."""
    with pytest.raises(InputError, match="/dev/video99 cannot be opened as a video: No such file"):
        Video("/dev/video99", kind="v4l2", is_live=True)


def test_a_password_is_not_shown() -> None:
    """Neither in errors nor in the log."""
    with pytest.raises(InputError, match=r"^http://127\.0\.0\.1:1/video cannot be opened as a video") as told:
        Video("http://someone:secret@127.0.0.1:1/video", is_live=True)
    assert "secret" not in str(told.value)


def test_what_is_live_is_opened_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """After a second, then two, then four, until it is there again; each time this is said."""
    file, pauses_s = write_video(tmp_path / "live.mp4", 3), list[float]()
    aside = tmp_path / "aside.mp4"

    def pause(seconds: float) -> None:
        pauses_s.append(seconds)
        if len(pauses_s) == 1:
            file.rename(aside)
        elif len(pauses_s) == 3:
            aside.rename(file)

    pictures = iter(Video(str(file), is_live=True, pause=pause))
    with caplog.at_level(logging.WARNING, "device_runtime"):
        given = [next(pictures) for _ in range(7)]
    pictures.close()  # type: ignore[attr-defined]  # it is a generator
    assert len(brightness(given)) == 7
    assert [picture.name for picture in given] == [f"frame {number}" for number in range(7)]
    assert pauses_s == [1, 2, 4, 1]
    assert "live.mp4 stopped: it ended; it is opened again in 1 s" in caplog.messages[0]
    assert "cannot be opened as a video" in caplog.messages[1]


def test_a_server_that_says_nothing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes the connection, and that is all."""
    monkeypatch.setattr("device_runtime.streams.video._SILENT_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}/video"
        with pytest.raises(InputError, match=r"/video cannot be opened as a video: nothing came for 0\.2 s;"):
            Video(url, is_live=True)


def test_a_video_file_behind_httphas_an_end(tmp_path: Path) -> None:
    """It is played at its own speed, and once."""
    write_video(tmp_path / "clip.avi", 5)
    clock = Clock()
    with serving(tmp_path) as url:
        video = Video(f"{url}/clip.avi", is_live=True, is_paced=True, clock=clock, pause=clock.pass_s)
        pictures = list(video)
    assert len(brightness(pictures)) == 5
    assert clock() - 100 == pytest.approx(0.4)


def test_a_video_whose_bytes_are_countedhas_an_end(tmp_path: Path) -> None:
    """The length of a transport stream in seconds is at its end, which this server gives no part of."""

    def opened_again(_: float) -> None:
        pytest.fail("it was taken for a camera")

    write_video(tmp_path / "clip.ts", 50, "mpeg2video")
    with serving(tmp_path) as url:
        assert len(brightness(Video(f"{url}/clip.ts", is_live=True, pause=opened_again))) == 50


def test_a_playlist_that_goes_on_is_a_cameras(tmp_path: Path) -> None:
    """Its own bytes, which the server counts, are none of the stream's."""
    write_video(tmp_path / "part.ts", 50, "mpeg2video")
    lines = ["#EXTM3U", "#EXT-X-VERSION:3", "#EXT-X-TARGETDURATION:2", *["#EXTINF:2.0,", "part.ts"] * 4, ""]
    (tmp_path / "live.m3u8").write_text("\n".join(lines))
    with serving(tmp_path) as url, av.open(f"{url}/live.m3u8") as opened:
        assert opened.size > 0
        assert not has_an_end(opened)


def test_without_pyav_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything is opened."""
    monkeypatch.setattr("edgent.extras.find_spec", lambda _: None)
    with pytest.raises(Exception, match=r"edgent\[stream\]"):
        Video(str(tmp_path / "clip.mp4"), is_live=False)
