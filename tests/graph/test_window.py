"""Windows of a path: both sides, and the exits that share them."""

from pathlib import Path

import pytest

from edgent.errors import PlanError
from edgent.graph.reading import read_branchy_graph
from edgent.graph.window import Window


def test_a_window_names_what_goes_up_and_what_comes_down(chain_network: Path) -> None:
    """The tensors at its two cuts."""
    graph = read_branchy_graph(chain_network)
    for path in graph.paths:
        for start in path.partition_points:
            for stop in path.partition_points[start + 1 :]:
                window = Window.of(graph, path.index, start, stop)
                assert (window.tensor_up, window.tensor_down) == (path.cut(start), path.cut(stop))
                assert path.index in window.exits


def test_exits_whose_paths_agree_share_a_window(chain_network: Path) -> None:
    """In the trunk it is the same object's equal for both exits; in a branch it is the exit's own."""
    graph = read_branchy_graph(chain_network)
    first, last = graph.paths[0], graph.paths[-1]
    shared = Window.of(graph, 0, 0, first.leaves_after)
    assert shared == Window.of(graph, last.index, 0, first.leaves_after)
    assert shared.exits == tuple(range(len(graph.paths)))
    own = Window.of(graph, 0, first.leaves_after - 1, len(first.layers))
    assert (own.exit_index, own.exits) == (0, (0,))


@pytest.mark.parametrize(("start", "stop"), [(2, 2), (3, 2)])
def test_a_window_has_layers(chain_network: Path, start: int, stop: int) -> None:
    """An empty one is device-only and no window."""
    with pytest.raises(PlanError, match="are none"):
        Window.of(read_branchy_graph(chain_network), 0, start, stop)
