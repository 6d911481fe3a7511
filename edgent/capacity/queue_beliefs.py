"""How long devices expect requests to wait on the edge: learnt from answers, forgotten without them."""

FOLLOWING = 0.3
"""Share of what an answer tells in what is believed."""
FORGOTTEN_S = 2.0
"""Without an answer half of what is believed is forgotten so often: a busy edge is tried again."""


class QueueBeliefs:
    """What each device believes.

    Example:
        >>> beliefs = QueueBeliefs(devices=1)
        >>> beliefs.learn(0, 0.0, 0.1)
        >>> round(beliefs.expected_s(0, 0.0), 3), round(beliefs.expected_s(0, 2.0), 3)
        (0.03, 0.015)
    """

    def __init__(self, devices: int) -> None:
        """Take all edges to be idle until they say otherwise."""
        self._waits_s = [0.0] * devices
        self._told_s = [0.0] * devices

    def expected_s(self, device: int, now_s: float) -> float:
        """Seconds that a device expects its next request to wait."""
        wait_s = self._waits_s[device]
        return wait_s * self._freshness(device, now_s) if wait_s else 0.0

    def learn(self, device: int, now_s: float, wait_s: float) -> None:
        """Take in how long a request waited; what is old counts less beside it."""
        rate = 1.0 - (1.0 - FOLLOWING) * self._freshness(device, now_s)
        self._waits_s[device] += rate * (wait_s - self._waits_s[device])
        self._told_s[device] = now_s

    def _freshness(self, device: int, now_s: float) -> float:
        freshness: float = 0.5 ** ((now_s - self._told_s[device]) / FORGOTTEN_S)
        return freshness
