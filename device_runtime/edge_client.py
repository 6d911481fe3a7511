"""Asks one head for its activation: a frame out, a frame back, or a typed error."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from device_runtime.http_exchange import HttpAnswer, HttpConnection
from device_runtime.tokens import read_token
from edgent.core.wire import CONTENT_TYPE, Frame, head_identity, read_frame, write_frame
from edgent.errors import (
    EdgeBusyError,
    EdgeError,
    EdgeUnreachableError,
    FrameError,
    HeadRefusedError,
    TokenError,
)

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np

    from device_runtime.deadline import Deadline


@dataclass(frozen=True)
class HeadAnswer:
    """An activation from the edge, and where its time went.

    Attributes:
        tensor: the activation, shape (batch, ...).
        encode_s: writing the request frame.
        exchange_s: from the first byte sent to the last byte received, the head's compute time included.
        compute_s: what the head says it computed.
        decode_s: reading the answer frame.
        sent_bytes, received_bytes: on the connection, HTTP headers included.
    """

    tensor: np.ndarray
    encode_s: float
    exchange_s: float
    compute_s: float
    decode_s: float
    sent_bytes: int
    received_bytes: int


class EdgeClient:
    """Talks to the heads of one model over one kept connection."""

    def __init__(
        self, url: str, model_sha256: str, *, token_file: Path | None = None, ca_file: Path | None = None
    ) -> None:
        """Remember the edge; nothing is sent yet.

        Raises:
            EdgeUnreachableError: the certificate authority cannot be read.
        """
        self._connection = HttpConnection(url, ca_file)
        self._model_sha256 = model_sha256
        self._token_file = token_file
        self._headers: str | None = None

    def ask(
        self, head: str, tensor: np.ndarray, input_codec: str, activation_codec: str, deadline: Deadline
    ) -> HeadAnswer:
        """Run a head on the edge.

        Args:
            head: the head's name.
            tensor: the network's input, shape (batch, ...).
            input_codec: how the input is written.
            activation_codec: how the answer is wanted.
            deadline: when to give up.

        Raises:
            EdgeError: one of its kinds; the message says what to do.
        """
        clock = deadline.clock
        identity = head_identity(self._model_sha256, head)
        began_s = clock()
        request = write_frame(Frame(tensor, input_codec, identity, activation_codec, deadline.left_s()))
        encoded_s = clock()
        answer = self._post(f"/predictions/{head}", request, deadline)
        answered_s = clock()
        if answer.status != 200:
            raise _refusal(head, answer)
        try:
            frame = read_frame(answer.body)
        except FrameError as error:
            self._connection.close()
            raise HeadRefusedError(f"{head} answered with no frame: {error}") from None
        if frame.identity != identity:
            raise HeadRefusedError(f"{head} answered for another head or model")
        return HeadAnswer(
            frame.tensor,
            encode_s=encoded_s - began_s,
            exchange_s=answered_s - encoded_s,
            compute_s=frame.seconds,
            decode_s=clock() - answered_s,
            sent_bytes=answer.sent_bytes,
            received_bytes=answer.received_bytes,
        )

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _post(self, path: str, body: bytes, deadline: Deadline) -> HttpAnswer:
        """Post, once more on a new connection if a kept one had died, and once more with a new token."""
        for may_read_token_again in (True, False):
            headers = self._header_lines()
            kept = self._connection.is_open
            try:
                answer = self._connection.post(path, headers, body, deadline)
            except EdgeUnreachableError:
                if not kept:
                    raise
                answer = self._connection.post(path, headers, body, deadline)
            if not _is_token_refusal(answer):
                return answer
            if may_read_token_again:
                self._headers = None
        raise TokenError(
            "the edge rejects the token, or wants one: name TorchServe's key_file.json in edge.token_file, "
            "or set EDGENT_TOKEN; tokens expire after token_expiration_min"
        )

    def _header_lines(self) -> str:
        if self._headers is None:
            token = read_token(self._token_file)
            authorization = f"Authorization: Bearer {token}\r\n" if token else ""
            self._headers = f"Content-Type: {CONTENT_TYPE}\r\n{authorization}"
        return self._headers


def _is_token_refusal(answer: HttpAnswer) -> bool:
    return answer.status in (400, 401, 403) and b"InvalidKeyException" in answer.body[:500]


def _refusal(head: str, answer: HttpAnswer) -> EdgeError:
    """The error that an answer other than 200 stands for."""
    try:
        reason = str(json.loads(answer.body)["message"])[:500]
    except (ValueError, KeyError, TypeError):
        reason = f"status {answer.status}"
    if answer.status == 404:
        return HeadRefusedError(
            f"{head} is not registered with the edge: run `make archive` and restart TorchServe"
        )
    if answer.status == 503:
        return EdgeBusyError(f"{head} is not ready: {reason}")
    if answer.status in (500, 507):
        return EdgeBusyError(f"{head} failed on the edge: {reason}")
    return HeadRefusedError(f"{head} refused the request ({answer.status}): {reason}")
