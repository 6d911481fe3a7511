"""``edgent plan``: what would be done on a given link, or over the spec's range of links, and why."""

import json
import math
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.console import Console

from edgent.cli.figure_file import write_figure
from edgent.cli.trace_options import Plot, Slowdown
from edgent.errors import PlanError
from edgent.planning.cost_table import CostTable
from edgent.planning.decision import Decision
from edgent.planning.link import HIGHEST_BANDWIDTH_BPS, Link
from edgent.planning.paper.exit_search import exit_search, paper_search, paper_space
from edgent.planning.situation import check_requirement
from edgent.show.explanation import explain as explanation
from edgent.show.units import kbps, milliseconds
from edgent.spec import Pipeline, read_spec

if TYPE_CHECKING:
    from collections.abc import Callable

    Search = Callable[[CostTable, Link, float], Decision | None]

_WIDTH = 160


def register(application: typer.Typer) -> None:
    """Add the command."""
    application.command()(plan)


def plan(
    spec: Annotated[Path, typer.Argument(help="The pipeline spec, a YAML file.")],
    bandwidth_kbps: Annotated[
        float | None, typer.Option(help="From device to edge; without it a table over the spec's range.")
    ] = None,
    download_kbps: Annotated[
        float | None, typer.Option(help="From edge to device; as --bandwidth-kbps unless given.")
    ] = None,
    round_trip_ms: Annotated[
        float | None, typer.Option(help="Of an empty request; else the spec's range.round_trip_ms.")
    ] = None,
    latency_ms: Annotated[float | None, typer.Option(help="Latency requirement; else the spec's.")] = None,
    algorithm: Annotated[
        Literal["ours", "paper"],
        typer.Option(help="Algorithm 1 over all plans, or as printed: never edge-only, nothing compressed."),
    ] = "ours",
    slowdown: Slowdown = 1.0,
    top: Annotated[int, typer.Option(min=1, max=1000, help="Plans to list, the chosen one included.")] = 6,
    explain: Annotated[bool, typer.Option("--explain", help="Say why, in two sentences.")] = False,
    plot: Plot = None,
    as_json: Annotated[bool, typer.Option("--json", help="The same as JSON.")] = False,
) -> None:
    """Show which exit to stop at and where to cut its path, with predicted times.

    It plans from the profiles of both nodes (`edgent profile`), as the device does when it runs.
    """
    from edgent.latency.loading import load_cost_table
    from edgent.network import Network

    pipeline = read_spec(spec)
    candidates = load_cost_table(Network.open(pipeline), slowdown)
    round_trip_s = (pipeline.range.round_trip_ms if round_trip_ms is None else round_trip_ms) / 1e3
    search = exit_search if algorithm == "ours" else paper_search
    requirements_s = _requirements_s(pipeline, latency_ms, over_range=bandwidth_kbps is None)
    _check_possible(candidates, requirements_s, round_trip_s)
    console = Console()
    console = Console(width=max(console.width, _WIDTH))
    if bandwidth_kbps is None:
        if download_kbps is not None or explain:
            raise PlanError("--download-kbps and --explain are about one link: give --bandwidth-kbps as well")
        _show_range(pipeline, candidates, round_trip_s, requirements_s, search, as_json, console)
    else:
        link = _link(round_trip_s, bandwidth_kbps, download_kbps)
        decision = search(candidates, link, requirements_s[0])
        if as_json:
            typer.echo(json.dumps(_situation_json(candidates, link, requirements_s[0], decision), indent=2))
        else:
            _show_link(candidates, link, requirements_s[0], decision, algorithm, top, console)
        if explain and decision is not None:
            said = explanation(candidates, link, requirements_s[0], decision)
            Console(stderr=as_json).print(said, highlight=False, soft_wrap=True)
    if plot is not None:
        from edgent.show.plan_figure import plan_figure

        low_kbps, high_kbps = pipeline.range.bandwidth_kbps
        figure = plan_figure(
            candidates,
            (1e3 * low_kbps, 1e3 * high_kbps),
            max(pipeline.range.latency_requirements_ms) / 1e3,
            _requirements_s(pipeline, latency_ms, over_range=False)[0],
            round_trip_s,
            search,
        )
        write_figure(figure, plot)
        Console(stderr=as_json).print(f"drawn: {plot}", highlight=False)


