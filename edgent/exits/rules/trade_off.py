"""What leaving early costs and saves at every step of the path of thresholds, on held-out inputs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from edgent.exits.rules.calibration import PATH
from edgent.exits.rules.work import expected_macs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edgent.core.exit_rules.confidence import FloatArray
    from edgent.exits.rules.calibration import BoolArray
    from edgent.graph.exit_path import ExitPath


@dataclass(frozen=True, eq=False)
class TradeOff:
    """Plans that stop at the deepest exit, with all exits at one threshold. Arrays of shape (steps,).

    Attributes:
        leaving: share of the inputs that leave before the deepest exit.
        lost: of the score, as a share of the inputs; below 0 where leaving early gains.
        macs: multiply-accumulates of an input in the mean.
    """

    leaving: FloatArray
    lost: FloatArray
    macs: FloatArray


def trade_off(
    confidence: FloatArray, scores: BoolArray, checked: BoolArray, paths: Sequence[ExitPath]
) -> TradeOff:
    """One step for each threshold of the path, the highest first.

    Args:
        confidence: of each exit, shallow to deep, in each held-out input. Shape (exits, n).
        scores: whether the exit's answer is right, or agrees with the deepest exit's. Shape (exits, n).
        checked: the exits at which inputs may leave. Shape (exits,).
        paths: of the exits.
    """
    exits, inputs = scores.shape
    shares, reached = np.empty((len(PATH), exits)), np.empty(len(PATH))
    for step, threshold in enumerate(PATH):
        sure = (confidence > threshold) & checked[:, None]
        sure[-1] = True
        left_at = sure.argmax(axis=0)
        shares[step] = np.bincount(left_at, minlength=exits) / inputs
        reached[step] = scores[left_at, np.arange(inputs)].mean()
    macs = np.asarray(expected_macs(paths, checked, shares), np.float64)
    return TradeOff(1.0 - shares[:, -1], scores[-1].mean() - reached, macs)
