"""A network whose replays can be worked out by hand, and short traces."""

from collections.abc import Callable

import numpy as np
import pytest

from edgent.bandwidth.bandwidth_state import QUANTILE_LEVELS, BandwidthState
from edgent.bandwidth.change_point import ChangePointPrior
from edgent.bandwidth.traces import BandwidthTrace
from edgent.generated_file import Provenance
from edgent.planning.cost_table import CostTable
from edgent.planning.costs import CodecCosts, ExitCosts, NetworkCosts
from edgent.planning.paper.configuration_map import ConfigurationMap, build_configuration_map
from edgent.planning.table_building import build_cost_table
from edgent.replay.conditions import Conditions


@pytest.fixture(scope="session")
def trace() -> Callable[..., BandwidthTrace]:
    """Makes a trace of one sample a second from bandwidths in bit/s."""

    def make(*bandwidth_bps: float, name: str = "set/trace") -> BandwidthTrace:
        count = len(bandwidth_bps)
        return BandwidthTrace(
            name, np.arange(count, dtype=np.float64), np.ones(count), np.array(bandwidth_bps, float)
        )

    return make


@pytest.fixture(scope="session")
def candidates() -> CostTable:
    """Two exits of two layers: 10 and 40 ms on the device, 1 and 4 ms on the edge, 1000 bytes up."""

    def one_exit(name: str, times: float, accuracy: float) -> ExitCosts:
        return ExitCosts(
            exit=name,
            accuracy={("raw", "float32"): accuracy},
            head_s=times * np.array([0.0, 0.0005, 0.001]),
            tail_s=times * np.array([0.010, 0.005, 0.0]),
            activation_codecs={"float32": CodecCosts([0, 500, 100])},
        )

    return build_cost_table(
        NetworkCosts((one_exit("exit1", 1.0, 0.5), one_exit("exit2", 4.0, 0.8)), {"raw": CodecCosts(1000)})
    )


@pytest.fixture(scope="session")
def conditions(candidates: CostTable) -> Conditions:
    """30 ms, so that the deeper exit needs the edge; a round trip of 1 ms."""
    return Conditions(candidates, latency_requirement_s=0.03, round_trip_s=0.001, throughput_weight=0.0)


@pytest.fixture(scope="session")
def configuration_map(candidates: CostTable) -> ConfigurationMap:
    """States at 0.1, 1 and 10 Mbit/s."""
    states = [
        BandwidthState(mean, 0.1, 1 / 3, tuple(mean * q for q in QUANTILE_LEVELS), (1 / 3,) * 3)
        for mean in (1e5, 1e6, 1e7)
    ]
    made_by = Provenance("0" * 64, "test", "2026-01-01", {}, {})
    return build_configuration_map(
        candidates, states, [0.03], ChangePointPrior(), made_by, round_trip_s=0.001
    )
