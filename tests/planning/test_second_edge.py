"""The plan for a second edge, against looking at all plans one by one."""

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from edgent.planning.fallback import hedged_budget_s
from edgent.planning.link import Link
from edgent.planning.objective import USUAL_OBJECTIVE
from edgent.planning.second_edge import rescue_decision
from edgent.planning.stages import BEFORE_REQUEST

moments = st.integers(-64, 512).map(lambda n: n / 1024)


@settings(max_examples=300, deadline=None)
@given(st.data(), moments, moments, st.integers(-1, 16).map(lambda n: n / 16), st.sampled_from([1.0, 1.25]))
def test_it_is_in_time_and_better_than_the_local_exit(
    random_networks: st.SearchStrategy[Any],
    links: st.SearchStrategy[Link],
    data: st.DataObject,
    left_s: float,
    latest_start_s: float,
    better_than: float,
    spread: float,
) -> None:
    """The deepest exit, then the fastest, of plans whose frame is written before the exit starts."""
    table = data.draw(random_networks).candidates
    link = data.draw(links)
    ready = np.array(data.draw(st.lists(st.booleans(), min_size=len(table), max_size=len(table))))
    found = rescue_decision(
        table,
        link,
        left_s=left_s,
        latest_start_s=latest_start_s,
        better_than=better_than,
        ready=ready,
        objective=USUAL_OBJECTIVE,
        spread=spread,
    )
    latency_s = table.latency_s(link)
    possible = [
        k
        for k in range(len(table))
        if left_s > 0
        and ready[k]
        and table.remote[k]
        and table.accuracy[k] > better_than
        and table.seconds[list(BEFORE_REQUEST), k].sum() <= latest_start_s
        and spread * latency_s[k] <= hedged_budget_s(table, latest_start_s, left_s)[k]
    ]
    if not possible:
        assert found is None
        return
    assert found is not None
    assert found.worth is not None
    assert found.index in possible
    best = min((-int(table.depth[k]), float(latency_s[k])) for k in possible)
    assert (-int(table.depth[found.index]), found.latency_s) == best
    assert found.latency_s <= left_s
