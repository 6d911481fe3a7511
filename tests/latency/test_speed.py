"""An edge that is so many times as fast as its profile: all of its times, measured and predicted."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edgent.latency.loading import load_cost_table
from edgent.latency.profile import read_profile
from edgent.latency.speed import at_speed
from edgent.network import Network
from edgent.planning.stages import DEVICE_STEPS, EDGE_STEPS
from edgent.spec import read_spec

LENET = Path(__file__).parents[2] / "pipelines" / "lenet.yaml"


@pytest.mark.parametrize("latency", ["measured", "regressors"])
def test_every_plan_takes_the_edge_less_time(latency: str, tmp_path: Path) -> None:
    """And the device as much as before; predicted codecs are rounded to a tenth of a microsecond."""
    spec = read_spec(LENET).model_copy(update={"latency": latency})
    network = Network.open(spec, tmp_path)
    edges = [spec.edge.model_copy(update={"speed": speed}) for speed in (1.0, 4.0)]
    slow, fast = (load_cost_table(replace(network, spec=spec.of_edge(edge))) for edge in edges)
    assert slow.plans == fast.plans
    np.testing.assert_allclose(fast.seconds[list(EDGE_STEPS)], slow.seconds[list(EDGE_STEPS)] / 4, rtol=1e-3)
    np.testing.assert_array_equal(fast.seconds[list(DEVICE_STEPS)], slow.seconds[list(DEVICE_STEPS)])
    np.testing.assert_array_equal(fast.size_bytes, slow.size_bytes)


def test_a_speed_of_one_changes_nothing(tmp_path: Path) -> None:
    """To the bit."""
    spec = read_spec(LENET)
    network = Network.open(spec, tmp_path)
    assert spec.edge_profile is not None
    profile = read_profile(spec.resolve(spec.edge_profile), "edge", network.graph.sha256)
    assert at_speed(profile, 1.0) == profile
