"""What the study of predictions leaves out of a profile, and what it says of that."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from benchmarks.studies.predictions.unmeasured import drawn, from_another, from_its_own, unmeasured_places
from edgent.latency.features import segment_features
from edgent.latency.places import Place
from edgent.latency.timing import Timing

if TYPE_CHECKING:
    from edgent.latency.profile import NodeProfile
    from edgent.network import Network


def test_what_no_profile_measures(network: Network) -> None:
    """Neither heads, nor tails, nor short runs; the device never has the last layer before a window."""
    edge = unmeasured_places(network.graph, "edge")
    assert Place("exit2", 2, 7) in edge
    assert all(place.start > 0 and place.stop - place.start not in {1, 2, 4} for place in edge)
    device = unmeasured_places(network.graph, "device")
    assert set(device) == {
        Place("exit2", 0, 3),
        Place("exit1", 0, 5),
        Place("exit2", 0, 5),
        Place("exit2", 0, 6),
        Place("exit2", 0, 7),
    }
    assert drawn(device, 99) != device or len(device) < 2
    assert sorted(drawn(device, 99), key=str) == sorted(device, key=str)
    assert len(set(drawn(edge, 3))) == 3


def test_a_window_is_predicted_without_itself(network: Network, edge: NodeProfile) -> None:
    """However long it is said to have taken, the prediction is the same."""
    window = replace(edge.segments[0], exit="exit2", start=2, stop=7, timing=Timing((1e6,), (1e6,), 3))
    (own,) = from_its_own(replace(edge, segments=(*edge.segments, window)), network.graph)
    assert own.measured_s == pytest.approx(1.0)
    assert 0 < own.predicted_s < own.measured_s / 2, "it does not know what the window took"
    regressors = edge.regressors["work"]
    (other,) = from_another(regressors, replace(edge, segments=(window,)), network.graph)
    layers = segment_features(network.graph.paths[1], 2, 7)
    assert other.predicted_s == regressors.predict_s(layers)
    unknown = replace(regressors, layers_ns={})
    assert list(from_another(unknown, replace(edge, segments=(window,)), network.graph)) == []
