"""A small network profiled for real, in a fraction of a second."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

import numpy as np
import pytest

from edgent.core.segment import Segment
from edgent.errors import InputError
from edgent.latency.crossing import cut_activations, write_tensor
from edgent.latency.places import Place, codec_places, plan_places, short_places
from edgent.latency.profiling import profile_node

if TYPE_CHECKING:
    from edgent.core.segment import Stop
    from edgent.latency.profile import NodeProfile
    from edgent.network import Network


def test_device_times_every_tail_once(network: Network) -> None:
    """Six of exit 1 and eight of exit 2; nothing is shared, for each ends in its own exit."""
    places = plan_places(network.graph, "device")
    assert len(places) == len(set(places)) == 6 + 8
    assert Place("exit1", 0, 6) in places
    assert Place("exit2", 7, 8) in places


def test_edge_times_every_head_once(network: Network) -> None:
    """The three heads in the trunk are shared and belong to the deeper exit."""
    places = plan_places(network.graph, "edge")
    assert len(places) == len(set(places)) == 6 + 8 - 3
    assert Place("exit2", 0, 3) in places
    assert Place("exit1", 0, 3) not in places
    assert Place("exit1", 0, 4) in places


def test_short_runs_stay_inside_paths(network: Network) -> None:
    """One, two and four layers; those in the shared trunk once."""
    places = short_places(network.graph)
    assert len(places) == len(set(places))
    assert {place.stop - place.start for place in places} == {1, 2, 4}
    assert sum(place.stop - place.start == 1 for place in places) == 6 + 8 - 3


def test_every_plan_finds_its_times(network: Network, device: NodeProfile, edge: NodeProfile) -> None:
    """No head, tail or codec of any plan is missing; all have five blocks and some spread."""
    for path in network.graph.paths:
        for point in path.partition_points[:-1]:
            assert device.timing(Place.of(network.graph, path.index, point, len(path.layers))).time_s > 0
        for point in path.partition_points[1:]:
            assert edge.timing(Place.of(network.graph, path.index, 0, point)).time_s > 0
            owner = Place.of(network.graph, path.index, point - 1, point).exit
            for codec in ("float32", "uint8"):
                assert device.codec_by_place[owner, point, codec].timing.time_s > 0
    assert device.complete
    assert all(row.timing.p95_s >= row.timing.time_s for row in edge.rows)
    assert {row.codec for row in device.codecs if row.partition_point == 0} == {"raw", "webp"}
    assert device.made_by.model_sha256 == network.graph.sha256


def test_bytes_are_those_of_real_frames(network: Network, samples: np.ndarray, edge: NodeProfile) -> None:
    """Mean over the samples of what would travel, here after the first pool: 4x4x4 floats."""
    head = Segment(network.segments.head(1, 3))
    sizes = [len(write_tensor(head.run(sample[np.newaxis]), "uint8")) for sample in samples]
    row = edge.codec_by_place["exit2", 3, "uint8"]
    assert row.size_bytes == pytest.approx(np.mean(sizes), abs=0.1)
    assert row.size_p95_bytes == pytest.approx(np.percentile(sizes, 95), abs=0.1)
    assert edge.codec_by_place["exit2", 3, "float32"].size_bytes == 24 + 4 * 4 + 64 * 4


def test_activations_are_those_of_the_heads(network: Network, samples: np.ndarray) -> None:
    """What crosses a cut layer by layer is what a head would have sent, on every path."""

    def layer(place: Place) -> Segment:
        index = network.graph.exit_names.index(place.exit)
        return Segment(network.segments.segment(index, place.start, place.stop))

    crossing = cut_activations(network.graph, layer, samples)
    assert set(codec_places(network.graph)) <= set(crossing)
    for exit_name, point in codec_places(network.graph):
        if point:
            index = network.graph.exit_names.index(exit_name)
            head = Segment(network.segments.head(index, point))
            for sample, tensor in zip(samples, crossing[exit_name, point], strict=True):
                np.testing.assert_allclose(head.run(sample[np.newaxis]), tensor, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    "wrong",
    [np.zeros((2, 3, 8, 9), np.uint8), np.zeros((2, 3, 8, 8), np.float32), np.zeros((0, 3, 8, 8), np.uint8)],
)
def test_wrong_samples_are_refused(network: Network, wrong: np.ndarray) -> None:
    """Another shape, another element type, none at all."""
    with pytest.raises(InputError, match=r"expected \(n, 3, 8, 8\), uint8, with n at least 1"):
        profile_node(network, "device", wrong)


@pytest.mark.usefixtures("profile_in_haste")
def test_interrupted_profile_goes_on(network: Network, samples: np.ndarray) -> None:
    """The blocks that were kept are found again in the whole; only three more are run."""
    kept: list[NodeProfile] = []

    def keep(profile: NodeProfile) -> None:
        kept.append(profile)
        if len(kept) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        profile_node(network, "edge", samples, budget_s=0.01, keep=keep)
    assert not kept[-1].complete
    whole = profile_node(network, "edge", samples, budget_s=0.01, started=kept[-1])
    assert whole.complete
    for row, before in zip(whole.rows, kept[-1].rows, strict=True):
        assert row.timing.medians_us[:2] == before.timing.medians_us
        assert len(row.timing.medians_us) == 5


@pytest.mark.usefixtures("profile_in_haste")
def test_segments_take_turns_where_they_do_not_fit_into_memory_together(
    network: Network, samples: np.ndarray, edge: NodeProfile, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All are loaded once and timed, in groups; an interrupted profile has those whose turn has come.

    It goes on with the others.
    """
    kept: list[NodeProfile] = []
    opened: Counter[Any] = Counter()
    loaded, most = WeakSet[Segment](), 0

    class CountedSegment(Segment):
        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            loaded.add(self)
            opened[args[0]] += 1

        def run(self, tensor: np.ndarray, stop: Stop | None = None) -> np.ndarray:
            nonlocal most
            most = max(most, len(loaded))
            return super().run(tensor, stop)

    room_bytes = max(row.file_bytes for row in edge.segments)
    monkeypatch.setattr("edgent.latency.profiling.room_bytes", lambda: room_bytes)
    monkeypatch.setattr("edgent.latency.profiling.Segment", CountedSegment)
    whole = profile_node(network, "edge", samples, budget_s=0.01, operators=False, keep=kept.append)
    assert whole.complete
    assert whole.timing_by_place.keys() == edge.timing_by_place.keys()
    for row in whole.segments:
        if row.stop - row.start > 1:  # a layer by itself also finds out what crosses
            index = network.graph.exit_names.index(row.exit)
            assert opened[network.segments.segment(index, row.start, row.stop)] == 1
    assert most < len(edge.segments) / 2
    assert len(kept) > 2 * whole.blocks
    assert len(kept[0].segments) < len(edge.segments) / 2
    again = profile_node(network, "edge", samples, budget_s=0.01, operators=False, started=kept[4])
    assert again.complete
    blocks = {row.timing.medians_us for row in again.segments}
    assert blocks >= {row.timing.medians_us for row in kept[4].segments}


