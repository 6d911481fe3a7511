"""The pieces between exits: none is run twice, and together they are the network."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from device_runtime.local_exits.exit_segments import ExitSegments
from device_runtime.local_exits.sessions import Sessions
from edgent.network import Network
from edgent.spec import read_spec
from tests.cuts import noise

PIPELINES = Path(__file__).parents[3] / "pipelines"
EXACT = {"lenet": 0.0, "alexnet": 0.0, "flowers": 1e-5}
"""Of logits: onnxruntime rounds differently where a cut parts joined layers (docs/laboratory/windows.md)."""


@pytest.mark.parametrize("pipeline", ["lenet", "alexnet", "flowers"])
def test_every_exit_answers_as_the_unsplit_network(pipeline: str, tmp_path: Path) -> None:
    """Piece by piece from the input, and from a point inside the trunk, with each piece run once."""
    network = Network.open(read_spec(PIPELINES / f"{pipeline}.yaml"), tmp_path)
    sessions, segments = Sessions(network), ExitSegments(network.graph)
    image = noise(network)[:1]
    tensor, first = image, {}
    start = 0
    for way in segments.ahead(0):
        tensor = tensor if way.trunk is None else sessions.run(way.trunk, tensor)
        source = image if way.from_input else tensor
        logits = source if way.branch is None else sessions.run(way.branch, source)
        whole = sessions.run(segments.to(way.exit, 0)[0], image)
        np.testing.assert_allclose(logits, whole, rtol=0, atol=EXACT[pipeline])
        first[way.exit] = logits
        if start == 0 and way.trunk is not None:
            start, activation = way.trunk.stop, tensor
    for name in (way.exit for way in segments.ahead(start) if not way.from_input):
        output = activation
        for stage in segments.to(name, start):
            output = sessions.run(stage, output)
        np.testing.assert_array_equal(output, first[name])  # bit for bit what the same pieces gave


def test_pieces_join_without_gap_or_overlap(tiny_network: Network) -> None:
    """Of the trunk from any point on, to every exit that leaves it behind that."""
    graph = tiny_network.graph
    segments, trunk = ExitSegments(graph), graph.paths[-1]
    for start in range(len(trunk.layers) + 1):
        at = start
        for way in segments.ahead(start):
            if way.trunk is not None:
                assert (way.trunk.exit, way.trunk.start) == (trunk.exit_name, at)
                at = way.trunk.stop
            path = graph.path_of(way.exit)
            assert at == path.leaves_after
            ends = (at, at) if way.branch is None else (way.branch.start, way.branch.stop)
            assert ends == (path.leaves_after, len(path.layers))


def test_from_inside_a_branch_only_its_own_exit_answers(tiny_network: Network) -> None:
    """In one stage; from the input in one stage, too."""
    path = tiny_network.graph.paths[0]
    segments = ExitSegments(tiny_network.graph)
    for start in (0, path.leaves_after + 1):
        [stage] = segments.to(path.exit_name, start)
        assert (stage.start, stage.stop) == (start, len(path.layers))
    stages = segments.to("exit2", 1)
    assert [stage.start for stage in stages] == [1, path.leaves_after]
