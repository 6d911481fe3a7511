"""The link probe: n bytes up, m bytes down, nothing computed; and what the edge says of itself.

A plain request is m as a little-endian 32-bit number, then anything; the answer is m bytes. One that asks
begins with four bytes that are no such m, then has m, the length of an endpoint's name in 16 bits, the name
(``NAME/VERSION``; none: no endpoint is asked after), then anything. Its answer begins with how long it
stayed, as frames say it (``edgent.core.frame_times``), and a byte: whether the endpoint has a worker that
lives.
"""

from __future__ import annotations

import struct
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple

from edgent.core.frame_times import read_times, write_times
from edgent.core.refusal import OK, Answer, refuse
from edgent.core.stay import Stay
from edgent.errors import FrameError

if TYPE_CHECKING:
    from collections.abc import Callable

    from edgent.core.worker_time import Taken

PROBE = "edgent-probe"
"""The name under which TorchServe serves it."""

_WANTED = struct.Struct("<I")
_ASKS = b"EGT\x01"
_NAME = struct.Struct("<IH")
_NOT_TOLD, _LIVES, _NONE = 0, 1, 2
_WORKERS = {None: _NOT_TOLD, True: _LIVES, False: _NONE}
SMALLEST_REQUEST_BYTES = len(_ASKS) + _NAME.size
LARGEST_ANSWER_BYTES = 1 << 20
PLAIN_ONLY = "begin with the wanted bytes"
"""What a probe says, of this edgent and of earlier ones, that does not know what it is asked."""


class Told(NamedTuple):
    """What an edge says of itself.

    Attributes:
        stay: how long the probe stayed, on the edge's clock.
        has_worker: whether the endpoint that was asked after has a worker; None where that is not told.
    """

    stay: Stay
    has_worker: bool | None


def write_probe(upload_bytes: int, download_bytes: int) -> bytes:
    """A plain request.

    Args:
        upload_bytes: how long it is; at least 4.
        download_bytes: how long the answer is to be; at most ``LARGEST_ANSWER_BYTES``.
    """
    return _WANTED.pack(download_bytes).ljust(upload_bytes, b"\0")


def write_question(upload_bytes: int, download_bytes: int, endpoint: str = "") -> bytes:
    """A request that asks the edge for its time, and after an endpoint.

    Args:
        upload_bytes: how long it is, if what it asks is not longer.
        download_bytes: how long the answer is to be, likewise.
        endpoint: NAME/VERSION; empty: none is asked after.
    """
    name = endpoint.encode()
    return (_ASKS + _NAME.pack(download_bytes, len(name)) + name).ljust(upload_bytes, b"\0")


def read_told(body: bytes) -> Told:
    """What an edge said of itself.

    Raises:
        FrameError: it says something else.
    """
    stay, end = read_times(body)
    if not isinstance(stay, Stay) or len(body) <= end:
        raise FrameError("a probe that asked was answered with something else")
    return Told(stay, {_LIVES: True, _NONE: False}.get(body[end]))


def answer_probe(body: object, taken: Taken, has_worker: Callable[[str], bool | None]) -> Answer:
    """As many bytes as a request asks for; BAD_REQUEST where it does not say, or asks for too many.

    Args:
        body: the request.
        taken: when it was handed over.
        has_worker: whether an endpoint has a worker.
    """
    if isinstance(body, (bytes, bytearray)) and len(body) >= _WANTED.size:
        if body[: len(_ASKS)] == _ASKS:
            return _tell(bytes(body), taken, has_worker)
        (wanted_bytes,) = _WANTED.unpack_from(body)
        if wanted_bytes <= LARGEST_ANSWER_BYTES:
            return OK, bytes(wanted_bytes)
    return refuse(
        HTTPStatus.BAD_REQUEST,
        f"{PLAIN_ONLY} as a little-endian 32-bit number up to {LARGEST_ANSWER_BYTES}",
    )


def _tell(body: bytes, taken: Taken, has_worker: Callable[[str], bool | None]) -> Answer:
    begin = SMALLEST_REQUEST_BYTES
    wanted_bytes, name_bytes = _NAME.unpack_from(body, len(_ASKS)) if len(body) >= begin else (0, 1)
    try:
        endpoint = body[begin : begin + name_bytes].decode()
    except UnicodeDecodeError:
        return refuse(HTTPStatus.BAD_REQUEST, "the endpoint's name is not UTF-8")
    if len(body) < begin + name_bytes or wanted_bytes > LARGEST_ANSWER_BYTES:
        return refuse(
            HTTPStatus.BAD_REQUEST,
            f"a question of {len(body)} bytes for {wanted_bytes} bytes; at most {LARGEST_ANSWER_BYTES}",
        )
    workers = _WORKERS[has_worker(endpoint) if endpoint else None]
    return OK, (write_times(taken.stay()) + bytes([workers])).ljust(wanted_bytes, b"\0")
