"""Command line of the live runs: `python -m benchmarks.studies.live`."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from benchmarks.studies.live.measure import beginning, prepare_device, run_live, wrong_answers
from benchmarks.studies.live.recovery import Collapse, recovery_of
from benchmarks.studies.live.replayed import (
    as_replay,
    live_coverage,
    measured_round_trip_s,
    met_trace,
    replay_of,
    replayed_coverage,
)
from benchmarks.studies.live.report import Judged, Run, report
from benchmarks.studies.live.spec import Device, write_live_spec
from benchmarks.studies.study import LABORATORY, PIPELINES, Docs, Out, Study, run
from benchmarks.testbed.judge import Judge
from benchmarks.testbed.progress import Tell
from benchmarks.testbed.rig import Rig, Slowness
from benchmarks.testbed.testbed import usual_kind
from benchmarks.testbed.trial import open_trial, trial_inputs
from edgent.bandwidth.generator import demo_traces
from edgent.bandwidth.trace_files import load_trace
from edgent.bandwidth.traces import BandwidthTrace
from edgent.latency.loading import load_cost_table
from edgent.planning.plan import Plan
from edgent.replay.figures import figures_of
from edgent.spec import Pipeline, read_spec

_USUAL_ROUND_TRIP_S = 3e-3


def main(
    spec: Annotated[Path, typer.Option(help="The pipeline.")] = PIPELINES / "alexnet.yaml",
    trace: Annotated[
        list[Path] | None,
        typer.Option(help="A bandwidth trace, or NAME.up of a pair; else a demo trace and a collapse."),
    ] = None,
    scale: Annotated[float, typer.Option(help="Multiplies the bandwidths of traces that are given.")] = 1.0,
    samples: Annotated[int, typer.Option(min=1, help="How many samples of each are run.")] = 60,
    hold_s: Annotated[float, typer.Option(min=0.1, help="Seconds of a sample.")] = 0.75,
    requests_per_s: Annotated[float, typer.Option(min=0.1, help="How often is asked.")] = 4.0,
    slowdown: Annotated[float, typer.Option(min=1, help="Of the device's profile.")] = 320.0,
    latency_ms: Annotated[float, typer.Option(min=1, help="The latency requirement.")] = 100.0,
    relay: Annotated[bool, typer.Option("--relay", help="Shape in user space, as where not root.")] = False,
    out: Out = None,
    docs: Docs = False,
) -> None:
    """Run edgent's runtime on links that move; ends with 1 if an answer is wrong."""
    study, pipeline = Study("live", out), read_spec(spec)
    images = trial_inputs(pipeline)
    collapse = Collapse()
    links = [beginning(load_trace(file).scaled(scale).resampled(hold_s), samples) for file in trace or ()]
    links = links or [_held(demo_traces(8, 300, seed=1)[2], samples, hold_s), collapse.trace]
    with tempfile.TemporaryDirectory(prefix="edgent-live-") as folder:
        runs = _runs(pipeline, links, Path(folder), slowdown, latency_ms * 1e-3)
        rig = Rig(runs[0].spec, images, Slowness(), study.console, "relay" if relay else usual_kind())
        judge, plans, judged = Judge(rig.network, images), _wanted(runs), []
        with rig:
            rig.check()
            rig.serve(plans)
            for each in runs:
                with study.bar(each.title) as tell:
                    prepare_device(rig, plans)
                    judged.append(_judged(rig, judge, each, 1 / requests_per_s, tell))
    facts = [
        f"{each.run.title}: {recovery_of(collapse, each.answers)}."
        for each in judged
        if each.run.trace.name == collapse.trace.name
    ]
    measured = report(judged, facts)
    study.write(measured, page=LABORATORY / "live.md" if docs else None)
    study.show(measured)
    if any(each.wrong for each in judged):
        raise typer.Exit(1)


def _runs(
    pipeline: Pipeline, links: Sequence[BandwidthTrace], folder: Path, slowdown: float, latency_s: float
) -> list[Run]:
    """Every link with a local exit that stands by, and without."""
    devices = {
        "hedged": Device(slowdown, latency_s),
        "expected, no hedge": Device(slowdown, latency_s, "expected", hedge=False),
    }
    runs: list[Run] = []
    for link in links:
        for name, device in devices.items():
            file = write_live_spec(pipeline, folder / str(len(runs)), device)
            costs = load_cost_table(open_trial(file))
            runs.append(Run(f"{link.name}, {name}", device, link, file, costs))
    return runs


def _judged(rig: Rig, judge: Judge, run: Run, pause_s: float, tell: Tell) -> Judged:
    """A run and its replay; where no exchange shows the round trip, the replay has that of the opening."""
    opened_s, answers = run_live(rig, run.spec, run.trace, pause_s, tell)
    measured_s = measured_round_trip_s(answers, run.costs)
    met = met_trace(run.trace, answers, pause_s)
    replay, of_replay = replayed_coverage(
        met, run.costs, run.device, opened_s if measured_s is None else measured_s
    )
    return Judged(
        run,
        answers,
        wrong=len(wrong_answers(judge, answers)),
        live=figures_of([as_replay(met.name, answers, run.costs, run.device, pause_s)]),
        replayed=figures_of([replay]),
        coverages=(live_coverage(answers, run.device.latency_requirement_s), of_replay),
    )


def _held(trace: BandwidthTrace, samples: int, hold_s: float) -> BandwidthTrace:
    """The first samples of a trace, each held for so long."""
    bandwidth_bps = trace.bandwidth_bps[:samples]
    held_s = np.full(bandwidth_bps.size, hold_s)
    return BandwidthTrace(trace.name, np.cumsum(held_s) - held_s, held_s, bandwidth_bps)


def _wanted(runs: Sequence[Run]) -> list[Plan]:
    """The plans with a head that the replays of the runs choose."""
    plans = {
        run.costs.plans[index]
        for run in runs
        for index in replay_of(run.trace, run.costs, run.device, _USUAL_ROUND_TRIP_S).candidate
    }
    return sorted((plan for plan in plans if plan.remote), key=str)


if __name__ == "__main__":
    run(main)
