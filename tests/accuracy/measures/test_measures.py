"""The behaviour that all measures share, and a value of each by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from edgent.accuracy.measures.measure import Measure, checked_scores
from edgent.accuracy.measures.registry import MEASURES, usual_measure
from edgent.core.registry import Registry
from edgent.errors import PluginError, UnknownNameError

if TYPE_CHECKING:
    import numpy.typing as npt

ANSWERS = arrays.arrays(
    st.sampled_from([np.float32, np.float64, np.int64, np.uint8]),
    st.tuples(st.integers(1, 4), st.integers(1, 6)),
    elements=st.integers(0, 100),
)
FROM_DEEPEST = [name for name in MEASURES if not MEASURES[name].needs_labels]


def _wanted(name: str, answers: np.ndarray) -> np.ndarray:
    """What would make these answers perfect."""
    return answers.argmax(axis=1) if MEASURES[name].needs_labels else answers


@pytest.mark.parametrize("name", MEASURES)
@given(answers=ANSWERS)
def test_an_answer_as_wanted_scores_one(name: str, answers: np.ndarray) -> None:
    """Exactly, whatever rounding does."""
    scores = checked_scores(name, MEASURES[name], answers, _wanted(name, answers))
    np.testing.assert_array_equal(scores, np.ones(len(answers)))


@pytest.mark.parametrize("name", MEASURES)
@given(answers=ANSWERS, seed=st.integers(0, 99))
def test_every_answer_has_a_score_from_0_to_1_of_its_own(name: str, answers: np.ndarray, seed: int) -> None:
    """The same alone as among others; nothing is changed by being scored."""
    others = np.random.default_rng(seed).normal(size=answers.shape).astype(answers.dtype)
    wanted, before = _wanted(name, others), answers.copy()
    scores = checked_scores(name, MEASURES[name], answers, wanted)
    assert scores.shape == (len(answers),)
    alone = [
        checked_scores(name, MEASURES[name], answers[k : k + 1], wanted[k : k + 1])[0]
        for k in range(len(answers))
    ]
    np.testing.assert_allclose(scores, alone, rtol=1e-12)
    np.testing.assert_array_equal(answers, before)


@pytest.mark.parametrize("name", MEASURES)
def test_worse_answers_score_lower(name: str) -> None:
    """The more noise, the lower the mean."""
    random = np.random.default_rng(0)
    wanted, noise = random.normal(size=(2, 400, 10))
    means = [
        checked_scores(name, MEASURES[name], wanted + scale * noise, _wanted(name, wanted)).mean()
        for scale in (0.0, 0.2, 0.6, 2.0)
    ]
    assert means == sorted(means, reverse=True)
    assert means[0] == 1.0
    assert means[-1] < 0.6


@pytest.mark.parametrize("name", FROM_DEEPEST)
@pytest.mark.parametrize("odd", [0.0, np.nan, np.inf, -np.inf])
def test_odd_answers(name: str, odd: float) -> None:
    """All zeros, no numbers, infinite ones: as good as any if wanted, and never a score that is no number."""
    usual = np.array([[1.0, 2.0, 3.0]])
    strange = np.full((1, 3), odd)
    measure = MEASURES[name]
    assert checked_scores(name, measure, strange, strange) == 1.0
    assert checked_scores(name, measure, strange, usual) < 1.0
    assert checked_scores(name, measure, usual, strange) < 1.0


@pytest.mark.parametrize(
    ("name", "answer", "wanted", "score"),
    [
        ("accuracy", [0.1, 0.7, 0.2], 1, 1.0),
        ("accuracy", [0.1, 0.7, 0.2], 2, 0.0),
        ("agreement", [0.1, 0.7, 0.2], [5.0, 6.0, 1.0], 1.0),
        ("agreement", [0.1, 0.7, 0.2], [6.0, 5.0, 1.0], 0.0),
        ("cosine", [3.0, 4.0], [30.0, 40.0], 1.0),
        ("cosine", [3.0, 4.0], [1.0, 0.0], 0.6),
        ("cosine", [3.0, 4.0], [-3.0, -4.0], 0.0),
        ("closeness", [3.0, 4.0], [30.0, 40.0], 0.1),
        ("closeness", [3.0, 5.0], [3.0, 4.0], 0.8),
        ("closeness", [-3.0, -4.0], [3.0, 4.0], 0.0),
        ("closeness", [[1.8]], [[2.0]], 0.9),
    ],
)
def test_by_hand(name: str, answer: Any, wanted: Any, score: float) -> None:
    """One answer each."""
    scores = checked_scores(name, MEASURES[name], np.array([answer]), np.array([wanted]))
    assert scores == pytest.approx([score])


class _Wild:
    summary, outputs, needs_labels = "whatever comes", ("labels",), False

    def __init__(self, *scores: float) -> None:
        self._given = scores

    def scores(self, answers: np.ndarray, wanted: np.ndarray) -> npt.NDArray[Any]:
        return np.array(self._given)


@pytest.mark.parametrize("scores", [(0.5,), (0.5, 1.5), (-0.1, 0.5), (0.5, np.nan)])
def test_scores_of_others_are_checked(scores: tuple[float, ...]) -> None:
    """Another package's measure that leaves 0 to 1, or an answer out, is named."""
    with pytest.raises(PluginError, match=r"measure 'wild' gives scores of shape .* for 2 answers"):
        checked_scores("wild", _Wild(*scores), np.zeros((2, 3)), np.zeros((2, 3)))


def test_the_registry_is_open() -> None:
    """Other packages add theirs; what is none is refused, and a name that nobody has gets the nearest."""
    measures: Registry[Measure] = Registry("measure", "edgent.measures", {}, wanted=Measure)
    measures.add("wild", _Wild(0.5))
    assert measures["wild"].summary == "whatever comes"
    with pytest.raises(PluginError, match="must be an object of the kind of"):
        measures.add("no", object())  # type: ignore[arg-type]
    with pytest.raises(UnknownNameError, match="no measure 'cosin'; did you mean 'cosine'"):
        MEASURES["cosin"]


def test_what_is_usual() -> None:
    """Labels where there are labels, what the deepest exit says where not."""
    assert usual_measure("labels", has_labels=True) == "accuracy"
    assert usual_measure("labels", has_labels=False) == "agreement"
    assert usual_measure("tensor", has_labels=True) == "cosine"
