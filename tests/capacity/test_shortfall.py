"""In what edges fall short."""

from dataclasses import replace

import pytest

from edgent.capacity.figures import Figures
from edgent.capacity.shortfall import Shortfall, shortfalls
from tests.capacity.made_figures import IDLE


@pytest.mark.parametrize(
    ("figures", "wanting"),
    [
        (IDLE, ()),
        (replace(IDLE, stood_by_share=0.02), ()),
        (replace(IDLE, stood_by_share=0.03), (Shortfall.FOR_THE_EDGE,)),
        (replace(IDLE, late_share=0.015), (Shortfall.LATE, Shortfall.FOR_THE_EDGE)),
        (replace(IDLE, accuracy=0.89), (Shortfall.ACCURACY,)),
        (replace(IDLE, late_share=1.0, accuracy=None), tuple(Shortfall)),
    ],
)
def test_each_condition_that_does_not_hold_is_named(figures: Figures, wanting: tuple[Shortfall, ...]) -> None:
    """Late at all, late for the edge by load, less accurate by load; what idle edges do is not load's."""
    assert shortfalls(figures, IDLE, late_share=0.012, loss=0.01) == wanting
