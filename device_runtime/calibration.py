"""What each node takes now, relative to what its profile says: learnt from residuals, bounded."""

from __future__ import annotations

_RATE = 0.1
_LEAST, _GREATEST = 0.2, 10.0
_TELLING_SHARE = 0.1  # of the node's longest computation; what is shorter is mostly the call around it


class NodeFactor:
    """Measured over predicted seconds of one node, smoothed over the last ten or so requests."""

    def __init__(self, longest_s: float = 2e-3) -> None:
        """Begin with what the profile says.

        Args:
            longest_s: the node's longest computation, in predicted seconds: it tells most of the node, and
                computations of less than a tenth of it tell nothing.
        """
        self.value = 1.0
        self._telling_s = _TELLING_SHARE * longest_s

    def observe(self, measured_s: float, predicted_s: float) -> None:
        """Take in one request; what cannot be compared is left out."""
        if predicted_s >= self._telling_s and measured_s > 0:
            ratio = min(max(measured_s / predicted_s, _LEAST), _GREATEST)
            weight = predicted_s / (predicted_s + self._telling_s)
            self.value += _RATE * weight * (ratio - self.value)
