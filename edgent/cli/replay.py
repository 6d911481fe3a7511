"""``edgent replay``: policies side by side on recorded links."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from edgent.cli.figure_file import write_figure
from edgent.cli.trace_options import (
    Folder,
    Plot,
    Reward,
    RewardOption,
    Scale,
    Seed,
    Slowdown,
    read_traces,
)
from edgent.network import Network
from edgent.spec import read_spec


def register(application: typer.Typer) -> None:
    """Add the command."""
    application.command()(replay)


def replay(
    spec: Annotated[Path, typer.Argument(help="The pipeline spec, a YAML file.")],
    traces: Folder = None,
    scale: Scale = 1.0,
    latency_ms: Annotated[
        float | None, typer.Option(min=1e-3, help="Latency requirement; else the spec's.")
    ] = None,
    slowdown: Slowdown = 1.0,
    reward: RewardOption = Reward.PAPER,
    policies: Annotated[
        str | None, typer.Option(help="Names between commas, e.g. paper,expected,oracle; else all.")
    ] = None,
    forecast: Annotated[
        str,
        typer.Option(help="moving-average, change-point or last-value: for expected, chance, hedged."),
    ] = "moving-average",
    hedge: Annotated[
        bool, typer.Option("--hedge", help="A local exit stands by under every policy, as in the runtime.")
    ] = False,
    jobs: Annotated[int | None, typer.Option(min=1, help="Processes; else one for each core.")] = None,
    seed: Seed = 0,
    plot: Plot = None,
    csv: Annotated[Path | None, typer.Option(help="File for the figures of every trace and policy.")] = None,
) -> None:
    """Replay bandwidth traces with the measured times of the network: one inference for every sample.

    Prints reward, throughput, accuracy, late answers and switches of plan for each policy.
    """
    from edgent.latency.loading import load_cost_table
    from edgent.planning.paper.configuration_map_file import read_map
    from edgent.planning.policies.registry import POLICIES
    from edgent.replay.conditions import Conditions
    from edgent.replay.contenders import contender
    from edgent.replay.figures import figures_by_policy
    from edgent.replay.parallel import replay_all
    from edgent.show.replay_csv import write_csv
    from edgent.show.replay_figure import replay_figure
    from edgent.show.replay_table import replay_table

    pipeline = read_spec(spec)
    network = Network.open(pipeline)
    found = read_traces(traces, scale, seed)
    conditions = Conditions(
        table=load_cost_table(network, slowdown),
        latency_requirement_s=latency_ms / 1e3 if latency_ms else pipeline.latency_requirement_s,
        round_trip_s=pipeline.range.round_trip_ms / 1e3,
        throughput_weight=reward.throughput_weight,
        hedged=hedge,
    )
    configuration_map = None
    if pipeline.bandwidth.map is not None:
        configuration_map = read_map(
            pipeline.resolve(pipeline.bandwidth.map), network.graph.sha256, pipeline.mapped_requirements_s
        )
    names = dict.fromkeys(policies.split(",") if policies else POLICIES)
    chosen = [contender(name.strip(), conditions, configuration_map, forecast) for name in names]
    console = Console()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        replays = list(
            bar.track(replay_all(found, chosen, conditions, jobs), total=len(found), description="traces")
        )
    figures = figures_by_policy(replays)
    title = (
        f"{pipeline.name}: {figures[0].steps} inferences on {len(found)} traces, within "
        f"{1e3 * conditions.latency_requirement_s:g} ms, device {slowdown:g} times slower, "
        f"for the reward {reward.value!r}"
    )
    console.print(replay_table(figures, title))
    if csv is not None:
        write_csv(csv, replays)
        console.print(f"written: {csv}", highlight=False)
    if plot is not None:
        write_figure(replay_figure(replays, conditions.throughput_weight), plot)
        console.print(f"written: {plot}", highlight=False)
