"""One queue for the workers of an edge, as TorchServe has it for a model.

Requests start in the order in which they come, each at the worker that is free first. So a request's start
is known the moment it comes: the recursion of Kiefer and Wolfowitz (1955), for one worker Lindley's (1952).
"""

import heapq
import math
from collections import deque
from dataclasses import dataclass
from typing import NamedTuple


class Turn(NamedTuple):
    """When a request's turn comes.

    Attributes:
        start_s: when a worker takes it out of the queue.
        is_computed: whether it still is worth computing then.
    """

    start_s: float
    is_computed: bool


@dataclass(frozen=True)
class Rules:
    """What an edge does with requests.

    Attributes:
        workers: how many there are; None: nobody ever waits.
        longest: requests that may wait; any further one is refused.
        keeps_deadline: whether what would be ready too late is not computed.
        around_s: seconds that a worker is busy with a request beside computing.
    """

    workers: int | None
    longest: int = 100
    keeps_deadline: bool = True
    around_s: float = 0.0


class EdgeQueue:
    """Takes in requests in the order of their coming, and says when each is served.

    Example:
        >>> queue = EdgeQueue(Rules(workers=1))
        >>> [queue.enter(now_s, 1.0).start_s for now_s in (0.0, 0.5, 5.0)]
        [0.0, 1.0, 5.0]
    """

    def __init__(self, rules: Rules) -> None:
        """Take the rules; nobody waits yet."""
        self._rules = rules
        self._free_s = [-math.inf] * (rules.workers or 1)
        self._waiting: deque[float] = deque()

    def enter(self, now_s: float, compute_s: float, deadline_s: float = math.inf) -> Turn | None:
        """Take in a request.

        Args:
            now_s: when it comes, no earlier than the one before it.
            compute_s: seconds that a worker computes for it.
            deadline_s: when it is of use to have been computed at the latest.

        Returns:
            Its turn; None: the queue is full, and it is refused.
        """
        rules, waiting = self._rules, self._waiting
        if rules.workers is None:
            return Turn(now_s, not rules.keeps_deadline or now_s + compute_s <= deadline_s)
        while waiting and waiting[0] <= now_s:
            waiting.popleft()
        start_s = max(now_s, self._free_s[0])
        if start_s > now_s:
            if len(waiting) >= rules.longest:
                return None
            waiting.append(start_s)
        if rules.keeps_deadline and start_s + compute_s > deadline_s:
            return Turn(start_s, False)
        heapq.heapreplace(self._free_s, start_s + compute_s + rules.around_s)
        return Turn(start_s, True)
