"""Differences between policies as they are read."""

import io

import pytest
from rich.console import Console

from edgent.replay.differences import Difference, Interval
from edgent.show.difference_table import difference_table

LATE = Interval(-0.0345, -0.0421, -0.0289)
UNSURE = Interval(0.0123, -0.0021, 0.0267)


@pytest.mark.parametrize(
    ("weight", "reward"), [(0.0, "+0.0123 -0.0021 to +0.0267"), (1.0, "+0.0 -0.0 to +0.0")]
)
def test_what_is_sure_is_marked(weight: float, reward: str) -> None:
    """An interval that has 0 in it is not; the paper's reward has fewer digits."""
    console = Console(width=80, file=io.StringIO(), record=True)
    console.print(difference_table([Difference("mine", "expected", UNSURE, LATE)], weight))
    text = " ".join(console.export_text().split())
    assert f"mine {reward} -3.45%* -4.21% to -2.89%" in text
    assert "more than expected on the same traces, with 95% intervals" in text
