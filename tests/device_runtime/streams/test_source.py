"""What people write as a source."""

from __future__ import annotations

import os
import pty
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from device_runtime.streams import source
from device_runtime.streams.source import open_source
from device_runtime.streams.watched_folder import WatchedFolder
from edgent.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any


@pytest.fixture
def videos(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, Any]]]:
    """The videos that are opened."""
    opened: list[tuple[str, dict[str, Any]]] = []
    monkeypatch.setattr(source, "Video", lambda address, **options: opened.append((address, options)))
    return opened


@pytest.mark.parametrize(
    "url", ["rtsp://camera/1", "rtsps://camera/1", "http://camera:8081/video", "https://camera/live.m3u8"]
)
def test_a_url_is_live(videos: list[tuple[str, dict[str, Any]]], url: str) -> None:
    """It is opened again when it stops."""
    open_source(url)
    assert videos == [(url, {"is_live": True, "is_paced": True})]


def test_a_file_is_played_or_read(videos: list[tuple[str, dict[str, Any]]], tmp_path: Path) -> None:
    """At its own speed, or as fast as it can be."""
    file = tmp_path / "clip.mp4"
    file.touch()
    open_source(str(file))
    open_source(str(file), is_paced=False)
    assert videos == [(str(file), {"is_live": False, "is_paced": paced}) for paced in (True, False)]


def test_a_device_is_a_camera(videos: list[tuple[str, dict[str, Any]]]) -> None:
    """As Linux has them."""
    open_source("/dev/null")
    assert videos == [("/dev/null", {"kind": "v4l2", "is_live": True})]


@pytest.mark.parametrize("written", ["{}", "watch:{}"])
def test_a_folder_is_watched(tmp_path: Path, written: str) -> None:
    """With the word or without."""
    assert isinstance(open_source(written.format(tmp_path)), WatchedFolder)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("camera:99", "/dev/video99: there is no such file, folder or camera"),
        ("nowhere.mp4", "nowhere.mp4: there is no such file, folder or camera; name a video file, a folder"),
        ("watch:nowhere", "nowhere: No such file or directory; name a folder to watch"),
        ("", "--stream '' names nothing: name a video file, a folder, camera:0"),
        ("watch:", "--stream 'watch:' names nothing: name a video file, a folder, camera:0"),
        ("x" * 300, f"{'x' * 300}: File name too long; name a video file"),
    ],
)
def test_what_is_not_there_is_told(written: str, said: str) -> None:
    """With what to write."""
    with pytest.raises(InputError) as told:
        open_source(written)
    assert str(told.value).startswith(said)


def test_a_link_to_itself_is_told(tmp_path: Path) -> None:
    """As what it is."""
    link = tmp_path / "clip.mp4"
    link.symlink_to(link)
    with pytest.raises(InputError, match=r"clip\.mp4: Too many levels of symbolic links; name a video"):
        open_source(str(link))


@pytest.mark.parametrize("name", ["camera:0", "watch:me", "10:15.mkv"])
def test_a_file_that_is_there_is_a_file(
    videos: list[tuple[str, dict[str, Any]]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Whatever its name."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).touch()
    open_source(name)
    assert videos == [(name, {"is_live": False, "is_paced": True})]


def test_a_named_pipe_may_wait_for_its_writer(
    videos: list[tuple[str, dict[str, Any]]], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """This is said before it is opened."""
    os.mkfifo(tmp_path / "frames")
    open_source(str(tmp_path / "frames"))
    assert len(videos) == 1
    assert [record.getMessage() for record in caplog.records] == [
        f"{tmp_path / 'frames'} is a named pipe: this waits until a program opens it for writing"
    ]


def test_standard_input_that_is_closed_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """As by ``<&-`` in a shell: Python then has none."""
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(InputError, match="--stream -: standard input is closed; pipe frames into"):
        open_source("-")


def test_standard_input_that_is_a_folder_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As by ``< FOLDER``."""
    folder = os.open(tmp_path, os.O_RDONLY)
    try:
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(fileno=lambda: folder, isatty=lambda: False))
        with pytest.raises(InputError, match="--stream -: standard input: Is a directory; pipe frames into"):
            open_source("-")
    finally:
        os.close(folder)


def test_a_terminal_waits_for_frames(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Which nobody types: this is said."""
    terminal, end = pty.openpty()
    with os.fdopen(terminal, "rb"), os.fdopen(end, "rb") as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        open_source("-")
    assert [record.getMessage() for record in caplog.records] == [
        "standard input is a terminal: this waits for frames; pipe them into the command"
    ]


def test_a_format_is_of_pipes_alone(tmp_path: Path) -> None:
    """Elsewhere frames say theirs."""
    with pytest.raises(InputError, match="--frame-format gray:2x2 is for --stream -"):
        open_source(str(tmp_path), "gray:2x2")
