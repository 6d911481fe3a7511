"""The link probe: what one side writes, the other reads; and what the edge says of itself."""

import json
from http import HTTPStatus
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgent.core.probe import (
    LARGEST_ANSWER_BYTES,
    PLAIN_ONLY,
    SMALLEST_REQUEST_BYTES,
    answer_probe,
    read_told,
    write_probe,
    write_question,
)
from edgent.core.refusal import Answer
from edgent.core.worker_time import WorkerTime
from edgent.errors import FrameError

CLOCK = b"edge"
WORKERS = {"tiny/1.0": True, "cold/1.0": False}
ASKED_BYTES = 22
"""What an answer to a question has at least."""


def _answer(body: object) -> Answer:
    return answer_probe(body, WorkerTime(lambda: 5_000_000, CLOCK).take(), WORKERS.get)


@pytest.mark.parametrize("upload_bytes", [4, 5, SMALLEST_REQUEST_BYTES, 1000])
@pytest.mark.parametrize("download_bytes", [0, 1, 300, LARGEST_ANSWER_BYTES])
def test_so_many_up_and_so_many_down(upload_bytes: int, download_bytes: int) -> None:
    """A request has the length asked for, and so has its answer; devices of before ask so."""
    request = write_probe(upload_bytes, download_bytes)
    assert len(request) == upload_bytes
    assert _answer(bytearray(request)) == (HTTPStatus.OK, bytes(download_bytes))


@pytest.mark.parametrize(
    "body",
    [b"", b"\x05\0\0", b"\xff\xff\xff\xff", write_probe(4, LARGEST_ANSWER_BYTES + 1), "text", {"a": 1}, None],
)
def test_anything_else_is_refused(body: Any) -> None:
    """With a reason, and no more memory than that takes."""
    status, answer = _answer(body)
    assert status is HTTPStatus.BAD_REQUEST
    assert json.loads(answer) == {
        "code": 400,
        "message": "begin with the wanted bytes as a little-endian 32-bit number up to 1048576",
    }


def test_a_question_is_no_plain_request_of_any_length() -> None:
    """A probe of before takes its first bytes for a length over the cap, and says what devices look for."""
    wanted_bytes = int.from_bytes(write_question(0, 0)[:4], "little")
    assert wanted_bytes > LARGEST_ANSWER_BYTES
    assert (
        PLAIN_ONLY in json.loads(_answer(write_probe(4, wanted_bytes)[:4].replace(b"E", b"F"))[1])["message"]
    )


@pytest.mark.parametrize(
    ("endpoint", "told"), [("", None), ("tiny/1.0", True), ("cold/1.0", False), ("x", None)]
)
@pytest.mark.parametrize(("upload_bytes", "download_bytes"), [(0, 0), (1000, 321)])
def test_a_question(endpoint: str, told: bool | None, upload_bytes: int, download_bytes: int) -> None:
    """The edge says what time it is and who has a worker, in so many bytes or a few more."""
    question = write_question(upload_bytes, download_bytes, endpoint)
    assert len(question) == max(upload_bytes, SMALLEST_REQUEST_BYTES + len(endpoint))
    status, body = _answer(question)
    assert status is HTTPStatus.OK
    assert len(body) == max(download_bytes, ASKED_BYTES)
    said = read_told(body)
    assert (said.stay.clock, said.stay.began_us, said.stay.busy_s) == (CLOCK, 5_000_000, 0.0)
    assert said.has_worker is told


@given(st.binary(max_size=80))
def test_any_question_is_answered_or_refused(rest: bytes) -> None:
    """Whatever stands behind the first bytes: 200 or 400, and never more than the cap."""
    status, body = _answer(write_question(0, 0)[:4] + rest)
    assert status in (HTTPStatus.OK, HTTPStatus.BAD_REQUEST)
    assert len(body) <= LARGEST_ANSWER_BYTES


@pytest.mark.parametrize("body", [b"", bytes(21), bytes(100), b"\x02" + bytes(20)])
def test_answers_that_tell_nothing(body: bytes) -> None:
    """Zeros of a plain probe, or a cut one."""
    with pytest.raises(FrameError):
        read_told(body)
