"""``edgent replay``: policies side by side on recorded links."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn

from edgent.bandwidth.trace_formats.reading_options import ReadingOptions
from edgent.cli.figure_file import write_figure
from edgent.cli.json_option import AsJsonOption
from edgent.cli.left_out import say_what_was_left_out
from edgent.cli.possible_requirement import check_possible
from edgent.cli.result_file import result_file
from edgent.cli.spec_file import SpecFileOrName
from edgent.cli.trace_options import (
    Folder,
    Plot,
    Reward,
    RewardOption,
    Scale,
    Seed,
    Slowdown,
    read_traces,
    with_reading_options,
)
from edgent.command_line import add_command
from edgent.core.nearest_name import nearest_name
from edgent.counted import counted
from edgent.errors import DataError
from edgent.fitted_table import print_fitted, table_console
from edgent.network import Network
from edgent.progress_bars import progress_bars
from edgent.spec import read_spec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure

    from edgent.bandwidth.traces import BandwidthTrace
    from edgent.replay.conditions import Conditions
    from edgent.replay.contenders import Contender
    from edgent.replay.coverage import Coverage
    from edgent.replay.differences import Difference
    from edgent.replay.simulator import Replay


def register(application: typer.Typer) -> None:
    """Add the command."""
    add_command(
        application,
        replay,
        "edgent replay pipelines/alexnet.yaml --slowdown 30",
        "edgent replay pipelines/alexnet.yaml --slowdown 30 --json",
        "edgent replay pipelines/alexnet.yaml --traces ~/belgium-4g --policies paper,expected --csv out.csv",
    )


LatencyMsOption = Annotated[
    float | None, typer.Option(min=1e-3, metavar="MS", help="Latency requirement; by default the spec's.")
]
PoliciesOption = Annotated[
    str | None,
    typer.Option(metavar="NAMES", help="Policies, such as paper,oracle; by default all."),
]
ForecastOption = Annotated[
    str,
    typer.Option(metavar="NAME", help="Forecast of the policies that take one, such as change-point."),
]
HedgeOption = Annotated[
    bool, typer.Option("--hedge", help="Let a local exit stand by under every policy, as on a device.")
]
CoverageOption = Annotated[
    bool,
    typer.Option(
        "--coverage", help="Print (--plot: draw) how often answers were late that were predicted to be."
    ),
]
AgainstOption = Annotated[
    str | None,
    typer.Option(
        metavar="POLICY",
        help="Print how far the others differ from this one on the same traces, with 95 % intervals.",
    ),
]
JobsOption = Annotated[
    int | None,
    typer.Option(min=1, metavar="COUNT", help="Number of processes; by default one for each core."),
]
CsvOption = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Write the figures of every trace and policy.")
]


@with_reading_options
def replay(
    spec: SpecFileOrName,
    traces: Folder = None,
    scale: Scale = 1.0,
    latency_ms: LatencyMsOption = None,
    slowdown: Slowdown = 1.0,
    reward: RewardOption = Reward.ACCURACY,
    policies: PoliciesOption = None,
    forecast: ForecastOption = "moving-average",
    hedge: HedgeOption = False,
    coverage: CoverageOption = False,
    against: AgainstOption = None,
    jobs: JobsOption = None,
    seed: Seed = 0,
    plot: Plot = None,
    csv: CsvOption = None,
    as_json: AsJsonOption = False,
    *,
    reading: ReadingOptions,
) -> None:
    """Replay bandwidth traces under several policies, with the network's measured times.

    Each sample is an inference. Reward, throughput, accuracy, late answers and switches of plan are printed.
    """
    from edgent.show.replay_json import replay_json

    network = Network.open(read_spec(spec))
    recorded = _long_enough(read_traces(traces, scale, seed, reading))
    conditions = _conditions(network, latency_ms, slowdown, reward, hedged=hedge)
    check_possible(conditions.table, conditions.latency_requirement_s, conditions.round_trip_s)
    contenders = _contenders(network, policies, forecast, conditions)
    _check_against(against, [one.name for one in contenders])
    replays = _replays(recorded, contenders, conditions, jobs)
    console = table_console(is_aside=as_json)
    covered = _coverages(recorded, contenders, replays, forecast, conditions) if coverage else {}
    compared = _differences(replays, against, conditions)
    if as_json:
        asked: dict[str, Any] = {"slowdown": slowdown, "reward": reward.value, "forecast": forecast}
        asked |= {"scale": scale, "seed": seed if traces is None else None}
        typer.echo(json.dumps(asked | replay_json(replays, conditions, covered, compared), indent=2))
    else:
        circumstances = _circumstances(len(recorded), conditions.latency_requirement_s, slowdown, reward)
        steady = all(trace.is_steady for trace in recorded)
        _show(network, circumstances, replays, conditions, console, is_steady=steady)
        _show_differences(compared, conditions, console)
        _show_coverage(covered, forecast, console)
    if csv is not None:
        _write_csv(replays, csv, console)
    if plot is not None:
        write_figure(_figure(replays, conditions, covered), plot, console)


def _conditions(
    network: Network, latency_ms: float | None, slowdown: float, reward: Reward, *, hedged: bool
) -> "Conditions":
    """What is the same for all policies and traces."""
    from edgent.latency.loading import load_cost_table
    from edgent.replay.conditions import Conditions

    return Conditions(
        table=load_cost_table(network, slowdown, windows=False),
        latency_requirement_s=latency_ms / 1e3 if latency_ms else network.spec.latency_requirement_s,
        round_trip_s=network.spec.range.round_trip_ms / 1e3,
        throughput_weight=reward.throughput_weight,
        hedged=hedged,
    )


def _check_against(against: str | None, names: "Sequence[str]") -> None:
    """Refuse to compare with a policy that is not replayed, or with nothing.

    Raises:
        typer.BadParameter: it is not replayed, or it alone is.
    """
    if against is not None and against not in names:
        raise typer.BadParameter(f"--against {against}: it is not replayed; {nearest_name(against, names)}")
    if against is not None and len(names) == 1:
        raise typer.BadParameter(f"--against {against}: no other policy is replayed; name some by --policies")


def _differences(
    replays: "Sequence[tuple[Replay, ...]]", against: str | None, conditions: "Conditions"
) -> "list[Difference]":
    """Of every other policy from one of them; none where nobody asked for them."""
    from edgent.replay.differences import differences

    return [] if against is None else differences(replays, against, conditions.throughput_weight)


def _show_differences(compared: "Sequence[Difference]", conditions: "Conditions", console: Console) -> None:
    from edgent.show.difference_table import difference_table

    if compared:
        print_fitted(difference_table(compared, conditions.throughput_weight), console, ())


def _write_csv(replays: "Sequence[tuple[Replay, ...]]", csv: Path, console: Console) -> None:
    """What every replay came to, a row each."""
    from edgent.show.replay_csv import write_csv

    with result_file(csv) as unfinished:
        write_csv(unfinished, replays)
    console.print(f"written: {csv}", highlight=False)


def _circumstances(traces: int, latency_requirement_s: float, slowdown: float, reward: Reward) -> str:
    """What was replayed, within what, on which device, for which reward."""
    device = "device as profiled" if slowdown == 1 else f"device {slowdown:g} times slower"
    within = f"within {1e3 * latency_requirement_s:g} ms, {device}"
    return f"{counted(traces, 'trace')}, {within}, for the reward {reward.value!r}"


def _long_enough(traces: "tuple[BandwidthTrace, ...]") -> "tuple[BandwidthTrace, ...]":
    """The traces that can be replayed: the others are left out and named.

    Raises:
        DataError: there are no more.
    """
    short = [trace.name for trace in traces if trace.bandwidth_bps.size < 2]
    said = [f"trace {name} has 1 sample; a replay needs 2 or more" for name in short]
    if len(short) == len(traces):
        raise DataError(f"{said[0]}: one to measure, one to answer at")
    say_what_was_left_out(said)
    return tuple(trace for trace in traces if trace.bandwidth_bps.size >= 2)


def _show(
    network: Network,
    circumstances: str,
    replays: "list[tuple[Replay, ...]]",
    conditions: "Conditions",
    console: Console,
    *,
    is_steady: bool,
) -> None:
    """The figures of every policy."""
    from edgent.accuracy.measures.sentence import measure_lines
    from edgent.replay.figures import figures_by_policy
    from edgent.show.left_out_lines import left_out_lines
    from edgent.show.replay_table import least_first, nothing_to_tell_apart, replay_table

    figures = figures_by_policy(replays)
    title = f"{network.spec.name}: {counted(figures[0].steps, 'inference')} on {circumstances}"
    measure = conditions.table.measure
    table = replay_table(figures, title, conditions.throughput_weight, measure)
    print_fitted(table, console, least_first(measure), more="--csv FILE has them all")
    same = nothing_to_tell_apart(replays, conditions.table, is_steady=is_steady)
    left_out = left_out_lines(network)
    for line in (*([same] if same else []), *left_out, *measure_lines(measure)):
        console.print(line, highlight=False)


def _coverages(
    recorded: "Sequence[BandwidthTrace]",
    contenders: "Sequence[Contender]",
    replays: "Sequence[tuple[Replay, ...]]",
    forecast: str,
    conditions: "Conditions",
) -> "dict[str, Coverage]":
    """Of all plans under the forecast, and of those of the policies that decide on it."""
    from functools import partial

    from edgent.bandwidth.change_point import ChangePointPrior
    from edgent.bandwidth.forecasts import FORECASTS
    from edgent.planning.policies.registry import POLICIES
    from edgent.replay.coverage import coverage, summed

    deciding = [n for n, one in enumerate(contenders) if POLICIES[one.name].forecast is None]
    new_forecast = (
        contenders[deciding[0]].new_forecast if deciding else partial(FORECASTS[forecast], ChangePointPrior())
    )
    of_traces = (
        coverage(trace, new_forecast, conditions, [of_trace[n].candidate for n in deciding])
        for trace, of_trace in zip(recorded, replays, strict=True)
    )
    names = ("all plans", *(contenders[n].name for n in deciding))
    return dict(zip(names, summed(of_traces), strict=True))


def _show_coverage(coverages: "dict[str, Coverage]", forecast: str, console: Console) -> None:
    from edgent.show.coverage_table import coverage_table

    if coverages:
        title = f"{forecast}: P(late) of plans that need the edge, and the share that was late"
        print_fitted(coverage_table(coverages, title), console, ("mean P(late)",))


def _figure(
    replays: "list[tuple[Replay, ...]]", conditions: "Conditions", coverages: "dict[str, Coverage]"
) -> "Figure":
    """The coverage where it was asked for; else all policies."""
    from edgent.show.coverage_figure import coverage_figure
    from edgent.show.replay_figure import replay_figure

    if coverages:
        return coverage_figure(coverages)
    return replay_figure(replays, conditions.throughput_weight, conditions.table.measure)


def _contenders(
    network: Network, policies: str | None, forecast: str, conditions: "Conditions"
) -> "list[Contender]":
    """The policies of these names, or all that the spec has what they need for: some follow a map."""
    from edgent.bandwidth.forecasts import WITHOUT_PRIOR
    from edgent.latency.loading import load_map
    from edgent.planning.policies.registry import POLICIES
    from edgent.replay.contenders import contender

    names = (
        dict.fromkeys(name.strip() for name in policies.split(",")) if policies else dict.fromkeys(POLICIES)
    )
    followers = [name for name in names if POLICIES[name].needs_map]
    is_followed = forecast not in WITHOUT_PRIOR or followers
    needed_by = followers[0] if policies and followers else None
    configuration_map = load_map(network, needed_by) if is_followed else None
    if not policies and configuration_map is None:
        names = dict.fromkeys(name for name in names if name not in followers)
        Console(stderr=True).print(
            f"left out: {', '.join(followers)}; {network.spec.file} names no configuration map, "
            f"`edgent map {network.spec.file}` makes one",
            highlight=False,
            soft_wrap=True,
        )
    return [contender(name, conditions, configuration_map, forecast) for name in names]


def _replays(
    recorded: "Sequence[BandwidthTrace]",
    contenders: "Sequence[Contender]",
    conditions: "Conditions",
    jobs: int | None,
) -> "list[tuple[Replay, ...]]":
    """Replay every trace under every policy, with a progress bar."""
    from edgent.replay.parallel import replay_all

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with progress_bars(*columns) as bar:
        work = replay_all(recorded, contenders, conditions, jobs)
        return list(bar.track(work, total=len(recorded), description="traces"))
