"""Command line: `python -m benchmarks.studies.comparison [--quick]`."""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.studies.comparison.grid import Outcome, run_grid
from benchmarks.studies.comparison.limit import raw_round_trip_s, run_limit, with_limits
from benchmarks.studies.comparison.load import BATCH_SIZES, DEVICES, run_load
from benchmarks.studies.comparison.methods import METHODS
from benchmarks.studies.comparison.report import LIMIT, LOAD, STATIC, TRACES, report
from benchmarks.studies.comparison.results import Results
from benchmarks.studies.comparison.traces import run_traces
from benchmarks.studies.study import LABORATORY, PIPELINES, Docs, Out, Quick, Study, run
from benchmarks.testbed.plan_costs import edge_only_plans
from benchmarks.testbed.rig import Rig, Slowness
from benchmarks.testbed.testbed import usual_kind
from benchmarks.testbed.trial import measure_accuracy, trial_folder, trial_inputs, write_trial_spec
from edgent.bandwidth.trace_files import load_traces
from edgent.bandwidth.traces import BandwidthTrace
from edgent.cli.phase_progress import phase_progress
from edgent.latency.loading import load_cost_table, load_costs
from edgent.planning.link import Link
from edgent.planning.paper.exit_search import exit_search
from edgent.planning.plan import Plan
from edgent.planning.table_building import build_cost_table
from edgent.spec import read_spec

_REQUIREMENTS_S = (0.05, 0.1, 0.2, 0.5, 1.0)
_TRACE_SCALE, _TRACE_REQUIREMENT_S = 0.02, 0.2
_RATES_BPS = (50e3, 100e3, 250e3, 500e3, 1e6, 2e6, 5e6, 10e6)
_QUICK_RATES_BPS = (50e3, 500e3, 5e6)
_USUAL_ROUND_TRIP_S = 0.005
_LIMIT_METHODS = ("edge-only float32", "edge-only raw", "edge-only webp", "edge-only jpeg")


def main(
    spec: Annotated[Path, typer.Option(help="The pipeline.")] = PIPELINES / "alexnet.yaml",
    dilation: Annotated[float, typer.Option(min=1, help="Slows down what the device computes.")] = 200.0,
    traces: Annotated[
        Path | None, typer.Option(help="Folder of traces; Belgium's in EDGENT_DATA_DIR when not given.")
    ] = None,
    quick: Quick = False,
    out: Out = None,
    docs: Docs = False,
) -> None:
    """Compare every method on the same inputs and the same link: the figures of the paper's evaluation."""
    study, pipeline = Study("comparison", out), read_spec(spec)
    slowness = Slowness(dilation=dilation)
    recorded = _traces(traces, 1 if quick else 2)
    with trial_folder("comparison", pipeline) as folder:
        rig = Rig(
            write_trial_spec(pipeline, folder), trial_inputs(pipeline), slowness, study.console, usual_kind()
        )
        with phase_progress(study.console) as progress:
            measure_accuracy(pipeline, rig.network, 20 if quick else 120, progress)
        with rig:
            rig.check()
            plans = _prepare(rig, 5 if quick else 30)
            results = _measure(study, rig, plans, recorded, quick=quick)
    measured = report(results)
    circumstances = f"Pipeline {pipeline.name}, device {slowness}."
    study.write(measured, circumstances, LABORATORY / "benchmarks" / "comparison.md" if docs else None)
    study.show(measured)


def _prepare(rig: Rig, profile_s: float) -> list[Plan]:
    """Profile, serve and load everything; returns the plans that any method can want on any of the links."""
    rig.profile(profile_s)
    costs = load_cost_table(rig.network)
    wanted = set(edge_only_plans(costs))
    for rate_bps in _RATES_BPS:
        link = Link(_USUAL_ROUND_TRIP_S, rate_bps, rate_bps)
        for requirement_s in _REQUIREMENTS_S:
            chosen = [method.choose(costs, link, requirement_s) for method in METHODS.values()]
            wanted |= {plan for plan in chosen if plan is not None}
            wanted.add(exit_search(costs, link, requirement_s).plan)
    rig.serve(wanted)
    rig.start_device()
    rig.warm_up([plan for plan in costs.plans if rig.can_run(plan)])
    rig.slow_down()
    return sorted(wanted, key=str)


def _measure(
    study: Study, rig: Rig, plans: Sequence[Plan], traces: Sequence[BandwidthTrace], *, quick: bool
) -> Results:
    """One kind of measurement after the other, each with a bar."""
    rates_bps = _QUICK_RATES_BPS if quick else _RATES_BPS
    profiles = [build_cost_table(load_costs(rig.network))]
    outcomes: list[Outcome] = []
    with study.bar("static links") as tell, study.kept(STATIC) as answers:
        for outcome in run_grid(rig, rates_bps, _REQUIREMENTS_S, 3 if quick else 8, tell):
            outcomes.append(outcome)
            answers.extend(outcome.answers)
    with study.bar("traces") as tell, study.kept(TRACES) as replayed:
        replayed.extend(run_traces(rig, traces, _TRACE_REQUIREMENT_S, 6 if quick else 40, tell))
    rig.speed_up()
    if not quick:
        rig.profile(15)  # the machine may be faster or slower by now
        profiles.append(build_cost_table(load_costs(rig.network)))
    round_trip_s = raw_round_trip_s(rig)
    with study.bar("limit") as tell, study.kept(LIMIT) as limits:
        methods = {name: METHODS[name].choose for name in _LIMIT_METHODS}
        limits.extend(run_limit(rig, methods, round_trip_s, rates_bps, 3 if quick else 15, tell))
    rig.slow_down()
    with study.kept(LOAD) as loads:
        for batch_size in BATCH_SIZES[: 1 if quick else None]:
            if batch_size > 1:
                rig.serve(plans, batch_size)
                rig.start_device()
                rig.slow_down()
            with study.bar("load") as tell:
                loads.extend(
                    run_load(rig, batch_size, DEVICES[:: 2 if quick else 1], 4 if quick else 12, tell)
                )
    paths = enumerate(rig.network.graph.paths, start=1)
    return Results(
        tuple(with_limits(outcomes, profiles, round_trip_s)),
        tuple(replayed),
        tuple(limits),
        tuple(loads),
        {path.exit_name: (number, len(path.layers)) for number, path in paths},
    )


def _traces(folder: Path | None, count: int) -> list[BandwidthTrace]:
    """Some of the recorded links, evenly chosen and scaled; none where there is no data."""
    if folder is None:
        data = os.environ.get("EDGENT_DATA_DIR")
        folder = Path(data) / "traces" / "belgium_4g" if data else None
    if folder is None or not folder.is_dir():
        return []
    recorded = load_traces(folder)
    chosen = recorded[:: max(len(recorded) // count, 1)][:count]
    return [replace(trace, bandwidth_bps=trace.bandwidth_bps * _TRACE_SCALE) for trace in chosen]


if __name__ == "__main__":
    run(main)
