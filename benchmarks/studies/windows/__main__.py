"""Command line: `python -m benchmarks.studies.windows [equality] [serving] [plans] [--quick]`."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import typer

from benchmarks.studies.study import LABORATORY, PIPELINES, Docs, Out, Quick, Report, Study, run
from benchmarks.studies.windows import (
    equality,
    equality_report,
    fusion,
    plans,
    plans_report,
    serving,
    serving_report,
)
from benchmarks.studies.windows.places import draw, heads, whole_path
from benchmarks.studies.windows.residual_network import write_residual
from benchmarks.testbed.rig import Rig, Slowness
from benchmarks.testbed.trial import measure_accuracy, trial_folder, trial_inputs, write_trial_spec
from edgent.cli.phase_progress import phase_progress
from edgent.edge.store import build_store, plan_archives
from edgent.edge.torchserve import TorchServe
from edgent.network import Network
from edgent.spec import Pipeline, read_spec

Part = Literal["equality", "serving", "plans"]
_PARTS: tuple[Part, ...] = ("equality", "serving", "plans")
_WINDOWS = {"lenet": 10_000, "alexnet": 200, "flowers": 60, "residual": 60}
_QUICK_WINDOWS = dict.fromkeys(_WINDOWS, 6)
_SERVED, _QUICK_SERVED = serving.Effort(10_000, 24, 1.5), serving.Effort(40, 3, 1.5)
_PLANS = plans.Effort((5e6, 10e6, 20e6, 50e6), (0.06, 0.08, 0.095), 12)
_QUICK_PLANS = plans.Effort((20e6,), (0.07,), 8)
_PROFILE_S, _QUICK_PROFILE_S = 24.0, 8.0
_FLOWERS = PIPELINES / "flowers.yaml"


def main(
    parts: Annotated[list[str] | None, typer.Argument(metavar="[equality] [serving] [plans]")] = None,
    quick: Quick = False,
    out: Out = None,
    docs: Docs = False,
) -> None:
    """Measure windows: whether answers are equal, what serving all of them costs, which plans they make.

    Parts that are not named are left out. Plans need root.
    """
    chosen = parts or list(_PARTS)
    if unknown := set(chosen) - set(_PARTS):
        raise typer.BadParameter(f"{', '.join(unknown)}; there are {', '.join(_PARTS)}")
    if docs and len(chosen) < len(_PARTS):
        raise typer.BadParameter("the page has all parts: leave --docs out, or name none")
    study = Study("windows", out)
    measure = {"equality": _equality, "serving": _serving, "plans": _plans}
    measured = together([measure[part](study, quick) for part in _PARTS if part in chosen])
    study.write(measured, page=LABORATORY / "windows.md" if docs else None)
    study.show(measured)


def together(reports: Sequence[Report]) -> Report:
    """The reports of all parts as one."""
    return Report(
        [fact for report in reports for fact in report.facts],
        [table for report in reports for table in report.tables],
        {name: picture for report in reports for name, picture in report.pictures.items()},
        {name: rows for report in reports for name, rows in report.records.items()},
    )


def _equality(study: Study, quick: bool) -> Report:
    with tempfile.TemporaryDirectory(prefix="edgent-windows-") as name:
        folder = Path(name)
        specs = [PIPELINES / f"{pipeline}.yaml" for pipeline in ("lenet", "alexnet", "flowers")]
        subjects = []
        for spec in (*specs, write_residual(folder)):
            network = Network.open(read_spec(spec), folder / "cache")
            most = (_QUICK_WINDOWS if quick else _WINDOWS)[network.spec.name]
            subjects.append(equality.Subject(network, draw(network, most), _inputs(network.spec)))
        # A store has a pipeline's archive where it has one of its heads.
        wanted = {whole_path(subject.network).head_name(subject.network) for subject in subjects}
        wanted |= {head for subject in subjects for head in heads(subject.network, subject.chosen)}
        archives = [
            archive
            for archive in plan_archives([subject.network for subject in subjects], warm=())
            if archive.name in wanted
        ]
        models = build_store(folder / "store", archives)
        with study.bar("equality") as tell, TorchServe(folder / "store", models) as server:
            compared = equality.compare_all(server, subjects, tell)
        fused = [
            of_level
            for subject in subjects
            for of_level in fusion.compare_levels(subject.network, subject.chosen, subject.inputs[:1])
        ]
        return equality_report.report(compared, fused)


def _inputs(pipeline: Pipeline) -> np.ndarray:
    """A real input where there is one, and two of noise, which drives every unit."""
    noise = np.random.default_rng(7).integers(0, 256, (2, *pipeline.input.shape), np.uint8)
    real = trial_inputs(pipeline)[:1] if pipeline.held_out is not None else noise[:0]
    return np.concatenate([real, noise])


def _serving(study: Study, quick: bool) -> Report:
    pipeline = read_spec(_FLOWERS)
    effort = _QUICK_SERVED if quick else _SERVED
    with tempfile.TemporaryDirectory(prefix="edgent-windows-") as name, study.bar("serving") as tell:
        folder = Path(name)
        network = Network.open(pipeline, folder / "cache")
        inputs = trial_inputs(pipeline)
        return serving_report.report(serving.measure_serving(network, inputs, folder / "store", effort, tell))


def _plans(study: Study, quick: bool) -> Report:
    pipeline, slowness = read_spec(_FLOWERS), Slowness(dilation=plans.SLOWDOWN)
    with trial_folder("windows", pipeline) as folder:
        rig = Rig(
            write_trial_spec(pipeline, folder, windows=True), trial_inputs(pipeline), slowness, study.console
        )
        with phase_progress(study.console) as progress:
            measure_accuracy(pipeline, rig.network, 0.0, progress)
        effort = _QUICK_PLANS if quick else _PLANS
        wishes = plans.wishes(rig.network.spec, effort)
        with rig:
            rig.profile(_QUICK_PROFILE_S if quick else _PROFILE_S, [wish.spec for wish in wishes])
            rig.serve(())
            rig.start_device()
            rig.warm_up((), 0)
            rig.slow_down()
            with study.bar("plans") as tell:
                chosen = list(plans.measure_plans(rig, wishes, effort, tell))
            return plans_report.report(chosen)


if __name__ == "__main__":
    run(main)
