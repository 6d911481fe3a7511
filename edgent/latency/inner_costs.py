"""What windows that start inside a path cost, from profiles that measured heads and tails."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from edgent.latency.places import Place
from edgent.planning.costs import CodecCosts, InnerCosts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edgent.graph.branchy_graph import BranchyGraph
    from edgent.graph.exit_path import ExitPath
    from edgent.latency.profile import NodeProfile
    from edgent.planning.costs import BoolArray, FloatArray


def inner_costs(
    graph: BranchyGraph,
    path: ExitPath,
    nodes: tuple[NodeProfile, NodeProfile],
    times: tuple[FloatArray, FloatArray],
    codecs_down: Mapping[str, CodecCosts],
) -> InnerCosts:
    """The costs of one exit's inner windows: measured where that was done, else differences.

    Layers [0, a) take the device what the whole path takes and the tail from a does not; layers [a, b) take
    the edge what the head to b takes and that to a does not, and never less than nothing.

    A profile has each activation codec in the direction in which activations come down: written by the edge
    and read by the device. Where one goes up, either node takes what the other one took for the same work,
    times the nodes' ratio over the whole deepest path.

    Args:
        graph: the network.
        path: the exit's.
        nodes: profiles of the device and of the edge.
        times: seconds of the path's tails on the device and of its heads on the edge, by partition point.
        codecs_down: activation codecs as they come down.
    """
    device, edge = nodes
    tail_s, head_s = times
    last = len(path.layers)
    before_s = np.maximum(tail_s[0] - tail_s, 0.0)
    window_s = np.maximum(head_s[None, :] - head_s[:, None], 0.0)
    before_measured: BoolArray = np.zeros(last + 1, dtype=np.bool_)
    window_measured: BoolArray = np.zeros((last + 1, last + 1), dtype=np.bool_)
    for stop in range(1, last + 1):
        timing = device.timing_by_place.get(Place.of(graph, path.index, 0, stop))
        if timing is not None:
            before_s[stop], before_measured[stop] = timing.time_s, True
        for start in range(1, stop):
            timing = edge.timing_by_place.get(Place.of(graph, path.index, start, stop))
            if timing is not None:
                window_s[start, stop], window_measured[start, stop] = timing.time_s, True
    ratio = _ratio(graph, device, edge)
    codecs_up = {name: _other_way(codec, ratio) for name, codec in codecs_down.items()}
    return InnerCosts(before_s, window_s, before_measured, window_measured, codecs_up)


def _ratio(graph: BranchyGraph, device: NodeProfile, edge: NodeProfile) -> float:
    """How many times as long the device takes for the same work."""
    deepest = graph.paths[-1]
    whole = Place.of(graph, deepest.index, 0, len(deepest.layers))
    return device.timing(whole).time_s / edge.timing(whole).time_s


def _other_way(codec: CodecCosts, ratio: float) -> CodecCosts:
    """A codec whose writer and reader are the other nodes."""
    encode_s, decode_s = np.asarray(codec.encode_s), np.asarray(codec.decode_s)
    return CodecCosts(codec.size_bytes, encode_s * ratio, decode_s / ratio, lossless=codec.lossless)
