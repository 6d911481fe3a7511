"""Command line: `python -m benchmarks.studies.moving`."""

import os
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.studies.live.measure import beginning
from benchmarks.studies.moving.bench import Bench
from benchmarks.studies.moving.report import report
from benchmarks.studies.moving.verdict import unusable
from benchmarks.studies.study import LABORATORY, PIPELINES, Docs, Out, Study, run
from benchmarks.studies.workload.asking import Asking
from benchmarks.studies.workload.conditions import SLOWDOWNS
from benchmarks.studies.workload.devices import calibrate, make_device, write_ours
from benchmarks.studies.workload.methods import OURS
from benchmarks.studies.workload.small_network import accuracy_of, make_small_network
from benchmarks.studies.workload.starting import draw_photos, keep_inputs, see_profiles, start_device
from benchmarks.studies.workload.stock import build_stock
from benchmarks.testbed.errors import TestbedError
from benchmarks.testbed.rig import Rig, Slowness
from benchmarks.testbed.testbed import usual_kind
from benchmarks.testbed.trial import trial_folder
from edgent.bandwidth.trace_files import load_trace
from edgent.cli.phase_progress import phase_progress
from edgent.errors import DataError
from edgent.spec import read_spec

_REQUIREMENTS_S = (0.1, 0.2)
_PHOTOS = 64
_PAGE = LABORATORY / "moving.md"


def main(
    trace: Annotated[
        list[Path] | None,
        typer.Option(help="A bandwidth trace, or NAME.up of a pair; Mahimahi's in EDGENT_DATA_DIR if none."),
    ] = None,
    scale: Annotated[float, typer.Option(help="Multiplies the bandwidths.")] = 0.1,
    samples: Annotated[int, typer.Option(min=1, help="How many samples of each are run.")] = 40,
    hold_s: Annotated[float, typer.Option(min=0.1, help="Seconds of a sample.")] = 0.75,
    out: Out = None,
    docs: Docs = False,
) -> None:
    """Compare edgent with what a practitioner does today, on links that move.

    The device is that of the workload's study, and so are profiles and exit rule, if they are kept already.
    """
    study, pipeline = Study("moving", out), read_spec(PIPELINES / "flowers.yaml")
    links = [
        beginning(load_trace(file).scaled(scale).resampled(hold_s), samples) for file in trace or _recorded()
    ]
    photos, inputs = draw_photos(pipeline, _PHOTOS)
    with trial_folder("workload", pipeline) as folder:
        ours = write_ours(pipeline, folder)
        with phase_progress(study.console) as progress:
            small = make_small_network(pipeline, folder, progress)
            calibrate(ours, progress)
        keep_inputs(photos, small)
        rig = Rig(ours, inputs, Slowness(dilation=SLOWDOWNS[0]), study.console, usual_kind())
        with rig, study.bar("links that move") as tell:
            rig.check()
            profiled = see_profiles(rig, pipeline, ours, thorough=True)
            rig.serve((), others=[partial(build_stock, pipeline=pipeline)])
            device = make_device(ours, SLOWDOWNS[0], profiled)
            start_device(rig, SLOWDOWNS[0], small, photos)
            rig.ask(do="take_given", spec=str(device.specs[OURS]))
            asking = Asking(rig, photos, accuracy_of(small))
            bench = Bench(asking, photos, device, _REQUIREMENTS_S, tell)
            watched = [one for link in links for one in bench.on_link(link)]
    written = report(watched, _REQUIREMENTS_S)
    circumstances = f"A device {SLOWDOWNS[0]:g} times slower in computing; bandwidths times {scale:g}."
    useless = unusable(watched)
    study.write(written, circumstances, _PAGE if docs and not useless else None)
    study.show(written)
    if useless:
        left_alone = f"; {_PAGE} is left as it was" if docs else ""
        raise TestbedError(f"this run cannot be used, see {study.folder / 'report.md'}{left_alone}")


def _recorded() -> list[Path]:
    """The pairs of traces that come with the data.

    Raises:
        DataError: There are none.
    """
    folder = Path(os.environ.get("EDGENT_DATA_DIR", ""), "traces", "mahimahi")
    files = sorted(folder.glob("*.up"))
    if not files:
        raise DataError(f"{folder} holds no NAME.up: set EDGENT_DATA_DIR, or give --trace")
    return files


if __name__ == "__main__":
    run(main)
