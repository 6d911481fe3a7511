"""``edgent capacity``: how many edges and workers devices need."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn

from edgent.bandwidth.trace_formats.reading_options import ReadingOptions
from edgent.cli.capacity_options import (
    CapacitySeedOption,
    ClusterOption,
    DeadlineOption,
    DevicesOption,
    EdgesOption,
    JobsOption,
    LateOption,
    LossOption,
    RateOption,
    RequirementMsOption,
    SpecFilesOrNames,
    SteadyKbpsOption,
    WorkersOption,
    numbers,
)
from edgent.cli.figure_file import write_figure
from edgent.cli.json_option import AsJsonOption
from edgent.cli.possible_requirement import check_possible
from edgent.cli.trace_options import Folder, Plot, Scale, Slowdown, read_traces, with_reading_options
from edgent.command_line import add_command
from edgent.errors import DataError
from edgent.extras import require
from edgent.fitted_table import print_fitted, table_console
from edgent.network import Network
from edgent.progress_bars import progress_bars
from edgent.shipped import spec_word
from edgent.spec import read_spec

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from edgent.bandwidth.traces import BandwidthTrace
    from edgent.capacity.need import Need, Question
    from edgent.capacity.scenario import Scenario

_USUAL_WORKERS = 4


def register(application: typer.Typer) -> None:
    """Add the command."""
    add_command(
        application,
        capacity,
        "edgent capacity flowers --devices 1000 --slowdown 60 --requirement-ms 200",
        "edgent capacity flowers --devices 100,1000,10000 --slowdown 60 --workers 8",
        "edgent capacity flowers --devices 1000 --slowdown 60 --edges 2 --workers 4 --no-deadline",
    )


@with_reading_options
def capacity(
    specs: SpecFilesOrNames,
    devices: DevicesOption = "1000",
    rate: RateOption = 1.0,
    requirement_ms: RequirementMsOption = None,
    late: LateOption = 0.01,
    loss: LossOption = 0.01,
    edges: EdgesOption = None,
    workers: WorkersOption = None,
    slowdown: Slowdown = 1.0,
    traces: Folder = None,
    scale: Scale = 1.0,
    bandwidth_kbps: SteadyKbpsOption = None,
    deadline: DeadlineOption = True,
    seed: CapacitySeedOption = 0,
    jobs: JobsOption = None,
    cluster: ClusterOption = None,
    plot: Plot = None,
    as_json: AsJsonOption = False,
    *,
    reading: ReadingOptions,
) -> None:
    """Simulate devices and edges, and say how many edges and workers are enough.

    Devices plan as they do at run time, with measured times, over links as traces have them. Edges are enough
    if few requests are late and answers are about as accurate as on an edge on which nobody waits. The exit
    code is 1 where those of a row are not.
    """
    from edgent.capacity.need import Question

    require(*("distributed",) * (cluster is not None))
    if workers is None and edges is None:
        workers = _USUAL_WORKERS
    links = _links(traces, scale, bandwidth_kbps, seed, reading)
    counts = numbers(devices, int, "--devices")
    networks = [Network.open(read_spec(spec)) for spec in specs]
    questions = [
        Question(network.spec.name, scenario, edges, workers, late, loss)
        for network in networks
        for scenario in _scenarios(network, requirement_ms, counts, slowdown, links, (rate, deadline, seed))
    ]
    found = _answers(questions, jobs, cluster)
    console = table_console()
    if as_json:
        typer.echo(json.dumps([asdict(one) | {"is_enough": one.is_enough} for one in found], indent=2))
    else:
        _show(found, console, spec_word(specs[0]))
        _show_same_machines(networks, slowdown, console)
    if plot is not None:
        from edgent.show.capacity_figure import capacity_figure

        write_figure(capacity_figure(found), plot, Console(stderr=True) if as_json else console)
    if not all(one.is_enough for one in found):
        raise typer.Exit(1)


def _links(
    folder: Path | None, scale: float, bandwidth_kbps: float | None, seed: int, reading: ReadingOptions
) -> "tuple[BandwidthTrace, ...]":
    """The devices' links."""
    if bandwidth_kbps is None:
        return read_traces(folder, scale, seed, reading)
    if folder is not None:
        raise DataError("--traces and --bandwidth-kbps: links are recorded or steady; give one of the two")
    from edgent.bandwidth.generator import steady_trace

    return (steady_trace(1e3 * bandwidth_kbps).scaled(scale),)


def _scenarios(
    network: Network,
    requirement_ms: str | None,
    counts: "Sequence[int]",
    slowdown: float,
    links: "tuple[BandwidthTrace, ...]",
    others: tuple[float, bool, int],
) -> "Iterator[Scenario]":
    """A scenario for each requirement and number of devices."""
    from edgent.capacity.scenario import Scenario
    from edgent.capacity.spec_policy import spec_policy
    from edgent.latency.loading import load_cost_table
    from edgent.replay.conditions import Conditions

    spec, table, policy = network.spec, load_cost_table(network, slowdown), spec_policy(network)
    rate_hz, keeps_deadline, seed = others
    requirements_ms = [spec.latency_requirement_ms]
    if requirement_ms:
        requirements_ms = numbers(requirement_ms, float, "--requirement-ms")
    for one_ms in requirements_ms:
        conditions = Conditions(
            table, one_ms / 1e3, spec.range.round_trip_ms / 1e3, hedged=bool(spec.device.hedge)
        )
        check_possible(table, conditions.latency_requirement_s, conditions.round_trip_s)
        for count in counts:
            yield Scenario(
                conditions,
                policy,
                links,
                count,
                rate_hz,
                is_eager=spec.device.hedge == "eager",
                known_edges=len(spec.edges),
                keeps_deadline=keeps_deadline,
                seed=seed,
            )


def _answers(questions: "Sequence[Question]", jobs: int | None, cluster: str | None) -> "list[Need]":
    """Every question answered, with a progress bar."""
    from edgent.capacity.sweep import needs

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with progress_bars(*columns, transient=True) as bar:
        task = bar.add_task("simulating", total=len(questions))
        work = needs(
            questions, jobs, cluster, lambda tried: bar.update(task, description=f"simulating {tried}")
        )
        return list(bar.track(work, total=len(questions), task_id=task))


def _show(found: "Sequence[Need]", console: Console, spec: str) -> None:
    """What it takes, and, of a single answer, which plans are chosen and what writes such edges."""
    from edgent.accuracy.measures.sentence import measure_lines
    from edgent.show.capacity_sentences import capacity_sentences
    from edgent.show.capacity_table import LEAST_FIRST, capacity_table, plan_shares_table
    from edgent.show.deploy_sentences import deploy_sentences

    print_fitted(capacity_table(found), console, LEAST_FIRST, more="--json has them all")
    if len(found) == 1:
        print_fitted(plan_shares_table(found[0]), console)
        for line in capacity_sentences(found[0]):
            console.print(line, highlight=False)
        for line in deploy_sentences(found[0], spec):  # in one line each, to be pasted
            console.print(line, highlight=False, soft_wrap=True, markup=False)
    for measure in dict.fromkeys(one.measure for one in found):
        for line in measure_lines(measure):
            console.print(line, highlight=False)


def _show_same_machines(networks: "Sequence[Network]", slowdown: float, console: Console) -> None:
    """Of which pipelines both profiles are of one machine, so that devices seem quick."""
    from edgent.show.same_machine_lines import same_machine_lines

    for line in dict.fromkeys(line for one in networks for line in same_machine_lines(one, slowdown)):
        console.print(line, highlight=False, soft_wrap=True)