@pytest.mark.usefixtures("profile_in_haste")
def test_profile_of_other_circumstances_is_begun_anew(network: Network, samples: np.ndarray) -> None:
    """Times of another machine do not mix with this one's."""
    started: list[NodeProfile] = []

    def keep(profile: NodeProfile) -> None:
        started.append(profile)

    profile_node(network, "edge", samples, budget_s=0.01, keep=keep)
    machine = {**started[0].made_by.machine, "cpu": "another"}
    foreign = replace(started[0], made_by=replace(started[0].made_by, machine=machine))
    whole = profile_node(network, "edge", samples, budget_s=0.01, started=foreign)
    assert [row.timing.medians_us[:1] for row in whole.rows] != [
        row.timing.medians_us for row in foreign.rows
    ]
    assert all(len(row.timing.medians_us) == 5 for row in whole.rows)


@pytest.mark.usefixtures("profile_in_haste")
def test_windows_are_added_to_a_complete_profile(
    network: Network, samples: np.ndarray, edge: NodeProfile
) -> None:
    """Only they are run; what was measured stays to the digit, in its place."""
    window = Place("exit2", 2, 7)
    more = profile_node(network, "edge", samples, windows=[window], started=edge, budget_s=0.01)
    assert more.complete
    assert more.segments[:-1] == edge.segments
    assert (more.codecs, more.operators) == (edge.codecs, edge.operators)
    assert more.timing(window).time_s > 0
    again = profile_node(network, "edge", samples, started=more, budget_s=0.01)
    assert again.segments == more.segments


def test_codecs_are_timed_in_both_directions_where_windows_are_planned(
    network: Network, samples: np.ndarray, device: NodeProfile
) -> None:
    """An activation goes up, too: the device writes it there and reads it on its way down."""
    spec = network.spec.model_copy(update={"windows": True})
    both = profile_node(replace(network, spec=spec), "device", samples, budget_s=0.01)
    down = {place for place in both.codec_by_place if place[1] > 0}
    assert down == set(both.codec_up_by_place)
    assert not device.codec_up_by_place
    assert both.codec_by_place.keys() == device.codec_by_place.keys()
    for place in down:
        assert both.codec_up_by_place[place].timing.time_s > 0
        assert both.codec_up_by_place[place].size_bytes == both.codec_by_place[place].size_bytes
