"""A device that is slow by what its profile says, and by no machine."""

from pathlib import Path

import pytest

from benchmarks.studies.load.slow_device import SleepingSessions, device_s, write_slow_spec
from benchmarks.studies.study import PIPELINES
from edgent.latency.loading import load_cost_table
from edgent.network import Network
from edgent.planning.plan import Plan
from edgent.planning.stages import Step, run_on_device
from edgent.spec import read_spec


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    """LeNet within half a second, with an edge that takes 100 ms."""
    return write_slow_spec(read_spec(PIPELINES / "lenet.yaml"), tmp_path, 0.1, 0.5)


def test_profiles_say_what_layers_take(spec: Path) -> None:
    """The shallow exit fits into the requirement, the deepest only on the edge."""
    network = Network.open(read_spec(spec))
    table, layers = load_cost_table(network), len(network.graph.paths[-1].layers)
    shallow, deep = (
        table.seconds[Step.RUN_DEVICE, table.index_of(Plan(name, 0))] for name in ("exit1", "exit2")
    )
    assert shallow == pytest.approx(device_s(network.graph, "exit1", 0, len(network.graph.paths[0].layers)))
    assert shallow < 0.2
    assert deep > 0.5
    whole = table.index_of(Plan("exit2", layers))
    assert table.seconds[Step.RUN_EDGE, whole] == pytest.approx(0.1)


def test_pieces_take_as_long_as_the_whole(spec: Path) -> None:
    """Wherever a path is cut."""
    graph = Network.open(read_spec(spec)).graph
    layers = len(graph.paths[-1].layers)
    for cut in range(layers + 1):
        pieces_s = device_s(graph, "exit2", 0, cut) + device_s(graph, "exit2", cut, layers)
        assert pieces_s == pytest.approx(device_s(graph, "exit2", 0, layers))


def test_layers_sleep(spec: Path) -> None:
    """For as long as the profile says, from the first run on."""
    network = Network.open(read_spec(spec))
    sessions = SleepingSessions(network)
    path = network.graph.path_of("exit1")
    runs_s = sessions.times_of(run_on_device("exit1", 0, len(path.layers))).runs_s
    assert runs_s == pytest.approx([device_s(network.graph, "exit1", 0, len(path.layers))] * len(runs_s))
