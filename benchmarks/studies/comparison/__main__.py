"""Command line: `python -m benchmarks.studies.comparison [--quick]`."""

import argparse
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from benchmarks.studies.comparison import report
from benchmarks.studies.comparison.dynamic import Step, run_traces
from benchmarks.studies.comparison.limit import LimitRow, raw_round_trip_s, run_limit, with_limits
from benchmarks.studies.comparison.load import BATCH_SIZES, DEVICES, LoadRow, run_load
from benchmarks.studies.comparison.methods import METHODS
from benchmarks.studies.comparison.other_figures import dynamic_figure, limit_figure, load_figure
from benchmarks.studies.comparison.results import Results, write_csv
from benchmarks.studies.comparison.static_figures import accuracy_figure, latency_figure, selection_figure
from benchmarks.studies.comparison.static_grid import Outcome, run_grid
from benchmarks.testbed.rig import Rig, Slowness
from benchmarks.testbed.trial import measure_accuracy, run_folder
from benchmarks.testbed import namespaces
from edgent.bandwidth.trace_files import load_traces
from edgent.bandwidth.traces import BandwidthTrace
from edgent.cli.phase_progress import phase_progress
from edgent.errors import EdgentError
from edgent.generated_file import describe_machine
from edgent.latency.loading import load_costs
from edgent.planning.link import Link
from edgent.planning.paper.exit_search import exit_search
from edgent.spec import Pipeline, read_spec

RATES_BPS = (50e3, 100e3, 250e3, 500e3, 1e6, 2e6, 5e6, 10e6)
QUICK_RATES_BPS = (50e3, 500e3, 5e6)
REQUIREMENTS_S = (0.05, 0.1, 0.2, 0.5, 1.0)
LIMIT_METHODS = ("edge-only float32", "edge-only raw", "edge-only webp", "edge-only jpeg")
_USUAL_ROUND_TRIP_S = 0.005

Tell = Callable[[str, float], None]


def main(arguments: list[str] | None = None) -> int:
    """Measure, write the report, and return the exit status."""
    options = _parse(sys.argv[1:] if arguments is None else arguments)
    console = Console()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        pipeline = read_spec(options.spec)
        with run_folder("comparison", pipeline) as folder:
            results = _run(options, pipeline, folder, console)
        _write(results, options.out)
    except EdgentError as error:
        console.print(f"[red]error:[/] {error}", highlight=False)
        return 1
    console.print(f"written: {options.out}/comparison.html and comparison.md", highlight=False)
    return 0


def _run(options: argparse.Namespace, pipeline: Pipeline, folder: Path, console: Console) -> Results:
    slowness = Slowness(dilation=options.dilation)
    traces = _traces(options)
    rig = Rig(pipeline, folder, slowness, console, "namespaces" if namespaces.is_root() else "relay")
    with phase_progress(console) as progress:
        measure_accuracy(pipeline, rig.network, 20 if options.quick else 120, progress)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with rig:
        rig.profile(5 if options.quick else 30)
        heads = _heads(rig)
        rig.serve(heads)
        rig.start_device()
        _warm_up(rig, heads)
        rig.slow_down()
        with Progress(*columns, console=console) as bars:
            outcomes, steps, limits, loads = _measure(rig, options, traces, heads, bars)
    machine = describe_machine()
    return Results(
        pipeline.name,
        str(slowness),
        f"{machine['cpu']}, {machine['cores']} cores, {machine['system']}",
        tuple(outcomes),
        tuple(steps),
        tuple(limits),
        tuple(loads),
        {
            path.exit_name: (number + 1, len(path.layers))
            for number, path in enumerate(rig.network.graph.paths)
        },
    )


def _measure(
    rig: Rig, options: argparse.Namespace, traces: list[BandwidthTrace], heads: list[str], bars: Progress
) -> tuple[list[Outcome], list[Step], list[LimitRow], list[LoadRow]]:
    """One stage after the other, each with a bar."""
    quick = options.quick
    rates_bps = QUICK_RATES_BPS if quick else RATES_BPS
    requirements_s = [ms / 1e3 for ms in options.requirements_ms]
    profiles = [load_costs(rig.network).candidates()]
    outcomes = run_grid(rig, rates_bps, requirements_s, 3 if quick else 8, _bar(bars, "static"))
    steps = run_traces(
        rig,
        traces,
        options.trace_scale,
        options.trace_requirement_ms / 1e3,
        6 if quick else 40,
        _bar(bars, "traces"),
    )
    rig.speed_up()
    if not quick:
        bars.stop()
        rig.profile(15)  # the machine may be faster or slower by now
        bars.start()
        profiles.append(load_costs(rig.network).candidates())
    round_trip_s = raw_round_trip_s(rig)
    outcomes = with_limits(outcomes, profiles, round_trip_s)
    repeats = 3 if quick else 15
    limits = run_limit(rig, round_trip_s, rates_bps, LIMIT_METHODS, repeats, _bar(bars, "limit"))
    rig.slow_down()
    loads: list[LoadRow] = []
    devices = DEVICES[:: 2 if quick else 1]
    for batch_size in BATCH_SIZES[: 1 if quick else None]:
        if batch_size > 1:
            rig.serve(heads, batch_size)
            rig.start_device()
            rig.slow_down()
        loads += run_load(rig, batch_size, devices, 4 if quick else 12, _bar(bars, "load"))
    return outcomes, steps, limits, loads


