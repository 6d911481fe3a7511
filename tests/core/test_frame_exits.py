"""What a frame says of exits: there and back, and refused with a reason where it is damaged."""

from __future__ import annotations

import math
import struct
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgent.core.exit_rules.rule import ExitRule
from edgent.core.frame_exits import MOST_EXITS, ExitsAsked, ExitsToAsk, read_section
from edgent.core.wire import Frame, read_frame, write_frame
from edgent.errors import EdgentError, FrameError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Callable

TENSOR = np.arange(6, dtype=np.float32).reshape(1, 6)
BRANCHES = tuple(bytes([number] * 8) for number in range(3))
TO_ASK = ExitsToAsk("entropy", BRANCHES, (0.5, 0.0, 1.0))


@given(
    st.text(min_size=1, max_size=16),
    st.lists(st.tuples(st.binary(min_size=8, max_size=8), st.floats(0, 1)), min_size=1, max_size=MOST_EXITS),
)
def test_questions_come_back(measure: str, asked: list[tuple[bytes, float]]) -> None:
    """Thresholds to the last bit, so that the edge decides as the device would."""
    thresholds = dict(asked)
    to_ask = ExitsToAsk(measure, tuple(thresholds), tuple(thresholds.values()))
    frame = Frame(TENSOR, "float32", bytes(8), "uint8", 0.25, 9, to_ask)
    assert read_frame(write_frame(frame)).exits == to_ask


@pytest.mark.parametrize("left_at", [None, 0, MOST_EXITS - 1])
def test_answers_come_back(left_at: int | None) -> None:
    """Which exit answered, and what the others took."""
    read = read_frame(write_frame(Frame(TENSOR, "float32", bytes(8), exits=ExitsAsked(left_at, 0.001234))))
    assert read.exits == ExitsAsked(left_at, 0.001234)
    np.testing.assert_array_equal(read.tensor, TENSOR)


def test_who_asks_nobody_sends_what_it_always_sent() -> None:
    """An edge of before takes it, and a device of before is answered as it was."""
    plain = write_frame(Frame(TENSOR, "float32", bytes(8)))
    assert plain[2] == 1
    assert write_frame(Frame(TENSOR, "float32", bytes(8), exits=ExitsAsked(None)))[2] == 2
    assert read_frame(plain).exits is None


@pytest.mark.parametrize(
    ("measure", "branches", "thresholds", "reason"),
    [
        ("margin", (), (), "0 exits to ask; 1 to 16"),
        ("margin", BRANCHES, (0.5, 0.5), "3 exits to ask; 1 to 16, each with a threshold"),
        ("margin", tuple(bytes([n] * 8) for n in range(17)), (0.5,) * 17, "17 exits to ask"),
        ("margin", BRANCHES[:1] * 2, (0.5, 0.5), "asked twice"),
        ("margin", BRANCHES[:1], (math.nan,), "a threshold of nan"),
        ("margin", BRANCHES[:1], (math.inf,), "a threshold of inf"),
        ("margin", BRANCHES[:1], (-0.1,), "a threshold of -0.1 for an exit; it lies from 0 to 1"),
        ("", BRANCHES[:1], (0.5,), "the measure's name has 0 bytes"),
        ("m" * 65, BRANCHES[:1], (0.5,), "the measure's name has 65 bytes; 1 to 64"),
    ],
)
def test_rules_that_no_request_holds(
    measure: str, branches: tuple[bytes, ...], thresholds: tuple[float, ...], reason: str
) -> None:
    """They are refused where they are made, and where they are read."""
    with pytest.raises(FrameError, match=reason):
        ExitsToAsk(measure, branches, thresholds)


def _with_threshold(section: bytes, threshold: float) -> bytes:
    return section[:-8] + struct.pack("<d", threshold)


@pytest.mark.parametrize(
    "damage",
    [
        lambda _: b"",
        lambda section: section[:2],
        lambda section: section[:-1],
        lambda section: section + b"0",
        lambda section: b"\3" + section[1:],
        lambda section: b"\2" + section[1:],
        lambda section: section[:1] + b"\0" + section[2:],
        lambda section: section[:3] + b"\xff" + section[4:],
        lambda section: _with_threshold(section, math.nan),
        lambda section: _with_threshold(section, 1.5),
        lambda _: struct.pack("<BBI", 2, 16, 0),
    ],
)
def test_damaged_sections_are_refused(damage: Callable[[bytes], bytes]) -> None:
    """With a reason, and never with another error."""
    with pytest.raises(FrameError):
        read_section(damage(TO_ASK.to_bytes()))


@given(st.binary(max_size=64))
def test_nothing_else_than_a_refusal(section: bytes) -> None:
    """Whatever stands there."""
    try:
        read_section(section)
    except EdgentError as error:
        assert isinstance(error, FrameError)  # noqa: PT017  a question or an answer is as good


def test_a_section_that_is_longer_than_its_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    """The length is looked at before the bytes."""
    monkeypatch.setattr(ExitsToAsk, "to_bytes", lambda _: bytes(513))
    with pytest.raises(FrameError, match="513 bytes about exits"):
        read_frame(write_frame(Frame(TENSOR, "float32", bytes(8), exits=TO_ASK)))


def test_an_edge_decides_as_a_device_does() -> None:
    """The same measure, the same threshold, the same answers."""
    answers = np.random.default_rng(4).normal(size=(200, 10)).astype(np.float32)
    rule = ExitRule("largest_probability", {"exit1": 0.3})
    to_ask = ExitsToAsk("largest_probability", BRANCHES[:1], (0.3,))
    leaves = to_ask.leaves(0, answers)
    np.testing.assert_array_equal(leaves, rule.leaves("exit1", answers))
    assert 0 < leaves.sum() < 200


def test_a_measure_that_nobody_declares() -> None:
    """It says what there is."""
    with pytest.raises(UnknownNameError, match="no measure of confidence 'entropie'; did you mean 'entropy'"):
        ExitsToAsk("entropie", BRANCHES[:1], (0.5,)).leaves(0, TENSOR)
