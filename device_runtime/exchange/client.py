"""What carries frames to one edge: a protocol, so that sessions know neither HTTP nor gRPC."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np

    from device_runtime.deadline import Deadline
    from device_runtime.edges.addresses import Address
    from device_runtime.exchange.edge_client import HeadReply
    from edgent.core.frame_exits import ExitsToAsk
    from edgent.core.photo import Photo
    from edgent.core.wire import Frame


class Client(Protocol):
    """Talks to the heads of one model, one exchange at a time."""

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
        """The frame that asks for a window."""

    def exchange(self, address: Address, request: bytes, deadline: Deadline) -> HeadReply:
        """Send a frame to an address and wait for what comes back."""

    def read_reply(self, address: Address, reply: HeadReply) -> Frame:
        """The frame that came back from an address."""

    def probe(self, upload_bytes: int, download_bytes: int, deadline: Deadline) -> HeadReply:
        """Send so many bytes and have so many sent back."""

    def reopen(self) -> None:
        """Open a connection now where none is kept; where that fails, the next request says why."""

    def abandon(self) -> None:
        """End the exchange under way in another thread, and allow no other."""

    def close(self) -> None:
        """Close the connection."""
