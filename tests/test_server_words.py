"""What servers say is shown, and does nothing."""

from __future__ import annotations

import json

import pytest

from device_runtime.exchange.carrier import RawAnswer
from device_runtime.exchange.torchserve_answers import grpc_refusal, refusal
from edgent.doctor.observations import Reply
from edgent.server_words import shown

EVIL = "no\x1b[2J worker\r\n\x07 \x9b31m \u202e here"
HARMLESS = r"no\x1b[2J worker \x07 \x9b31m \u202e here"


def test_a_terminal_obeys_none_of_it() -> None:
    """Escapes, bells, other directions, halves of characters: all are written as Python's repr does."""
    assert shown(EVIL) == HARMLESS
    assert shown("\ud800") == r"\ud800"
    assert shown("Größe 8 µs, 東京") == "Größe 8 µs, 東京"


def test_it_has_an_end() -> None:
    """Also where each character becomes several."""
    assert shown("a" * 10_000) == "a" * 500
    assert len(shown("\x1b" * 10_000)) == 500


@pytest.mark.parametrize("status", [400, 425, 500, 502, 503, 504, 507])
def test_a_refusal_is_shown_so(status: int) -> None:
    """Over HTTP and over gRPC."""
    said = json.dumps({"message": EVIL}).encode()
    _, by_grpc = grpc_refusal("13", EVIL)
    for body in (said, by_grpc):
        error = str(refusal("tiny", RawAnswer(status, body, 1, 1)))
        assert error.isprintable()
        assert HARMLESS in error or status == 425


def test_the_doctor_shows_it_so() -> None:
    """A reason in JSON, a page's title, anything else."""
    for body in (json.dumps({"message": EVIL}).encode(), f"<title>{EVIL}</title>".encode(), EVIL.encode()):
        assert Reply(503, body).message == HARMLESS
