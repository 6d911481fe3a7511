"""Reasons that differ in a number are one."""

import pytest

from edgent.reasons import counted_reasons, in_words, without_numbers


@pytest.mark.parametrize(
    "reason",
    ["lenet-p03 is of another model", "http://127.0.0.1:8081 does not answer", "exit2:p3 is late", "v1.2.3"],
)
def test_names_keep_their_numbers(reason: str) -> None:
    """So do addresses, plans and versions."""
    assert without_numbers(reason) == reason


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("ColdWindowError: the edge: it loads", "the edge: it loads"),
        ("hall: EdgeError: it broke; cellar: OSError: gone", "hall: it broke; cellar: gone"),
        ("no error: it loads", "no error: it loads"),
    ],
)
def test_people_are_told_no_kind_of_error(reason: str, said: str) -> None:
    """Programs are; a reason of another form stays as it is."""
    assert in_words(reason) == said


def test_the_most_frequent_comes_first() -> None:
    """One that is always the same keeps its number."""
    given = ["a: within 5.1 ms", "b: broke", "a: within 6 ms", "c: in 3 s", "c: in 3 s", "a: within 1,005 ms"]
    assert counted_reasons(given) == [("a: within … ms", 3), ("c: in 3 s", 2), ("b: broke", 1)]
