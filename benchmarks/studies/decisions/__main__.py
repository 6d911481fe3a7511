"""How long a decision takes: single decisions over many links and requirements, all planners in turn."""

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np
import typer

from benchmarks.studies.study import PIPELINES, Out, Report, Study, Table, run
from edgent.bandwidth.change_point import ChangePointForecast, ChangePointPrior
from edgent.bandwidth.moving_average import MovingAverageForecast
from edgent.latency.loading import load_cost_table
from edgent.network import Network
from edgent.planning.best_range import best_range
from edgent.planning.cost_table import CostTable
from edgent.planning.link import Link
from edgent.planning.paper.exit_search import exit_search, paper_search
from edgent.planning.policies.chance import ChanceConstrained
from edgent.planning.policies.expected import ExpectedReward
from edgent.planning.policies.hedged import Hedged
from edgent.planning.situation import Situation
from edgent.replay.conditions import Conditions
from edgent.spec import read_spec

if TYPE_CHECKING:
    from edgent.bandwidth.forecast import Forecast
    from edgent.planning.policies.policy import Policy

_REQUIREMENTS_S = (0.05, 0.1, 0.2, 0.5, 1.0)
_SLOWDOWN = 30.0


def main(
    spec: Annotated[Path, typer.Argument(help="A profiled pipeline.")] = PIPELINES / "alexnet.yaml",
    rounds: Annotated[int, typer.Option(min=1, help="Passes over all links and requirements.")] = 20,
    out: Out = None,
) -> None:
    """Time single decisions of all planners in turn; the median counts."""
    study = Study("decisions", out)
    costs = load_cost_table(Network.open(read_spec(spec)), _SLOWDOWN)
    links = [Link(0.002, float(bps), float(bps)) for bps in np.geomspace(5e4, 1e7, 20)]
    times_s: dict[str, list[float]] = {}
    with study.bar("decisions") as tell:
        for number in range(rounds):
            tell("", number / rounds)
            for link in links:
                for requirement_s in _REQUIREMENTS_S:
                    for name, decide in _planners(costs, link, requirement_s).items():
                        began_s = time.perf_counter()
                        decide()
                        times_s.setdefault(name, []).append(time.perf_counter() - began_s)
    rows = [
        (name, f"{np.median(taken_s) * 1e6:.1f}", f"{np.quantile(taken_s, 0.99) * 1e6:.0f}")
        for name, taken_s in times_s.items()
    ]
    title = f"A decision among {len(costs)} plans of {spec.stem}"
    report = Report(tables=[Table(title, ("planner", "median µs", "p99 µs"), rows)])
    study.write(report)
    study.show(report)


def _planners(costs: CostTable, link: Link, requirement_s: float) -> dict[str, Callable[[], object]]:
    """What is timed, each ready to decide."""
    decision = exit_search(costs, link, requirement_s)
    planners: dict[str, Callable[[], object]] = {
        "Algorithm 1, ours": lambda: exit_search(costs, link, requirement_s),
        "Algorithm 1, the paper's": lambda: paper_search(costs, link, requirement_s),
        "the range in which a plan is best": lambda: best_range(costs, link, requirement_s, decision),
    }
    local_exits = Conditions(costs, requirement_s, link.round_trip_s).local_exits
    policies: dict[str, Policy] = {
        "expected": ExpectedReward(),
        "chance": ChanceConstrained(),
        "hedged": Hedged(),
    }
    forecasts: dict[str, tuple[Forecast, Forecast]] = {
        "moving average": (MovingAverageForecast(), MovingAverageForecast()),
        "change point": (ChangePointForecast(ChangePointPrior()), ChangePointForecast(ChangePointPrior())),
    }
    for of_forecast, (up, down) in forecasts.items():
        up.update(link.upload_bps)
        down.update(link.download_bps)
        situation = Situation(link, requirement_s, up, local_exits=local_exits, download_forecast=down)
        for name, policy in policies.items():
            planners[f"{name}, {of_forecast}"] = partial(policy.decide, costs, situation)
    return planners


if __name__ == "__main__":
    run(main)
