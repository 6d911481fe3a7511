"""Online Bayesian change point detection (Adams and MacKay, 2007, arXiv 0710.3742)."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from edgent.bandwidth.forecast import log_bandwidth, log_grid
from edgent.bandwidth.student_t import student_t_cdf
from edgent.bandwidth.traces import Floats
from edgent.errors import DataError

_LEAST_MASS = 1e-5
"""Run lengths less probable than this add nothing to a forecast."""


@dataclass(frozen=True)
class ChangePointPrior:
    """What is believed of a bandwidth state before it is seen: a normal-inverse-gamma distribution.

    A state's variance is inverse-gamma(alpha, beta), its mean normal(mean, variance / kappa), both of the
    natural logarithm of bits per second; it ends with probability `hazard` at every observation.
    `edgent.bandwidth.prior.fit_prior` finds the values in traces; the defaults are those of mobile links.
    """

    mean: float = math.log(2e6)
    kappa: float = 0.1
    alpha: float = 1.5
    beta: float = 0.05
    hazard: float = 1 / 20

    def __post_init__(self) -> None:
        """Refuse what is no distribution."""
        proper = math.isfinite(self.mean) and self.kappa > 0 and self.alpha >= 1 and self.beta > 0
        if not (proper and 0 < self.hazard < 1):
            raise DataError(f"a prior needs kappa, beta > 0, alpha >= 1 and 0 < hazard < 1; got {self}")


class ChangePointForecast:
    """The posterior of the run length (observations since the last change), and the forecast that follows.

    Run lengths from `longest_run` on are merged: the merged run keeps the statistics of the likelier of the
    runs that meet there, and what it knows is capped at what `longest_run` observations tell, so that it
    follows a drift and the memory stays flat. Up to `longest_run` observations the posterior is exact.

    An observation of weight w counts as the w-th part of a whole observation: its likelihood is raised to the
    power w, in the conjugate update and in the evidence of each run length alike. (At w = 1 that evidence is
    the Student t density of Adams and MacKay.) A change may happen before any observation, whatever its
    weight.

    Args:
        prior: Of the states' mean and variance, and how often they change.
        longest_run: R, the most run lengths told apart, 2 or more.

    Example:
        >>> import numpy as np
        >>> from edgent.bandwidth.generator import piecewise_trace
        >>> rng = np.random.default_rng(0)
        >>> trace = piecewise_trace(rng, np.repeat([1e6, 3e6, 0.4e6], 20))
        >>> detector = ChangePointForecast(ChangePointPrior())
        >>> for index, bandwidth_bps in enumerate(trace.bandwidth_bps):
        ...     detector.update(bandwidth_bps)
        ...     if detector.changed:
        ...         print(index, round(detector.mean_bps / 1e6, 2))
        20 2.97
        40 0.45
    """

    def __init__(self, prior: ChangePointPrior, longest_run: int = 20) -> None:
        if longest_run < 2:
            raise DataError(f"the longest run told apart is 2 observations or more, not {longest_run}")
        self._prior = prior
        self._longest_run = longest_run
        self._log_hazard = math.log(prior.hazard)
        self._log_stay = math.log1p(-prior.hazard)
        self.reset()

    def reset(self) -> None:
        """Forget every observation: a new run is about to begin."""
        prior = self._prior
        # Index r of each array is a run of r observations; index 0, the run about to begin, is the prior.
        self._log_mass = np.zeros(1)
        self._mean = np.array([prior.mean])
        self._kappa = np.array([prior.kappa])
        self._alpha = np.array([prior.alpha])
        self._beta = np.array([prior.beta])
        self._log_norm = self._log_normaliser(self._kappa, self._alpha, self._beta)
        self._likeliest_run = 0
        self._changed = False

    @staticmethod
    def _log_normaliser(kappa: Floats, alpha: Floats, beta: Floats) -> Floats:
        """Logarithm of the normaliser of a normal-inverse-gamma distribution, but for a constant."""
        log_gamma = np.array([math.lgamma(value) for value in alpha.tolist()])
        return log_gamma - alpha * np.log(beta) - 0.5 * np.log(kappa)

    def update(self, bandwidth_bps: float, weight: float = 1.0) -> None:
        """Take in one observation; see `Forecast.update`."""
        error = log_bandwidth(bandwidth_bps, weight) - self._mean
        kappa = self._kappa + weight
        mean = self._mean + weight / kappa * error
        alpha = self._alpha + weight / 2
        beta = self._beta + weight / 2 * self._kappa / kappa * error * error
        log_norm = self._log_normaliser(kappa, alpha, beta)
        log_mass = self._log_mass + log_norm - self._log_norm
        log_mass -= np.logaddexp.reduce(log_mass)
        if log_mass.size > self._longest_run:
            keep = np.arange(self._longest_run)
            keep[-1] += int(log_mass[-1] > log_mass[-2])
            merged = np.logaddexp(log_mass[-2], log_mass[-1])
            log_mass, mean, kappa, alpha, beta = (
                values[keep] for values in (log_mass, mean, kappa, alpha, beta)
            )
            log_mass[-1] = merged
            self._cap(kappa, alpha, beta)
            log_norm = self._log_normaliser(kappa, alpha, beta)
        run = int(log_mass.argmax()) + 1
        # The likeliest run did not go on: it began anew.
        self._changed = run < min(self._likeliest_run + 1, self._longest_run)
        self._likeliest_run = run
        self._log_mass = np.concatenate(([self._log_hazard], log_mass + self._log_stay))
        self._mean = np.concatenate((self._mean[:1], mean))
        self._kappa = np.concatenate((self._kappa[:1], kappa))
        self._alpha = np.concatenate((self._alpha[:1], alpha))
        self._beta = np.concatenate((self._beta[:1], beta))
        self._log_norm = np.concatenate((self._log_norm[:1], log_norm))

    def _cap(self, kappa: Floats, alpha: Floats, beta: Floats) -> None:
        """Let the longest run know no more than its length in observations; its mean and variance stay."""
        most = self._longest_run
        kappa[-1] = min(kappa[-1], self._prior.kappa + most)
        capped = min(alpha[-1], self._prior.alpha + most / 2)
        beta[-1] *= capped / alpha[-1]
        alpha[-1] = capped

    @property
    def changed(self) -> bool:
        """Whether the last observation made a younger run the likeliest one."""
        return self._changed

    @property
    def run_length_probability(self) -> Floats:
        """P(run length r) for r = 0 (the next observation begins a run) to at most `longest_run`."""
        return np.exp(self._log_mass)

    @property
    def mean_bps(self) -> float:
        """The level that the bandwidth is at, over all runs that have begun."""
        if self._log_mass.size == 1:
            return math.exp(self._prior.mean)
        mass = np.exp(self._log_mass[1:])
        return math.exp(float(mass @ self._mean[1:] / mass.sum()))

    def cdf(self, bandwidth_bps: ArrayLike) -> Floats:
        """P(next observation <= bandwidth): a mixture of Student t over the run lengths."""
        grid = log_grid(bandwidth_bps)
        mass = np.exp(self._log_mass)
        scale = np.sqrt(self._beta * (self._kappa + 1) / (self._alpha * self._kappa))
        matters = mass > _LEAST_MASS
        mixture = np.zeros(grid.shape)
        for share, mean, spread, degrees in zip(
            mass[matters], self._mean[matters], scale[matters], 2 * self._alpha[matters], strict=True
        ):
            mixture += share * student_t_cdf((grid - mean) / spread, float(degrees))
        probability: Floats = np.minimum(mixture / mass[matters].sum(), 1.0)
        return probability
