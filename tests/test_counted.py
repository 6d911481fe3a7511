"""Counts in sentences."""

import pytest

from edgent.counted import counted


@pytest.mark.parametrize(
    ("count", "said"), [(0, "0 inputs"), (1, "1 input"), (2, "2 inputs"), (2304, "2,304 inputs")]
)
def test_one_is_no_plural(count: int, said: str) -> None:
    """And thousands have a comma."""
    assert counted(count, "input") == said
