"""Windows that no profile measures, drawn at random, and what the others' times say of them."""

import random
from collections.abc import Iterator
from dataclasses import replace

from edgent.errors import PlanError
from edgent.graph.branchy_graph import BranchyGraph
from edgent.latency.features import segment_features
from edgent.latency.fitting import with_regressors
from edgent.latency.places import Node, Place, plan_places, short_places
from edgent.latency.profile import NodeProfile
from edgent.latency.regression import Regressors
from edgent.latency.segment_times import segment_times
from edgent.latency.validation import Prediction


def unmeasured_places(graph: BranchyGraph, node: Node) -> list[Place]:
    """What a plan can have a node run that a profile without windows lacks, each once.

    On the edge these are windows that start inside a path, on the device the layers before such a window.
    """
    places = dict.fromkeys(
        Place.of(graph, path.index, start, stop)
        for path in graph.paths
        for start in (range(1, len(path.layers)) if node == "edge" else range(1))
        for stop in range(start + 1, len(path.layers) + (node == "edge"))
    )
    measured = _usual_places(graph, node)
    return [place for place in places if place not in measured]


def drawn(places: list[Place], count: int, seed: int = 0) -> list[Place]:
    """So many of them, or all."""
    return random.Random(seed).sample(places, min(count, len(places)))  # noqa: S311  a sample, no secret


def from_its_own(profile: NodeProfile, graph: BranchyGraph) -> Iterator[Prediction]:
    """The windows of a profile as they are predicted without them, regressors fitted without them."""
    usual = _usual_places(graph, profile.node)
    kept = [row for row in profile.segments if Place(row.exit, row.start, row.stop) in usual]
    without = with_regressors(replace(profile, segments=tuple(kept)), graph)
    times_s = {path.exit_name: segment_times(without, graph, path)[0] for path in graph.paths}
    for row in profile.segments:
        place = Place(row.exit, row.start, row.stop)
        if place not in usual:
            predicted_s = float(times_s[row.exit][row.start, row.stop])
            yield Prediction("measured", str(place), "window", row.timing.time_s, predicted_s)


def from_another(regressors: Regressors, profile: NodeProfile, graph: BranchyGraph) -> Iterator[Prediction]:
    """The same windows as the regressors of another network's profile predict them.

    Windows with a layer of a type that the other network does not have are left out.
    """
    usual = _usual_places(graph, profile.node)
    for row in profile.segments:
        place = Place(row.exit, row.start, row.stop)
        if place in usual:
            continue
        try:
            predicted_s = regressors.predict_s(segment_features(graph.path_of(row.exit), row.start, row.stop))
        except PlanError:
            continue
        yield Prediction("regressors", str(place), "window", row.timing.time_s, predicted_s)


def _usual_places(graph: BranchyGraph, node: Node) -> set[Place]:
    return {*plan_places(graph, node), *short_places(graph)}
