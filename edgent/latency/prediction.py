"""Times that were never measured: a node's regressors applied to segments, of this network or of another."""

from __future__ import annotations

from dataclasses import replace
from math import prod
from typing import TYPE_CHECKING

import numpy as np

from edgent.core.codecs.codec import ACTIVATION, INPUT
from edgent.core.segment import Segment
from edgent.generated_file import Provenance
from edgent.latency.crossing import can_write, check_samples, cut_activations, write_tensor
from edgent.latency.features import segment_features
from edgent.latency.file_profiling import file_row, mean_pixels
from edgent.latency.places import Place, codec_places, plan_places
from edgent.latency.profile import CodecTiming, NodeProfile, SegmentTiming
from edgent.latency.timing import Timing
from edgent.planning.plan import FILE, FLOAT32, RAW

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from edgent.core.photo import Photo
    from edgent.graph.branchy_graph import BranchyGraph
    from edgent.latency.regression import Regressors
    from edgent.network import Network

FEATURES = "work"


def with_predicted_segments(
    profile: NodeProfile, graph: BranchyGraph, features: str = FEATURES
) -> NodeProfile:
    """The profile with what its regressors predict in place of every segment time that a plan can use.

    Raises:
        PlanError: no regressors, or none for a type of layer.
    """
    regressors = profile.regressors_of(features)
    segments = tuple(_segments(profile, graph, regressors))
    return replace(profile, segments=segments, predicted_from=profile.made_by.model_sha256)


def predict_profile(
    profile: NodeProfile,
    other: Network,
    samples: np.ndarray,
    features: str = FEATURES,
    photos: Sequence[Photo] = (),
) -> NodeProfile:
    """What another network would take on the node of a profile: segments and codecs, none of it measured.

    Args:
        profile: with regressors.
        other: the network to predict for.
        samples: inputs of it; they are run here once, for the bytes that the codecs make of them.
        features: ``work`` or ``paper``.
        photos: whose own files may go up, for the codec ``file``; it is left out where there are none.

    Raises:
        InputError: the samples are no inputs of the network.
        PlanError: no regressors, or none for a type of layer.
    """
    check_samples(other, samples)
    graph, regressors = other.graph, profile.regressors_of(features)
    command = f"edgent profile SPEC --node {profile.node} --predict-for OTHER"
    return replace(
        profile,
        made_by=replace(Provenance.here_and_now(graph.sha256, command), machine=profile.made_by.machine),
        samples=len(samples),
        blocks=1,
        segments=tuple(_segments(profile, graph, regressors)),
        codecs=tuple(_codecs(other, samples, photos, regressors)),
        operators=(),
        features=(),  # they are of the profiled network; the other one's are predicted by their work
        predicted_from=profile.made_by.model_sha256,
        photo_pixels=mean_pixels(photos),
    )


def _segments(profile: NodeProfile, graph: BranchyGraph, regressors: Regressors) -> Iterator[SegmentTiming]:
    measured = [row.timing for row in profile.segments]
    spread = float(np.median([timing.p95_s / timing.time_s for timing in measured])) if measured else 1.0
    for place in plan_places(graph, profile.node):
        path = graph.path_of(place.exit)
        parameters = sum(layer.parameters for layer in path.layers[place.start : place.stop])
        file_bytes = 4 * parameters
        time_s = regressors.predict_s(segment_features(path, place.start, place.stop))
        timing = _predicted(time_s, spread)
        load_us = round(regressors.load_s(file_bytes) * 1e6, 1)
        yield SegmentTiming(place.exit, place.start, place.stop, file_bytes, load_us, timing)


def _codecs(
    other: Network, samples: np.ndarray, photos: Sequence[Photo], regressors: Regressors
) -> Iterator[CodecTiming]:
    graph, offered = other.graph, other.spec.codecs

    def layer(place: Place) -> Segment:
        index = graph.exit_names.index(place.exit)
        return Segment(other.segments.segment(index, place.start, place.stop))

    crossing = cut_activations(graph, layer, samples)
    for exit_name, point in codec_places(graph):
        tensors = crossing[exit_name, point]
        names = (RAW, *other.input_codecs) if point == 0 else (FLOAT32, *offered.activation)
        carries = INPUT if point == 0 else ACTIVATION
        for name in dict.fromkeys(names):
            if name == FILE:
                if photos:
                    time_s = regressors.codec_s(name, prod(tensors[0].shape), input_codec=True)
                    yield file_row(exit_name, photos, _predicted(time_s, 1.0))
            elif can_write(name, carries, graph.path_of(exit_name).cut(point)):
                sizes = [len(write_tensor(tensor, name, carries)) for tensor in tensors]
                mean, p95 = float(np.mean(sizes)), float(np.percentile(sizes, 95))
                time_s = regressors.codec_s(name, prod(tensors[0].shape), input_codec=point == 0)
                yield CodecTiming(exit_name, point, name, mean, p95, _predicted(time_s, 1.0))


def _predicted(time_s: float, spread: float) -> Timing:
    time_us = max(0.01, round(time_s * 1e6, 2))
    return Timing((time_us,), (round(time_us * spread, 2),), runs=0)
