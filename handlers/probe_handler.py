"""TorchServe handler that measures the link: takes n bytes, returns m bytes, computes nothing.

A request is m as a little-endian 32-bit number, then anything.
"""

import json
import logging
import struct
from http import HTTPStatus
from typing import Any

_WANTED = struct.Struct("<I")
_LARGEST_ANSWER_BYTES = 1 << 20


class ProbeHandler:
    """Answers through the same queues and sockets as a head."""

    def initialize(self, context: Any) -> None:
        """Nothing to load; as quiet as a head, so that the round trip is a head's."""
        logging.getLogger().setLevel(logging.WARNING)

    def handle(self, data: list[dict[str, Any]], context: Any) -> list[bytes]:
        """As many zero bytes as each request asks for."""
        return [self._answer(request.get("body"), context, index) for index, request in enumerate(data)]

    @staticmethod
    def _answer(body: Any, context: Any, index: int) -> bytes:
        if isinstance(body, (bytes, bytearray)) and len(body) >= _WANTED.size:
            (wanted_bytes,) = _WANTED.unpack_from(body)
            if wanted_bytes <= _LARGEST_ANSWER_BYTES:
                return bytes(wanted_bytes)
        status = HTTPStatus.BAD_REQUEST
        context.set_response_status(status.value, status.phrase, index)
        message = (
            f"begin with the wanted bytes as a little-endian 32-bit number up to {_LARGEST_ANSWER_BYTES}"
        )
        return json.dumps({"code": status.value, "message": message}).encode()
