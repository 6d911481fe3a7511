"""Command line: `python -m benchmarks.studies.workload [--quick]`."""

import shutil
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
import typer

from benchmarks.studies.study import DOCS, PIPELINES, Docs, Out, Quick, Study, run
from benchmarks.studies.workload.conditions import (
    QUICK_REQUIREMENTS_S,
    REQUIREMENTS_S,
    Condition,
    are_ablated,
    conditions,
    quick_conditions,
)
from benchmarks.studies.workload.devices import Device, calibrate, make_device, write_ours
from benchmarks.studies.workload.measure import Bench, Effort, Photos, kept, left_to_measure
from benchmarks.studies.workload.methods import OURS, SMALL
from benchmarks.studies.workload.page import write_page
from benchmarks.studies.workload.report import report
from benchmarks.studies.workload.small_network import make_small_network
from benchmarks.studies.workload.stock import build_stock
from benchmarks.studies.workload.verdict import unusable
from benchmarks.testbed.progress import Tell
from benchmarks.testbed.rig import UNSHAPED_BPS, Rig, Slowness
from benchmarks.testbed.testbed import usual_kind
from benchmarks.testbed.trial import open_trial, trial_folder
from edgent.cli.phase_progress import phase_progress
from edgent.inputs.photo_folder import photos_in
from edgent.inputs.tensor import to_tensor
from edgent.spec import Pipeline, read_spec

_SLOWDOWNS = (20.0, 60.0)
_SEED = 0
_EFFORT = Effort(REQUIREMENTS_S, learning=2, rounds=2, counted=3)
_QUICK_EFFORT = Effort(QUICK_REQUIREMENTS_S, learning=2, rounds=1, counted=3)
_PHOTOS = _EFFORT.rounds * (_EFFORT.counted + 1)
_PROFILE_S = 24.0


def main(quick: Quick = False, out: Out = None, docs: Docs = False) -> None:
    """Compare edgent with what a practitioner does today: flowers, slow devices, many links.

    A run that was stopped goes on where it was, if it is begun again with the same folder of results, and
    measures anew what was measured while the machine was faster or slower than usual.
    """
    study, pipeline = Study("workload", out), read_spec(PIPELINES / "flowers.yaml")
    conditions_ = quick_conditions(_SLOWDOWNS) if quick else conditions(_SLOWDOWNS)
    study.folder.mkdir(parents=True, exist_ok=True)
    with trial_folder("workload-quick" if quick else "workload", pipeline) as folder:
        ours = write_ours(pipeline, folder)
        left = left_to_measure(study.folder, conditions_)
        if left:
            _measure(study, pipeline, ours, left, quick=quick)
        network = open_trial(ours)
    all_measured = [*kept(study.folder, conditions_).values()]
    written = report(all_measured, network)
    slower = " and ".join(f"{each:g}" for each in _SLOWDOWNS)
    circumstances = (
        f"The same {_PHOTOS} held-out photos everywhere, devices {slower} times slower in computing."
    )
    study.write(written, circumstances, DOCS / "workload.md" if docs else None)
    study.show(written)
    write_page(study.folder / "report.html", written, circumstances)
    if unusable(all_measured):
        raise typer.Exit(1)


def _measure(
    study: Study, pipeline: Pipeline, ours: Path, conditions_: Sequence[Condition], *, quick: bool
) -> None:
    """Measure what is left to measure, and keep each condition as it is done."""
    photos, inputs = _photos(pipeline)
    with phase_progress(study.console) as progress:
        small = make_small_network(pipeline, ours.parent, progress)
        if not quick:
            calibrate(ours, progress)
    np.save(small.with_name("inputs.npy"), _inputs(photos, read_spec(small)))
    rig = Rig(ours, inputs, Slowness(dilation=_SLOWDOWNS[0]), study.console, usual_kind())
    with rig, study.bar("workload") as tell:
        rig.check()
        profiled = _profile(rig, pipeline, ours, quick=quick)
        rig.serve((), others=[partial(build_stock, pipeline=pipeline)])
        for slowdown in dict.fromkeys(one.slowdown for one in conditions_):
            device = make_device(ours, slowdown, profiled)
            own = [one for one in conditions_ if one.slowdown == slowdown]
            _measure_device(rig, device, small, photos, own, study.folder, tell, quick=quick)


def _measure_device(
    rig: Rig,
    device: Device,
    small: Path,
    photos: Photos,
    conditions_: Sequence[Condition],
    folder: Path,
    tell: Tell,
    *,
    quick: bool,
) -> None:
    rig.slowness = Slowness(dilation=device.slowdown)
    rig.set_round_trip(0.0)
    rig.set_rate(UNSHAPED_BPS)
    rig.start_device()
    rig.ask(do="open_alone", name=SMALL, spec=str(small), inputs=str(small.with_name("inputs.npy")))
    rig.warm_up((), 0)
    rig.slow_down()
    accuracy = read_spec(small).exits[-1].accuracy
    assert accuracy is not None, "it was counted when the network was made"
    bench = Bench(rig, device, photos, accuracy, _QUICK_EFFORT if quick else _EFFORT)
    for number, condition in enumerate(conditions_):
        tell(str(condition), number / len(conditions_))
        runtimes = list(device.specs) if are_ablated(condition) and not quick else [OURS]
        bench.measure(condition, runtimes).write(folder / condition.file_name)


def _profile(rig: Rig, pipeline: Pipeline, ours: Path, *, quick: bool) -> float:
    """See that both nodes have profiles; returns how many times slower the profiled device is."""
    assert pipeline.regressors is not None, "the pipeline ships profiles"
    device, edge = ours.with_name("device.yaml"), ours.with_name("edge.yaml")
    if quick:
        shutil.copy(pipeline.resolve(pipeline.regressors.device), device)
        shutil.copy(pipeline.resolve(pipeline.regressors.edge), edge)
        return 1.0
    if not (device.exists() and edge.exists()):
        rig.profile(_PROFILE_S, [ours])
    return _SLOWDOWNS[0]


def _photos(pipeline: Pipeline) -> tuple[Photos, np.ndarray]:
    """Some held-out photos of every label, and the inputs that they make."""
    held_out = photos_in(pipeline.resolve(pipeline.held_out or "")).photos
    drawn = np.random.default_rng(_SEED).permutation(len(held_out))[:_PHOTOS]
    chosen = [held_out[number] for number in drawn.tolist()]
    photos = Photos([one.file for one in chosen], [one.label or "" for one in chosen])
    return photos, _inputs(photos, pipeline)


def _inputs(photos: Photos, spec: Pipeline) -> np.ndarray:
    return np.stack([to_tensor(file, spec).reshape(spec.input.shape) for file in photos.files])


if __name__ == "__main__":
    run(main)
