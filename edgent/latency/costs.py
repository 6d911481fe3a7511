"""From what was measured to what the planner asks for: two profiles and the accuracies become costs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from edgent.core.codecs import CODECS
from edgent.core.codecs.codec import ACTIVATION, INPUT
from edgent.core.photo import decoding_work
from edgent.errors import PlanError
from edgent.latency.crossing import can_cross, can_write
from edgent.latency.feature_costs import feature_costs
from edgent.latency.inner_costs import inner_costs
from edgent.latency.places import Place
from edgent.latency.prediction import FEATURES, with_predicted_segments
from edgent.planning.costs import ACCURACY, CodecCosts, ExitCosts, MeanPhoto, NetworkCosts
from edgent.planning.plan import FILE, FLOAT32, RAW

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edgent.graph.branchy_graph import BranchyGraph
    from edgent.graph.exit_path import ExitPath
    from edgent.latency.profile import CodecTiming, NodeProfile
    from edgent.network import Network
    from edgent.planning.checked_exit import CheckedExit
    from edgent.planning.costs import FloatArray

    AskedExits = Mapping[str, tuple[CheckedExit, ...]]
    Accuracies = Mapping[str, Mapping[tuple[str, str], float | FloatArray]]
    """By exit, then by (input codec, activation codec): as in ExitCosts; arrays may be shorter."""
    FeatureLosses = Mapping[str, Mapping[str, float]]
    """Accuracy that an exit loses behind a feature codec: by exit, then by the name of its code."""


def network_costs(
    network: Network,
    device: NodeProfile,
    edge: NodeProfile,
    accuracies: Accuracies,
    features: str = FEATURES,
    measure: str = ACCURACY,
    *,
    windows: bool = False,
    lost: FeatureLosses | None = None,
    asked: AskedExits | None = None,
) -> NetworkCosts:
    """The planner's input: measured segments, or those that regressors predict where the spec says so.

    Args:
        network: with ``latency: measured`` or ``latency: regressors`` in its spec.
        device: the device's profile.
        edge: the edge's profile.
        accuracies: of each exit under pairs of codecs; lossy pairs that are missing are not planned.
        features: of the regressors, ``work`` or ``paper``, where these are asked.
        measure: what the accuracies are measured by.
        windows: whether windows may start inside a path; without them, those behind feature codecs do.
        lost: what each exit loses behind feature codecs; these are not planned unless given.
        asked: the exits at which inputs may leave, by codec; see `NetworkCosts`. None are unless given.

    Raises:
        PlanError: a segment, a codec, a regressor or an accuracy is missing; the message says which command
            to run.
    """
    graph, offered = network.graph, network.spec.codecs
    if network.spec.latency == "regressors":
        device, edge = (with_predicted_segments(profile, graph, features) for profile in (device, edge))
    codecs = tuple(dict.fromkeys((FLOAT32, *offered.activation)))
    exits = tuple(_exit(graph, path, device, edge, accuracies, codecs) for path in graph.paths)
    learned = {
        name: feature_costs(network, name, device, edge, of_exit) for name, of_exit in (lost or {}).items()
    }
    asked = asked or {}
    if windows or any(learned.values()) or any(asked.values()):
        exits = tuple(
            replace(
                costs,
                inner=inner_costs(graph, path, device, edge, costs.activation_codecs if windows else {}),
                features=learned.get(path.exit_name, {}),
            )
            for path, costs in zip(graph.paths, exits, strict=True)
        )
    deepest = graph.exit_names[-1]
    photo = None
    inputs = {RAW: CodecCosts(0.0)}  # replaced, but where the input is too large to cross
    for name in dict.fromkeys((RAW, *network.input_codecs)):
        if not can_write(name, INPUT, graph.source):
            continue
        if name == FILE and not has_file_row(device, edge):
            continue  # these were made on arrays; `unusable_codecs` says so
        writes, reads = _codec(device, (deepest, 0, name)), _codec(edge, (deepest, 0, name))
        write_s = writes.timing.time_s
        if name == FILE:  # the device's row says what making an input of it takes there
            work = decoding_work(device.photo_pixels, writes.size_bytes)
            photo, write_s = MeanPhoto(write_s, work), 0.0
        inputs[name] = CodecCosts(
            writes.size_bytes, write_s, reads.timing.time_s, lossless=CODECS[name].lossless
        )
    return NetworkCosts(exits, inputs, measure, asked, photo)


def has_file_row(device: NodeProfile, edge: NodeProfile) -> bool:
    """Whether both profiles know the codec ``file``: they were made on photos' files."""
    return all(any(row.codec == FILE for row in profile.codecs) for profile in (device, edge))


