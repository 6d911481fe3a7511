"""What is beaten on every link, by what, and how that is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from edgent.planning.costs import CodecCosts, ExitCosts, NetworkCosts
from edgent.planning.domination import domination, domination_by_exit
from edgent.planning.table_building import build_cost_table

if TYPE_CHECKING:
    from edgent.planning.cost_table import CostTable
    from edgent.planning.link import Link


def _one_exit(edge_slowness: list[float]) -> CostTable:
    head_s = np.cumsum([0.0, *edge_slowness]) / 1000
    exit_ = ExitCosts(
        exit="exit1",
        accuracy={("raw", "float32"): 0.9},
        head_s=head_s,
        tail_s=np.array([0.030, 0.020, 0.010, 0.0]),
        activation_codecs={"float32": CodecCosts([0, 4000, 2000, 80])},
    )
    return build_cost_table(NetworkCosts((exit_,), {"raw": CodecCosts(3000)}))


def test_a_faster_edge_beats_every_inner_cut() -> None:
    """By edge-only of the same exit, which gets less back and computes less, and has its place."""
    candidates = _one_exit([1.0, 1.0, 1.0])
    (found,) = domination_by_exit(candidates)
    assert (found.cuts, found.to_edge_only, found.to_others, found.device_wins) == (2, 2, 0, False)
    cut, edge_only = 1, 3
    better = domination(candidates, cut)
    assert better is not None
    assert better.by == edge_only
    assert str(better) == "gets 3,920 B less back, computes 18 ms less"
    assert domination(candidates, edge_only) is None
    assert domination(candidates, 0) is None


def test_a_layer_that_is_slow_on_the_edge_lets_a_cut_live() -> None:
    """Then the cut before that layer may be the best."""
    candidates = _one_exit([1.0, 1.0, 40.0])
    (found,) = domination_by_exit(candidates)
    assert (found.cuts, found.to_edge_only, found.to_others) == (2, 0, 1)
    assert domination(candidates, 2) is None


def test_a_slow_edge_is_beaten_by_the_device() -> None:
    """Whatever the link: it computes no longer and needs no edge."""
    candidates = _one_exit([10.0, 10.0, 11.0])
    (found,) = domination_by_exit(candidates)
    assert found.device_wins
    better = domination(candidates, 3)
    assert better is not None
    assert (better.by, str(better)) == (0, "needs no edge, computes 1 ms less")


@given(st.data())
def test_the_better_one_is_better_on_every_link(
    random_networks: st.SearchStrategy, links: st.SearchStrategy, data: st.DataObject
) -> None:
    """No slower on any link and no less accurate."""
    candidates = data.draw(random_networks).candidates
    link: Link = data.draw(links)
    latency = candidates.latency_s(link)
    for k in range(len(candidates)):
        better = domination(candidates, k)
        if better is not None:
            assert latency[better.by] <= latency[k]
            assert candidates.accuracy[better.by] >= candidates.accuracy[k]
