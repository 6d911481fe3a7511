"""``edgent plan``: the plan that is chosen on a link, or over the spec's range of links, and why."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console

from edgent.cli.figure_file import write_figure
from edgent.cli.json_option import AsJsonOption
from edgent.cli.plan_options import (
    AlgorithmOption,
    BandwidthKbpsOption,
    DownloadKbpsOption,
    EdgeOption,
    ExplainOption,
    LatencyMsOption,
    LeastAccuracyOption,
    ObjectiveOption,
    ParetoOption,
    RoundTripMsOption,
    TopOption,
)
from edgent.cli.possible_requirement import check_possible
from edgent.cli.spec_file import SpecFileOrName, of_named_edge
from edgent.cli.trace_options import Plot, Slowdown
from edgent.command_line import add_command
from edgent.errors import PlanError
from edgent.fitted_table import print_fitted, table_console
from edgent.planning.cost_table import CostTable
from edgent.planning.costs import BoolArray
from edgent.planning.decision import Decision
from edgent.planning.link import Link
from edgent.planning.objective import Objective, ObjectiveName
from edgent.planning.paper.exit_search import paper_search, paper_space
from edgent.show.edge_lines import plan_lines
from edgent.show.explanation import explain as explanation
from edgent.show.same_machine_lines import same_machine_lines
from edgent.spec import Pipeline, read_spec
from edgent.units import kbps, milliseconds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from matplotlib.figure import Figure

    from edgent.network import Network

    Search = Callable[[CostTable, Link, float], Decision | None]


def register(application: typer.Typer) -> None:
    """Add the command."""
    add_command(
        application,
        plan,
        "edgent plan pipelines/alexnet.yaml",
        "edgent plan pipelines/alexnet.yaml --bandwidth-kbps 500 --latency-ms 50 --slowdown 30 --explain",
    )


def plan(
    spec: SpecFileOrName,
    bandwidth_kbps: BandwidthKbpsOption = None,
    download_kbps: DownloadKbpsOption = None,
    round_trip_ms: RoundTripMsOption = None,
    latency_ms: LatencyMsOption = None,
    algorithm: AlgorithmOption = "ours",
    slowdown: Slowdown = 1.0,
    edge: EdgeOption = None,
    top: TopOption = None,
    objective: ObjectiveOption = None,
    least_accuracy: LeastAccuracyOption = None,
    explain: ExplainOption = False,
    pareto: ParetoOption = False,
    plot: Plot = None,
    as_json: AsJsonOption = False,
) -> None:
    """Print at which exit to stop and where to cut its path, with predicted times.

    Plans are chosen from the profiles of both nodes, which `edgent profile` makes, as a device chooses them
    on a steady link: the deepest exit in time, at its fastest plan, unless the spec has another objective.
    """
    from edgent.accuracy.measures.sentence import measure_lines
    from edgent.latency.loading import load_cost_table
    from edgent.network import Network

    pipeline = _chosen_for(of_named_edge(read_spec(spec), edge), objective, least_accuracy, algorithm)
    with Console(stderr=True).status("loading plans"):
        network = Network.open(pipeline)
        costs = load_cost_table(network, slowdown, windows=None if algorithm == "ours" else False)
    _say_what_is_unusable(network, costs)
    round_trip_s = (pipeline.range.round_trip_ms if round_trip_ms is None else round_trip_ms) / 1e3
    search = paper_search if algorithm == "paper" else pipeline.plans_for.search
    requirements_s = _requirements_s(pipeline, latency_ms, over_range=bandwidth_kbps is None)
    allowed = paper_space(costs) if algorithm == "paper" else None
    check_possible(costs, max(requirements_s), round_trip_s, allowed)
    console, said = table_console(), _steady_link(network.spec, costs)
    _check_link_options(bandwidth_kbps, download_kbps, explain=explain, pareto=pareto)
    if bandwidth_kbps is None:
        _show_range(pipeline, costs, round_trip_s, requirements_s, search, as_json, console)
        said += same_machine_lines(network, slowdown)
    else:
        link, needed_s = _link(round_trip_s, bandwidth_kbps, download_kbps), requirements_s[0]
        if pareto:
            _show_pareto(costs, link, top or 20, plot, as_json, console)
            return
        decision = search(costs, link, needed_s)
        _show_link(costs, link, needed_s, decision, allowed, pipeline.plans_for, top or 6, as_json, console)
        said += [] if as_json else _predicted_pieces(network, costs)
        said += plan_lines(network, link, needed_s, slowdown) if algorithm == "ours" else []
        said += _explained(network, costs, link, needed_s, decision, allowed, slowdown) if explain else []
    aside = Console(stderr=True) if as_json else console
    _print_lines([*said, *measure_lines(costs.measure)], aside)
    if plot is not None:
        write_figure(_figure(pipeline, costs, latency_ms, round_trip_s, search), plot, aside)


def _print_lines(lines: "Iterable[str]", console: Console) -> None:
    """Sentences; a command in one stays whole, to be copied."""
    for line in lines:
        console.print(line, highlight=False, soft_wrap="edgent " in line)


def _check_link_options(
    bandwidth_kbps: float | None, download_kbps: float | None, *, explain: bool, pareto: bool
) -> None:
    """Options that say something of a link need one, and only one of them says what is printed of plans."""
    options = {"--download-kbps": download_kbps, "--explain": explain, "--pareto": pareto}
    given = ", ".join(name for name, value in options.items() if value)
    if given and bandwidth_kbps is None:
        raise PlanError(f"a link is needed for {given}: give --bandwidth-kbps as well")
    if pareto and explain:
        raise PlanError("--pareto lists plans, and --explain tells of one: give one of the two")


def _chosen_for(
    pipeline: Pipeline, objective: ObjectiveName | None, least_accuracy: float | None, algorithm: str
) -> Pipeline:
    """The pipeline with what the options say of its objective; the paper has the usual one.

    Raises:
        PlanError: they go with another algorithm, or with each other as little as in a spec.
    """
    given: dict[str, object] = {} if objective is None else {"objective": objective}
    if least_accuracy is not None:
        given["least_accuracy"] = least_accuracy
    if given and algorithm == "paper":
        raise PlanError("--objective and --least-accuracy belong to --algorithm ours: the paper has neither")
    if algorithm == "paper":
        unplaced = pipeline.placement.model_copy(update={"prefer": None})
        given = {"objective": "accuracy", "least_accuracy": 0.0, "placement": unplaced}
    chosen = pipeline.model_copy(update=given)
    if chosen.least_accuracy and chosen.objective == "accuracy":
        raise PlanError(
            f"least accuracy {chosen.least_accuracy:g} says nothing beside the objective accuracy, which "
            "takes the deepest exit in time: name another one with --objective, or leave it out"
        )
    return chosen


def _say_what_is_unusable(network: "Network", costs: CostTable) -> None:
    """Which cuts and codecs no plan can use, and why."""
    from edgent.latency.loading import known_accuracies
    from edgent.latency.unusable_codecs import unusable_codecs, unusable_features, unusable_files
    from edgent.latency.unusable_cuts import unusable_cuts

    known = known_accuracies(network)
    for reason in (
        *unusable_cuts(network.graph),
        *unusable_codecs(network, known.by_exit),
        *unusable_files(network, costs),
        *unusable_features(network, known.lost),
    ):
        Console(stderr=True).print(reason, style="yellow", highlight=False, soft_wrap=True)


def _steady_link(pipeline: Pipeline, costs: CostTable) -> list[str]:
    """That a device in a dynamic environment may take other plans, above all where inputs may leave early."""
    if pipeline.bandwidth.environment != "dynamic":
        return []
    sentence = (
        "Planned as on a steady link: bandwidth.environment is dynamic, so a device also weighs how the link "
        "moves, and may take other plans."
    )
    if costs.leaves_early.any() and pipeline.plans_for.is_usual:
        sentence += (
            " Its policies chance and hedged take a +early plan only where that loses at most 0.2 points."
        )
    return [sentence]


def _predicted_pieces(network: "Network", costs: CostTable) -> list[str]:
    """Whose pieces between exits follow from what was measured of others, and how to measure them."""
    whole = {"device": ~costs.remote, "edge": costs.edge_only}
    nodes = [node for node, plans in whole.items() if costs.predicted[plans & costs.leaves_early].any()]
    return [
        f"~ What layers between exits that are asked take on the {node} is predicted: "
        f"`edgent profile {network.spec.file} --node {node} --resume` measures it."
        for node in nodes
        if network.spec.latency == "measured"
    ]


def _explained(
    network: "Network",
    costs: CostTable,
    link: Link,
    requirement_s: float,
    decision: Decision | None,
    allowed: BoolArray | None,
    slowdown: float,
) -> list[str]:
    """Why this plan of those that are allowed, and what the spec's placement rules out on this link."""
    from edgent.show.placement_lines import placement_lines

    if decision is None:
        return []
    if allowed is not None:
        return [explanation(costs, link, requirement_s, decision, allowed=allowed)]
    why = explanation(costs, link, requirement_s, decision, network.spec.plans_for)
    return [why, *placement_lines(network, link, requirement_s, decision, slowdown)]


