"""What each node takes now, relative to what its profile says: learnt from residuals, bounded."""

from __future__ import annotations

_RATE = 0.1
_LEAST, _GREATEST = 0.2, 10.0
_TELLING_SHARE = 0.1  # of the node's longest computation; what is shorter is mostly the call around it


class NodeFactor:
    """Measured over predicted seconds of one node: the mean of the first ten or so requests, then smoothed.

    The profile counts as one request: what is measured here and now is soon believed.
    """

    def __init__(self, longest_s: float = 2e-3) -> None:
        """Begin with what the profile says.

        Args:
            longest_s: the node's longest computation, in predicted seconds: it tells most of the node, and
                computations of less than a tenth of it tell nothing.
        """
        self.value = 1.0
        self._telling_s = _TELLING_SHARE * longest_s
        self._evidence = 1.0

    def observe(self, measured_s: float, predicted_s: float) -> None:
        """Take in one request; what cannot be compared is left out."""
        if predicted_s >= self._telling_s and measured_s > 0:
            # A single request, however cold it ran, speaks for at most twice or half of what is believed.
            ratio = min(max(measured_s / predicted_s, self.value / 2), self.value * 2)
            ratio = min(max(ratio, _LEAST), _GREATEST)
            weight = predicted_s / (predicted_s + self._telling_s)
            self._evidence += weight
            self.value += weight * max(_RATE, 1 / self._evidence) * (ratio - self.value)
