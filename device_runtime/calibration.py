"""What each node takes now, relative to what its profile says: learnt from residuals, bounded."""

from __future__ import annotations

_RATE = 0.1
_LEAST, _GREATEST = 0.2, 10.0
_TELLING_S = 2e-4  # of a shorter computation mostly the call around it is measured: it tells nothing


class NodeFactor:
    """Measured over predicted seconds of one node, smoothed over the last ten or so requests."""

    def __init__(self) -> None:
        self.value = 1.0

    def observe(self, measured_s: float, predicted_s: float) -> None:
        """Take in one request; what cannot be compared is left out."""
        if predicted_s >= _TELLING_S and measured_s > 0:
            ratio = min(max(measured_s / predicted_s, _LEAST), _GREATEST)
            weight = predicted_s / (predicted_s + _TELLING_S)
            self.value += _RATE * weight * (ratio - self.value)
