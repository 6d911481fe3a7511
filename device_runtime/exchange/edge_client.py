"""Asks heads for activations: a frame out, a frame back, or a typed error."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from device_runtime.deadline import Deadline
from device_runtime.exchange.torchserve import TorchServeClient
from device_runtime.exchange.torchserve_answers import NO_WORKER
from device_runtime.link.edge_clocks import EdgeClocks
from device_runtime.link.way_back import WayBack
from device_runtime.watching.spans import traceparent
from edgent.core.codecs import CODECS
from edgent.core.codecs.file import FileCodec
from edgent.core.frame_exits import ExitsAsked, ExitsToAsk
from edgent.core.photo import Photo
from edgent.core.probe import PLAIN_ONLY, PROBE, Told, read_told, write_probe, write_question
from edgent.core.stay import Stay
from edgent.core.wire import WIRE_VERSION_WITH_TIMES, Frame, read_frame, without_times, write_frame
from edgent.errors import (
    EdgeBusyError,
    EdgeError,
    EdgeUnreachableError,
    ExpiredError,
    FrameError,
    HeadRefusedError,
    NoWorkerError,
    QueueFullError,
)
from edgent.planning.plan import FLOAT32

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from device_runtime.edges.addresses import Address
    from device_runtime.edges.retry_budget import RetryBudget

_REOPENING_S = 2.0
_NEWER = f"wire version {WIRE_VERSION_WITH_TIMES}, but"
"""What an edge of an earlier edgent says of a frame that says something of time."""


@dataclass(frozen=True)
class HeadReply:
    """What a head sent, not yet looked into.

    Attributes:
        body: a frame, if all is well.
        exchange_s: from the first byte sent to the last byte received, the head's compute time included.
        sent_bytes, received_bytes: on the connection, headers included.
        trailing_bytes: those received behind the first that came.
        trailing_s: seconds from the first that came to these.
        sent_s: when the first byte was sent, on the deadline's clock.
    """

    body: bytes
    exchange_s: float
    sent_bytes: int
    received_bytes: int
    trailing_bytes: int = 0
    trailing_s: float = 0.0
    sent_s: float = 0.0


class EdgeClient:
    """Talks to the heads of one model over one kept connection; one exchange at a time.

    Attributes:
        clocks: those of the edge, as far as exchanges tell.
        way_back: what answers take on it.
    """

    def __init__(
        self,
        url: str,
        *,
        token_file: Path | None = None,
        ca_file: Path | None = None,
        clock: Callable[[], float] = time.perf_counter,
        clocks: EdgeClocks | None = None,
        retries: RetryBudget | None = None,
        traced: bool = False,
    ) -> None:
        """Remember the edge; nothing is sent yet.

        Args:
            url: of TorchServe's inference interface: HTTP's, or gRPC's (``grpc://HOST:PORT``).
            token_file: holds the token.
            ca_file: certificate authority for https and grpcs, PEM.
            clock: monotonic seconds, that of the deadlines.
            clocks: what another client of the same edge learns of its clocks; None: they are learnt anew.
            retries: shared with other edges; one of its own when None.
            traced: whether requests for windows say which trace they are part of.

        Raises:
            EdgeUnreachableError: the URL or the certificate authority cannot be used.
        """
        self.url, self._token_file, self._ca_file, self._clock = url, token_file, ca_file, clock
        self.clocks = clocks or EdgeClocks(clock)
        self.way_back = WayBack(self.clocks)
        self._retries = retries
        self._server = TorchServeClient(url, token_file=token_file, ca_file=ca_file, retries=retries)
        self._number, self._codec, self._trace = 0, "", ""
        self._traced = traced
        self._exits: ExitsToAsk | None = None

    @property
    def certificate_expires_s(self) -> float | None:
        """When the edge's certificate ends, in seconds since 1970; None where it showed none."""
        return self._server.certificate_expires_s

    def write_request(
        self,
        address: Address,
        tensor: np.ndarray | Photo,
        input_codec: str,
        activation_codec: str,
        budget_s: float,
        exits: ExitsToAsk | None = None,
        payload: bytes | None = None,
    ) -> bytes:
        """The frame that asks for a window.

        Args:
            address: where it is asked.
            tensor: what it takes, the network's input for a head, shape (batch, ...); or a photo, for the
                codec ``file``.
            input_codec: how that is written.
            activation_codec: how the answer is wanted.
            budget_s: seconds after which nobody waits for the answer any more; 0: there is no deadline. The
                frame says less, by what the way back is believed to take.
            exits: those inside the window at which the input may leave; None: it is run whole.
            payload: what `payload_of` made of it; None: it is encoded now.
        """
        self._number, self._exits, self._codec = (self._number + 1) % 256, exits, activation_codec
        self._trace = traceparent() if self._traced else ""
        sent = self.clocks.sent_now()
        budget_s = self.way_back.edge_budget_s(budget_s, (address.identity, activation_codec))
        said = (input_codec, address.identity, activation_codec, budget_s, self._number, exits, sent)
        if isinstance(tensor, Photo):
            return write_frame(Frame(tensor.outline, *said), payload or payload_of(tensor, input_codec))
        return write_frame(Frame(tensor, *said), payload)

    def exchange(self, address: Address, request: bytes, deadline: Deadline) -> HeadReply:
        """Send a frame to an address and wait for what comes back.

        An edge of an earlier edgent is asked once more, in words that it knows. Where one does not answer
        now, its probe is asked why: TorchServe says the same where there is no worker and where the queue is
        full.

        Raises:
            EdgeError: the subclass names the kind of failure, the message what to do.
        """
        try:
            return self._predict(address.endpoint, address.version, request, deadline, self._trace)
        except HeadRefusedError as refusal:
            if _NEWER not in str(refusal):
                raise
        except EdgeBusyError as refusal:
            if type(refusal) is not EdgeBusyError or NO_WORKER not in str(refusal):
                raise
            raise self._why_busy(address, refusal, deadline) from None
        self.clocks.not_told(address.endpoint)
        return self._predict(address.endpoint, address.version, without_times(request), deadline, self._trace)

    def _why_busy(self, address: Address, refusal: EdgeBusyError, deadline: Deadline) -> EdgeBusyError:
        """What a refusal means that says no worker or a full queue; the refusal itself where nobody tells."""
        if not self.clocks.are_told:
            return refusal
        try:
            told = self._ask_probe(write_question(0, 0, f"{address.endpoint}/{address.version}"), deadline)[1]
        except EdgeError:
            return refusal
        if told.has_worker is None:
            return refusal
        if told.has_worker:
            return QueueFullError(f"{address} has a worker, and its queue is full")
        return NoWorkerError(f"{address} has no worker: scale it, or look into TorchServe's log")

    def read_reply(self, address: Address, reply: HeadReply) -> Frame:
        """The frame that came back from an address.

        Raises:
            HeadRefusedError: the answer is no frame, a frame of another head or model, or the answer of an
                exit that was not to be asked.
            EdgeUnreachableError: the frame answers an earlier request.
        """
        try:
            frame = read_frame(reply.body)
        except FrameError as error:
            raise HeadRefusedError(f"{address} answered with no frame: {error}") from None
        if frame.identity != address.identity:
            raise HeadRefusedError(f"{address} answered for another head or model")
        if frame.number != self._number:
            self._server.close()
            raise EdgeUnreachableError(
                f"{address} answered an earlier request: the connection is out of step"
            )
        self._check_exits(address, frame)
        if len(frame.tensor):
            self.way_back.answered((address.identity, self._codec), reply.received_bytes)
        if isinstance(frame.times, Stay):
            self._learn(reply.sent_s, reply.sent_s + reply.exchange_s, frame.times)
        return frame

    def _check_exits(self, address: Address, frame: Frame) -> None:
        """Refuse the answer of an exit that was not asked for.

        Raises:
            HeadRefusedError: that is so.
        """
        if frame.exits is None:
            return
        exits = 0 if self._exits is None else len(self._exits.branches)
        if not isinstance(frame.exits, ExitsAsked) or (frame.exits.left_at or 0) >= exits:
            raise HeadRefusedError(
                f"{address} answered with {frame.exits}, and {exits} exits were to be asked"
            )

    def check(self, address: Address, deadline: Deadline) -> HeadReply:
        """Ask whether an address is ready and of our model, with a frame that holds nothing.

        Raises:
            EdgeError: it is not ready, or not of our model.
        """
        nothing = np.zeros((0, *address.takes.shape), address.takes.dtype)
        codec = CODECS.answering(FLOAT32, nothing.dtype)
        request = self.write_request(address, nothing, codec, FLOAT32, deadline.left_s())
        reply = self.exchange(address, request, deadline)
        self.read_reply(address, reply)
        return reply

    def probe(self, upload_bytes: int, download_bytes: int, deadline: Deadline) -> HeadReply:
        """Send so many bytes to the edge's probe and have so many sent back, and learn what time it is there.

        It is a few bytes more both ways where they would not hold the question and its answer.

        Raises:
            EdgeError: the probe did not answer.
        """
        if self.clocks.are_told:
            try:
                return self._ask_probe(write_question(upload_bytes, download_bytes), deadline)[0]
            except HeadRefusedError as refusal:
                if PLAIN_ONLY not in str(refusal):
                    raise
            self.clocks.not_told(PROBE)
        return self._predict(PROBE, "", write_probe(upload_bytes, download_bytes), deadline)

    def _ask_probe(self, question: bytes, deadline: Deadline) -> tuple[HeadReply, Told]:
        """What the probe says of the edge, whose clock is learnt.

        Raises:
            EdgeError: the probe did not answer, or not what it was asked.
        """
        reply = self._predict(PROBE, "", question, deadline)
        try:
            told = read_told(reply.body)
        except FrameError as error:
            raise HeadRefusedError(f"{PROBE} answered with something else: {error}") from None
        self._learn(reply.sent_s, reply.sent_s + reply.exchange_s, told.stay)
        return reply, told

    def _predict(
        self, endpoint: str, version: str, body: bytes, deadline: Deadline, trace: str = ""
    ) -> HeadReply:
        began_s = deadline.clock()
        try:
            answer = self._server.predict(endpoint, body, deadline, version, trace)
        except ExpiredError as error:
            self._learn(began_s, deadline.clock(), error.stay)
            error.waited_s = self.clocks.waited_s(began_s, error.stay)
            error.exchange_s = deadline.clock() - began_s
            raise
        return HeadReply(
            answer.body,
            deadline.clock() - began_s,
            answer.sent_bytes,
            answer.received_bytes,
            answer.trailing_bytes,
            answer.trailing_s,
            began_s,
        )

    def _learn(self, sent_s: float, received_s: float, stay: Stay) -> None:
        """Take in what an exchange tells of the edge's clock, and of the way back."""
        self.clocks.learn(sent_s, received_s, stay)
        self.way_back.came(received_s, stay)

    def another(self) -> EdgeClient:
        """One more connection to the same edge, with the same retries and the same clocks."""
        return EdgeClient(
            self.url,
            token_file=self._token_file,
            ca_file=self._ca_file,
            clocks=self.clocks,
            retries=self._retries,
        )

    def reopen(self) -> None:
        """Open a connection now where none is kept; where that fails, the next request says why."""
        with contextlib.suppress(EdgeError):
            self._server.reopen(Deadline.after(_REOPENING_S, self._clock))

    def close(self) -> None:
        """Close the connection."""
        self._server.close()

    def abandon(self) -> None:
        """End an exchange that is under way in another thread, and allow no other."""
        self._server.abandon()


def payload_of(tensor: np.ndarray | Photo, codec: str) -> bytes:
    """The payload of a frame that is written later, in next to no time then."""
    return FileCodec().encode(tensor) if isinstance(tensor, Photo) else CODECS[codec].encode(tensor)
