"""Costs of windows that start inside a path: measured, or differences of what was."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from edgent.latency.costs import network_costs
from edgent.latency.inner_costs import inner_costs
from edgent.planning.cost_table import build_cost_table
from edgent.planning.link import Link
from edgent.planning.plan import Plan
from tests.latency.test_costs import ACCURACIES, by_hand

if TYPE_CHECKING:
    from edgent.latency.profile import NodeProfile
    from edgent.network import Network


def _without_short_runs(profile: NodeProfile) -> NodeProfile:
    """Heads and tails only."""
    kept = [
        row for row in profile.segments if row.start == 0 or row.stop == (8 if row.exit == "exit2" else 6)
    ]
    return replace(profile, segments=tuple(kept))


def test_an_inner_window_by_hand(network: Network, device: NodeProfile, edge: NodeProfile) -> None:
    """1 ms a layer on the device, 0.1 ms on the edge; codecs 30 and 20 µs where activations come down.

    Going up, the device writes ten times as slowly as the edge, and the edge reads ten times as quickly.
    """
    nodes = by_hand(device, 1000, 30), by_hand(edge, 100, 20)
    table = build_cost_table(network_costs(network, *nodes, ACCURACIES, windows=True), 100, 50)
    k = table.index_of(Plan("exit1", 3, start=1))
    upload = 8 * (24 + 16 + 4 * 256 + 100) / 1e6
    download = 8 * (24 + 16 + 4 * 64 + 50) / 2e6
    crossings = 200e-6 + upload + 3e-6 + 20e-6 + download + 30e-6
    latency = table.latency_s(Link(2e-3, 1e6, 2e6))
    assert latency[k] == pytest.approx(1e-3 + 2e-3 + crossings + 2e-4 + 3e-3)


def test_what_was_not_measured_follows_from_heads_and_tails(
    network: Network, device: NodeProfile, edge: NodeProfile
) -> None:
    """To the same times, where times add up; and it is said which they are."""
    nodes = by_hand(device, 1000, 30), by_hand(edge, 100, 20)
    measured = network_costs(network, *nodes, ACCURACIES, windows=True)
    fewer = _without_short_runs(nodes[0]), _without_short_runs(nodes[1])
    predicted = network_costs(network, *fewer, ACCURACIES, windows=True)
    for one, other in zip(measured.exits, predicted.exits, strict=True):
        assert one.inner is not None
        assert other.inner is not None
        np.testing.assert_allclose(one.inner.before_s, other.inner.before_s)
        np.testing.assert_allclose(one.inner.window_s, other.inner.window_s)
        assert one.inner.window_measured.sum() > other.inner.window_measured.sum()
    table = build_cost_table(measured)
    assert not table.predicted[table.index_of(Plan("exit1", 3, start=1))]  # two layers, from the first on
    assert table.predicted[table.index_of(Plan("exit2", 7, start=3))]
    assert not table.predicted[table.start == 0].any()


def test_a_difference_is_never_less_than_nothing(
    network: Network, device: NodeProfile, edge: NodeProfile
) -> None:
    """Where a longer head was measured to be the quicker one."""
    path = network.graph.paths[1]
    nodes = _without_short_runs(by_hand(device, 1000, 30)), _without_short_runs(by_hand(edge, 100, 20))
    noisy_s = np.array([0.0, 2.0, 1.0, 3.0, 2.5, 4.0, 5.0, 5.0, 6.0])
    costs = inner_costs(network.graph, path, nodes, (noisy_s[::-1], noisy_s), {})
    assert (costs.window_s >= 0).all()
    assert (costs.window_s[1, 2], costs.window_s[1, 3]) == (0.0, 1.0)
    assert (costs.before_s >= 0).all()


def test_losses_on_the_way_up_and_down_add_up(
    network: Network, device: NodeProfile, edge: NodeProfile
) -> None:
    """Nobody measured two activation codecs at once."""
    nodes = by_hand(device, 1000, 30), by_hand(edge, 100, 20)
    table = build_cost_table(network_costs(network, *nodes, ACCURACIES, windows=True))

    def accuracy(text: str) -> float:
        return float(table.accuracy[table.index_of(Plan.parse(text))])

    assert accuracy("exit1:p1-p3") == 0.7
    assert accuracy("exit1:p1-p3:uint8") == accuracy("exit1:p1-p3:uint8:float32") == 0.69
    assert accuracy("exit1:p1-p3:uint8:uint8") == pytest.approx(0.68)
    assert accuracy("exit1:p1-p6:uint8:float32") == 0.69