def _exit(
    graph: BranchyGraph,
    path: ExitPath,
    device: NodeProfile,
    edge: NodeProfile,
    accuracies: Accuracies,
    codecs: tuple[str, ...],
) -> ExitCosts:
    last = len(path.layers)
    heads = [edge.timing(Place.of(graph, path.index, 0, point)) for point in range(1, last + 1)]
    tails = [device.timing(Place.of(graph, path.index, point, last)) for point in range(last)]
    accuracy = accuracies.get(path.exit_name)
    if not accuracy:
        raise PlanError(
            f"the accuracy of {path.exit_name} is not known: run `edgent evaluate SPEC`, or state it"
        )
    unwritten = {
        (name, point)
        for name in codecs
        for point in path.partition_points[1:]
        if not can_write(name, ACTIVATION, path.cut(point))
    }
    if not can_cross(graph.source):
        unwritten.add((RAW, 0))
    return ExitCosts(
        exit=path.exit_name,
        accuracy={pair: _at_every_point(values, last + 1) for pair, values in accuracy.items()},
        head_s=np.array([0.0, *(timing.time_s for timing in heads)]),
        tail_s=np.array([*(timing.time_s for timing in tails), 0.0]),
        activation_codecs={name: _activation(graph, path, device, edge, name) for name in codecs},
        unwritten=frozenset(unwritten),
        leaves_after=path.leaves_after,
    )


def _at_every_point(accuracy: float | FloatArray, points: int) -> float | FloatArray:
    """A single value, or one for each partition point: not a number behind the last that was compared."""
    if np.ndim(accuracy) == 0:
        return accuracy
    known = np.asarray(accuracy)[:points]
    return np.pad(known, (0, points - len(known)), constant_values=np.nan)


def _activation(
    graph: BranchyGraph, path: ExitPath, device: NodeProfile, edge: NodeProfile, codec: str
) -> CodecCosts:
    """One codec at every cut of a path; at 0, and where it does not write the tensor, nothing crosses."""
    sizes, encode_s, decode_s = [0.0], [0.0], [0.0]
    for point in path.partition_points[1:]:
        if not can_write(codec, ACTIVATION, path.cut(point)):
            for values in (sizes, encode_s, decode_s):
                values.append(0.0)
            continue
        place = (Place.of(graph, path.index, point - 1, point).exit, point, codec)
        writes, reads = _codec(edge, place), _codec(device, place)
        sizes.append(writes.size_bytes)
        encode_s.append(writes.timing.time_s)
        decode_s.append(reads.timing.time_s)
    lossless = CODECS[codec].lossless
    return CodecCosts(np.array(sizes), np.array(encode_s), np.array(decode_s), lossless=lossless)


def _codec(profile: NodeProfile, place: tuple[str, int, str]) -> CodecTiming:
    timing = profile.codec_by_place.get(place)
    if timing is None:
        raise PlanError(
            f"codec {place[2]} at partition point {place[1]} of {place[0]} was not measured on the "
            f"{profile.node}: run `edgent profile SPEC --node {profile.node}` again, as the spec now stands"
        )
    return timing
