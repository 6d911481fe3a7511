"""How far policies differ on the same traces, and how sure that is: a bootstrap over traces (Efron, 1979).

Steps of one trace are alike, so a trace is what is drawn anew, with all its steps: the interval tells what
other traces of the same kind would give, not what more steps of these would.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from edgent.errors import DataError
from edgent.planning.costs import FloatArray
from edgent.replay.simulator import Replay

CONFIDENCE = 0.95
_RESAMPLES = 2000
_SEED = 0


@dataclass(frozen=True)
class Interval:
    """A mean over steps, and between what it lies on other traces with a confidence of `CONFIDENCE`."""

    mean: float
    low: float
    high: float

    @property
    def is_sure(self) -> bool:
        """Whether all of it lies on one side of 0."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True)
class Difference:
    """A policy less another one.

    Attributes:
        policy: name of the policy.
        against: name of the other one.
        reward: of a step.
        late_share: answers after the latency requirement.
    """

    policy: str
    against: str
    reward: Interval
    late_share: Interval


def differences(
    replays: Sequence[tuple[Replay, ...]], against: str, throughput_weight: float
) -> list[Difference]:
    """Every other policy less one of them, trace by trace; the same replays give the same intervals.

    Args:
        replays: for each trace those of all policies, in the same order.
        against: name of the policy that the others are compared with.
        throughput_weight: of the reward that is compared.

    Raises:
        DataError: there is one trace only, which tells nothing of others.
    """
    if len(replays) < 2:
        raise DataError(
            f"how sure a difference is shows between traces, and there is {len(replays)}: give 2 or more"
        )
    steps = np.array([of_trace[0].late.size for of_trace in replays], dtype=np.float64)
    drawn = np.random.default_rng(_SEED).integers(len(replays), size=(_RESAMPLES, len(replays)))
    found = []
    base = next(n for n, one in enumerate(replays[0]) if one.policy == against)
    for n, first in enumerate(replays[0]):
        if n == base:
            continue
        pairs = [(of_trace[n], of_trace[base]) for of_trace in replays]
        reward = [(a.reward(throughput_weight) - b.reward(throughput_weight)).sum() for a, b in pairs]
        late = [int(a.late.sum()) - int(b.late.sum()) for a, b in pairs]
        found.append(
            Difference(
                first.policy,
                against,
                _interval(np.array(reward, dtype=np.float64), steps, drawn),
                _interval(np.array(late, dtype=np.float64), steps, drawn),
            )
        )
    return found


def _interval(gained: FloatArray, steps: FloatArray, drawn: np.ndarray) -> Interval:
    """The mean over steps with its percentile interval.

    Args:
        gained: sum over the steps of each trace. Shape (traces,).
        steps: of each trace. Shape (traces,).
        drawn: traces of each resample. Shape (resamples, traces).
    """
    means = gained[drawn].sum(axis=1) / steps[drawn].sum(axis=1)
    low, high = np.quantile(means, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2]).tolist()
    return Interval(float(gained.sum() / steps.sum()), low, high)
