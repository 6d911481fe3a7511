"""The link probe: n bytes up, m bytes down, nothing computed.

A request is m as a little-endian 32-bit number, then anything; the answer is m bytes.
"""

import struct
from http import HTTPStatus

from edgent.core.refusal import OK, Answer, refuse

PROBE = "edgent-probe"
"""The name under which TorchServe serves it."""

_WANTED = struct.Struct("<I")
SMALLEST_REQUEST_BYTES = _WANTED.size
LARGEST_ANSWER_BYTES = 1 << 20


def write_probe(upload_bytes: int, download_bytes: int) -> bytes:
    """A request.

    Args:
        upload_bytes: how long it is; at least ``SMALLEST_REQUEST_BYTES``.
        download_bytes: how long the answer is to be; at most ``LARGEST_ANSWER_BYTES``.
    """
    return _WANTED.pack(download_bytes).ljust(upload_bytes, b"\0")


def answer_probe(body: object) -> Answer:
    """As many zero bytes as a request asks for; BAD_REQUEST where it does not say, or asks for too many."""
    if isinstance(body, (bytes, bytearray)) and len(body) >= _WANTED.size:
        (wanted_bytes,) = _WANTED.unpack_from(body)
        if wanted_bytes <= LARGEST_ANSWER_BYTES:
            return OK, bytes(wanted_bytes)
    return refuse(
        HTTPStatus.BAD_REQUEST,
        f"begin with the wanted bytes as a little-endian 32-bit number up to {LARGEST_ANSWER_BYTES}",
    )
