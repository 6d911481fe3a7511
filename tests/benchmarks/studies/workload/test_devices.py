"""The devices' specs: ours, and ours without a part, for a device that is slower than the profiled one."""

import shutil
from pathlib import Path

import pytest

from benchmarks.studies.workload.devices import BEFORE, make_device, write_ours
from benchmarks.studies.workload.methods import OURS
from benchmarks.testbed.plan_costs import plan_costs
from benchmarks.testbed.trial import open_trial
from edgent.latency.loading import load_cost_table
from edgent.network import Network
from edgent.planning.cost_table import CostTable
from edgent.planning.plan import Plan
from edgent.spec import read_spec

PIPELINES = Path(__file__).parents[4] / "pipelines"
FEATURES = {"p00-p36-4ch", "p00-p24-8ch", "p24-16ch", "p24-32ch"}


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> dict[str, CostTable]:
    """Of every runtime, the plans that it looks at."""
    ours = write_ours(read_spec(PIPELINES / "flowers.yaml"), tmp_path_factory.mktemp("workload"))
    for node in ("device", "edge"):
        shutil.copy(PIPELINES / "flowers" / f"{node}.yaml", ours.with_name(f"{node}.yaml"))
    device = make_device(ours, 20.0, 1.0)
    return {name: load_cost_table(open_trial(file)) for name, file in device.specs.items()}


def test_the_device_is_slower_and_the_edge_is_not(tables: dict[str, CostTable], tmp_path: Path) -> None:
    """In layers and codecs."""
    profiled = load_cost_table(Network.open(read_spec(PIPELINES / "flowers.yaml"), tmp_path))
    for name in ("exit6:p0", "exit6:p45:jpeg50:float32"):
        plan = Plan.parse(name)
        slow, quick = (plan_costs(table, plan) for table in (tables[BEFORE], profiled))
        assert slow.device_s == pytest.approx(20 * quick.device_s, rel=0.01)
        assert slow.edge_s == pytest.approx(quick.edge_s)


def test_each_part_is_left_out_by_itself(tables: dict[str, CostTable]) -> None:
    """Windows but those that feature codecs make, feature codecs, shallower exits; a hedge is in no plan."""
    windows, features = (
        {
            name: {plan for plan in table.plans if plan.start and (plan.codec_up in FEATURES) is learned}
            for name, table in tables.items()
        }
        for learned in (False, True)
    )
    assert windows["without windows"] == windows[BEFORE] == set()
    assert [name for name, found in features.items() if not found] == ["without feature codecs", BEFORE]
    exits = {name: len(table.exits) for name, table in tables.items()}
    assert exits == {name: 1 if name == "without shallower exits" else 6 for name in tables}
    assert next(iter(tables)) == OURS
