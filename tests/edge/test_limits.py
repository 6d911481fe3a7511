"""Worker timeouts and queues from measured times."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from edgent.core.wire import LARGEST_OVERHEAD_BYTES
from edgent.edge.limits import ServingLimits, edge_profile, largest_frame_bytes, serving_limits
from edgent.errors import PlanError
from edgent.network import Network
from edgent.spec import read_spec

if TYPE_CHECKING:
    from edgent.latency.places import Place

LENET = Path(__file__).parents[2] / "pipelines" / "lenet.yaml"


def _profile(head_s: float | None) -> Any:
    """An edge on which every head takes so long, or was never measured."""

    def timing(place: Place) -> SimpleNamespace:
        if head_s is None:
            raise PlanError(f"{place} was not measured")
        return SimpleNamespace(time_s=head_s)

    return SimpleNamespace(timing=timing)


@pytest.mark.parametrize(
    ("head_s", "limits"),
    [
        (None, ServingLimits(20, 100)),  # not measured
        (1e-6, ServingLimits(5, 100)),  # both at their bounds
        (5e-3, ServingLimits(7, 100)),  # 20 times a batch of 64: 6.4 s
        (13e-3, ServingLimits(17, 76)),  # one second holds 76
        (10.0, ServingLimits(20, 1)),  # one may always wait
    ],
)
def test_limits_follow_the_heads_time(
    tiny_network: Network, head_s: float | None, limits: ServingLimits
) -> None:
    """Twenty times the largest batch; as many waiting as the longest requirement (1 s here) has room for."""
    assert serving_limits(tiny_network, _profile(head_s), 1, 2) == limits


def test_frames_follow_the_tensors(tiny_network: Network) -> None:
    """Four bytes an element of the input (3x8x8) or of the cut (4x8x8 and 4x4x4), whichever is larger."""
    graph = tiny_network.graph
    crossing = [graph.head(1, point).tensor for point in (2, 4)]
    assert [tensor.shape for tensor in crossing] == [(4, 8, 8), (4, 4, 4)]
    sizes = [largest_frame_bytes((graph.source, cut)) - LARGEST_OVERHEAD_BYTES for cut in crossing]
    assert sizes == [4 * 4 * 8 * 8, 4 * 3 * 8 * 8]


def test_without_a_profile(tiny_network: Network) -> None:
    """A spec that names none, or none for this model, gets TorchServe's usual limits."""
    assert edge_profile(tiny_network) is None
    assert serving_limits(tiny_network, None, 1, 2) == ServingLimits()


def test_the_shipped_profile_is_used(tmp_path: Path) -> None:
    """LeNet's heads take a fraction of a millisecond: the shortest timeout, the longest queue."""
    network = Network.open(read_spec(LENET), tmp_path)
    profile = edge_profile(network)
    assert profile is not None
    assert serving_limits(network, profile, 1, 11) == ServingLimits(5, 100)
