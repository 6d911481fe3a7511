"""What stands between JPEG files is left out, within bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from device_runtime.streams.jpeg_begin import BEGIN, JpegBegin
from edgent.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What was logged."""
    return [record.getMessage() for record in caplog.records]


def passed(begin: JpegBegin, pieces: Iterable[bytes], number: int = 0) -> bytearray:
    """What is left of pieces that come one after the other."""
    content = bytearray()
    for piece in pieces:
        content += piece
        begin.is_reached(content, number)
    return content


@pytest.mark.parametrize(
    "junk", [b"", b"\0", b"--boundary\r\n\r\n", b"\xff", b"\xff\xd8\x00", b"\xff\xd8\x00\xff"]
)
def test_a_file_begins_behind_whatever_comes_before_it(junk: bytes) -> None:
    """In one piece, and in pieces of a byte, of which no more is kept than may begin a file."""
    whole = junk + BEGIN + b"\xe0"
    assert passed(JpegBegin(), [whole]) == BEGIN + b"\xe0"
    assert passed(JpegBegin(), (whole[at : at + 1] for at in range(len(whole)))) == BEGIN + b"\xe0"
    assert len(passed(JpegBegin(), [junk])) < len(BEGIN)


def test_it_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    """How many bytes there were, and before which frame."""
    begin = JpegBegin()
    passed(begin, [BEGIN], 0)
    passed(begin, [b"junk", b"junk", BEGIN], 1)
    passed(begin, [b"more", BEGIN], 2)
    begin.ended(bytearray(b"rest"), 3)
    assert said(caplog) == [
        "left out before frame 1: 8 bytes that are no JPEG file; more of them are left out silently"
    ]


def test_the_last_bytes_are_told_too(caplog: pytest.LogCaptureFixture) -> None:
    """Where all was well before."""
    JpegBegin().ended(bytearray(b"x"), 3)
    assert said(caplog)[0].startswith("left out before the end: 1 byte that")


def test_too_much_in_a_row_is_no_stream_of_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    """As much between every two files is one."""
    monkeypatch.setattr("device_runtime.streams.jpeg_begin._MOST_BYTES", 100)
    begin = JpegBegin()
    for number in range(3):
        passed(begin, [b"j" * 100, BEGIN], number)
    with pytest.raises(InputError, match=r"frame 3 does not begin within 101 bytes, which begin with 6a 6a"):
        passed(begin, [b"j" * 100, b"j"], 3)


def test_what_is_no_jpeg_file_at_all_is_refused() -> None:
    """With what to write for raw pixels."""
    begin = JpegBegin()
    content = passed(begin, [b"\x89PNG\r\n"])
    with pytest.raises(InputError, match=r"6 bytes, which begin with 89 50 4e 47 and are .* --frame-format"):
        begin.ended(content, 0)


def test_an_empty_pipe_is_nobodys_mistake_here(caplog: pytest.LogCaptureFixture) -> None:
    """Whoever counts its frames tells it."""
    JpegBegin().ended(bytearray(), 0)
    assert said(caplog) == []
