"""Costs of windows that start inside a path: measured, or differences of what was."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from edgent.latency.costs import network_costs
from edgent.latency.timing import Timing
from edgent.planning.link import Link
from edgent.planning.plan import Plan
from edgent.planning.table_building import build_cost_table
from tests.latency.test_costs import ACCURACIES, by_hand

if TYPE_CHECKING:
    from edgent.latency.profile import NodeProfile
    from edgent.network import Network


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


def test_activations_on_their_way_up_are_believed_as_measured(
    network: Network, device: NodeProfile, edge: NodeProfile
) -> None:
    """Where both nodes timed them; nothing is turned round there."""

    def with_codecs_up(profile: NodeProfile, codec_us: float) -> NodeProfile:
        rows = [
            replace(row, goes_up=True, timing=Timing((codec_us,), (codec_us,), 3))
            for row in profile.codecs
            if row.partition_point == 1
        ]
        return replace(profile, codecs=(*profile.codecs, *rows))

    nodes = with_codecs_up(by_hand(device, 1000, 30), 700), with_codecs_up(by_hand(edge, 100, 20), 50)
    costs = network_costs(network, *nodes, ACCURACIES, windows=True)
    inner = costs.exits[0].inner
    assert inner is not None
    up = inner.codecs_up["uint8"]
    assert np.asarray(up.encode_s)[1:3] == pytest.approx([700e-6, 200e-6])
    assert np.asarray(up.decode_s)[1:3] == pytest.approx([50e-6, 3e-6])
    assert np.asarray(costs.exits[0].activation_codecs["uint8"].encode_s)[1] == pytest.approx(20e-6)


def test_it_is_said_what_is_predicted(network: Network, device: NodeProfile, edge: NodeProfile) -> None:
    """Windows that nobody measured as they stand, and runs of the device before them."""
    nodes = by_hand(device, 1000, 30), by_hand(edge, 100, 20)
    table = build_cost_table(network_costs(network, *nodes, ACCURACIES, windows=True))
    assert not table.predicted[table.index_of(Plan("exit1", 3, start=1))]  # two layers, from the first on
    assert table.predicted[table.index_of(Plan("exit2", 7, start=3))]  # the device runs three
    assert table.predicted[table.index_of(Plan("exit2", 7, start=2))]  # the edge runs five
    assert not table.predicted[table.start == 0].any()


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
