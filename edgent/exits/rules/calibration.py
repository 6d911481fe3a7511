"""Thresholds of an exit rule, found on held-out inputs, with a guarantee on what leaving early costs.

Every set of thresholds is a hypothesis: "this rule loses more than it may". Many are looked at, and one is
kept because it looks good, so its loss on the held-out inputs says too little of it. Learn-then-Test
(Angelopoulos, Bates, Candès, Jordan, Lei 2021) makes a guarantee of it:

1. One parameter, a path. All exits have one threshold, which is lowered in steps that are fixed beforehand:
   from the first step, where hardly anything leaves early, to the last, where everything does.
2. A test for each step, valid for however few inputs: `non_inferiority`, with the bound on the loss as its
   margin. The loss of an input is what the exit that a plan stops at scores on it, less what the exit does
   that it leaves at: -1, 0 or 1. A step passes if it does on every way, whatever exits are asked and
   whichever a plan stops at, so that these may be chosen later by what they take.
3. The path ends at the first step that does not pass; the step before it is kept. Whatever the number of
   steps, a rule that loses more is kept with a chance of at most the level: for that the first such step on
   the path would have to pass (fixed-sequence testing).

The level is stricter than 1 - confidence: what somebody measures on another sample of as many inputs varies
as much as what was measured here, so the test's margin in standard deviations is made larger by √2: with the
confidence asked for, the other sample's loss is within the bound, too, and not only the loss in the long run,
of which this is far surer. Where there are too few inputs for any step to pass, nothing leaves early.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from edgent.core.exit_rules.rule import NEVER
from edgent.exits.rules.non_inferiority import critical_root, least_inputs, signed_root
from edgent.exits.rules.ways import every_way, kinds, losses

if TYPE_CHECKING:
    import numpy.typing as npt

    from edgent.core.exit_rules.confidence import FloatArray
    from edgent.exits.rules.ways import Kinds, Ways

    BoolArray = npt.NDArray[np.bool_]
    IntArray = npt.NDArray[np.int64]

_STEPS_A_DECADE = 20
PATH = 1.0 - np.logspace(-6, 0, 6 * _STEPS_A_DECADE + 1)
"""The thresholds of the path's steps, falling: dense where confidences are near 1."""


@dataclass(frozen=True)
class Bound:
    """What is asked of an exit rule.

    Attributes:
        loss: what leaving early may cost at most, as a share of the inputs; above 0 and below 1.
        confidence: that another sample of as many inputs loses no more; at least 0.5 and below 1.
    """

    loss: float
    confidence: float

    @property
    def level(self) -> float:
        """Of the test at each step: the chance at most that the loss in the long run is larger."""
        normal = NormalDist()
        return normal.cdf(-math.sqrt(2) * normal.inv_cdf(self.confidence))

    @property
    def least_inputs(self) -> int:
        """With fewer held-out inputs nothing can leave early."""
        return least_inputs(self.loss, self.level)


def calibrate(confidence: FloatArray, scores: BoolArray, checked: BoolArray, bound: Bound) -> FloatArray:
    """The lowest threshold on the path that passes, for each exit that is checked. Shape (exits,).

    Args:
        confidence: of each exit, shallow to deep, in each held-out input. Shape (exits, n).
        scores: whether the exit's answer is right, or agrees with the deepest exit's. Shape (exits, n).
        checked: the exits at which inputs may leave; the deepest is never one. Shape (exits,).
        bound: what is asked of the rule.

    Returns:
        Thresholds, infinite at exits at which nothing leaves early.
    """
    ways, inputs, passed = every_way(checked), scores.shape[1], 0
    everyone = np.ones((1, inputs), np.bool_)
    while passed < len(PATH):
        lost, gained = lost_and_gained(ways, kinds(confidence > PATH[passed], scores), everyone)
        if not passes(lost, gained, inputs, bound)[0]:
            break
        passed += 1
    return thresholds_of(passed, checked)


def thresholds_of(passed: int, checked: BoolArray) -> FloatArray:
    """The thresholds after a number of steps, infinite where nothing leaves early. Shape (exits,)."""
    return np.where(checked, PATH[passed - 1] if passed else NEVER, NEVER)


def lost_and_gained(ways: Ways, found: Kinds, samples: BoolArray) -> tuple[IntArray, IntArray]:
    """How many inputs each way loses, and on how many the exit that they leave at is the better one.

    Args:
        ways: that are looked at.
        found: the inputs at one step of the path.
        samples: which of the inputs are in each sample. Shape (samples, n).

    Returns:
        Numbers of inputs, of shape (samples, ways) both.
    """
    of_kinds = np.array([np.bincount(found.of_input[one], minlength=len(found.sure)) for one in samples])
    cost = losses(ways, found)
    return of_kinds @ (cost > 0).T, of_kinds @ (cost < 0).T


def passes(lost: IntArray, gained: IntArray, inputs: int, bound: Bound) -> BoolArray:
    """Whether a step of the path passes: on all ways. Shape (...).

    Args:
        lost: number of inputs that each way loses. Shape (..., ways).
        gained: number of those on which the exit that they leave at is the better one. Shape (..., ways).
        inputs: number of all inputs.
        bound: what is asked of the rule.
    """
    if inputs < bound.least_inputs:
        return np.zeros(lost.shape[:-1], np.bool_)
    roots = signed_root(lost, gained, inputs, bound.loss)
    passed: BoolArray = np.asarray((roots <= critical_root(inputs, bound.loss, bound.level)).all(axis=-1))
    return passed
