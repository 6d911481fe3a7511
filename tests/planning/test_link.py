"""Links are measured values: the impossible ones are refused."""

import math
import re

import pytest

from edgent.errors import PlanError
from edgent.planning.link import Link


@pytest.mark.parametrize("field", ["round_trip_s", "upload_bps", "download_bps"])
@pytest.mark.parametrize("value", [-1.0, math.nan, math.inf, 1e13])
def test_absurd_values_are_refused_by_name(field: str, value: float) -> None:
    """The message names the field, the value and the limit."""
    values = {"round_trip_s": 0.01, "upload_bps": 1e6, "download_bps": 1e6, field: value}
    with pytest.raises(PlanError, match=re.escape(f"{field} is {value:g}; expected 0 to")):
        Link(**values)


def test_a_dead_link_is_a_link() -> None:
    """Zero bandwidth is an outage, not a mistake."""
    assert Link(0.0, 0.0, 0.0).upload_bps == 0
