"""Activations take no more memory than they may."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from edgent.core.segment import Segment
from edgent.latency import crossing
from edgent.latency.places import codec_places

if TYPE_CHECKING:
    from edgent.latency.places import Place
    from edgent.network import Network


def cut_lengths(network: Network, samples: np.ndarray) -> dict[tuple[str, int], int]:
    """How many samples cross each cut."""

    def layer(place: Place) -> Segment:
        index = network.graph.exit_names.index(place.exit)
        return Segment(network.segments.segment(index, place.start, place.stop))

    return {
        cut: len(tensors) for cut, tensors in crossing.cut_activations(network.graph, layer, samples).items()
    }


@pytest.mark.parametrize(("room_for", "kept"), [(0.5, 1), (1.0, 1), (2.9, 2), (100.0, 5)])
def test_activations_of_as_many_samples_as_there_is_room_for(
    network: Network, monkeypatch: pytest.MonkeyPatch, room_for: float, kept: int
) -> None:
    """The first ones, and one at least; inputs all cross."""
    graph = network.graph
    one_bytes = sum(graph.path_of(name).cut(point).size_bytes for name, point in codec_places(graph) if point)
    monkeypatch.setattr(crossing, "_MOST_ACTIVATIONS_BYTES", int(room_for * one_bytes))
    samples = np.zeros((5, *graph.input_shape), graph.input_dtype)

    lengths = cut_lengths(network, samples)

    inputs = {cut for cut in lengths if cut[1] == 0}
    assert {lengths[cut] for cut in inputs} == {5}
    assert {lengths[cut] for cut in lengths.keys() - inputs} == {kept}
