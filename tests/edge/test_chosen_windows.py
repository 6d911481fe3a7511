"""Windows that plans choose, those chosen most often first."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from edgent.edge.chosen_windows import chosen_windows, edge_only_windows
from edgent.latency.loading import load_cost_table
from edgent.network import Network
from edgent.planning.costs import CodecCosts, ExitCosts, NetworkCosts
from edgent.planning.paper.configuration_map import ConfigurationMap, MapEntry
from edgent.planning.plan import Plan
from edgent.planning.table_building import build_cost_table
from edgent.spec import read_spec

if TYPE_CHECKING:
    from edgent.planning.cost_table import CostTable

PIPELINES = Path(__file__).parents[2] / "pipelines"


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


def test_chosen_windows_by_share(tiny_network: Network, candidates: CostTable) -> None:
    """Exit 2 is cut before its slow layers; where that takes too long, exit 1 runs wholly on the edge."""
    chosen = chosen_windows(tiny_network, candidates)
    path = tiny_network.graph.path_of("exit2")
    assert [window.head for window in chosen] == [
        tiny_network.graph.head_name("tiny", path.index, 6),
        "tiny-exit1-p06",
    ]
    assert chosen[0].ends == ("image", path.cut_tensor(6))
    assert "most often as exit2:p6" in chosen[0].reason


def test_a_fast_device_keeps_one_head_in_reserve(tiny_network: Network, candidates: CostTable) -> None:
    """Everything is device-only: edge-only of the deepest exit stands by."""
    fast = candidates.slowed(1e-6)
    (reserve,) = chosen_windows(tiny_network, fast)
    assert reserve.head == "tiny-exit2-p08"
    assert "in reserve" in reserve.reason


def test_plans_of_the_map_count(tiny_network: Network, candidates: CostTable) -> None:
    """A head that only the map chooses is wanted, too."""
    entry = MapEntry(Plan("exit2", 4), 1.0, 0.01)
    made = ConfigurationMap.__new__(ConfigurationMap)
    object.__setattr__(made, "entries", ((entry,),))
    names = {window.head for window in chosen_windows(tiny_network, candidates, made)}
    path = tiny_network.graph.path_of("exit2")
    assert tiny_network.graph.head_name("tiny", path.index, 4) in names


def test_without_a_profile_edge_only(tiny_network: Network) -> None:
    """One head for each exit, the deepest first, and why."""
    chosen = edge_only_windows(tiny_network, "no profile")
    assert [window.head for window in chosen] == ["tiny-exit2-p08", "tiny-exit1-p06"]
    assert {window.reason for window in chosen} == {"no profile"}


def test_inner_windows_are_chosen(tmp_path: Path) -> None:
    """Where the input stays on the device, it runs the first layers itself."""
    spec = read_spec(PIPELINES / "flowers.yaml")
    rules = spec.placement.model_copy(update={"input_stays": True})
    codecs = spec.codecs.model_copy(update={"features": ()})
    spec = spec.model_copy(update={"windows": True, "placement": rules, "codecs": codecs})
    network = Network.open(spec, tmp_path)
    chosen = chosen_windows(network, load_cost_table(network, slowdown=40.0))
    assert len(chosen) > 1
    assert {window.head for window in chosen} == {None}
    assert {window.ends for window in chosen} <= network.graph.windows()
    assert network.graph.source.name not in {window.ends[0] for window in chosen}
