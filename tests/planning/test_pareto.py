"""The front: none of it is beaten, and all else is."""

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from edgent.planning.link import Link
from edgent.planning.pareto import pareto_front


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_every_other_plan_is_beaten_by_one_of_the_front(
    windowed_networks: st.SearchStrategy[Any], links: st.SearchStrategy[Link], data: st.DataObject
) -> None:
    """In all five at once; and the front is sorted by latency."""
    table, link = data.draw(windowed_networks).candidates, data.draw(links)
    front = pareto_front(table, link)
    latency = table.latency_s(link)
    assert (np.diff(latency[front]) >= 0).all()
    kinds = np.stack(
        [
            latency,
            -table.accuracy,
            table.size_bytes.sum(axis=0),
            table.edge_compute_s,
            table.device_compute_s,
        ],
        axis=1,
    )
    for k in np.flatnonzero(np.isfinite(latency)):
        no_worse = (kinds[front] <= kinds[k]).all(axis=1)
        assert no_worse.sum() == 1 if k in front else no_worse.any()
