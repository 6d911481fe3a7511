"""An edge whose link dies in the middle of every exchange: a client that no answer ever reaches."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Event
from typing import TYPE_CHECKING, Literal, NoReturn

from device_runtime.edges.edge_session import EdgeSession
from device_runtime.edges.head_checks import HeadChecks
from device_runtime.edges.head_roster import HeadRoster
from edgent.errors import EdgeTimeoutError, EdgeUnreachableError

if TYPE_CHECKING:
    from collections.abc import Callable

    from device_runtime.deadline import Deadline

Kind = Literal["reset", "silence"]


@dataclass(frozen=True)
class Death:
    """When and how a link dies.

    Attributes:
        after_s: Seconds after the request was sent.
        kind: `reset`: the device is told at once. `silence`: nothing comes any more.
    """

    after_s: float
    kind: Kind


class DyingClient:
    """Takes a request, and dies."""

    def __init__(self, death: Death, writing_s: float) -> None:
        self._death = death
        self._writing_s = writing_s
        self._abandoned = Event()

    def write_request(self, *_: object) -> bytes:
        """A frame, once the device has had time to write it."""
        self._abandoned.wait(self._writing_s)
        return b"frame"

    def exchange(self, _address: object, _request: bytes, deadline: Deadline) -> NoReturn:
        """Nothing.

        Raises:
            EdgeUnreachableError: The link was reset.
            EdgeTimeoutError: It fell silent.
        """
        is_told = self._death.kind == "reset"
        self._abandoned.wait(self._death.after_s if is_told else deadline.left_s())
        if is_told:
            raise EdgeUnreachableError("the link was reset in the middle of the request")
        raise EdgeTimeoutError("the link fell silent in the middle of the request")

    def read_reply(self, *_: object) -> NoReturn:
        """Never needed."""
        raise AssertionError

    probe = check = reopen = read_reply

    def abandon(self) -> None:
        """End the exchange."""
        self._abandoned.set()

    close = abandon


def dying_edge(death: Death, writing_s: float, clock: Callable[[], float]) -> EdgeSession:
    """An edge that takes one request and never answers it."""
    client = DyingClient(death, writing_s)
    return EdgeSession(client, HeadRoster((), clock), HeadChecks(client, clock), clock)
