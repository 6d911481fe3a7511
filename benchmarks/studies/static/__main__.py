"""Command line: `python -m benchmarks.studies.static [--quick]`."""

import argparse
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from benchmarks.testbed.rig import Rig, Slowness
from benchmarks.testbed.trial import measure_accuracy, run_folder
from benchmarks.studies.static import report
from benchmarks.studies.static.measuring import (
    LinkResult,
    measure_edge_only,
    measure_plans,
    measure_predictions,
)
from benchmarks.studies.static.plans_to_measure import plans_to_measure
from benchmarks.studies.static.regret import MeasuredPlan
from benchmarks.studies.static.summary import edge_only_latencies, summarise
from edgent.cli.phase_progress import phase_progress
from edgent.errors import EdgentError
from edgent.generated_file import describe_machine
from edgent.latency.loading import load_costs
from edgent.planning.plan import Plan
from edgent.spec import Pipeline, read_spec

RATES_BPS = (50e3, 100e3, 250e3, 500e3, 1e6, 2e6, 5e6, 10e6)
QUICK_RATES_BPS = (50e3, 500e3, 1e6, 10e6)
REQUIREMENTS_S = (0.05, 0.1, 0.2, 0.5, 1.0)
_USUAL_ROUND_TRIP_S = 0.005


def main(arguments: list[str] | None = None) -> int:
    """Measure, write the report, and return the exit status."""
    options = _parse(sys.argv[1:] if arguments is None else arguments)
    console = Console()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        pipeline = read_spec(options.spec)
        with run_folder("static_plans", pipeline) as folder:
            _run(options, pipeline, folder, console)
    except EdgentError as error:
        console.print(f"[red]error:[/] {error}", highlight=False)
        return 1
    return 0


def _run(options: argparse.Namespace, pipeline: Pipeline, folder: Path, console: Console) -> None:
    slowness = Slowness(options.slowdown) if options.slowdown > 1 else Slowness(1.0, options.dilation)
    rig = Rig(pipeline, folder, slowness, console)
    with phase_progress(console) as progress:
        measure_accuracy(pipeline, rig.network, 20 if options.quick else 120, progress)
    with rig:
        console.print(_prepare(rig, options), highlight=False)
        at_full_speed = _edge_only(rig, options)
        rig.slow_down()
        for results in _measure(rig, options, console):
            # After every link: what was measured is kept, whatever comes.
            _write(rig, pipeline.name, results, at_full_speed, options)
    summary = summarise(results, _requirements_s(options))
    table = Table("", "", title="Static networks")
    table.add_row("first prediction off by", f"{summary.fresh_error:.1%}")
    table.add_row("after 20 requests", f"{summary.calibrated_error:.1%}")
    table.add_row("regret, mean and 95th percentile", f"{summary.mean_regret:.2%}, {summary.p95_regret:.1%}")
    console.print(table)
    console.print(f"written: {options.out}/static-plans.md", highlight=False)


def _requirements_s(options: argparse.Namespace) -> list[float]:
    return [ms / 1e3 for ms in options.requirements_ms]


def _plans(rig: Rig, options: argparse.Namespace) -> list[Plan]:
    candidates = load_costs(rig.network).candidates(240.0, 340.0)
    return plans_to_measure(candidates, _rates_bps(options), _USUAL_ROUND_TRIP_S)


def _rates_bps(options: argparse.Namespace) -> tuple[float, ...]:
    if options.rates_kbps:
        return tuple(float(rate) * 1e3 for rate in options.rates_kbps.split(","))
    return QUICK_RATES_BPS if options.quick else RATES_BPS


def _prepare(rig: Rig, options: argparse.Namespace) -> str:
    """Profile, serve, and load everything while nothing is slow; what was prepared, for people."""
    rig.profile(15 if options.quick else 30)
    plans = _plans(rig, options)
    heads = sorted(rig.heads_of(plans))
    rig.serve(heads)
    rig.start_device()
    rig.warm_up(plans, 2)
    return f"{len(plans)} plans, {len(heads)} heads"


def _edge_only(rig: Rig, options: argparse.Namespace) -> dict[float, dict[str, MeasuredPlan]]:
    deepest = rig.network.graph.paths[-1]
    whole = [Plan(deepest.exit_name, len(deepest.layers), codec) for codec in rig.network.spec.codecs.input]
    return measure_edge_only(rig, whole, tuple(report.TARGETS_S), 3 if options.quick else 7)


def _measure(rig: Rig, options: argparse.Namespace, console: Console) -> Iterator[list[LinkResult]]:
    """All results so far, after each link."""
    plans, rates_bps = _plans(rig, options), _rates_bps(options)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    results: list[LinkResult] = []
    with Progress(*columns, console=console) as bars:
        whole = bars.add_task("static networks", total=float(len(rates_bps)))

        def tell(share: float) -> None:
            bars.update(whole, completed=len(results) + share)

        for rate_bps in rates_bps:
            rig.set_rate(rate_bps)
            bars.update(whole, description=f"at {rate_bps / 1e3:,g} kbps")
            if not console.is_terminal:  # in a log, bars are only shown at the end
                console.print(f"at {rate_bps / 1e3:,g} kbps", highlight=False)
            rounds = 5 if options.quick else 8
            known, predictions = measure_predictions(
                rig, _requirements_s(options), rounds, lambda share: tell(0.2 * share)
            )
            measured = measure_plans(
                rig,
                sorted({*plans, *(one.plan for one in predictions)}, key=str),
                known,
                repeats=2 if options.quick else 5,
                budget_s=0.5 if options.quick else 2.0,
                tell=lambda share: tell(0.2 + 0.8 * share),
            )
            results.append(LinkResult(rate_bps, known, predictions, measured))
            yield results


def _write(
    rig: Rig,
    name: str,
    results: list[LinkResult],
    at_full_speed: dict[float, dict[str, MeasuredPlan]],
    options: argparse.Namespace,
) -> None:
    summary = summarise(results, _requirements_s(options))
    deepest = rig.network.graph.paths[-1]
    edge_only = edge_only_latencies(results, deepest.exit_name, len(deepest.layers))
    machine = describe_machine()
    circumstances = (
        f"{name}, device {rig.slowness}, on {machine['cpu']}, {machine['cores']} cores, "
        f"{machine['system']}; self-test of the testbed: off by "
        f"{max(abs(check.deviation) for check in rig.checks):.1%} at most."
    )
    page = report.markdown(summary, edge_only, at_full_speed, circumstances)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "static-plans.md").write_text(page, encoding="utf-8")
    report.write_csv(results, summary, options.out)
    report.figure(results).savefig(options.out / "static-plans.png", dpi=130)


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.studies.static",
        description="Predicted against measured latency, and the regret of the chosen plans. Needs root.",
    )
    parser.add_argument("--spec", type=Path, default=Path("pipelines/alexnet.yaml"), help="the pipeline")
    parser.add_argument("--rates-kbps", help="links, between commas; else eight, or four with --quick")
    parser.add_argument("--quick", action="store_true", help="fewer links, fewer repeats: about 3 minutes")
    parser.add_argument("--dilation", type=float, default=30.0, help="of what the device computes")
    parser.add_argument("--slowdown", type=float, default=1.0, help="of the device by CPU quota, instead")
    parser.add_argument(
        "--requirements-ms",
        type=lambda text: [float(word) for word in text.split(",")],
        default=[requirement_s * 1e3 for requirement_s in REQUIREMENTS_S],
        help="latency requirements, between commas",
    )
    parser.add_argument("--out", type=Path, default=Path("docs/benchmarks"), help="folder of the report")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
