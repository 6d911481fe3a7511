"""A client of an edge that answers when a test lets it go on."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import numpy as np

from device_runtime.exchange.edge_client import HeadReply
from edgent.core.wire import Frame
from edgent.errors import EdgeUnreachableError

if TYPE_CHECKING:
    from collections.abc import Callable

    from device_runtime.deadline import Deadline
    from device_runtime.edges.addresses import Address
    from device_runtime.edges.edge_session import EdgeSession
    from edgent.core.frame_exits import ExitsAsked
    from edgent.errors import EdgeError


class Client:
    """Answers when the test lets it, with what the test says."""

    def __init__(self) -> None:
        self.let_go = threading.Event()
        self.let_go.set()
        self.error: Exception | None = None
        self.refuses: dict[str, EdgeError] = {}
        self.asked: list[str] = []
        self.exits: ExitsAsked | None = None

    def _answer(self, what: str) -> HeadReply:
        self.asked.append(what)
        assert self.let_go.wait(10)
        if self.error is not None:
            raise self.error
        return HeadReply(b"", 0.05, 4000, 100)

    def write_request(self, address: Address, *_: Any) -> bytes:
        """A frame of 4,000 bytes."""
        return bytes(4000)

    def exchange(self, address: Address, *_: Any) -> HeadReply:
        """One exchange with a head."""
        return self._answer(address.endpoint)

    def read_reply(self, *_: Any) -> Frame:
        """Four zeros."""
        return Frame(np.zeros((1, 4), np.float32), "float32", bytes(8), seconds=0.01, exits=self.exits)

    def check(self, address: Address, *_: Any) -> HeadReply:
        """Whether an address is ready."""
        reply = self._answer(f"check {address}")
        if address.endpoint in self.refuses:
            raise self.refuses[address.endpoint]
        return reply

    def probe(self, upload_bytes: int, *_: Any) -> HeadReply:
        """A probe of the link."""
        return self._answer(f"probe {upload_bytes}")

    def reopen(self) -> None:
        """Remember it."""
        self.asked.append("reopen")

    def abandon(self) -> None:
        """End what is under way."""
        self.error = EdgeUnreachableError("the connection was closed")
        self.let_go.set()

    def close(self) -> None:
        """Nothing to close."""


def send(
    session: EdgeSession,
    address: Address,
    wait_until: Deadline,
    prepare: Callable[[], object] = lambda: None,
    **options: Any,
) -> None:
    """Send a frame of 4,000 bytes; nothing is made ready behind its answer unless a test says so."""
    usual: dict[str, Any] = {"afterwards": lambda: None, "latency_requirement_s": 0.1}
    session.send(address, bytes(4000), prepare, wait_until=wait_until, **(usual | options))
