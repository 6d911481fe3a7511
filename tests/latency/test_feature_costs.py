"""Feature codecs in profiles and in costs: measured where that was done, else by their work."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from edgent.accuracy.feature_losses import feature_losses
from edgent.latency.costs import network_costs
from edgent.latency.profile import read_profile
from edgent.network import Network
from edgent.planning.plan import Plan
from edgent.planning.stages import Step
from edgent.planning.table_building import build_cost_table
from edgent.spec import read_spec
from tests.random_feature_codec import MACS, SIZE_BYTES, write_pipeline

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import numpy as np

    from edgent.latency.profile import NodeProfile
    from edgent.planning.cost_table import CostTable

ACCURACIES = {"exit1": {("raw", "float32"): 0.8}, "exit2": {("raw", "float32"): 0.9}}


@pytest.fixture(scope="module")
def featured(chain_network: Path, tmp_path_factory: pytest.TempPathFactory) -> Network:
    """The chain with three codecs."""
    folder = tmp_path_factory.mktemp("featured")
    return Network.open(read_spec(write_pipeline(folder, chain_network)), folder / "cache")


def _table(network: Network, device: NodeProfile, edge: NodeProfile) -> CostTable:
    lost = feature_losses(network, "accuracy")
    return build_cost_table(network_costs(network, device, edge, ACCURACIES, lost=lost))


def test_measured(
    featured: Network,
    samples: np.ndarray,
    profile_in_haste: Callable[..., NodeProfile],
    tmp_path: Path,
) -> None:
    """Each node times its part; bytes are those of the samples' frames."""
    profiles = {}
    for node in ("device", "edge"):
        profile = profile_in_haste(featured, node, samples)
        profile.write(tmp_path / f"{node}.yaml")
        profiles[node] = read_profile(tmp_path / f"{node}.yaml", profile.node, featured.graph.sha256)
        assert profiles[node] == profile
    device, edge = profiles["device"], profiles["edge"]
    code = featured.feature_codecs["late"].code.name
    assert device.feature_by_code[code].size_bytes == edge.feature_by_code[code].size_bytes == 24 + 16 + 24
    table = _table(featured, device, edge)
    k = table.index_of(Plan.parse("exit2:p1-p8:late:float32"))
    encoder_s, decoder_s = (profile.feature_by_code[code].timing.time_s for profile in (device, edge))
    before_s = table.seconds[Step.RUN_BEFORE, k]
    assert before_s > encoder_s > 0
    assert table.seconds[Step.RUN_EDGE, k] > decoder_s > 0
    assert table.size_bytes[0, k] == device.feature_by_code[code].size_bytes
    # No codec sends activations up by itself: windows need `windows: true`, feature codecs do not.
    assert {plan.codec_up for plan in table.plans if plan.start} == {"student", "late"}


def test_predicted_from_the_work(featured: Network, device: NodeProfile, edge: NodeProfile) -> None:
    """Profiles that were made before the codecs; the chain's are of the very same network."""
    table = _table(featured, device, edge)
    k = table.index_of(Plan.parse("exit1:p2-p6:student:float32"))
    assert table.predicted[k]
    assert table.size_bytes[0, k] == SIZE_BYTES
    deepest = featured.graph.paths[-1]
    whole_s = table.seconds[Step.RUN_DEVICE, table.index_of(Plan.device_only("exit2"))]
    assert table.seconds[Step.RUN_BEFORE, k] == pytest.approx(whole_s * MACS / deepest.macs)
    assert table.accuracy[k] == pytest.approx(0.75)
    assert not table.predicted[table.index_of(Plan("exit1", 6))]
