"""Heads that plans choose get a worker, those chosen most often first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from edgent.edge.warm_heads import edge_only_heads, warm_heads
from edgent.planning.cost_table import CostTable, build_cost_table
from edgent.planning.costs import CodecCosts, ExitCosts, NetworkCosts
from edgent.planning.paper.configuration_map import ConfigurationMap, MapEntry
from edgent.planning.plan import Plan

if TYPE_CHECKING:
    from edgent.network import Network


@pytest.fixture(scope="module")
def candidates(tiny_network: Network) -> CostTable:
    """Layers take 10 ms on the device and 0.1 ms on the edge, where exit 2's last two take 100 ms."""

    def one_exit(name: str, layers: int, slow: int, accuracy: float) -> ExitCosts:
        head_s = np.array([0.0001 * p + 0.1 * max(0, p - layers + slow) for p in range(layers + 1)])
        return ExitCosts(
            exit=name,
            accuracy={("raw", "float32"): accuracy},
            head_s=head_s,
            tail_s=0.01 * np.arange(layers, -1, -1.0),
            activation_codecs={"float32": CodecCosts(np.full(layers + 1, 100.0))},
        )

    lengths = [len(path.layers) for path in tiny_network.graph.paths]
    exits = [one_exit("exit1", lengths[0], 0, 0.7), one_exit("exit2", lengths[1], 2, 0.8)]
    return build_cost_table(NetworkCosts(tuple(exits), {"raw": CodecCosts(200)}), 200, 300)


def test_chosen_heads_by_share(tiny_network: Network, candidates: CostTable) -> None:
    """Exit 2 is cut before its slow layers; where that takes too long, exit 1 runs wholly on the edge."""
    chosen = warm_heads(tiny_network, candidates)
    assert [head.name for head in chosen] == ["tiny-exit2-p06", "tiny-exit1-p06"] or [
        head.name for head in chosen
    ] == ["tiny-p06", "tiny-exit1-p06"]
    assert "most often as exit2:p6" in chosen[0].reason
    assert [head.name for head in warm_heads(tiny_network, candidates, workers=1)] == [chosen[0].name]


def test_a_fast_device_keeps_one_head_in_reserve(tiny_network: Network, candidates: CostTable) -> None:
    """Everything is device-only: edge-only of the deepest exit stands by."""
    fast = candidates.slowed(1e-6)
    (reserve,) = warm_heads(tiny_network, fast)
    assert reserve.name == "tiny-exit2-p08"
    assert "in reserve" in reserve.reason


def test_plans_of_the_map_count(tiny_network: Network, candidates: CostTable) -> None:
    """A head that only the map chooses has a worker too."""
    entry = MapEntry(Plan("exit2", 4), 1.0, 0.01)
    made = ConfigurationMap.__new__(ConfigurationMap)
    object.__setattr__(made, "entries", ((entry,),))
    names = {head.name for head in warm_heads(tiny_network, candidates, made)}
    path = tiny_network.graph.path_of("exit2")
    assert tiny_network.graph.head_name("tiny", path.index, 4) in names


def test_without_a_profile_edge_only(tiny_network: Network) -> None:
    """One head for each exit, and why."""
    chosen = edge_only_heads(tiny_network, "no profile")
    assert [head.name for head in chosen] == ["tiny-exit1-p06", "tiny-exit2-p08"]
    assert {head.reason for head in chosen} == {"no profile"}
