"""Command line: `python -m benchmarks.studies.static [--quick]`."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.studies.static.measure import (
    Effort,
    LinkResult,
    measure_edge_only,
    measure_links,
    plans_to_measure,
)
from benchmarks.studies.static.regret import MeasuredPlan
from benchmarks.studies.static.report import TARGETS_S, report
from benchmarks.studies.static.summary import edge_only_of, summarise
from benchmarks.studies.study import LABORATORY, PIPELINES, Docs, Out, Quick, Report, Study, run
from benchmarks.testbed.rig import Rig, Slowness
from benchmarks.testbed.trial import measure_accuracy, trial_folder, trial_inputs, write_trial_spec
from edgent.cli.phase_progress import phase_progress
from edgent.latency.loading import load_cost_table
from edgent.planning.plan import Plan
from edgent.spec import read_spec

_RATES_BPS: tuple[float, ...] = (50e3, 100e3, 250e3, 500e3, 1e6, 2e6, 5e6, 10e6)
_QUICK_RATES_BPS = (50e3, 500e3, 1e6, 10e6)
_REQUIREMENTS_S = (0.05, 0.1, 0.2, 0.5, 1.0)
_USUAL, _QUICK = Effort(8, 5, 2.0), Effort(5, 2, 0.5)
_USUAL_ROUND_TRIP_S = 0.005


def main(
    spec: Annotated[Path, typer.Option(help="The pipeline.")] = PIPELINES / "alexnet.yaml",
    rates_kbps: Annotated[str, typer.Option(help="Links, between commas, instead of the usual ones.")] = "",
    dilation: Annotated[float, typer.Option(min=1, help="Slows down what the device computes.")] = 30.0,
    slowdown: Annotated[float, typer.Option(min=1, help="By CPU quota, instead.")] = 1.0,
    quick: Quick = False,
    out: Out = None,
    docs: Docs = False,
) -> None:
    """Compare predicted with measured latency, and tell the regret of the chosen plans. Needs root."""
    study, pipeline = Study("static", out), read_spec(spec)
    rates_bps = _QUICK_RATES_BPS if quick else _RATES_BPS
    if rates_kbps:
        rates_bps = tuple(_rate_bps(rate) for rate in rates_kbps.split(","))
    slowness = Slowness(slowdown) if slowdown > 1 else Slowness(dilation=dilation)
    with trial_folder("static", pipeline) as folder:
        rig = Rig(write_trial_spec(pipeline, folder), trial_inputs(pipeline), slowness, study.console)
        with phase_progress(study.console) as progress:
            measure_accuracy(pipeline, rig.network, 20 if quick else 120, progress)
        with rig:
            rig.check()
            plans = _prepare(rig, rates_bps, quick=quick)
            at_full_speed = measure_edge_only(rig, list(TARGETS_S), 3 if quick else 7)
            rig.slow_down()
            effort = _QUICK if quick else _USUAL
            with study.bar("static networks") as tell:
                for results in measure_links(rig, rates_bps, plans, _REQUIREMENTS_S, effort, tell):
                    # After every link: what was measured is kept, whatever comes.
                    measured = _report(rig, results, at_full_speed)
                    study.write(measured, _circumstances(rig))
    study.write(
        measured, _circumstances(rig), LABORATORY / "benchmarks" / "static-plans.md" if docs else None
    )
    study.show(measured)


def _rate_bps(kbps: str) -> float:
    """A link's rate as it was typed.

    Raises:
        typer.BadParameter: It is none.
    """
    try:
        rate_bps = float(kbps) * 1e3
    except ValueError:
        rate_bps = math.nan
    if not 0 < rate_bps < math.inf:
        raise typer.BadParameter(
            f"{kbps.strip()!r} is no rate, such as 50 and 250 in --rates-kbps 50,250",
            param_hint="--rates-kbps",
        )
    return rate_bps


def _prepare(rig: Rig, rates_bps: Sequence[float], *, quick: bool) -> list[Plan]:
    """Profile, serve, and load everything while nothing is slow; returns what is measured."""
    rig.profile(15 if quick else 30)
    plans = plans_to_measure(load_cost_table(rig.network), rates_bps, _USUAL_ROUND_TRIP_S)
    rig.serve(plans)
    rig.start_device()
    rig.warm_up(plans, 2)
    return plans


def _report(rig: Rig, results: Sequence[LinkResult], at_full_speed: Sequence[MeasuredPlan]) -> Report:
    deepest = rig.network.graph.paths[-1]
    edge_only = edge_only_of(results, deepest.exit_name, len(deepest.layers))
    return report(results, summarise(results, _REQUIREMENTS_S), edge_only, at_full_speed)


def _circumstances(rig: Rig) -> str:
    return (
        f"Pipeline {rig.network.spec.name}, device {rig.slowness}; the self-test of the testbed was off by "
        f"{rig.worst_check:.1%} at most."
    )


if __name__ == "__main__":
    run(main)
