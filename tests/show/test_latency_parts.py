"""The parts that people see are the whole latency."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from edgent.planning.link import Link
from edgent.planning.stages import Step
from edgent.show.latency_parts import PARTS, STEPS, seconds_by_part

if TYPE_CHECKING:
    from edgent.planning.cost_table import CostTable


def test_every_step_is_in_one_part() -> None:
    """A new step is shown as soon as it costs something."""
    assert Counter(step for steps in STEPS.values() for step in steps) == Counter(Step)


def test_parts_add_up_to_the_latency(branchy: CostTable) -> None:
    """On some link, for every plan."""
    link = Link(0.002, 1e6, 2e6)
    for k, latency_s in enumerate(branchy.latency_s(link)):
        seconds = seconds_by_part(branchy.parts(link, k))
        assert tuple(seconds) == PARTS
        assert sum(seconds.values()) == pytest.approx(latency_s)
