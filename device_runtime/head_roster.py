"""Which heads answered that they are ready, and which did not; a plan is switched only to a ready one."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

import numpy as np

from edgent.errors import EdgeBusyError, HeadRefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from edgent.errors import EdgeError
    from edgent.planning.costs import BoolArray

_LOG = logging.getLogger(__name__)
_ABSENT_S = 2.0  # how long a head that is not there is left alone at first, and ...
_LONGEST_ABSENT_S = 64.0  # ... at most


class HeadRoster:
    """Remembers what each head last said."""

    def __init__(self, heads: Sequence[str | None], clock: Callable[[], float] = time.perf_counter) -> None:
        """Nothing is known yet.

        Args:
            heads: the head of each plan of the cost table, in its order; None where a plan needs none.
            clock: monotonic seconds.
        """
        self._clock = clock
        self._heads = tuple(dict.fromkeys(heads))
        number = {head: n for n, head in enumerate(self._heads)}
        self._head_of_plan = np.array([number[head] for head in heads], dtype=np.int64)
        self._ready: set[str] = set()
        self._absent_s: dict[str, float] = {}
        self._absent_until_s: dict[str | None, float] = {}

    def is_ready(self, head: str | None) -> bool:
        """Whether the head answered and did not fail since; a plan that needs none is always ready."""
        return head is None or head in self._ready

    def answered(self, head: str) -> None:
        """The head is there."""
        if head not in self._ready:
            _LOG.info("%s is ready", head)
        self._ready.add(head)
        self._absent_s.pop(head, None)
        self._absent_until_s.pop(head, None)

    def failed(self, head: str, error: EdgeError) -> None:
        """The head did not answer, and has to say that it is ready before it is asked again.

        TorchServe says the same of a full queue and of a head without workers. A head that was ready is
        checked again at once: a queue has room a moment later. One that says so twice is left alone for a
        while, and so is one that refuses; for twice as long each time, as asking costs a request its edge.
        """
        was_ready = self.is_ready(head)
        self._ready.discard(head)
        if isinstance(error, HeadRefusedError) or (isinstance(error, EdgeBusyError) and not was_ready):
            absent_s = min(2 * self._absent_s.get(head, _ABSENT_S / 2), _LONGEST_ABSENT_S)
            self._absent_s[head] = absent_s
            self._absent_until_s[head] = self._clock() + absent_s

    def known(self) -> BoolArray:
        """Plans whose head said that it is ready; device-only ones always are. Shape (n_plans,)."""
        return self._mask(self.is_ready)

    def hoped_for(self) -> BoolArray:
        """Plans whose head did not fail a moment ago. Shape (n_plans,)."""
        now_s = self._clock()
        return self._mask(lambda head: now_s >= self._absent_until_s.get(head, now_s))

    def _mask(self, holds: Callable[[str | None], bool]) -> BoolArray:
        of_head = np.array([holds(head) for head in self._heads], dtype=np.bool_)
        mask: BoolArray = of_head[self._head_of_plan]
        return mask
