"""Command line: `python -m benchmarks.studies.moving`."""

import os
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.studies.live.measure import beginning
from benchmarks.studies.moving.measure import Watched, on_trace
from benchmarks.studies.moving.report import report
from benchmarks.studies.study import LABORATORY, PIPELINES, Docs, Out, Study, run
from benchmarks.studies.workload.answered import Subject
from benchmarks.studies.workload.asking import Asking
from benchmarks.studies.workload.conditions import SLOWDOWNS
from benchmarks.studies.workload.devices import BEFORE, Device, calibrate, make_device, write_ours
from benchmarks.studies.workload.methods import OURS, SMALL, STOCK
from benchmarks.studies.workload.small_network import accuracy_of, make_small_network
from benchmarks.studies.workload.starting import draw_photos, keep_inputs, see_profiles, start_device
from benchmarks.studies.workload.stock import build_stock
from benchmarks.testbed.plan_costs import layers_by_exit
from benchmarks.testbed.progress import Tell
from benchmarks.testbed.rig import Rig, Slowness
from benchmarks.testbed.testbed import usual_kind
from benchmarks.testbed.trial import trial_folder
from edgent.bandwidth.trace_files import load_trace
from edgent.bandwidth.traces import BandwidthTrace
from edgent.cli.phase_progress import phase_progress
from edgent.errors import DataError
from edgent.planning.plan import Plan
from edgent.spec import read_spec

_REQUIREMENTS_S = (0.1, 0.2)
_PAUSE_S = 0.25
_PHOTOS = 64
_LEARNING = 4


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
            asking = Asking(rig, photos, accuracy_of(small))
            watched = [one for link in links for one in _on_link(asking, device, link, tell)]
    written = report(watched, _REQUIREMENTS_S)
    circumstances = f"A device {SLOWDOWNS[0]:g} times slower in computing; bandwidths times {scale:g}."
    study.write(written, circumstances, LABORATORY / "moving.md" if docs else None)
    study.show(written)


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


def _on_link(asking: Asking, device: Device, link: BandwidthTrace, tell: Tell) -> Iterator[Watched]:
    """Every method on one trace, one after the other, each from its beginning.

    Runtimes are opened on a link of the trace's mean bandwidths: a trace may begin with an outage.
    """
    rig, downwards = asking.rig, link.download or link
    mean_bps = float(link.bandwidth_bps.mean()), float(downwards.bandwidth_bps.mean())
    rig.set_rate(*mean_bps)
    known = rig.open(OURS, device.specs[OURS])
    deepest = known.costs.exits[-1]
    layers = layers_by_exit(known.costs)[deepest]
    others = [
        (STOCK, "", asking.stock(known.costs)),
        (SMALL, "", asking.small),
    ]
    local = [Plan.device_only(name) for name in known.costs.exits]
    edge_only = [one for one in known.costs.plans if _sends_jpeg(one, Plan(deepest, layers))]
    for method, plans in (("deepest local exit", local), ("edge-only, best codec", edge_only)):
        for plan in plans:
            if plan.remote:
                rig.wake(plan, OURS)
            others.append((method, str(plan), asking.given(plan, known.costs)))
    for method, plan_name, ask in others:
        tell(f"{link.name}: {method} {plan_name}", 0.0)
        yield Watched(link.name, method, plan_name, None, on_trace(rig, link, ask, _PAUSE_S))
    for method in (OURS, BEFORE):
        for requirement_s in _REQUIREMENTS_S:
            tell(f"{link.name}: {method} within {requirement_s * 1e3:g} ms", 0.0)
            rig.set_rate(*mean_bps)
            costs = rig.open(method, device.specs[method]).costs
            ask = asking.own_choice(Subject(method, requirement_s), costs, settles=False)
            for number in range(_LEARNING):
                ask(number)
            yield Watched(link.name, method, "", requirement_s, on_trace(rig, link, ask, _PAUSE_S))


def _sends_jpeg(plan: Plan, whole: Plan) -> bool:
    """Whether a plan has the edge run all layers on a picture that the device writes."""
    return plan.codec_up.startswith("jpeg") and plan == replace(whole, codec_up=plan.codec_up)


if __name__ == "__main__":
    run(main)
