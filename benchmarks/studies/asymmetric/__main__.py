"""Command line: `python -m benchmarks.studies.asymmetric [--quick]`."""

from pathlib import Path
from typing import Any

from benchmarks.studies.asymmetric.measure import Wish, links, measure, wanted_plans
from benchmarks.studies.asymmetric.report import report
from benchmarks.studies.study import LABORATORY, PIPELINES, Docs, Out, Quick, Study, run
from benchmarks.testbed.rig import Rig, Slowness
from benchmarks.testbed.trial import (
    listed_codecs,
    trial_folder,
    trial_inputs,
    write_changed,
    write_trial_spec,
)
from edgent.latency.loading import load_cost_table
from edgent.spec import Pipeline, read_spec

_SLOWDOWN = 20.0
_PROFILE_S = 24.0
_REQUESTS, _QUICK_REQUESTS = 30, 24
_ROUND_TRIPS_S, _QUICK_ROUND_TRIPS_S = (2e-3, 50e-3, 200e-3), (50e-3,)
_WISHES: dict[str, tuple[float, dict[str, Any]]] = {
    "accurate": (0.1, {}),
    "little for the device to do": (0.5, {"objective": "device_seconds", "least_accuracy": 0.9}),
}


def main(quick: Quick = False, out: Out = None, docs: Docs = False) -> None:
    """Let a slow device choose on links that are ten times as quick one way as the other; needs root.

    The flowers' pipeline on the testbed, with the codecs that it ships. Profiles of an earlier run are kept.
    """
    study, pipeline = Study("asymmetric", out), read_spec(PIPELINES / "flowers.yaml")
    with trial_folder("asymmetric", pipeline) as folder:
        base, wishes = _specs(pipeline, folder)
        rig = Rig(base, trial_inputs(pipeline), Slowness(dilation=_SLOWDOWN), study.console)
        with rig:
            rig.check()
            if not (folder / "device.yaml").exists():
                rig.profile(_PROFILE_S)
            on = links(_QUICK_ROUND_TRIPS_S if quick else _ROUND_TRIPS_S)
            plans = wanted_plans(load_cost_table(rig.network), wishes, on)
            rig.serve(())
            rig.start_device()
            rig.warm_up((), 0)
            for plan in plans:
                rig.wake(plan)
            rig.slow_down()
            with study.bar("asymmetric links") as tell:
                asked = list(measure(rig, on, wishes, _QUICK_REQUESTS if quick else _REQUESTS, tell))
    measured = report(asked)
    study.write(measured, page=LABORATORY / "asymmetric.md" if docs else None)
    study.show(measured)


def _specs(pipeline: Pipeline, folder: Path) -> tuple[Path, list[Wish]]:
    """A trial, and what is wished for of it on a steady link."""
    base = write_trial_spec(
        pipeline, folder, codecs=listed_codecs(pipeline), bandwidth={"environment": "static"}
    )
    wishes = [
        Wish(
            name,
            requirement_s,
            write_changed(read_spec(base), folder / f"{name.replace(' ', '-')}.yaml", **sections),
        )
        for name, (requirement_s, sections) in _WISHES.items()
    ]
    return base, wishes


if __name__ == "__main__":
    run(main)
