"""Costs of a small network, filled in by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from edgent.errors import PlanError
from edgent.latency.costs import network_costs
from edgent.latency.features import segment_features
from edgent.latency.places import Place
from edgent.latency.profile import with_timings
from edgent.latency.timing import Timing
from edgent.network import Network
from edgent.planning.link import Link
from edgent.planning.plan import Plan
from edgent.planning.table_building import build_cost_table

if TYPE_CHECKING:
    from edgent.latency.profile import NodeProfile

ACCURACIES = {
    "exit1": {("raw", "float32"): 0.7, ("raw", "uint8"): 0.69},
    "exit2": {("raw", "float32"): 0.8, ("raw", "uint8"): 0.8},
}


def by_hand(profile: NodeProfile, layer_us: float, codec_us: float) -> NodeProfile:
    """A profile in which every layer takes the same, and every codec."""
    timings: dict[tuple[object, ...], Timing] = {}
    for row in profile.segments:
        time_us = layer_us * (row.stop - row.start)
        timings["segment", row.exit, row.start, row.stop] = Timing((2 * time_us, time_us), (9e3, 9e3), 6)
    for codec in profile.codecs:
        timings["codec", codec.exit, codec.partition_point, codec.codec] = Timing((codec_us,), (codec_us,), 3)
    for operator in profile.operators:
        timings["operator", operator.name] = operator.timing
    return with_timings(profile, timings)


def test_measured_costs_by_hand(network: Network, device: NodeProfile, edge: NodeProfile) -> None:
    """1 ms a layer on the device, 0.1 ms on the edge; codecs 30 and 20 µs."""
    costs = network_costs(network, by_hand(device, 1000, 30), by_hand(edge, 100, 20), ACCURACIES)
    first, second = costs.exits
    np.testing.assert_allclose(first.tail_s, [6e-3, 5e-3, 4e-3, 3e-3, 2e-3, 1e-3, 0])
    np.testing.assert_allclose(first.head_s, [0, 1e-4, 2e-4, 3e-4, 4e-4, 5e-4, 6e-4])
    assert len(second.head_s) == len(second.tail_s) == 9
    uint8 = first.activation_codecs["uint8"]
    assert not uint8.lossless
    np.testing.assert_allclose(np.asarray(uint8.encode_s)[1:], 20e-6)
    np.testing.assert_allclose(np.asarray(uint8.decode_s)[1:], 30e-6)
    floats = np.asarray(first.activation_codecs["float32"].size_bytes)
    expected = [24 + 16 + 4 * 256, 24 + 16 + 4 * 256, 24 + 16 + 4 * 64]  # after conv, relu, pool
    np.testing.assert_allclose(floats[1:4], expected)
    assert costs.input_codecs["raw"].size_bytes == 24 + 16 + 192
    assert costs.input_codecs["raw"].encode_s == pytest.approx(30e-6)
    assert costs.input_codecs["raw"].decode_s == pytest.approx(20e-6)


def test_latency_of_one_plan_by_hand(network: Network, device: NodeProfile, edge: NodeProfile) -> None:
    """Exit 1 cut after its pool: encode, round trip, up, decode, 3 layers, encode, down, decode, 3 layers."""
    costs = network_costs(network, by_hand(device, 1000, 30), by_hand(edge, 100, 20), ACCURACIES)
    candidates = build_cost_table(costs, request_overhead_bytes=100, answer_overhead_bytes=50)
    k = candidates.index_of(Plan("exit1", 3))
    link = Link(round_trip_s=2e-3, upload_bps=1e6, download_bps=2e6)
    by_sum = 30e-6 + 2e-3 + 8 * (232 + 100) / 1e6 + 20e-6 + 3e-4 + 20e-6 + 8 * (296 + 50) / 2e6 + 30e-6 + 3e-3
    assert candidates.latency_s(link)[k] == pytest.approx(by_sum)
    assert candidates.accuracy[candidates.index_of(Plan("exit1", 3, "raw", "uint8"))] == 0.69


def test_regressors_take_the_place_of_measurements(
    network: Network, device: NodeProfile, edge: NodeProfile
) -> None:
    """With `latency: regressors` the measured segments do not count; codecs stay measured."""
    predicting = Network(
        network.spec.model_copy(update={"latency": "regressors"}), network.graph, network.segments
    )
    costs = network_costs(predicting, by_hand(device, 1e6, 30), by_hand(edge, 1e6, 20), ACCURACIES)
    assert costs.exits[0].tail_s[0] < 6.0  # six layers of a second each were "measured"
    assert costs.input_codecs["raw"].encode_s == pytest.approx(30e-6)
    path = network.graph.paths[0]
    for features in ("work", "paper"):
        by_features = network_costs(predicting, device, edge, ACCURACIES, features)
        expected_s = device.regressors[features].predict_s(segment_features(path, 2, 6))
        assert by_features.exits[0].tail_s[2] == pytest.approx(expected_s, abs=1e-8)


def test_lossy_codec_without_accuracy_is_no_candidate(
    network: Network, device: NodeProfile, edge: NodeProfile
) -> None:
    """uint8 is offered by the spec, but nobody measured what it costs in accuracy."""
    plain = {name: {("raw", "float32"): 0.5} for name in network.graph.exit_names}
    candidates = build_cost_table(network_costs(network, device, edge, plain))
    assert {plan.codec_down for plan in candidates.plans} == {"float32"}
    assert {plan.codec_up for plan in candidates.plans} == {"raw", "webp"}


def test_what_is_missing_is_named(network: Network, device: NodeProfile, edge: NodeProfile) -> None:
    """An accuracy, a segment, a codec: the message says which command to run."""
    with pytest.raises(PlanError, match=r"accuracy of exit2 is not known: run `edgent evaluate SPEC`"):
        network_costs(network, device, edge, {"exit1": ACCURACIES["exit1"]})
    without = replace(edge, segments=tuple(row for row in edge.segments if row.stop != 4))
    with pytest.raises(PlanError, match=r"segment exit1 \[0, 4\) was not measured on the edge; run"):
        network_costs(network, device, without, ACCURACIES)
    no_webp = replace(device, codecs=tuple(row for row in device.codecs if row.codec != "webp"))
    with pytest.raises(
        PlanError, match="codec webp at partition point 0 of exit2 was not measured on the dev"
    ):
        network_costs(network, no_webp, edge, ACCURACIES)
    no_regressors = Network(
        network.spec.model_copy(update={"latency": "regressors"}), network.graph, network.segments
    )
    with pytest.raises(PlanError, match="the device's profile has no regressors 'work'"):
        network_costs(no_regressors, replace(device, regressors={}), edge, ACCURACIES)


def test_places_are_of_the_deepest_path(network: Network) -> None:
    """Layers in the trunk belong to exit 2 wherever they were asked for."""
    assert Place.of(network.graph, 0, 1, 3) == Place("exit2", 1, 3)
    assert Place.of(network.graph, 0, 1, 4) == Place("exit1", 1, 4)
