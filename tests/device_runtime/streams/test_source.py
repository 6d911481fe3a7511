"""What people write as a source."""

from __future__ import annotations

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
    assert videos == [(url, {"is_live": True})]


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
        ("nowhere.mp4", "nowhere.mp4: there is no such file, folder or camera; name one, or camera:0"),
        ("watch:nowhere", "nowhere: No such file or directory; name a folder to watch"),
    ],
)
def test_what_is_not_there_is_told(written: str, said: str) -> None:
    """With what to write."""
    with pytest.raises(InputError) as told:
        open_source(written)
    assert str(told.value).startswith(said)


def test_a_format_is_of_pipes_alone(tmp_path: Path) -> None:
    """Elsewhere frames say theirs."""
    with pytest.raises(InputError, match="--frame-format gray:2x2 is for --stream -"):
        open_source(str(tmp_path), "gray:2x2")
