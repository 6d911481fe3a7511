"""Lines are counted, all of them, and the last answers are kept."""

from __future__ import annotations

from dataclasses import replace

import pytest

from edgent.recording.history import History
from edgent.recording.lines import RecordedFailure, RecordedGap
from tests.recorded import ALONE, ANSWER, DESCRIPTION, LINK, history

FAILURE = RecordedFailure("failure", 1.0, 7, "broken.jpg", "no readable image: it is empty")


def test_everything_is_counted() -> None:
    """Answers, late ones, plans, troubles, and what is missing."""
    made = history(ANSWER, ALONE, ANSWER, FAILURE, RecordedGap("gap", 5))

    assert (made.answered, made.late, made.failed, made.missing) == (3, 1, 1, 5)
    assert made.plans == {"exit2:p2-p5:uint8": 2, "exit1:p0": 1}
    assert made.troubles == {
        "answered on the device: tiny-p02 had not answered when the local exit had to start": 1,
        "not answered: no readable image: it is empty": 1,
    }


@pytest.mark.parametrize(("expected", "counts"), [(None, (0, 0)), ("rose", (1, 1)), ("tulip", (1, 0))])
def test_right_labels_are_counted_where_they_are_known(expected: str | None, counts: tuple[int, int]) -> None:
    """Known ones, and right ones among them."""
    made = history(replace(ANSWER, expected=expected))

    assert (made.labelled, made.right) == counts


def test_beliefs_stand_until_there_are_new_ones() -> None:
    """An answer without them says nothing against those before."""
    assert history(ANSWER, ALONE).edges == (LINK,)


def test_the_last_answers_are_kept() -> None:
    """So many, and counts of all."""
    made = History(DESCRIPTION, most_answers=3)
    for index in range(5):
        made.add(replace(ANSWER, index=index))

    assert [answer.index for answer in made.answers] == [2, 3, 4]
    assert made.answered == 5


@pytest.mark.parametrize(("answered", "since"), [(5, []), (4, [4]), (2, [2, 3, 4]), (0, [2, 3, 4])])
def test_what_came_since(answered: int, since: list[int]) -> None:
    """As far as it is kept."""
    made = History(DESCRIPTION, most_answers=3)
    for index in range(5):
        made.add(replace(ANSWER, index=index))

    assert [answer.index for answer in made.since(answered)] == since


def test_pictures_are_few() -> None:
    """The last ones."""
    made = history(*(replace(ANSWER, index=index, photo="QUJD") for index in range(20)), ANSWER)

    assert [answer.index for answer in made.photos] == list(range(12, 20))


def test_reasons_that_differ_in_a_number_are_one() -> None:
    """But what stands in names and addresses tells them apart."""
    reasons = ("late by 12.5 ms at 10.0.0.7:80", "late by 3 ms at 10.0.0.7:80", "late by 3 ms at 10.0.0.8:80")
    made = history(*(replace(FAILURE, error=reason) for reason in reasons))

    assert made.troubles == {
        "not answered: late by … ms at 10.0.0.7:80": 2,
        "not answered: late by … ms at 10.0.0.8:80": 1,
    }


def test_reasons_are_bounded() -> None:
    """However many there are: the rest counts together."""
    words = [f"{chr(97 + first)}{chr(97 + second)}" for first in range(20) for second in range(20)]
    made = history(*(replace(FAILURE, error=word) for word in words))

    assert len(made.troubles) == 201
    assert made.troubles["other reasons"] == 200
