"""How long one decision takes, for every planner and policy: `python -m benchmarks.studies.decisions`."""

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np
import typer
from rich.console import Console
from rich.table import Table

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
    spec: Annotated[Path, typer.Argument(help="A profiled pipeline.")] = Path("pipelines/alexnet.yaml"),
    rounds: Annotated[int, typer.Option(min=1, help="Passes over all links and requirements.")] = 20,
) -> None:
    """Time single decisions over many links and requirements, all planners in turn; the median counts."""
    candidates = load_cost_table(Network.open(read_spec(spec)), _SLOWDOWN)
    links = [Link(0.002, float(bps), float(bps)) for bps in np.geomspace(5e4, 1e7, 20)]
    times_s: dict[str, list[float]] = {}
    for _ in range(rounds):
        for link in links:
            for requirement_s in _REQUIREMENTS_S:
                for name, decide in _planners(candidates, link, requirement_s).items():
                    began_s = time.perf_counter()
                    decide()
                    times_s.setdefault(name, []).append(time.perf_counter() - began_s)
    table = Table(
        title=f"one decision among {len(candidates)} candidates of {spec.stem}", title_justify="left"
    )
    table.add_column("planner")
    for name in ("median µs", "p99 µs"):
        table.add_column(name, justify="right")
    for name, taken_s in times_s.items():
        table.add_row(name, f"{np.median(taken_s) * 1e6:.1f}", f"{np.quantile(taken_s, 0.99) * 1e6:.0f}")
    Console().print(table)


def _planners(candidates: CostTable, link: Link, requirement_s: float) -> dict[str, Callable[[], object]]:
    """What is timed, each ready to decide."""
    decision = exit_search(candidates, link, requirement_s)
    planners: dict[str, Callable[[], object]] = {
        "Algorithm 1, ours": lambda: exit_search(candidates, link, requirement_s),
        "Algorithm 1, the paper's": lambda: paper_search(candidates, link, requirement_s),
        "the range in which a plan is best": lambda: best_range(candidates, link, requirement_s, decision),
    }
    local_exits = Conditions(candidates, requirement_s, link.round_trip_s).local_exits
    policies: dict[str, Policy] = {
        "expected": ExpectedReward(),
        "chance": ChanceConstrained(),
        "hedged": Hedged(local_exits),
    }
    forecasts: dict[str, Forecast] = {
        "moving average": MovingAverageForecast(),
        "change point": ChangePointForecast(ChangePointPrior()),
    }
    for of_forecast, forecast in forecasts.items():
        forecast.update(link.upload_bps)
        situation = Situation(link, requirement_s, forecast)
        for name, policy in policies.items():
            planners[f"{name}, {of_forecast}"] = partial(policy.decide, candidates, situation)
    return planners


if __name__ == "__main__":
    typer.run(main)
