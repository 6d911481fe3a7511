"""What each method does on links and requirements."""

import numpy as np
import pytest

from benchmarks.studies.comparison.methods import METHODS
from edgent.planning.cost_table import CostTable
from edgent.planning.costs import CodecCosts, ExitCosts, NetworkCosts
from edgent.planning.link import Link
from edgent.planning.plan import Plan
from edgent.planning.table_building import build_cost_table

SLOW, FAST = Link(0.002, 50e3, 50e3), Link(0.002, 10e6, 10e6)


@pytest.fixture
def costs() -> CostTable:
    """Two exits on a slow device: 0.1 and 0.4 s alone; the edge is a hundred times faster."""

    def exit_(name: str, layers: int, accuracy: float) -> ExitCosts:
        points = np.arange(layers + 1.0)
        return ExitCosts(
            name,
            {("raw", "float32"): accuracy, ("jpeg", "float32"): accuracy - 0.01},
            head_s=points * 1e-3,
            tail_s=(layers - points) * 0.1,
            activation_codecs={"float32": CodecCosts(np.where(points < layers, 400.0, 40.0))},
        )

    inputs = {
        "raw": CodecCosts(3000.0),
        "webp": CodecCosts(1500.0),
        "jpeg": CodecCosts(300.0, lossless=False),
        "float32": CodecCosts(12000.0),
    }
    return build_cost_table(NetworkCosts((exit_("exit1", 1, 0.8), exit_("exit2", 4, 0.9)), inputs))


@pytest.mark.parametrize(
    ("method", "plan"),
    [
        ("device-only", Plan("exit2", 0)),
        ("edge-only float32", Plan("exit2", 4, "float32")),
        ("edge-only raw", Plan("exit2", 4)),
        ("edge-only webp", Plan("exit2", 4, "webp")),
        ("edge-only jpeg", Plan("exit2", 4, "jpeg")),
    ],
)
def test_some_methods_do_the_same_everywhere(costs: CostTable, method: str, plan: Plan) -> None:
    """Always the deepest exit, whatever the link."""
    assert METHODS[method].choose(costs, SLOW, 0.1) == plan
    assert METHODS[method].choose(costs, FAST, 1.0) == plan


def test_partition_only_keeps_the_deepest_exit(costs: CostTable) -> None:
    """On a slow link it stays on the device, on a fast one it cuts as late as it may."""
    assert METHODS["partition-only"].choose(costs, SLOW, 0.01) == Plan("exit2", 0)
    assert METHODS["partition-only"].choose(costs, FAST, 0.01) == Plan("exit2", 3, "float32")


def test_right_sizing_only_takes_the_deepest_exit_in_time(costs: CostTable) -> None:
    """Or finds nothing."""
    choose = METHODS["right-sizing-only"].choose
    assert choose(costs, FAST, 0.5) == Plan("exit2", 0)
    assert choose(costs, FAST, 0.2) == Plan("exit1", 0)
    assert choose(costs, FAST, 0.05) is None


def test_the_papers_edgent_finds_nothing_where_nothing_is_in_time(costs: CostTable) -> None:
    """Its NULL; and where it finds something, the tensors are floats and the edge is never alone."""
    choose = METHODS["paper's Edgent"].choose
    assert choose(costs, SLOW, 0.05) is None
    plan = choose(costs, FAST, 0.3)
    assert plan == Plan("exit2", 3, "float32")
