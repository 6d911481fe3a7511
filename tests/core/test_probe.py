"""The link probe: what one side writes, the other reads."""

import json
from http import HTTPStatus
from typing import Any

import pytest

from edgent.core.probe import LARGEST_ANSWER_BYTES, SMALLEST_REQUEST_BYTES, answer_probe, write_probe


@pytest.mark.parametrize("upload_bytes", [SMALLEST_REQUEST_BYTES, 5, 1000])
@pytest.mark.parametrize("download_bytes", [0, 1, 300, LARGEST_ANSWER_BYTES])
def test_so_many_up_and_so_many_down(upload_bytes: int, download_bytes: int) -> None:
    """A request has the length asked for, and so has its answer."""
    request = write_probe(upload_bytes, download_bytes)
    assert len(request) == upload_bytes
    assert answer_probe(bytearray(request)) == (HTTPStatus.OK, bytes(download_bytes))


@pytest.mark.parametrize(
    "body",
    [b"", b"\x05\0\0", b"\xff\xff\xff\xff", write_probe(4, LARGEST_ANSWER_BYTES + 1), "text", {"a": 1}, None],
)
def test_anything_else_is_refused(body: Any) -> None:
    """With a reason, and no more memory than that takes."""
    status, answer = answer_probe(body)
    assert status is HTTPStatus.BAD_REQUEST
    assert json.loads(answer) == {
        "code": 400,
        "message": "begin with the wanted bytes as a little-endian 32-bit number up to 1048576",
    }
