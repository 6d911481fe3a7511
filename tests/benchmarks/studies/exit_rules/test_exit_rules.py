"""The study of exit rules, on made-up answers."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.studies.exit_rules.bounds import TESTS, most_lost
from benchmarks.studies.exit_rules.report import report
from benchmarks.studies.exit_rules.resamples import Judged, halves, judged
from edgent.accuracy.exit_rule_evaluation import HeldOutAnswers
from edgent.core.exit_rules.rule import NEVER, leaves_at
from edgent.exits.rules.calibration import Bound, calibrate
from edgent.exits.rules.work import worth_checking
from edgent.network import Network
from edgent.shipped import shipped_folder
from edgent.spec import read_spec

_BOUNDS = (Bound(0.002, 0.95), Bound(0.03, 0.95))


@pytest.fixture(scope="module")
def lenet(tmp_path_factory: pytest.TempPathFactory) -> Network:
    """For its paths."""
    spec = read_spec(shipped_folder("pipelines") / "lenet.yaml")
    return Network.open(spec, tmp_path_factory.mktemp("lenet"))


@pytest.fixture(scope="module")
def answers() -> HeldOutAnswers:
    """Two exits that are as often right as they are sure."""
    random = np.random.default_rng(3)
    confidence = 1 - random.beta([[0.3], [0.2]], 2.0, size=(2, 1200))
    return HeldOutAnswers(confidence, random.random((2, 1200)) < confidence)


@pytest.fixture(scope="module")
def results(lenet: Network, answers: HeldOutAnswers) -> list[Judged]:
    """Of five splits."""
    first = halves(1200, 5, seed=0)
    return list(judged(("made up", "margin"), answers, lenet.graph.paths, first, _BOUNDS))


def test_halves_are_halves() -> None:
    """Each split another one."""
    first = halves(11, 4, seed=0)
    assert first.sum(axis=1).tolist() == [5] * 4
    assert len({tuple(split) for split in first.tolist()}) == 4


def test_each_rule_is_that_of_the_product(
    lenet: Network, answers: HeldOutAnswers, results: list[Judged]
) -> None:
    """Found by `calibrate` on the half alone, and judged by counting on the other one."""
    checked = worth_checking(lenet.graph.paths)
    for split, rule in zip(halves(1200, 5, seed=0), results[5:], strict=True):
        thresholds = calibrate(answers.confidence[:, split], answers.scores[:, split], checked, _BOUNDS[1])
        assert rule.threshold == thresholds[0] < NEVER
        at = leaves_at(answers.confidence[:, ~split], thresholds)
        scores = answers.scores[:, ~split]
        lost = scores[1].astype(int) - scores[at, np.arange(at.size)]
        assert rule.loss == pytest.approx(lost.mean())
        assert rule.shares == pytest.approx([np.mean(at == 0), np.mean(at == 1)])
        assert 0 < rule.saved < rule.shares[0]
        assert rule.loss_by_eye >= rule.loss - 0.01


def test_with_too_few_inputs_nothing_is_saved_or_lost(results: list[Judged]) -> None:
    """Six hundred of each half, of 2,300 that it takes."""
    assert [(rule.threshold, rule.loss, rule.saved) for rule in results[:5]] == [(NEVER, 0.0, 0.0)] * 5


def test_no_test_lets_more_pass_than_the_exact_one() -> None:
    """Of the same level; all let more pass where more are gained."""
    for gained in (0, 10):
        most = {name: most_lost(test, gained, 600, 0.05, 0.05) for name, test in TESTS.items()}
        assert most["exact"] > most["betting"] >= most["Hoeffding and Bentkus"]


def test_the_report_says_how_often_the_bound_holds(results: list[Judged]) -> None:
    """A row for each bound, and the least share."""
    made = report(results, 0.95)
    within = min(np.mean([rule.loss <= rule.bound for rule in results[k : k + 5]]) for k in (0, 5))
    assert f"in {within:.1%} of the splits or more" in made.facts[0]
    assert [row[2] for row in made.tables[0].rows] == ["0.002", "0.03"]
    assert made.tables[0].rows[0][6] == "100.0%"
    assert list(made.pictures) == ["exit-rules.png"]
