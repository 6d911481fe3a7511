"""What the device does while an edge answers a request: it begins with the next one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from concurrent.futures import Future

    from device_runtime.exchange_thread import Arrival
    from device_runtime.request import Request


class Beside(Protocol):
    """Is called by the thread of a request that is at an edge."""

    def while_away(self, request: Request, under_way: Future[Arrival]) -> None:
        """Do something else, until the exchange under way has ended, or the request needs the device."""

    def edge_is_free(self) -> None:
        """The edge has answered, and the device is about to run the rest of the plan."""
