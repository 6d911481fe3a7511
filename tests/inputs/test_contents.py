"""What is read of files that are none."""

from __future__ import annotations

import os
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from edgent.errors import InputError
from edgent.inputs.contents import read_image

if TYPE_CHECKING:
    from pathlib import Path


def _read_pipe(pipe: Path, content: bytes) -> bytes:
    """What is read of a named pipe into which a program writes."""
    os.mkfifo(pipe)
    writer = Thread(target=pipe.write_bytes, args=(content,))
    writer.start()
    try:
        return read_image(pipe)
    finally:
        writer.join()


def test_whoever_waits_for_a_pipe_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Before it is opened, for until a program writes nothing goes on."""
    assert _read_pipe(tmp_path / "cat.png", b"image") == b"image"
    said = "cat.png is a named pipe: this waits until a program writes an image into it"
    assert [message.endswith(said) for message in caplog.messages] == [True]


@pytest.mark.usefixtures("caplog")
def test_a_pipe_is_read_to_the_cap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It does not say how much is to come; nor does a device that gives without end."""
    monkeypatch.setattr("edgent.inputs.contents.LARGEST_IMAGE_BYTES", 3)
    said = "no readable image: .* bytes, at most 3 are read"
    with pytest.raises(InputError, match=said):
        _read_pipe(tmp_path / "cat.png", b"image")
    endless = tmp_path / "endless.png"
    endless.symlink_to("/dev/zero")
    with pytest.raises(InputError, match=said):
        read_image(endless)
