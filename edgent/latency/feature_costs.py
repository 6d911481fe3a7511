"""What the feature codecs of a path cost: measured where profiles have them, else by their work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgent.latency.places import Place
from edgent.planning.feature_costs import FeatureCosts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edgent.graph.branchy_graph import BranchyGraph
    from edgent.latency.profile import NodeProfile
    from edgent.network import Network


def feature_costs(
    network: Network,
    exit_name: str,
    device: NodeProfile,
    edge: NodeProfile,
    lost: Mapping[str, float],
) -> dict[str, FeatureCosts]:
    """The costs of every feature codec on an exit's path whose accuracy is known, by name.

    Args:
        network: with the codecs that its spec names.
        exit_name: the exit.
        device: the device's profile.
        edge: the edge's profile.
        lost: what the exit loses behind codecs, by the names of their codes.
    """
    costs = {}
    for jump in network.jumps(exit_name):
        codec = network.feature_codecs[jump.codec]
        record, code = codec.record, codec.code.name
        if code not in lost:
            continue
        sender, receiver = (device, edge) if jump.is_up else (edge, device)
        sent, received = sender.feature_by_code.get(code), receiver.feature_by_code.get(code)
        costs[jump.codec] = FeatureCosts(
            jump,
            record.bytes_mean if sent is None else sent.size_bytes,
            _work_s(sender, network.graph, record.encoder_macs) if sent is None else sent.timing.time_s,
            _work_s(receiver, network.graph, record.decoder_macs)
            if received is None
            else received.timing.time_s,
            lost[code],
            predicted=sent is None or received is None,
        )
    return costs


def _work_s(profile: NodeProfile, graph: BranchyGraph, macs: int) -> float:
    """Seconds of so many multiply-accumulates on a node that does them as quickly as the deepest path's."""
    deepest = graph.paths[-1]
    whole = Place.of(graph, deepest.index, 0, len(deepest.layers))
    return profile.timing(whole).time_s * macs / max(deepest.macs, 1)
