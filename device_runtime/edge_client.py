"""Asks heads for activations: a frame out, a frame back, or a typed error."""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from device_runtime.grpc_exchange import GrpcConnection
from device_runtime.http_exchange import HttpConnection
from device_runtime.retry_budget import RetryBudget
from device_runtime.tokens import read_token
from edgent.core.wire import Frame, head_identity, read_frame, write_frame
from edgent.errors import (
    EdgeBusyError,
    EdgeError,
    EdgeTimeoutError,
    EdgeUnreachableError,
    FrameError,
    HeadRefusedError,
    TokenError,
)

if TYPE_CHECKING:
    from pathlib import Path

    from device_runtime.carrier import Carrier, RawAnswer
    from device_runtime.deadline import Deadline

PROBE = "edgent-probe"


@dataclass(frozen=True)
class HeadReply:
    """What a head sent, not yet looked into.

    Attributes:
        body: a frame, if all is well.
        exchange_s: from the first byte sent to the last byte received, the head's compute time included.
        sent_bytes, received_bytes: on the connection, headers included.
    """

    body: bytes
    exchange_s: float
    sent_bytes: int
    received_bytes: int


class EdgeClient:
    """Talks to the heads of one model over one kept connection; one exchange at a time."""

    def __init__(
        self, url: str, model_sha256: str, *, token_file: Path | None = None, ca_file: Path | None = None
    ) -> None:
        """Remember the edge; nothing is sent yet.

        Args:
            url: of TorchServe's inference interface: HTTP's, or gRPC's (``grpc://HOST:PORT``).
            model_sha256: digest of the model whose heads are asked.
            token_file: holds the token.
            ca_file: certificate authority for https and grpcs, PEM.

        Raises:
            EdgeUnreachableError: the URL or the certificate authority cannot be used.
        """
        self.url = url
        connect = GrpcConnection if url.startswith("grpc") else HttpConnection
        self._connection: Carrier = connect(url, ca_file)
        self._model_sha256 = model_sha256
        self._token_file = token_file
        self._token: str | None = None
        self._retries = RetryBudget()
        self._number = 0

    def write_request(
        self, head: str, tensor: np.ndarray, input_codec: str, activation_codec: str, budget_s: float
    ) -> bytes:
        """The frame that asks a head.

        Args:
            head: the head's name.
            tensor: the network's input, shape (batch, ...).
            input_codec: how the input is written.
            activation_codec: how the answer is wanted.
            budget_s: seconds after which nobody waits for the answer any more.
        """
        identity = head_identity(self._model_sha256, head)
        self._number = (self._number + 1) % 256
        return write_frame(Frame(tensor, input_codec, identity, activation_codec, budget_s, self._number))

    def exchange(self, head: str, request: bytes, deadline: Deadline) -> HeadReply:
        """Send a frame to a head and wait for what comes back.

        Raises:
            EdgeError: one of its kinds; the message says what to do.
        """
        began_s = deadline.clock()
        answer = self._predict(head, request, deadline)
        if answer.status != 200:
            raise _refusal(head, answer)
        return HeadReply(answer.body, deadline.clock() - began_s, answer.sent_bytes, answer.received_bytes)

    def read_reply(self, head: str, reply: HeadReply) -> Frame:
        """The frame that a head answered with.

        Raises:
            HeadRefusedError: it is none, or one of another head or model.
        """
        try:
            frame = read_frame(reply.body)
        except FrameError as error:
            raise HeadRefusedError(f"{head} answered with no frame: {error}") from None
        if frame.identity != head_identity(self._model_sha256, head):
            raise HeadRefusedError(f"{head} answered for another head or model")
        if frame.number != self._number:
            self._connection.close()
            raise EdgeUnreachableError(f"{head} answered an earlier request: the connection is out of step")
        return frame

    def check_head(
        self, head: str, input_shape: tuple[int, ...], dtype: str, deadline: Deadline
    ) -> HeadReply:
        """Ask a head whether it is ready and of our model, with a frame that holds nothing.

        Raises:
            EdgeError: it is not; one of its kinds.
        """
        nothing = np.zeros((0, *input_shape), dtype)
        request = self.write_request(head, nothing, "raw", "float32", deadline.left_s())
        reply = self.exchange(head, request, deadline)
        self.read_reply(head, reply)
        return reply

    def probe(self, upload_bytes: int, download_bytes: int, deadline: Deadline) -> HeadReply:
        """Send so many bytes to the edge's probe and have so many sent back, at least 4 up.

        Raises:
            EdgeError: one of its kinds.
        """
        body = struct.pack("<I", download_bytes).ljust(upload_bytes, b"\0")
        return self.exchange(PROBE, body, deadline)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def abandon(self) -> None:
        """End an exchange that is under way in another thread, and allow no other."""
        self._connection.abandon()

    def _predict(self, head: str, body: bytes, deadline: Deadline) -> RawAnswer:
        """Ask, once more on a new connection if a kept one had died, and once more with a new token."""
        for may_read_token_again in (True, False):
            if self._token is None:
                self._token = read_token(self._token_file) or ""
            kept = self._connection.is_open
            try:
                answer = self._connection.predict(head, self._token, body, deadline)
            except EdgeUnreachableError:
                if not kept or not self._retries.spend():
                    raise
                answer = self._connection.predict(head, self._token, body, deadline)
            if not _is_token_refusal(answer):
                self._retries.earn()
                return answer
            self._token = None
            if may_read_token_again and not self._retries.spend():
                break
        raise TokenError(
            "the edge rejects the token, or wants one: name TorchServe's key_file.json in edge.token_file, "
            "or set EDGENT_TOKEN; tokens expire after token_expiration_min"
        )


def _is_token_refusal(answer: RawAnswer) -> bool:
    return answer.status in (400, 401, 403) and b"InvalidKeyException" in answer.body[:500]


def _refusal(head: str, answer: RawAnswer) -> EdgeError:
    """The error that an answer other than 200 stands for."""
    try:
        reason = str(json.loads(answer.body)["message"])[:500]
    except (ValueError, KeyError, TypeError, RecursionError):
        reason = f"status {answer.status}"
    if answer.status == 403 and b"only accepts HTTPS" in answer.body[:500]:
        return EdgeUnreachableError("the edge speaks https only: write https:// in edge.inference_url")
    if answer.status == 404:
        return HeadRefusedError(f"the edge does not know {head}: run `make archive` and restart TorchServe")
    if answer.status == 503:
        return EdgeBusyError(f"{head} is not ready: {reason}")
    if answer.status == 504:
        return EdgeTimeoutError(f"{head} did not begin: {reason}")
    if answer.status in (500, 507):
        return EdgeBusyError(f"{head} failed on the edge: {reason}")
    return HeadRefusedError(f"{head} refused the request ({answer.status}): {reason}")
