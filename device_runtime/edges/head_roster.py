"""Which addresses said that they are ready, and which did not; a plan is switched only to a ready one."""

from __future__ import annotations

import logging
import math
import time
from typing import TYPE_CHECKING

import numpy as np

from edgent.errors import (
    ColdWindowError,
    EdgeBusyError,
    EdgeTimeoutError,
    ExpiredError,
    HeadAbsentError,
    HeadFailedError,
    HeadRefusedError,
    NoWorkerError,
    QueueFullError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence

    from device_runtime.edges.addresses import Address, Addresses
    from edgent.errors import EdgeError
    from edgent.planning.costs import BoolArray

_LOG = logging.getLogger(__name__)
_ABSENT_S = 2.0  # how long a head that is not there is left alone at first, ...
_COLD_S = 0.1  # ... how long a window that is being loaded is, ...
_LONGEST_ABSENT_S = 64.0  # ... and each at most


class HeadRoster:
    """Remembers what each address last said.

    An endpoint that is not there, or has no worker, is so for all windows that it serves. A plan is ready
    when one of its addresses is, and asks the first of those.
    """

    def __init__(self, plans: Sequence[Addresses], clock: Callable[[], float] = time.perf_counter) -> None:
        """Nothing is known yet.

        Args:
            plans: the addresses of each plan of the cost table, in its order; none where a plan needs none.
            clock: monotonic seconds.
        """
        self._clock = clock
        self._plans = tuple(dict.fromkeys(plans))
        number = {addresses: n for n, addresses in enumerate(self._plans)}
        self._number_of_plan = np.array([number[addresses] for addresses in plans], dtype=np.int64)
        self._ready: set[Address] = set()
        self._absent_s: dict[Hashable, float] = {}  # of addresses, and of endpoints with all that they serve
        self._absent_until_s: dict[Hashable, float] = {}
        self._refusals: dict[Hashable, EdgeError] = {}  # what those said that are left alone
        self._failures: dict[Hashable, EdgeError] = {}  # of endpoints that have not answered since
        self._asked: dict[Address, Address] = {}  # by the preferred one, for the log
        self._hoped_for: BoolArray | None = None  # until more is heard, or a pause ends
        self._pause_ends_s = 0.0

    def is_ready(self, addresses: Addresses) -> bool:
        """Whether one of them answered and did not fail since; a plan that needs none is always ready."""
        return not addresses or any(address in self._ready for address in addresses)

    def to_ask(self, addresses: Addresses) -> Address:
        """The first that is ready, else the first that may be asked, else the one whose pause ends first."""
        ready = (address for address in addresses if address in self._ready)
        hopeful = iter(self.hopeful(addresses))
        address = next(ready, None) or next(hopeful, None) or min(addresses, key=self._paused_until_s)
        before, self._asked[addresses[0]] = self._asked.get(addresses[0], addresses[0]), address
        if before != address:
            _LOG.info("what %s serves is asked of %s from now on", before, address)
        return address

    def hopeful(self, addresses: Iterable[Address]) -> Addresses:
        """Those that did not fail a moment ago."""
        now_s = self._clock()
        return tuple(address for address in addresses if self._paused_until_s(address) <= now_s)

    def _paused_until_s(self, address: Address) -> float:
        """When it may be asked again; 0 where it did not fail since it answered."""
        until_s = self._absent_until_s
        return max(until_s.get(address, 0.0), until_s.get(address.endpoint, 0.0))

    def refusal_of(self, address: Address) -> EdgeError | None:
        """Why an address is left alone; None where it may be asked."""
        if not self.hopeful((address,)):
            return self._refusals.get(address) or self._refusals.get(address.endpoint)
        return None

    def failure_of(self, addresses: Addresses) -> EdgeError | None:
        """What an endpoint of theirs failed with and has not answered since; None where one is ready.

        That an endpoint is not there says the least: most heads have no archive of their own.
        """
        if self.is_ready(addresses):
            return None
        failed = (self._failures.get(address.endpoint) for address in addresses)
        known = [failure for failure in failed if failure is not None]
        return min(known, key=lambda failure: isinstance(failure, HeadAbsentError), default=None)

    def better(self, addresses: Addresses) -> Addresses:
        """Those that would be asked in place of a ready one if they answered, and may be tried again."""
        first = next((n for n, address in enumerate(addresses) if address in self._ready), 0)
        return self.hopeful(addresses[:first])

    def answered(self, address: Address) -> None:
        """The address is there."""
        if address not in self._ready:
            _LOG.info("%s is ready", address)
            self._hoped_for = None
        self._ready.add(address)
        self._failures.pop(address.endpoint, None)
        for known in (address, address.endpoint):
            self._absent_s.pop(known, None)
            self._refusals.pop(known, None)
            self._absent_until_s.pop(known, None)

    def failed(self, address: Address, error: EdgeError) -> None:
        """The address did not answer, and has to say that it is ready before it is asked again.

        One without workers is left alone for a while, and so is one that refuses or stays silent; for twice
        as long each time. A window that is being loaded is there a moment later, and so is room in a queue
        that is full. Where the edge does not tell that from a head without workers, one that was ready is
        checked again at once, and left alone if it says so twice.
        """
        if isinstance(error, ExpiredError):
            self.answered(address)  # its worker said so
            return
        self._failures[address.endpoint] = error
        was_ready, self._hoped_for = address in self._ready, None
        self._ready.discard(address)
        if isinstance(error, QueueFullError):
            self._leave_alone(address.endpoint, _COLD_S, error)
        elif isinstance(error, ColdWindowError):
            self._leave_alone(address, _COLD_S, error)
        elif isinstance(error, HeadRefusedError) and not isinstance(error, HeadAbsentError):
            self._leave_alone(address, _ABSENT_S, error)
        elif was_ready and not isinstance(error, (HeadAbsentError, NoWorkerError)):
            return
        elif isinstance(error, (HeadFailedError, EdgeTimeoutError)):
            self._leave_alone(address, _ABSENT_S, error)
        elif isinstance(error, (HeadAbsentError, EdgeBusyError)):
            self._ready = {ready for ready in self._ready if ready.endpoint != address.endpoint}
            self._leave_alone(address.endpoint, _ABSENT_S, error)

    def _leave_alone(self, what: Hashable, at_first_s: float, error: EdgeError) -> None:
        self._refusals[what] = error
        absent_s = min(2 * self._absent_s.get(what, at_first_s / 2), _LONGEST_ABSENT_S)
        self._absent_s[what] = absent_s
        self._absent_until_s[what] = self._clock() + absent_s

    def known(self) -> BoolArray:
        """Plans of which an address said that it is ready; device-only ones always are. Shape (n_plans,)."""
        return self._mask([self.is_ready(addresses) for addresses in self._plans])

    def hoped_for(self) -> BoolArray:
        """Plans of which an address is ready or did not fail a moment ago. Shape (n_plans,)."""
        now_s = self._clock()
        if self._hoped_for is None or now_s >= self._pause_ends_s:
            self._hoped_for = self._mask(
                [self.is_ready(addresses) or bool(self.hopeful(addresses)) for addresses in self._plans]
            )
            pauses = (until_s for until_s in self._absent_until_s.values() if until_s > now_s)
            self._pause_ends_s = min(pauses, default=math.inf)
        return self._hoped_for

    def _mask(self, holds: list[bool]) -> BoolArray:
        mask: BoolArray = np.array(holds, dtype=np.bool_)[self._number_of_plan]
        return mask