def _requirements_s(pipeline: Pipeline, latency_ms: float | None, *, over_range: bool) -> list[float]:
    if latency_ms is not None:
        check_requirement(latency_ms / 1e3)
        return [latency_ms / 1e3]
    if over_range:
        return [requirement_ms / 1e3 for requirement_ms in sorted(pipeline.range.latency_requirements_ms)]
    return [pipeline.latency_requirement_s]


def _check_possible(candidates: CostTable, requirements_s: list[float], round_trip_s: float) -> None:
    """Refuse requirements that no plan meets on any link."""
    fastest = Link(round_trip_s, HIGHEST_BANDWIDTH_BPS, HIGHEST_BANDWIDTH_BPS)
    latency = candidates.latency_s(fastest)
    k = int(latency.argmin())
    if max(requirements_s) < latency[k]:
        raise PlanError(
            f"no plan answers within {milliseconds(max(requirements_s))} on any link: the fastest, "
            f"{candidates.plans[k]}, takes {milliseconds(latency[k])}; ask for that or more"
        )


def _link(round_trip_s: float, upload_kbps: float, download_kbps: float | None) -> Link:
    highest_kbps = HIGHEST_BANDWIDTH_BPS / 1e3
    for option, value in (("--bandwidth-kbps", upload_kbps), ("--download-kbps", download_kbps)):
        if value is not None and not (math.isfinite(value) and 0 < value <= highest_kbps):
            raise PlanError(f"{option} {value:g}: expected more than 0 and at most {highest_kbps:g} kbit/s")
    return Link(round_trip_s, 1e3 * upload_kbps, 1e3 * (download_kbps or upload_kbps))


def _show_range(
    pipeline: Pipeline,
    candidates: CostTable,
    round_trip_s: float,
    requirements_s: list[float],
    search: "Search",
    as_json: bool,
    console: Console,
) -> None:
    """The chosen plan at round bandwidths, for each requirement."""
    from edgent.show.domination_lines import domination_lines
    from edgent.show.range_table import range_table, round_bandwidths_bps

    low_kbps, high_kbps = pipeline.range.bandwidth_kbps
    bandwidths_bps = round_bandwidths_bps(1e3 * low_kbps, 1e3 * high_kbps)
    links = [Link(round_trip_s, bps, bps) for bps in bandwidths_bps]
    decisions = [[search(candidates, link, needed_s) for needed_s in requirements_s] for link in links]
    if as_json:
        rows = [
            _situation_json(candidates, link, needed_s, decision)
            for link, row in zip(links, decisions, strict=True)
            for needed_s, decision in zip(requirements_s, row, strict=True)
        ]
        typer.echo(json.dumps(rows, indent=2))
        return
    console.print(range_table(decisions, bandwidths_bps, requirements_s, round_trip_s))
    for line in domination_lines(candidates):
        console.print(line, highlight=False)


def _show_link(
    candidates: CostTable,
    link: Link,
    requirement_s: float,
    decision: Decision | None,
    algorithm: str,
    top: int,
    console: Console,
) -> None:
    """The chosen plan, the next ones, and some to compare it with."""
    from edgent.planning.ranking import ranking, shortlist
    from edgent.show.domination_lines import domination_lines
    from edgent.show.plan_table import plan_table

    allowed = paper_space(candidates) if algorithm == "paper" else None
    order = ranking(candidates, link, requirement_s, allowed)
    within = f"within {milliseconds(requirement_s)} at {kbps(link.upload_bps)}"
    console.print(
        plan_table(candidates, link, requirement_s, shortlist(candidates, order, top, decision)),
    )
    if decision is None:
        console.print(f"The paper's algorithm answers NULL: none of its plans is done {within}.")
    elif not decision.meets_requirement:
        console.print(f"No plan answers {within}: the fastest was chosen.", style="yellow", highlight=False)
    for line in domination_lines(candidates):
        console.print(line, highlight=False)


def _situation_json(
    candidates: CostTable, link: Link, requirement_s: float, decision: Decision | None
) -> dict[str, Any]:
    """A decision in SI units; the plan is null where the paper's algorithm answers NULL."""
    situation: dict[str, Any] = {"link": asdict(link), "latency_requirement_s": requirement_s, "plan": None}
    if decision is not None:
        parts = candidates.parts(link, decision.index)
        situation |= {
            "plan": str(decision.plan),
            "latency_s": decision.latency_s,
            "meets_requirement": decision.meets_requirement,
            "accuracy": float(candidates.accuracy[decision.index]),
            "reason": decision.reason,
            "parts": {"round_trip_s": parts.round_trip_s}
            | {f"{step.name.lower()}_s": seconds for step, seconds in parts.seconds.items()},
        }
    return situation
