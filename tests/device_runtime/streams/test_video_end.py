"""A video that is cut is told as such, whoever reads it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from device_runtime.streams.video import Video
from tests.device_runtime.streams.test_video import RATE, brightness, write_video

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("name", ["clip.mkv", "clip.mp4", "clip.avi", "clip.mov"])
def test_a_whole_video_is_told_nothing_about(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    """In each container all frames are there."""
    with caplog.at_level(logging.WARNING, "device_runtime"):
        assert len(brightness(Video(str(write_video(tmp_path / name, 20)), is_live=False))) == 20
    assert caplog.messages == []


def test_a_cut_matroska_file_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """FFmpeg ends it without an error; what it names as its length is compared with what came."""
    file = write_video(tmp_path / "clip.mkv", 100)
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    with caplog.at_level(logging.WARNING, "device_runtime"):
        given = len(brightness(Video(str(file), is_live=False)))
    assert 0 < given < 100
    (told,) = caplog.messages
    assert told == (
        f"{file} is cut: it names 10.0 s as its length, and what was read ends at {given / RATE:.1f} s; "
        "the frames behind are missing"
    )


def test_a_file_that_is_cut_within_a_packet_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Of a program stream, FFmpeg takes the length from what is there."""
    file = write_video(tmp_path / "clip.mpg", 100, "mpeg2video")
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2 + 1000])
    with caplog.at_level(logging.WARNING, "device_runtime"):
        assert len(list(Video(str(file), is_live=False))) < 100
    assert caplog.messages == [f"{file} is cut or damaged: 13 of its packets are not whole"]
