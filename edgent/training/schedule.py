"""How long a training lasts, and the learning rate on the way."""

from dataclasses import dataclass

_WARM_UP_SHARE = 0.15


@dataclass(frozen=True)
class Limits:
    """When a training ends: after so many epochs, or so many seconds if these are over first."""

    epochs: int
    time_budget_s: float | None = None

    def share(self, epochs_done: float, elapsed_s: float) -> float:
        """How much of the training is done, 0 to 1; all of it from the beginning where there is no time."""
        if self.time_budget_s is None:
            return min(1.0, epochs_done / self.epochs)
        of_time = elapsed_s / self.time_budget_s if self.time_budget_s else 1.0
        return min(1.0, max(epochs_done / self.epochs, of_time))


def learning_rate(share: float, peak: float) -> float:
    """One cycle over the training: linear up to the peak, then linear down to a thousandth of it.

    Args:
        share: share of the training that is done, 0 to 1.
        peak: the highest rate.
    """
    if share < _WARM_UP_SHARE:
        return peak * (0.1 + 0.9 * share / _WARM_UP_SHARE)
    return peak * max(1e-3, (1 - share) / (1 - _WARM_UP_SHARE))
