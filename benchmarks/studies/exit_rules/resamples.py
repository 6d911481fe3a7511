"""Calibrates exit rules on one half of held-out inputs and judges them on the other, many times over."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from edgent.accuracy.exit_rule_evaluation import HeldOutAnswers
from edgent.core.exit_rules.rule import NEVER, leaves_at
from edgent.exits.rules.calibration import PATH, Bound, lost_and_gained, passes, thresholds_of
from edgent.exits.rules.ways import every_way, kinds
from edgent.exits.rules.work import expected_macs, worth_checking
from edgent.graph.exit_path import ExitPath

BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Judged:
    """One rule, found on one half.

    Attributes:
        pipeline, measure: What it was found for, and its measure of confidence.
        bound: The loss that was allowed.
        threshold: Of all exits; infinite where nothing leaves early.
        loss: On the other half, against the deepest exit.
        loss_of_all: On both halves: what comes nearest to the loss in the long run.
        loss_by_eye: On the other half, of the lowest threshold that loses no more than allowed on the first.
        shares: Of the other half that leave at each exit.
        saved: Of the multiply-accumulates of the other half.
    """

    pipeline: str
    measure: str
    bound: float
    threshold: float
    loss: float
    loss_of_all: float
    loss_by_eye: float
    shares: tuple[float, ...]
    saved: float


def halves(inputs: int, splits: int, seed: int) -> BoolArray:
    """Which inputs are calibrated on, in each split. Shape (splits, inputs)."""
    random = np.random.default_rng(seed)
    first = np.zeros((splits, inputs), np.bool_)
    for split in first:
        split[random.permutation(inputs)[: inputs // 2]] = True
    return first


def judged(
    name: tuple[str, str],
    answers: HeldOutAnswers,
    paths: Sequence[ExitPath],
    first: BoolArray,
    bounds: Sequence[Bound],
) -> Iterator[Judged]:
    """Every rule of one pipeline and measure.

    Args:
        name: Of the pipeline and of the measure of confidence.
        answers: Of all exits, to all held-out inputs.
        paths: Of the exits.
        first: The halves to calibrate on; see `halves`.
        bounds: What is asked of the rules.
    """
    checked = worth_checking(paths)
    at = np.stack([_leaves_at(answers, checked, step) for step in range(len(PATH) + 1)])
    right = answers.scores.astype(np.int8)
    to_deepest = right[-1] - np.take_along_axis(right, at, axis=0)
    inputs = int(first[0].sum())
    lost, gained = _counts(answers, checked, first)
    eye = np.where(first, to_deepest[1:, None], 0).sum(axis=2).T / inputs
    for bound in bounds:
        good = passes(lost, gained, inputs, bound)
        passed = np.logical_and.accumulate(good, axis=0).sum(axis=0)
        by_eye = _last(eye <= bound.loss)
        for half, kept, seen in zip(first, passed.tolist(), by_eye.tolist(), strict=True):
            there = at[kept, ~half]
            shares = np.bincount(there, minlength=len(paths)) / there.size
            macs = float(expected_macs(paths, checked & (kept > 0), shares))
            yield Judged(
                *name,
                bound.loss,
                float(PATH[kept - 1]) if kept else NEVER,
                loss=float(to_deepest[kept, ~half].mean()),
                loss_of_all=float(to_deepest[kept].mean()),
                loss_by_eye=float(to_deepest[seen, ~half].mean()),
                shares=tuple(shares.tolist()),
                saved=1 - macs / paths[-1].macs,
            )


def _leaves_at(answers: HeldOutAnswers, checked: BoolArray, passed: int) -> IntArray:
    """Where each input leaves after a number of steps."""
    return leaves_at(answers.confidence, thresholds_of(passed, checked))


def _counts(answers: HeldOutAnswers, checked: BoolArray, first: BoolArray) -> tuple[IntArray, IntArray]:
    """How many of the inputs of each half each step loses and gains. Shape (steps, splits, ways) both."""
    ways = every_way(checked)
    found = (kinds(answers.confidence > threshold, answers.scores) for threshold in PATH)
    lost, gained = zip(*(lost_and_gained(ways, one, first) for one in found), strict=True)
    return np.stack(lost), np.stack(gained)


def _last(good: BoolArray) -> IntArray:
    """The number of steps up to the last good one, by split; 0 where none is. Shape (splits,)."""
    numbers: IntArray = (good * np.arange(1, good.shape[1] + 1)).max(axis=1)
    return numbers
