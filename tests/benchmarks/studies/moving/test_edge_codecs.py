"""Which image codec edge-only takes on a link that moves, of the flowers' codecs."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.studies.moving.edge_codecs import EdgeCodecs, links_at
from benchmarks.testbed.plan_costs import latencies_s
from edgent.bandwidth.traces import BandwidthTrace
from edgent.latency.loading import load_costs
from edgent.network import Network
from edgent.planning.cost_table import CostTable
from edgent.planning.link import Link
from edgent.planning.plan_space import plan_space
from edgent.planning.table_building import build_cost_table
from edgent.spec import read_spec

FLOWERS = Path(__file__).parents[4] / "pipelines" / "flowers.yaml"
FAST, SLOW, OUTAGE = Link(0.002, 10e6, 10e6), Link(0.002, 350e3, 350e3), Link(0.002, 0, 350e3)


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> CostTable:
    """All that the device or the edge does alone, on a device 20 times slower."""
    network = Network.open(read_spec(FLOWERS), tmp_path_factory.mktemp("cache"))
    layers = {path.exit_name: len(path.layers) for path in network.graph.paths}
    costs = load_costs(network)
    space = (one for one in plan_space(costs) if one.plan.stop in (0, layers[one.plan.exit]))
    return build_cost_table(costs, 100, 100, (one for one in space if one.plan.start == 0)).slowed(20)


def test_the_codec_follows_the_link(table: CostTable) -> None:
    """The photo's own file where it is in time, fewer bytes where it is not, the fewest in an outage."""
    codecs = EdgeCodecs(table, [FAST, SLOW, OUTAGE], [1.0])
    within_200 = [plan.codec_up for plan in codecs.for_each_photo(0.2)]
    assert within_200 == ["file", "jpeg50", "avif20@0.85"]
    assert {str(plan).partition(":")[0] for plan in codecs.for_each_photo(0.2)} == {"exit6"}
    assert [plan.codec_up for plan in codecs.for_each_photo(0.1)] == ["file", "jpeg10", "avif20@0.85"]


def test_the_size_of_a_photo_is_known(table: CostTable) -> None:
    """A small one's own file goes up where a usual one's is late; after the last size comes the first."""
    codecs = EdgeCodecs(table, [SLOW, SLOW, SLOW], [1.0, 0.2])
    assert [plan.codec_up for plan in codecs.for_each_photo(0.2)] == ["jpeg50", "file", "jpeg50"]


def test_in_time_or_not_the_quickest_counts(table: CostTable) -> None:
    """On a link on which no codec is in time."""
    codecs = EdgeCodecs(table, [SLOW], [1.0])
    (plan,) = codecs.for_each_photo(0.01)
    assert plan.codec_up == "jpeg10"
    assert codecs.to_hold([0.01]) == []


def test_what_is_only_just_in_time_is_not_chosen_for_a_photo(table: CostTable) -> None:
    """Predictions err. A codec that is kept for a whole trace is asked whatever it takes."""
    codecs = EdgeCodecs(table, [SLOW], [1.0])
    (chosen,) = codecs.for_each_photo(0.2)
    just_s = 1.05 * latencies_s(table, SLOW)[chosen]
    (then,) = codecs.for_each_photo(just_s)
    assert (chosen.codec_up, then.codec_up) == ("jpeg50", "avif40")
    assert codecs.to_hold([just_s])[0] == chosen


def test_few_codecs_are_held_for_a_whole_trace(table: CostTable) -> None:
    """The two that are best within each requirement, each once; in time most often is better than exact."""
    codecs = EdgeCodecs(table, [FAST, SLOW, SLOW], [1.0])
    assert [plan.codec_up for plan in codecs.to_hold([0.1])] == ["jpeg10", "avif20@0.85"]
    held = [plan.codec_up for plan in codecs.to_hold([0.1, 0.2])]
    assert held == ["jpeg10", "avif20@0.85", "jpeg50", "avif40"]


def test_what_a_link_carries_at_a_time() -> None:
    """Both ways where a trace has both; the same both ways where it has one."""
    start_s, duration_s = np.array([0.0, 1.0]), np.array([1.0, 1.0])
    one_way = BandwidthTrace("a", start_s, duration_s, np.array([1e6, 2e6]))
    both_ways = BandwidthTrace("a", start_s, duration_s, np.array([1e6, 2e6]), np.array([3e6, 0.0]))
    assert links_at(one_way, [0.5, 1.5], 0.01) == [Link(0.01, 1e6, 1e6), Link(0.01, 2e6, 2e6)]
    assert links_at(both_ways, [0.5, 1.5], 0.01) == [Link(0.01, 1e6, 3e6), Link(0.01, 2e6, 0.0)]
