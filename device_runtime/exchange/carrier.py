"""What carries a frame to a head and the answer back: HTTP or gRPC, over one kept connection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from device_runtime.deadline import Deadline


@dataclass(frozen=True)
class RawAnswer:
    """What came back.

    Attributes:
        status: as HTTP has it.
        body: a frame if the status is 200, else TorchServe's reason.
        sent_bytes: on the connection, headers included.
        received_bytes: on the connection, headers included.
        trailing_bytes: those of them that came behind the first ones.
        trailing_s: seconds from the first ones to these.
    """

    status: int
    body: bytes
    sent_bytes: int
    received_bytes: int
    trailing_bytes: int = 0
    trailing_s: float = 0.0


class Carrier(Protocol):
    """One exchange at a time."""

    certificate_expires_s: float | None
    """When the server's certificate ends, in seconds since 1970; None where none was shown."""

    @property
    def is_open(self) -> bool:
        """Whether a connection is kept from an earlier request."""

    def predict(
        self,
        head: str,
        token: str | None,
        body: bytes,
        deadline: Deadline,
        version: str = "",
        trace: str = "",
    ) -> RawAnswer:
        """Give a body to a model of TorchServe's and wait for the whole answer.

        Args:
            head: the model's name.
            token: TorchServe's inference token; None where it wants none.
            body: what to send.
            deadline: when to give up.
            version: the model's version; TorchServe's default one when empty.
            trace: says which trace this is part of (`watching.spans.traceparent`); empty: none.

        Raises:
            EdgeTimeoutError: the deadline passed first.
            EdgeUnreachableError: no connection, or it broke.
        """

    def reopen(self, deadline: Deadline) -> None:
        """Open a connection now where none is kept, so that the next request need not wait for that.

        Raises:
            EdgeTimeoutError: the deadline passed first.
            EdgeUnreachableError: nobody is there.
        """

    def turn(self) -> None:
        """Close the connection, and open the next one to another of the host's addresses, named anew."""

    def close(self) -> None:
        """Close the connection, if there is one; the next request opens another."""

    def abandon(self) -> None:
        """From another thread: end the exchange that is under way, and let none follow."""
