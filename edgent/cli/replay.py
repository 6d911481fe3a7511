"""``edgent replay``: policies side by side on recorded links."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from edgent.cli.figure_file import write_figure
from edgent.cli.spec_file import SpecFile
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
from edgent.command_line import add_command
from edgent.network import Network
from edgent.spec import read_spec


def register(application: typer.Typer) -> None:
    """Add the command."""
    add_command(
        application,
        replay,
        "edgent replay pipelines/alexnet.yaml --slowdown 30",
        "edgent replay pipelines/alexnet.yaml --traces ~/belgium-4g --policies paper,expected --csv out.csv",
    )


def replay(
    spec: SpecFile,
    traces: Folder = None,
    scale: Scale = 1.0,
    latency_ms: Annotated[
        float | None, typer.Option(min=1e-3, metavar="MS", help="Latency requirement; by default the spec's.")
    ] = None,
    slowdown: Slowdown = 1.0,
    reward: RewardOption = Reward.PAPER,
    policies: Annotated[
        str | None,
        typer.Option(metavar="NAMES", help="Policies, such as paper,oracle; by default all."),
    ] = None,
    forecast: Annotated[
        str,
        typer.Option(metavar="NAME", help="Forecast of the policies that take one, such as change-point."),
    ] = "moving-average",
    hedge: Annotated[
        bool, typer.Option("--hedge", help="Let a local exit stand by under every policy, as on a device.")
    ] = False,
    jobs: Annotated[
        int | None, typer.Option(min=1, help="Number of processes; by default one for each core.")
    ] = None,
    seed: Seed = 0,
    plot: Plot = None,
    csv: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the figures of every trace and policy.")
    ] = None,
) -> None:
    """Replay bandwidth traces under several policies, with the network's measured times.

    There is an inference for each sample of a trace. Reward, throughput, accuracy, late answers and switches
    of plan are printed for each policy.
    """
    from edgent.latency.loading import load_cost_table
    from edgent.planning.paper.configuration_map_file import read_map
    from edgent.planning.policies.registry import POLICIES
    from edgent.replay.conditions import Conditions
    from edgent.replay.contenders import contender
    from edgent.replay.figures import figures_by_policy
    from edgent.replay.parallel import replay_all
    from edgent.show.replay_table import replay_table, write_csv

    pipeline = read_spec(spec)
    network = Network.open(pipeline)
    recorded = read_traces(traces, scale, seed)
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
            bar.track(
                replay_all(recorded, chosen, conditions, jobs),
                total=len(recorded),
                description="traces",
            )
        )
    figures = figures_by_policy(replays)
    title = (
        f"{pipeline.name}: {figures[0].steps} inferences on {len(recorded)} traces, within "
        f"{1e3 * conditions.latency_requirement_s:g} ms, device {slowdown:g} times slower, "
        f"for the reward {reward.value!r}"
    )
    console.print(replay_table(figures, title))
    if csv is not None:
        write_csv(csv, replays)
        console.print(f"written: {csv}", highlight=False)
    if plot is not None:
        from edgent.show.replay_figure import replay_figure

        write_figure(replay_figure(replays, conditions.throughput_weight), plot)
        console.print(f"written: {plot}", highlight=False)
