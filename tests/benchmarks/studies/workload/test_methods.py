"""The plans of each method, of the flowers' table."""

from pathlib import Path

import pytest

from benchmarks.studies.workload.conditions import are_ablated, conditions, quick_conditions
from benchmarks.studies.workload.kinds import DEVICE, EDGE, EDGE_FIRST, FEATURES, WINDOW, kind_of
from benchmarks.studies.workload.methods import METHODS, counts
from edgent.latency.loading import load_costs
from edgent.network import Network
from edgent.planning.cost_table import CostTable
from edgent.planning.link import Link
from edgent.planning.plan import Plan
from edgent.planning.plan_space import plan_space
from edgent.planning.table_building import build_cost_table
from edgent.spec import read_spec

FLOWERS = Path(__file__).parents[4] / "pipelines" / "flowers.yaml"


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> CostTable:
    """Everything that a method may choose, as profiled."""
    network = Network.open(read_spec(FLOWERS), tmp_path_factory.mktemp("cache"))
    costs = load_costs(network, windows=True)
    layers = {path.exit_name: len(path.layers) for path in network.graph.paths}
    return build_cost_table(costs, 0, 0, (one for one in plan_space(costs) if counts(one, layers)))


def test_the_plans_of_each_method(table: CostTable) -> None:
    """On a quick link and a slow one."""
    quick, slow = Link(0.001, 1e9, 1e9), Link(0.001, 50e3, 50e3)
    chosen = {
        name: [[str(plan) for plan in method.choose(table.slowed(20), link, 0.2)] for link in (quick, slow)]
        for name, method in METHODS.items()
    }
    assert chosen["device-only"] == [["exit6:p0"]] * 2
    assert chosen["device-only, exit rule"] == [[], []], "the shipped pipeline has no rule"
    assert len(chosen["deepest local exit"][0]) == 6
    assert {plan.split(":")[2] for plan in chosen["edge-only, best codec"][0] if plan.count(":") > 1} >= {
        "jpeg",
        "avif40",
    }
    assert chosen["Neurosurgeon"] == [["exit6:p45"], ["exit6:p0"]]
    assert chosen["paper's Edgent"][1][0].endswith(":p0")


def test_kinds_of_plans() -> None:
    """By what crosses, and where."""
    kinds = {
        "exit6:p0": DEVICE,
        "exit6:p45:jpeg:float32": EDGE,
        "exit6:p20:jpeg:float32": EDGE_FIRST,
        "exit6:p24-p45:p24-32ch:float32": FEATURES,
        "exit6:p24-p45:uint8:float32": WINDOW,
    }
    assert {name: kind_of(Plan.parse(name), {"p24-32ch"}, 45) for name in kinds} == kinds


def test_conditions_are_kept_apart() -> None:
    """Each has a file of its own, and on some ours is run without its parts."""
    every = conditions()
    assert len({one.file_name for one in every}) == len(every) == 32
    assert sum(map(are_ablated, every)) == 4
    assert set(quick_conditions()) & set(every)
    assert str(every[0]) == "20x, 50 kbps, 2 ms"
    assert every[12].link == "100 kbps, down 1,000, 2 ms"
