"""Thresholds with a guarantee: on made-up exits whose loss is known, and with too little to go by."""

from __future__ import annotations

import numpy as np
import pytest

from edgent.exits.rules.calibration import Bound, calibrate, passes
from edgent.exits.rules.ways import every_way, kinds, losses

CHECKED = np.array([True, True, False])


def _exits(inputs: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Three exits, each as often right as it is sure; the deepest is right more often.

    Returns confidences and whether the answers are right, shape (3, inputs) each.
    """
    random = np.random.default_rng(seed)
    confidence = 1 - random.beta([[0.4], [0.3], [0.2]], 2.0, size=(3, inputs))
    return confidence, random.random((3, inputs)) < confidence


def _worst_loss(confidence: np.ndarray, scores: np.ndarray, threshold: float) -> float:
    """In the long run, on the way that loses most."""
    found = kinds(confidence > threshold, scores)
    cost = losses(every_way(CHECKED), found) @ np.bincount(found.of_input)
    return float(cost.max() / scores.shape[1])


@pytest.mark.parametrize("loss", [0.01, 0.03])
def test_the_guarantee_holds_on_other_samples(loss: float) -> None:
    """Of 60 rules, each found on a sample of its own, as good as all lose no more in the long run."""
    bound, (confidence, scores) = Bound(loss, 0.95), _exits(200_000, seed=99)
    found = [calibrate(*_exits(1500, seed), CHECKED, bound) for seed in range(60)]
    assert all(np.isfinite(thresholds[:2]).all() for thresholds in found)
    worst = np.array([_worst_loss(confidence, scores, thresholds[0]) for thresholds in found])
    assert (worst > loss).mean() <= 0.05
    assert all((confidence[0] > thresholds[0]).mean() > 0.1 for thresholds in found)  # something leaves


def test_more_inputs_allow_more() -> None:
    """What is surer of its loss may leave earlier."""
    bound = Bound(0.02, 0.95)
    few, many = (calibrate(*_exits(inputs, 7), CHECKED, bound)[0] for inputs in (600, 20_000))
    assert many < few < np.inf


def test_with_too_few_inputs_nothing_leaves() -> None:
    """Even where no answer of any exit is wrong; with as many as it takes, everything may."""
    bound = Bound(0.01, 0.95)
    assert bound.least_inputs == 459
    for inputs, expected in ((458, np.inf), (459, 0.0)):
        perfect = np.full((3, inputs), 0.9), np.ones((3, inputs), np.bool_)
        assert calibrate(*perfect, CHECKED, bound).tolist() == [expected, expected, np.inf]


def test_the_path_ends_at_the_first_step_that_does_not_pass() -> None:
    """Later ones count no more, though they lose less: here all that are less sure are right."""
    inputs = 1000
    scores = np.ones((2, inputs), np.bool_)
    confidence = np.linspace(0.5, 0.99, inputs)[None].repeat(2, axis=0)
    scores[0, -100:] = False
    scores[1, :200] = False
    found = calibrate(confidence, scores, np.array([True, False]), Bound(0.02, 0.95))
    assert found[0] > confidence[0, -100]
    assert scores[1].sum() < scores[0].sum()  # all of them leave there without a loss


def test_a_step_passes_only_on_all_ways() -> None:
    """Of two ways the second loses too much."""
    lost, gained = np.array([[0, 0], [0, 100]]), np.zeros((2, 2), np.int64)
    assert passes(lost, gained, 1000, Bound(0.02, 0.95)).tolist() == [True, False]
    assert passes(lost, gained, 100, Bound(0.02, 0.95)).tolist() == [False, False]


def test_every_exit_that_a_plan_may_stop_at_counts() -> None:
    """The first exit is as good as the deepest, but worse than the second, at which plans may stop."""
    scores = np.ones((3, 1000), np.bool_)
    scores[0, :100] = scores[2, :100] = False
    confidence, checked = np.full((3, 1000), 0.5), np.array([True, False, False])
    assert calibrate(confidence, scores, checked, Bound(0.02, 0.95))[0] >= 0.5
    assert calibrate(confidence[::2], scores[::2], checked[::2], Bound(0.02, 0.95))[0] < 0.5


def test_every_choice_of_asked_exits_counts() -> None:
    """The first exit would catch what the second loses; nobody says that it is asked."""
    scores = np.ones((3, 1000), np.bool_)
    scores[1, :100] = False
    confidence = np.array([[0.9], [0.7], [0.5]]).repeat(1000, axis=1)
    checked = np.array([True, True, False])
    assert calibrate(confidence, scores, checked, Bound(0.02, 0.95))[0] >= 0.7


def test_exits_that_are_not_checked_keep_nothing() -> None:
    """However sure they are."""
    perfect = np.full((3, 600), 0.9), np.ones((3, 600), np.bool_)
    found = calibrate(*perfect, np.array([False, True, False]), Bound(0.02, 0.95))
    assert found.tolist() == [np.inf, 0.0, np.inf]


def test_the_level_leaves_room_for_the_other_sample() -> None:
    """1.645 standard deviations become 2.326; a bound that is asked for with no confidence stays at half."""
    assert Bound(0.01, 0.95).level == pytest.approx(0.01, abs=2e-5)
    assert Bound(0.01, 0.5).level == pytest.approx(0.5)