def _figure(
    pipeline: Pipeline, costs: CostTable, latency_ms: float | None, round_trip_s: float, search: "Search"
) -> "Figure":
    """The chosen plans over the spec's range of bandwidths."""
    from edgent.show.plan_figure import plan_figure

    low_kbps, high_kbps = pipeline.range.bandwidth_kbps
    return plan_figure(
        costs,
        (1e3 * low_kbps, 1e3 * high_kbps),
        max(pipeline.range.latency_requirements_ms) / 1e3,
        _requirements_s(pipeline, latency_ms, over_range=False)[0],
        round_trip_s,
        search,
        as_paper=search is paper_search,
    )


def _requirements_s(pipeline: Pipeline, latency_ms: float | None, *, over_range: bool) -> list[float]:
    if latency_ms is not None:
        return [latency_ms / 1e3]
    if over_range:
        return [requirement_ms / 1e3 for requirement_ms in sorted(pipeline.range.latency_requirements_ms)]
    return [pipeline.latency_requirement_s]


def _link(round_trip_s: float, upload_kbps: float, download_kbps: float | None) -> Link:
    return Link(round_trip_s, 1e3 * upload_kbps, 1e3 * (download_kbps or upload_kbps))


def _show_range(
    pipeline: Pipeline,
    costs: CostTable,
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
    decisions = [[search(costs, link, needed_s) for needed_s in requirements_s] for link in links]
    if as_json:
        rows = [
            _situation_json(costs, link, needed_s, decision)
            for link, row in zip(links, decisions, strict=True)
            for needed_s, decision in zip(requirements_s, row, strict=True)
        ]
        typer.echo(json.dumps(rows, indent=2))
        return
    print_fitted(range_table(costs, decisions, links, requirements_s), console)
    for line in domination_lines(costs):
        console.print(line, highlight=False)


def _show_pareto(
    costs: CostTable, link: Link, top: int, plot: Path | None, as_json: bool, console: Console
) -> None:
    """The plans that none beats, as a table or JSON, and as a picture."""
    from edgent.planning.pareto import pareto_front
    from edgent.show.pareto_table import pareto_table

    front = pareto_front(costs, link)
    if as_json:
        typer.echo(json.dumps([_costs_json(costs, link, k) for k in front.tolist()], indent=2))
    else:
        print_fitted(
            pareto_table(costs, link, front, top), console, ("device", "edge"), more="--json has all of them"
        )
    if plot is not None:
        from edgent.show.pareto_figure import pareto_figure

        write_figure(pareto_figure(costs, link, front), plot, Console(stderr=as_json))


def _costs_json(costs: CostTable, link: Link, k: int) -> dict[str, Any]:
    """What a plan costs in each kind, in SI units: at worst, and in the mean where inputs leave early."""
    return {
        "plan": str(costs.plans[k]),
        "latency_s": costs.parts(link, k).total_s,
        "accuracy": float(costs.accuracy[k]),
        "upload_bytes": float(costs.upload_bytes[k]),
        "download_bytes": float(costs.download_bytes[k]),
        "edge_s": float(costs.edge_compute_s[k]),
        "device_s": float(costs.device_compute_s[k]),
        "predicted": bool(costs.predicted[k]),
        "in_the_mean": _mean_json(costs, link, k),
    }


def _show_link(
    costs: CostTable,
    link: Link,
    requirement_s: float,
    decision: Decision | None,
    allowed: BoolArray | None,
    objective: Objective,
    top: int,
    as_json: bool,
    console: Console,
) -> None:
    """The chosen plan, the next ones, and some to compare it with."""
    from edgent.planning.ranking import best_to_show, ranking
    from edgent.show.domination_lines import domination_lines
    from edgent.show.early_table import LEAST_FIRST as LEAST_OF_EARLY
    from edgent.show.early_table import early_table
    from edgent.show.plan_table import LEAST_FIRST, plan_table

    order = ranking(costs, link, requirement_s, allowed, objective)
    listed, early = best_to_show(costs, order, top, decision), order[costs.leaves_early[order]][:top]
    if as_json:
        plans = dict.fromkeys([*(ranked.index for ranked in listed), *early.tolist()])
        situation = _situation_json(costs, link, requirement_s, decision)
        situation["plans"] = [_costs_json(costs, link, k) for k in plans]
        typer.echo(json.dumps(situation, indent=2))
        return
    within = f"within {milliseconds(requirement_s)} at {kbps(link.upload_bps)}"
    print_fitted(plan_table(costs, link, requirement_s, listed), console, LEAST_FIRST)
    if early.size:
        print_fitted(early_table(costs, link, requirement_s, early.tolist()), console, LEAST_OF_EARLY)
    if decision is None:
        console.print(f"The paper's algorithm answers NULL: none of its plans is done {within}.")
    elif not decision.meets_requirement:
        console.print(f"No plan answers {within}: the fastest was chosen.", style="yellow", highlight=False)
    for line in domination_lines(costs):
        console.print(line, highlight=False)


def _situation_json(
    costs: CostTable,
    link: Link,
    requirement_s: float,
    decision: Decision | None,
) -> dict[str, Any]:
    """A decision in SI units; what it has is null where the paper's algorithm answers NULL."""
    situation: dict[str, Any] = {"link": asdict(link), "latency_requirement_s": requirement_s}
    situation |= {**dict.fromkeys(_DECIDED), "measure": costs.measure, "plans": None}
    if decision is None:
        return situation
    parts = costs.parts(link, decision.index)
    return situation | {
        "plan": str(decision.plan),
        "latency_s": decision.latency_s,
        "meets_requirement": decision.meets_requirement,
        "accuracy": float(costs.accuracy[decision.index]),
        "reason": decision.reason,
        "parts": {"round_trip_s": parts.round_trip_s}
        | {f"{step.name.lower()}_s": seconds for step, seconds in parts.seconds.items()},
        "in_the_mean": _mean_json(costs, link, decision.index),
    }


_DECIDED = ("plan", "latency_s", "meets_requirement", "accuracy", "reason", "parts", "in_the_mean")
"""What a decision has."""


def _mean_json(costs: CostTable, link: Link, k: int) -> dict[str, float] | None:
    """What plan k takes in the mean, in SI units; null where no inputs leave early."""
    mean = costs.mean
    if mean is None:
        return None
    return {
        "latency_s": mean.parts(link, k).total_s,
        "edge_s": float(mean.edge_compute_s[k]),
        "device_s": float(mean.device_compute_s[k]),
        "upload_bytes": float(mean.upload_bytes[k]),
        "download_bytes": float(mean.download_bytes[k]),
        "asks_edge": float(costs.remote[k] if mean.asking is None else mean.asking[k]),
    }
