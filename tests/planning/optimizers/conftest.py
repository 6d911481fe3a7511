"""A forecast whose distribution can be integrated by hand, and situations in it."""

import math

import numpy as np
import pytest
from numpy.typing import ArrayLike

from edgent.bandwidth.traces import Floats
from edgent.planning.fallback import LocalExit


class LogUniform:
    """The next bandwidth is log-uniform between a quarter of the mean and four times it."""

    def __init__(self, mean_bps: float, changed: bool = False) -> None:
        self.mean_bps = mean_bps
        self.changed = changed

    def update(self, bandwidth_bps: float, weight: float = 1.0) -> None:
        """Stay as it is."""

    def reset(self) -> None:
        """Stay as it is."""

    def cdf(self, bandwidth_bps: ArrayLike) -> Floats:
        """P(next <= bandwidth)."""
        with np.errstate(divide="ignore"):
            log_ratio = np.log(np.asarray(bandwidth_bps, dtype=np.float64) / self.mean_bps)
        return np.clip(0.5 + log_ratio / (2 * math.log(4.0)), 0.0, 1.0)

    def samples_bps(self) -> Floats:
        """Two thousand bandwidths that share the distribution equally."""
        share = (np.arange(2000) + 0.5) / 2000
        return self.mean_bps * np.exp((2 * share - 1) * math.log(4.0))


@pytest.fixture(scope="session")
def log_uniform() -> type[LogUniform]:
    """The class of forecast."""
    return LogUniform


@pytest.fixture(scope="session")
def local_exits() -> tuple[LocalExit, ...]:
    """The device's exits of the network `branchy`, a fifth slower than on average."""
    return (LocalExit("exit1", 0.75, 0.012), LocalExit("exit2", 0.82, 0.036))