def _bar(bars: Progress, stage: str) -> Tell:
    task = bars.add_task(stage, total=1.0)

    told = ""

    def tell(what: str, share: float) -> None:
        nonlocal told
        bars.update(task, description=f"{stage}: {what}", completed=share)
        if what != told and not bars.console.is_terminal:  # in a log, bars are only shown at the end
            bars.console.print(f"{stage}: {what}", highlight=False)
            told = what

    return tell


def _heads(rig: Rig) -> list[str]:
    """The heads that any method can ask on any of the links."""
    candidates = load_costs(rig.network).candidates(240.0, 340.0)
    plans = {plan for k, plan in enumerate(candidates.plans) if candidates.edge_only[k]}
    for rate_bps in RATES_BPS:
        link = Link(_USUAL_ROUND_TRIP_S, rate_bps, rate_bps)
        for requirement_s in REQUIREMENTS_S:
            plans.add(exit_search(candidates, link, requirement_s).plan)
            plans |= {
                plan
                for method in METHODS.values()
                if (plan := method.choose(candidates, link, requirement_s)) is not None
            }
    return sorted(rig.heads_of(plans))


def _warm_up(rig: Rig, heads: Sequence[str]) -> None:
    """Wake every worker and load every tail of the heads that are served, at full speed."""
    plans = load_costs(rig.network).candidates().plans
    rig.warm_up([plan for plan in plans if plan.partition_point == 0 or rig.head_of(plan) in heads])


def _traces(options: argparse.Namespace) -> list[BandwidthTrace]:
    """Some of the recorded links, evenly chosen; none where there is no data."""
    folder = options.traces
    if folder is None:
        data = os.environ.get("EDGENT_DATA_DIR")
        folder = Path(data) / "traces" / "belgium_4g" if data else None
    if folder is None or not folder.is_dir():
        return []
    found = load_traces(folder)
    count = 1 if options.quick else 2
    return list(found[:: max(len(found) // count, 1)][:count])


def _write(results: Results, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    figures = {
        "Latency against bandwidth": latency_figure(results),
        "Selected exit and partition point": selection_figure(results),
        "Accuracy under latency requirements": accuracy_figure(results),
        "Distance to the limit": limit_figure(results.limits),
        "Many devices": load_figure(results.loads),
    }
    if results.steps:
        figures["Replayed traces"] = dynamic_figure(results.steps)
    pictures = {}
    for title, figure in figures.items():
        name = f"comparison-{'-'.join(title.lower().split()[:2])}.png"
        (folder / name).write_bytes(report.png(figure))
        pictures[title] = name
    write_csv(results, folder)
    (folder / "comparison.md").write_text(report.markdown(results, pictures), encoding="utf-8")
    (folder / "comparison.html").write_text(report.page(results, figures), encoding="utf-8")


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.studies.comparison",
        description="Every method on the same inputs and the same link; figures of the paper's evaluation.",
    )
    parser.add_argument("--spec", type=Path, default=Path("pipelines/alexnet.yaml"), help="the pipeline")
    parser.add_argument("--quick", action="store_true", help="fewer links and repeats: about 3 minutes")
    parser.add_argument(
        "--dilation", type=float, default=200.0, help="how many times slower the device computes"
    )
    parser.add_argument(
        "--requirements-ms",
        type=lambda text: [float(word) for word in text.split(",")],
        default=[requirement_s * 1e3 for requirement_s in REQUIREMENTS_S],
        help="latency requirements, between commas",
    )
    parser.add_argument("--traces", type=Path, help="folder of traces; else Belgium's in EDGENT_DATA_DIR")
    parser.add_argument("--trace-scale", type=float, default=0.02, help="of their bandwidth")
    parser.add_argument("--trace-requirement-ms", type=float, default=200.0, help="while they are replayed")
    parser.add_argument("--out", type=Path, default=Path("docs/benchmarks"), help="folder of the report")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
