"""What an answer says of its classes."""

import numpy as np
import pytest

from device_runtime.answer import Answer
from device_runtime.timeline import Timeline
from edgent.planning.plan import Plan

PLAN = Plan.device_only("exit1")


def _answer(output: np.ndarray) -> Answer:
    best = int(output.argmax())
    return Answer(str(best), best, output, PLAN, PLAN, 0.01, 0.1, Timeline({}, 0.0))


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_scores_become_probabilities(dtype: type[np.generic]) -> None:
    """By their softmax."""
    answer = _answer(np.log(np.array([0.2, 0.7, 0.1])).astype(dtype))
    assert answer.confidence == pytest.approx(0.7, abs=1e-3)
    assert answer.probabilities == pytest.approx([0.2, 0.7, 0.1], abs=1e-3)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_what_is_probabilities_already_stays(dtype: type[np.generic]) -> None:
    """A network that ends in a softmax is as sure as it says, and not less."""
    answer = _answer(np.array([0.2, 0.7, 0.1], dtype))
    assert answer.confidence == pytest.approx(0.7, abs=1e-3)
    assert answer.to_json()["confidence"] == pytest.approx(0.7, abs=1e-3)
    assert answer.probabilities == pytest.approx([0.2, 0.7, 0.1], abs=1e-3)


def test_scores_that_are_no_numbers_are_no_confidence() -> None:
    """Nothing is made up of them."""
    assert _answer(np.array([np.nan, 0.0])).confidence is None
