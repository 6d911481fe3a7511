"""A path that resizes the picture first, in profiles and plans."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from edgent.latency.costs import network_costs
from edgent.latency.fitting import with_regressors
from edgent.planning.plan import Plan
from edgent.planning.table_building import build_cost_table
from tests.cuts import noise

if TYPE_CHECKING:
    from collections.abc import Callable

    from edgent.latency.profile import NodeProfile
    from edgent.network import Network


@pytest.mark.slow
def test_its_plans_are_costed_like_any_others(
    resizing_network: Network, profile_in_haste: Callable[..., NodeProfile]
) -> None:
    """Device-only, cut at each of its points, edge-only; by measurements and by regressors."""
    device, edge = (
        with_regressors(
            profile_in_haste(resizing_network, node, noise(resizing_network)), resizing_network.graph
        )
        for node in ("device", "edge")
    )
    accuracies = {name: {("raw", "float32"): 0.8} for name in resizing_network.graph.exit_names}
    for latency in ("measured", "regressors"):
        spec = resizing_network.spec.model_copy(update={"latency": latency})
        network = replace(resizing_network, spec=spec)
        table = build_cost_table(network_costs(network, device, edge, accuracies))
        plans = [plan for plan in table.plans if plan.exit == "exit2" and plan.codec_up == "raw"]
        assert {plan.stop for plan in plans} == set(range(10))
        k = table.index_of(Plan.device_only("exit2"))
        assert table.accuracy[k] == 0.8
        assert table.device_compute_s[k] > 0
