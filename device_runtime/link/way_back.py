"""What an answer's way back takes, as the device believes: the edge has to write it that much sooner."""

from __future__ import annotations

import math
from collections import deque
from statistics import median
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from device_runtime.link.edge_clocks import EdgeClocks
    from device_runtime.link.edge_load import EdgeLoad
    from edgent.core.stay import Stay

_REMEMBERED = 8
_NEARLY_THE_LONGEST = 2
"""The longest but one: a single way back that was held up is not waited for eight times."""
_SHORTEST_BUDGET_S = 1e-6  # none at all would say that there is no deadline

Asked = tuple[bytes, str]
"""A window's identity, and the codec that its answer is wanted in."""


class FollowedLink(Protocol):
    """A link that is measured, and what queues at its end."""

    @property
    def load(self) -> EdgeLoad:
        """How long requests queue at its end."""

    def download_s(self, received_bytes: int) -> float:
        """Seconds that an answer of so many bytes takes from its end to here."""


class WayBack:
    """Deducts from budgets what the way back of their answers is believed to take.

    Who follows the link believes in half of what is fixed about an exchange, and in the time of the answer's
    bytes, but in no more than the longest of the latest ways back, by the edge's clock: a link that was
    believed slow and is quick again would else have all that it is asked refused, and would not be learnt
    anew. While requests queue, it believes in nearly the longest of these: the oldest request that may be in
    time is next then, and one that is late by its way back takes the time of another. Whoever does not follow
    the link believes in the middle of the latest ways back.

    Attributes:
        meter: of the link; None where nobody follows it.
    """

    def __init__(self, clocks: EdgeClocks) -> None:
        """Know of no answers yet.

        Args:
            clocks: of the edge.
        """
        self.meter: FollowedLink | None = None
        self._clocks = clocks
        self._least_bytes: dict[Asked, int] = {}
        self._took_s: deque[float] = deque(maxlen=_REMEMBERED)

    def came(self, received_s: float, stay: Stay) -> None:
        """Take in that something came back, a refusal too.

        Args:
            received_s: when it was there, on the device's clock.
            stay: what the edge said of it.
        """
        took_s = self._clocks.came_back_s(received_s, stay)
        if took_s is not None:
            self._took_s.append(took_s)

    def answered(self, asked: Asked, received_bytes: int) -> None:
        """Take in an answer's bytes: another one may be as short."""
        self._least_bytes[asked] = min(received_bytes, self._least_bytes.get(asked, received_bytes))

    def edge_budget_s(self, budget_s: float, asked: Asked) -> float:
        """Seconds after which the edge need not write an answer any more; 0 or less: there is no deadline.

        Args:
            budget_s: seconds after which nobody waits here.
            asked: what is asked for.
        """
        if budget_s <= 0:
            return budget_s
        return max(budget_s - self._believed_s(asked), _SHORTEST_BUDGET_S)

    def _believed_s(self, asked: Asked) -> float:
        if self.meter is None:
            return median(self._took_s) if self._took_s else 0.0
        if self.meter.load.is_busy and len(self._took_s) >= _NEARLY_THE_LONGEST:
            return sorted(self._took_s)[-_NEARLY_THE_LONGEST]
        download_s = self.meter.download_s(self._least_bytes.get(asked, 0))
        return min(download_s, max(self._took_s, default=math.inf))
