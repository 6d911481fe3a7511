"""Asks addresses whether they are ready, over a connection of its own: no request waits for the question."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Protocol

from device_runtime.deadline import Deadline
from edgent.errors import EdgeBusyError, EdgeError, EdgentError, HeadRefusedError

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from device_runtime.edges.addresses import Address, Addresses
    from device_runtime.exchange.edge_client import HeadReply

_PATIENCE_S = 2.0
_CLOSING_S = 1.0

Said = list[tuple["Address", EdgeError | None]]
"""What each address said that was asked: None where it is ready, else why it is not."""


class Checker(Protocol):
    """Asks one address at a time."""

    def check(self, address: Address, deadline: Deadline) -> HeadReply:
        """Ask whether an address is ready and of our model."""

    def abandon(self) -> None:
        """End the exchange under way in another thread, and allow no other."""

    def close(self) -> None:
        """Close the connection."""


class HeadChecks:
    """One question at a time, in a thread of its own."""

    def __init__(self, client: Checker, clock: Callable[[], float]) -> None:
        self._client = client
        self._clock = clock
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="head checks")
        self.under_way: Future[Said] | None = None

    def start(self, addresses: Addresses, prepare: Callable[[], object] | None = None) -> None:
        """Ask one after the other until one is ready; nothing is asked while a question is under way.

        Args:
            addresses: of one window.
            prepare: makes ready what a request needs here, in the same thread, once one is ready.
        """
        if self.under_way is not None or not addresses:
            return
        deadline = Deadline.after(_PATIENCE_S, self._clock)
        self.under_way = self._thread.submit(self._ask, addresses, deadline, prepare)

    def take_said(self) -> Said:
        """What was said, once it is there; nothing until then."""
        if self.under_way is None or not self.under_way.done():
            return []
        said, self.under_way = self.under_way.result(), None
        return said

    def close(self) -> None:
        """End the question under way, then the thread, and close the connection."""
        self._client.abandon()
        self._thread.shutdown(wait=False, cancel_futures=True)
        if self.under_way is not None:
            wait([self.under_way], _CLOSING_S)
        self._client.close()

    def _ask(self, addresses: Addresses, deadline: Deadline, prepare: Callable[[], object] | None) -> Said:
        said: Said = []
        for address in addresses:
            error = self._not_ready(address, deadline, prepare)
            said.append((address, error))
            if not isinstance(error, (EdgeBusyError, HeadRefusedError)):
                break  # it is ready, or the edge is not there for any of them
        return said

    def _not_ready(
        self, address: Address, deadline: Deadline, prepare: Callable[[], object] | None
    ) -> EdgeError | None:
        """Why an address is not ready; None when it is."""
        try:
            self._client.check(address, deadline)
            if prepare is not None:
                prepare()
        except EdgeError as error:
            return error
        except (EdgentError, OSError) as error:
            return EdgeError(f"{address} answered, but nothing here can work with it: {error}")
        except Exception as error:  # noqa: BLE001  nobody thought of it, and no request may fail of it
            return EdgeError(f"the exchange failed in a way of its own: {error!r}")
        return None
