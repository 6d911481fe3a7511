"""Command line: `python -m benchmarks.static_plans [--quick]`."""

import argparse
import signal
import sys
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from benchmarks.rig.rig import Rig, Slowness
from benchmarks.rig.trial_spec import measure_accuracy
from benchmarks.static_plans import report
from benchmarks.static_plans.measuring import (
    LinkResult,
    measure_edge_only,
    measure_plans,
    measure_predictions,
)
from benchmarks.static_plans.plans_to_measure import plans_to_measure
from benchmarks.static_plans.summary import edge_only_latencies, summarise
from edgent.cli.phase_progress import phase_progress
from edgent.errors import EdgentError
from edgent.generated_file import describe_machine
from edgent.latency.loading import load_costs
from edgent.planning.plan import Plan
from edgent.spec import read_spec

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
        _run(options, console)
    except EdgentError as error:
        console.print(f"[red]error:[/] {error}", highlight=False)
        return 1
    return 0


def _run(options: argparse.Namespace, console: Console) -> None:
    pipeline = read_spec(options.spec)
    folder = Path("runs") / "static_plans" / pipeline.name
    folder.mkdir(parents=True, exist_ok=True)
    slowness = Slowness(1.0, options.dilation) if options.dilation > 1 else Slowness(options.slowdown)
    rig = Rig(pipeline, folder.resolve(), slowness, console)
    with phase_progress(console) as progress:
        measure_accuracy(pipeline, rig.network, 20 if options.quick else 120, progress)
    deepest = rig.network.graph.paths[-1]
    whole = [Plan(deepest.exit_name, len(deepest.layers), codec) for codec in rig.network.spec.codecs.input]
    with rig:
        results = _measure(rig, options, console)
        with console.status("edge-only from a device at full speed"):
            at_full_speed = measure_edge_only(rig, whole, tuple(report.TARGETS_S), 3 if options.quick else 10)
    requirements_s = [ms / 1e3 for ms in options.requirements_ms]
    summary = summarise(results, requirements_s)
    edge_only = edge_only_latencies(results, deepest.exit_name, len(deepest.layers))
    machine = describe_machine()
    circumstances = (
        f"{pipeline.name}, device {slowness}, on {machine['cpu']}, {machine['cores']} cores, "
        f"{machine['system']}; self-test of the testbed: off by "
        f"{max(abs(check.deviation) for check in rig.checks):.1%} at most."
    )
    page = report.markdown(summary, edge_only, at_full_speed, circumstances)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "static-plans.md").write_text(page, encoding="utf-8")
    report.write_csv(results, summary, options.out)
    report.figure(results).savefig(options.out / "static-plans.png", dpi=130)
    table = Table("", "", title="Static networks")
    table.add_row("prediction off by, first requests", f"{summary.fresh_error:.1%}")
    table.add_row("prediction off by, after 20 requests", f"{summary.calibrated_error:.1%}")
    table.add_row("regret, mean and 95th percentile", f"{summary.mean_regret:.2%}, {summary.p95_regret:.1%}")
    console.print(table)
    console.print(f"written: {options.out}/static-plans.md", highlight=False)


def _measure(rig: Rig, options: argparse.Namespace, console: Console) -> list[LinkResult]:
    rates_bps = QUICK_RATES_BPS if options.quick else RATES_BPS
    rig.profile(15 if options.quick else 60)
    candidates = load_costs(rig.network).candidates(240.0, 340.0)
    plans = plans_to_measure(candidates, rates_bps, _USUAL_ROUND_TRIP_S)
    console.print(f"{len(plans)} plans, {len(rig.heads_of(plans))} heads", highlight=False)
    rig.serve(sorted(rig.heads_of(plans)))
    rig.start_device()
    _warm_up(rig, plans)
    rig.slow_down()
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    results = []
    with Progress(*columns, console=console) as bars:
        whole = bars.add_task("static networks", total=float(len(rates_bps)))
        for number, rate_bps in enumerate(rates_bps):
            rig.set_rate(rate_bps)
            bars.update(whole, description=f"at {rate_bps / 1e3:,g} kbps")
            if not console.is_terminal:  # in a log, bars are only shown at the end
                console.print(f"at {rate_bps / 1e3:,g} kbps", highlight=False)
            rounds = 5 if options.quick else 8
            known, predictions = measure_predictions(
                rig,
                [ms / 1e3 for ms in options.requirements_ms],
                rounds,
                lambda share, done=number: bars.update(whole, completed=done + 0.2 * share),  # type: ignore[misc]
            )
            served = {*plans, *(one.plan for one in predictions)}
            measured = measure_plans(
                rig,
                sorted(served, key=str),
                known,
                repeats=3 if options.quick else 15,
                budget_s=0.5 if options.quick else 4.0,
                tell=lambda share, done=number: bars.update(whole, completed=done + 0.2 + 0.8 * share),  # type: ignore[misc]
            )
            results.append(LinkResult(rate_bps, known, predictions, measured))
    return results


def _warm_up(rig: Rig, plans: list[Plan]) -> None:
    """Load every tail and wake every worker while nothing is slow."""
    for number in range(3):
        for plan in plans:
            rig.infer("given", 60.0, number, plan)


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.static_plans",
        description="Predicted against measured latency, and the regret of the chosen plans. Needs root.",
    )
    parser.add_argument("--spec", type=Path, default=Path("pipelines/alexnet.yaml"), help="the pipeline")
    parser.add_argument("--quick", action="store_true", help="fewer links, fewer repeats: about 3 minutes")
    parser.add_argument("--slowdown", type=float, default=30.0, help="of the device, by CPU quota")
    parser.add_argument("--dilation", type=float, default=1.0, help="of what the device computes, instead")
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
