"""``edgent map``: bandwidth states from traces, and the best plan in each."""

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from edgent.bandwidth.trace_formats.reading_options import ReadingOptions
from edgent.cli.figure_file import write_figure
from edgent.cli.json_option import AsJsonOption
from edgent.cli.possible_requirement import check_possible
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
    with_reading_options,
)
from edgent.command_line import add_command
from edgent.counted import counted
from edgent.fitted_table import print_fitted, table_console
from edgent.generated_file import Provenance
from edgent.network import Network
from edgent.planning.policies.registry import POLICIES
from edgent.spec import Pipeline, read_spec

if TYPE_CHECKING:
    from edgent.planning.paper.configuration_map import ConfigurationMap


def register(application: typer.Typer) -> None:
    """Add the command."""
    add_command(
        application,
        map_,
        "edgent map pipelines/alexnet.yaml",
        "edgent map pipelines/alexnet.yaml --traces ~/belgium-4g --scale 0.0901 --slowdown 30",
        name="map",
    )


StatesOption = Annotated[
    int, typer.Option(min=1, max=1000, metavar="COUNT", help="Number of bandwidth states.")
]


@with_reading_options
def map_(
    spec: SpecFile,
    traces: Folder = None,
    scale: Scale = 1.0,
    states: StatesOption = 12,
    slowdown: Slowdown = 1.0,
    reward: RewardOption = Reward.ACCURACY,
    seed: Seed = 0,
    plot: Plot = None,
    as_json: AsJsonOption = False,
    *,
    reading: ReadingOptions,
) -> None:
    """Find bandwidth states in traces, and for each state the plan of the highest reward (Algorithm 2).

    States, plans and a prior for the change point detector are written into a file, which the spec names as
    bandwidth.map. Sample the traces at the interval at which the device measures the link, because changes of
    state are counted from sample to sample.
    """
    from edgent.latency.loading import load_cost_table
    from edgent.planning.paper.map_building import map_from_traces
    from edgent.show.left_out_lines import left_out_lines

    pipeline = read_spec(spec)
    network = Network.open(pipeline)
    costs, round_trip_s = (
        load_cost_table(network, slowdown, windows=False),
        pipeline.range.round_trip_ms / 1e3,
    )
    check_possible(costs, max(pipeline.mapped_requirements_s), round_trip_s)
    console = table_console(is_aside=as_json)
    began_s = time.perf_counter()
    recorded = read_traces(traces, scale, seed, reading)
    with Console(stderr=True).status(f"finding bandwidth states in {counted(len(recorded), 'trace')}"):
        source = f"--seed {seed}" if traces is None else f"--traces {traces.name}"
        command = f"{_command(spec, source, scale, states, slowdown, reward)}{reading}"
        made = map_from_traces(
            recorded,
            costs,
            pipeline.mapped_requirements_s,
            Provenance.here_and_now(network.graph.sha256, command),
            round_trip_s=round_trip_s,
            throughput_weight=reward.throughput_weight,
            states=states,
        )
    file, named = _write(made, pipeline)
    _show(made, pipeline, file, console, as_json=as_json)
    if plot is not None:
        from edgent.show.map_figure import map_figure

        write_figure(map_figure(made, pipeline.exit_names), plot, console)
    found = f"{counted(len(made.states), 'state')} of {counted(len(recorded), 'trace')}"
    took = f"{counted(len(costs), 'plan')}, {time.perf_counter() - began_s:.1f} s"
    console.print(f"written: {file}: {found}, {took}", highlight=False, soft_wrap=True)
    for line in (*left_out_lines(network), *_left_out(states, len(made.states)), named, _use(pipeline)):
        console.print(line, highlight=False, soft_wrap=True)


def _show(
    made: "ConfigurationMap", pipeline: Pipeline, file: Path, console: Console, *, as_json: bool
) -> None:
    """The plan in each state."""
    from edgent.show.map_json import map_json
    from edgent.show.map_table import map_table

    if as_json:
        typer.echo(json.dumps({"file": str(file)} | map_json(made), indent=2))
    else:
        title = f"{pipeline.name}: plan and reward in each bandwidth state"
        print_fitted(map_table(made, title), console)


def _command(spec: Path, source: str, scale: float, states: int, slowdown: float, reward: Reward) -> str:
    """The command line as the map's file tells it, without the folders of this machine."""
    return (
        f"edgent map {spec.name} {source} --scale {scale:g} --states {states} --slowdown {slowdown:g} "
        f"--reward {reward.value}"
    )


def _write(made: "ConfigurationMap", pipeline: Pipeline) -> tuple[Path, str]:
    """Write the map into the file that the spec names, or name its file in the spec; tells which of these."""
    from edgent.planning.paper.configuration_map_file import write_map
    from edgent.spec.edit import write_values

    file = pipeline.bandwidth.map or f"{pipeline.name}/configuration_map.yaml"
    write_map(pipeline.resolve(file), made)
    if pipeline.bandwidth.map is not None:
        return pipeline.resolve(file), f"{pipeline.file} names it as bandwidth.map and stays as it is"
    write_values(pipeline.file, {("bandwidth", "map"): file})
    return pipeline.resolve(file), f"written into {pipeline.file}: bandwidth.map: {file}"


def _left_out(asked: int, found: int) -> list[str]:
    """That there are fewer states than were asked for, and why; nothing where that is not so."""
    if found == asked:
        return []
    verb, these = ("is", "this bandwidth") if asked - found == 1 else ("are", "these bandwidths")
    sentence = (
        f"of {counted(asked, 'state')}, evenly spaced from the slowest to the fastest bandwidth, "
        f"{asked - found} {verb} left out: no trace stays near {these}"
    )
    return [sentence]


def _use(pipeline: Pipeline) -> str:
    """What a device makes of a map."""
    bandwidth = pipeline.bandwidth
    if bandwidth.environment == "static":
        return "a device follows no map yet: write bandwidth.environment: dynamic"
    if bandwidth.policy is not None and POLICIES[bandwidth.policy].needs_map:
        return f"a device takes its plans, by bandwidth.policy: {bandwidth.policy}"
    return (
        "edgent archive builds what it chooses, edgent replay compares it; a device takes its plans with "
        "bandwidth.policy: paper, and its prior with bandwidth.forecast: change-point"
    )
