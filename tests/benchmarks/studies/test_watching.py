"""The study of what watching costs compares what took turns."""

from __future__ import annotations

import itertools

from benchmarks.studies.watching.__main__ import _CASES, _table
from benchmarks.studies.watching.measure import WAYS, Block


def test_a_way_is_compared_with_its_neighbours() -> None:
    """A machine that slows down slows all ways down, and no way is blamed for it."""
    more = dict(zip(WAYS, (1.0, 1.01, 1.2), strict=True))
    blocks = [
        Block(pipeline, plan, way, slower * 1e-3 * more[way], slower * 2e-3)
        for (pipeline, plan), slower, way in itertools.product(_CASES, (1.0, 2.0, 4.0), WAYS)
    ]
    rows = _table(blocks).rows

    assert [row[1] for row in rows] == [*WAYS] * len(_CASES)
    assert [row[3] for row in rows] == ["+0.00 %", "+1.00 %", "+20.00 %"] * len(_CASES)
    assert rows[1][2:5:2] == ("2.020", "4.000")
