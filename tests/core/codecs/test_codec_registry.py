"""Codecs of other packages: their rules, and what the wire does with their numbers."""

import struct
import sys
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edgent.core.codecs.codec import ACTIVATION, INPUT
from edgent.core.codecs.codec_registry import CodecRegistry
from edgent.core.codecs.float32 import Float32Codec
from edgent.core.codecs.raw import RawCodec
from edgent.core.wire import Frame, read_frame, write_frame
from edgent.errors import FrameError, PluginError, UnknownNameError

IDENTITY = bytes(8)
NUMBER = 201


def _codec(**attributes: Any) -> Any:
    """A codec of a program: raw bytes by another name."""
    usual = {"name": "mine", "number": NUMBER, "carries": (INPUT,)}
    return type("Mine", (RawCodec,), usual | attributes)()


@pytest.fixture
def registry() -> CodecRegistry:
    """Two codecs of edgent's own."""
    return CodecRegistry((RawCodec(), Float32Codec()))


def test_a_program_adds_a_codec_for_one_place(registry: CodecRegistry) -> None:
    """It is found by name and by number, and offered where it says."""
    mine = _codec(carries=(ACTIVATION,))
    assert registry.by_number.get(NUMBER) is None
    registry.add("mine", mine)
    assert registry["mine"] is registry.by_number.get(NUMBER) is mine
    assert registry.carrying(ACTIVATION) == ("float32", "mine")
    assert registry.carrying(INPUT) == ("raw", "float32")


def test_a_cell_that_runs_again_replaces_its_codec(registry: CodecRegistry) -> None:
    """Under the same number or another one; the number before it is free again."""
    registry.add("mine", _codec())
    again = _codec()
    registry.add("mine", again)
    assert registry.by_number.get(NUMBER) is again
    registry.add("mine", _codec(number=202))
    assert registry.by_number.get(NUMBER) is None
    registry.add("other", _codec(name="other"))


@pytest.mark.parametrize(
    ("codec", "problem"),
    [
        (_codec(name="yours"), "calls itself 'yours'"),
        (_codec(number=5), "has number 5; numbers of other packages are 128 to 255"),
        (_codec(number=127), "has number 127"),
        (_codec(number=256), "has number 256"),
        (_codec(carries=()), r"carries \(\)"),
        (_codec(carries=("input", "answer")), "it must be a tuple of 'input', 'activation' or both"),
        (_codec(carries="input"), "carries 'input'"),
        (type(_codec()), "must be an object with every attribute"),
        (object(), "must be an object with every attribute"),
    ],
)
def test_what_breaks_a_rule_is_not_added(registry: CodecRegistry, codec: Any, problem: str) -> None:
    """The message says which rule, and nothing is kept."""
    with pytest.raises(PluginError, match=problem):
        registry.add("mine", codec)
    assert "mine" not in registry
    assert registry.by_number.get(NUMBER) is None


def test_two_codecs_of_one_number(registry: CodecRegistry) -> None:
    """A number on the wire means one codec."""
    registry.add("mine", _codec())
    with pytest.raises(PluginError, match=f"'other' and 'mine' both have number {NUMBER} on the wire"):
        registry.add("other", _codec(name="other"))


def test_an_installed_codec_is_loaded_by_name_and_never_by_a_frame(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, registry: CodecRegistry
) -> None:
    """A stranger's frame imports no package: its number is known once its name was asked for."""
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "made_up_codec.py").write_text(
        "from edgent.core.codecs.raw import RawCodec\n"
        f"class Made(RawCodec):\n    name, number, carries = 'made-up', {NUMBER}, ('input',)\n"
        "MADE = Made()\n"
    )
    package = tmp_path / "made_up-1.0.dist-info"
    package.mkdir()
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: made-up\nVersion: 1.0\n")
    (package / "entry_points.txt").write_text("[edgent.codecs]\nmade-up = made_up_codec:MADE\n")
    assert "made-up" in registry
    assert registry.by_number.get(NUMBER) is None
    assert "made_up_codec" not in sys.modules
    assert registry["made-up"] is registry.by_number.get(NUMBER)
    del sys.modules["made_up_codec"]


def test_a_frame_in_a_programs_codec(codecs: CodecRegistry) -> None:
    """Written and read by its number; a frame of a number that nobody declared is refused."""
    codecs.add("mine", _codec())
    tensor = np.arange(6, dtype=np.uint8).reshape(1, 6)
    data = write_frame(Frame(tensor, "mine", IDENTITY, "mine"))
    assert data[3] == data[4] == NUMBER
    frame = read_frame(data)
    assert (frame.codec, frame.answer_codec) == ("mine", "mine")
    np.testing.assert_array_equal(frame.tensor, tensor)


def test_a_frame_of_a_number_that_nobody_declared() -> None:
    """It says the number, and no name that is not known writes a frame."""
    tensor = np.arange(6, dtype=np.uint8).reshape(1, 6)
    with pytest.raises(UnknownNameError, match="no codec 'mine'"):
        write_frame(Frame(tensor, "mine", IDENTITY))
    with pytest.raises(FrameError, match=r"unknown codec \d+"):
        read_frame(_renumbered(write_frame(Frame(tensor, "raw", IDENTITY))))


def _renumbered(frame: bytes) -> bytes:
    """The frame with another codec, and a checksum that fits."""
    frame = frame[:3] + bytes([NUMBER]) + frame[4:]
    return frame[:20] + struct.pack("<I", zlib.crc32(frame[24:], zlib.crc32(frame[:20]))) + frame[24:]
