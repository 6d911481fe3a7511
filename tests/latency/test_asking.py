"""Exits are asked where that takes the device less in the mean."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from edgent.accuracy.exit_rule_file import CalibratedRule, ExitThreshold, SureInputs
from edgent.generated_file import Provenance
from edgent.latency.asking import exits_to_ask
from edgent.latency.costs import network_costs
from tests.latency.test_costs import ACCURACIES, by_hand

if TYPE_CHECKING:
    from edgent.latency.profile import NodeProfile
    from edgent.network import Network
    from edgent.planning.costs import NetworkCosts


@pytest.fixture
def rule(network: Network) -> CalibratedRule:
    """Nine in ten inputs leave at exit 1."""
    return CalibratedRule(
        made_by=Provenance.here_and_now(network.graph.sha256, "test"),
        spec="",
        measure="margin",
        loss=0.1,
        confidence=0.9,
        inputs=10,
        scored_by="accuracy",
        exits=(ExitThreshold("exit1", 0.5), ExitThreshold("exit2", None)),
        together=(SureInputs(("exit1",), 9, (9, 9)), SureInputs((), 1, (0, 1))),
    )


@pytest.fixture
def costs(network: Network, device: NodeProfile, edge: NodeProfile, rule: CalibratedRule) -> NetworkCosts:
    """Eight layers of 1 ms to exit 2, of which exit 1 shares three and has three of its own."""
    asked = rule.checked_by_codec(network.graph.paths)
    nodes = by_hand(device, 1000, 30), by_hand(edge, 100, 20)
    return network_costs(network, *nodes, ACCURACIES, asked=asked)


def test_what_pays_is_asked(network: Network, costs: NetworkCosts, rule: CalibratedRule) -> None:
    """Nine of ten are spared five layers for three."""
    assert exits_to_ask(costs, network.graph, rule) == ("exit1",)


def test_where_nothing_pays_all_are_asked(
    network: Network, costs: NetworkCosts, rule: CalibratedRule
) -> None:
    """On a link they may; who has no threshold is not among them."""
    slow = costs.exits[0].inner
    assert slow is not None
    first = replace(costs.exits[0], inner=replace(slow, device_s=np.full_like(slow.device_s, 1.0)))
    dear = replace(costs, exits=(first, costs.exits[1]))
    assert exits_to_ask(dear, network.graph, rule) == ("exit1",)
    assert exits_to_ask(replace(costs, asked={"raw": ()}), network.graph, rule) == ()
