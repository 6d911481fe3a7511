"""How long devices expect requests to wait on the edge: learnt from answers, forgotten without them."""

RATE = 0.3
"""Share of what an answer tells in what is believed."""
HALF_LIFE_S = 10.0
"""Seconds without an answer in which half of it is forgotten: an edge that was busy is tried again."""


class QueueBeliefs:
    """What each device believes.

    Example:
        >>> beliefs = QueueBeliefs(devices=1)
        >>> beliefs.learn(0, 5.0, 0.1)
        >>> round(beliefs.expected_s(0, 5.0), 3), round(beliefs.expected_s(0, 15.0), 3)
        (0.03, 0.015)
    """

    def __init__(self, devices: int) -> None:
        """Begin with edges that are idle."""
        self._waits_s = [0.0] * devices
        self._told_s = [0.0] * devices

    def expected_s(self, device: int, now_s: float) -> float:
        """Seconds that a device expects its next request to wait."""
        wait_s = self._waits_s[device]
        if wait_s == 0.0:
            return 0.0
        forgotten: float = 0.5 ** ((now_s - self._told_s[device]) / HALF_LIFE_S)
        return wait_s * forgotten

    def learn(self, device: int, now_s: float, wait_s: float) -> None:
        """Take in how long a request waited."""
        expected_s = self.expected_s(device, now_s)
        self._waits_s[device] = expected_s + RATE * (wait_s - expected_s)
        self._told_s[device] = now_s

    def learn_at_least(self, device: int, now_s: float, wait_s: float) -> None:
        """Take in that a request waited so long or longer: nobody said how long."""
        self.learn(device, now_s, max(wait_s, self.expected_s(device, now_s)))
