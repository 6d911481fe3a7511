"""What the layers of a path cost in pieces, and windows inside it, from the profiles of both nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from edgent.latency.places import Place
from edgent.latency.segment_times import segment_times
from edgent.planning.costs import CodecCosts, InnerCosts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edgent.graph.branchy_graph import BranchyGraph
    from edgent.graph.exit_path import ExitPath
    from edgent.latency.profile import NodeProfile


def inner_costs(
    graph: BranchyGraph,
    path: ExitPath,
    device: NodeProfile,
    edge: NodeProfile,
    codecs_down: Mapping[str, CodecCosts],
) -> InnerCosts:
    """The costs of one exit's inner windows: measured where that was done, else predicted (`segment_times`).

    A profile that was made for windows has each activation codec in both directions. In another one they come
    down: written by the edge and read by the device. Where one goes up, either node then takes what the other
    one took for the same work, times the nodes' ratio over the whole deepest path.

    Args:
        graph: the network.
        path: the exit's.
        device: the device's profile.
        edge: the edge's profile.
        codecs_down: activation codecs as they come down.
    """
    device_s, on_device = segment_times(device, graph, path)
    window_s, on_edge = segment_times(edge, graph, path)
    ratio = _ratio(graph, device, edge)
    codecs_up = {
        name: _measured(graph, path, device, edge, name, _other_way(codec, ratio))
        for name, codec in codecs_down.items()
    }
    return InnerCosts(device_s, window_s, on_device, on_edge, codecs_up)


def _measured(
    graph: BranchyGraph,
    path: ExitPath,
    device: NodeProfile,
    edge: NodeProfile,
    codec: str,
    guessed: CodecCosts,
) -> CodecCosts:
    """A codec's costs on the way up, measured at the cuts where both nodes did so."""
    encode_s, decode_s = np.array(guessed.encode_s), np.array(guessed.decode_s)
    for point in path.partition_points[1:-1]:
        place = (Place.of(graph, path.index, point - 1, point).exit, point, codec)
        writes, reads = device.codec_up_by_place.get(place), edge.codec_up_by_place.get(place)
        if writes is not None and reads is not None:
            encode_s[point], decode_s[point] = writes.timing.time_s, reads.timing.time_s
    return CodecCosts(guessed.size_bytes, encode_s, decode_s, lossless=guessed.lossless)


def _ratio(graph: BranchyGraph, device: NodeProfile, edge: NodeProfile) -> float:
    """How many times as long the device takes for the same work."""
    deepest = graph.paths[-1]
    whole = Place.of(graph, deepest.index, 0, len(deepest.layers))
    return device.timing(whole).time_s / edge.timing(whole).time_s


def _other_way(codec: CodecCosts, ratio: float) -> CodecCosts:
    """A codec whose writer and reader are the other nodes."""
    encode_s, decode_s = np.asarray(codec.encode_s), np.asarray(codec.decode_s)
    return CodecCosts(codec.size_bytes, encode_s * ratio, decode_s / ratio, lossless=codec.lossless)
