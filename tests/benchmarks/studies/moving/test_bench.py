"""What is asked on a trace, with a rig and runtimes that only note what they are told."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
import pytest

from benchmarks.studies.moving import bench
from benchmarks.studies.moving.bench import Bench, by_number
from benchmarks.studies.moving.measure import Watched
from benchmarks.studies.workload.answered import Answered, Subject
from benchmarks.studies.workload.asking import Photos
from benchmarks.studies.workload.devices import BEFORE, Device
from benchmarks.studies.workload.methods import AGAIN, EDGE_ONLY, LOCAL_EXIT, OURS, SMALL, STOCK
from benchmarks.testbed.rig import KnownLink
from benchmarks.testbed.trial import open_trial, write_changed
from edgent.bandwidth.traces import BandwidthTrace
from edgent.latency.loading import load_costs
from edgent.planning.cost_table import CostTable
from edgent.planning.link import Link
from edgent.planning.plan import Plan
from edgent.planning.plan_space import plan_space
from edgent.planning.table_building import build_cost_table
from edgent.spec import read_spec

if TYPE_CHECKING:
    from benchmarks.studies.workload.asking import Asking

LENET = Path(__file__).parents[4] / "pipelines" / "lenet.yaml"
TRACE = BandwidthTrace("a", np.arange(2.0), np.ones(2), np.array([0.0, 4e6]), np.array([2e6, 2e6]))


class Noting:
    """Stands for `Asking` and its rig: answers at once, and notes in which order what happens."""

    def __init__(self, ours: Path) -> None:
        self.rig, self.noted = self, list[str]()
        costs = load_costs(open_trial(ours))
        alone = (one for one in plan_space(costs) if not one.plan.remote)
        self._pruned = build_cost_table(costs, 0, 0, alone)

    def set_rate(self, up_bps: float, down_bps: float) -> None:
        """As of `Rig`."""
        self.noted.append(f"rate {up_bps:g} {down_bps:g}")

    def open(self, name: str, _spec: Path) -> KnownLink:
        """A runtime whose own table has lost all plans of the edge, as others are better for it."""
        self.noted.append(f"open {name}")
        return KnownLink(Link(0.001, 2e6, 2e6), self._pruned, "http", (100, 100))

    def wake(self, plan: Plan) -> None:
        """As of `Rig`."""
        self.noted.append(f"wake {plan}")

    def given(self, plan: Plan, _table: CostTable) -> Callable[[int], Answered]:
        """As of `Asking`."""
        return self._answers(str(plan))

    def stock(self, _table: CostTable) -> Callable[[int], Answered]:
        """As of `Asking`."""
        return self._answers(STOCK)

    def small(self, number: int) -> Answered:
        """As of `Asking`."""
        return self._answers(SMALL)(number)

    def own_choice(self, subject: Subject, _costs: CostTable, *, settles: bool) -> Callable[[int], Answered]:
        """As of `Asking`."""
        assert not settles
        return self._answers(subject.name)

    def _answers(self, name: str) -> Callable[[int], Answered]:
        def ask(_number: int) -> Answered:
            self.noted.append(f"ask {name}")
            return Answered(name, name, 0.01, 0.9, True, 0, 0, 0.0)

        return ask


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A spec whose network is small."""
    return write_changed(read_spec(LENET), tmp_path_factory.mktemp("trial") / "ours.yaml")


@pytest.fixture
def noting(ours: Path) -> Noting:
    """A rig and runtimes."""
    return Noting(ours)


@pytest.fixture
def watched(ours: Path, noting: Noting, monkeypatch: pytest.MonkeyPatch) -> list[Watched]:
    """Everything that is asked on a trace, for two photos each."""
    monkeypatch.setattr(bench, "on_trace", lambda _rig, _link, ask, _pause_s: [ask(0), ask(1)])
    monkeypatch.setattr(bench, "speed_s", lambda: 0.001)
    device = Device(1.0, {OURS: ours, BEFORE: ours})
    return [
        *Bench(cast("Asking", noting), Photos([ours], ["0"]), device, [0.1], lambda *_: None).on_link(TRACE)
    ]


def test_every_method_has_its_turn(watched: list[Watched]) -> None:
    """Edge-only with codecs that ours has no use for, too; the control is the deepest exit's second name."""
    assert [(one.method, one.plan, one.requirement_s) for one in watched] == [
        (STOCK, "", None),
        (SMALL, "", None),
        (LOCAL_EXIT, "exit1:p0", None),
        (LOCAL_EXIT, "exit2:p0", None),
        (EDGE_ONLY, "exit2:p12", None),
        (EDGE_ONLY, "exit2:p12:webp:float32", None),
        (EDGE_ONLY, "", 0.1),
        (OURS, "", 0.1),
        (BEFORE, "", 0.1),
        (AGAIN, "exit2:p0", None),
    ]
    assert all(one.trace == "a" and one.speed_s == 0.001 for one in watched)


@pytest.mark.usefixtures("watched")
def test_the_edge_is_awake_before_the_link_moves(noting: Noting) -> None:
    """On a link of the mean rates; runtimes that plan by themselves are opened on such a link, too."""
    first_photo = noting.noted.index(f"ask {STOCK}")
    assert noting.noted[:2] == ["rate 2e+06 2e+06", f"open {OURS}"]
    assert {note for note in noting.noted if note.startswith("wake")} == set(
        noting.noted[2 : first_photo - 1]
    )
    opened = [k for k, note in enumerate(noting.noted) if note.startswith("open")]
    assert all(noting.noted[k - 1] == "rate 2e+06 2e+06" for k in opened)


@pytest.mark.usefixtures("watched")
def test_every_method_has_photos_that_do_not_count(noting: Noting) -> None:
    """Of six in a row two are watched."""
    stock = noting.noted.index(f"ask {STOCK}")
    assert noting.noted[stock - 1 : stock + 7] == [
        "rate 2e+06 2e+06",
        *[f"ask {STOCK}"] * 6,
        "rate 2e+06 2e+06",
    ]
    assert noting.noted[-7:] == ["rate 2e+06 2e+06", *["ask exit2:p0"] * 6]


def test_each_photo_has_a_plan_of_its_own(noting: Noting) -> None:
    """By its number, in whatever order photos are asked for."""
    plans = [Plan("exit2", 12), Plan("exit2", 12, "webp")]
    table = noting.open(OURS, Path()).costs
    ask = by_number([noting.given(plan, table) for plan in plans])
    assert [ask(number).wanted for number in (1, 0, 3)] == [str(plans[k]) for k in (1, 0, 1)]
