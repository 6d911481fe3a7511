"""Command line: `python -m benchmarks.studies.leaving [--quick]`."""

from pathlib import Path
from typing import Any

from benchmarks.studies.leaving.leaving import RATE_BPS, SLOWDOWN, Opened, measure_choices, measure_plans
from benchmarks.studies.leaving.report import report
from benchmarks.studies.study import LABORATORY, PIPELINES, Docs, Out, Quick, Study, run
from benchmarks.testbed.rig import Rig, Slowness
from benchmarks.testbed.trial import listed_codecs, trial_folder, write_changed, write_trial_spec
from edgent.accuracy.exit_rule_evaluation import find_exit_rule
from edgent.exits.rules.calibration import Bound
from edgent.inputs.labelled import held_out_data
from edgent.network import Network
from edgent.spec import Pipeline, read_spec

_LOSSES = (0.01, 0.02)
_CONFIDENCE, _MEASURE = 0.95, "largest_probability"
_PHOTOS, _QUICK_PHOTOS = 200, 24
_PROFILE_S, _QUICK_PROFILE_S = 24.0, 8.0
_WISH = {"objective": "latency", "least_accuracy": 0.9}


def main(quick: Quick = False, out: Out = None, docs: Docs = False) -> None:
    """Answer photos with exits on the way asked, and without, device-only and device first; needs root.

    The flowers' pipeline on the testbed, with the codecs that it ships.
    """
    study, photos = Study("leaving", out), _QUICK_PHOTOS if quick else _PHOTOS
    pipeline = read_spec(PIPELINES / "flowers.yaml")
    with trial_folder("leaving", pipeline) as folder:
        specs = _specs(pipeline, folder)
        held_out = held_out_data(pipeline, use_labels=False)
        images = next(iter(held_out.batches(photos, held_out.order(0)))).images
        first = specs[_LOSSES[0]]
        with Rig(first, images, Slowness(dilation=SLOWDOWN), study.console) as rig:
            rig.profile(_QUICK_PROFILE_S if quick else _PROFILE_S, [*specs.values()])
            rig.serve(())
            rig.start_device()
            rig.warm_up((), 0)
            rig.slow_down()
            rig.set_rate(RATE_BPS)
            opened = [Opened.on(rig, spec, loss) for loss, spec in specs.items()]
            with study.bar("photos") as tell:
                asked = list(measure_plans(rig, opened, photos, tell))
                asked += measure_choices(rig, opened, photos, tell)
    measured = report(asked)
    study.write(measured, page=LABORATORY / "leaving-early.md" if docs else None)
    study.show(measured)


def _specs(pipeline: Pipeline, folder: Path) -> dict[float | None, Path]:
    """Trials of one network: with the rule of each loss, and without a rule."""
    base = write_trial_spec(pipeline, folder, windows=True, codecs=listed_codecs(pipeline), **_WISH)
    network, held_out = Network.open(read_spec(base), folder / "segments"), held_out_data(pipeline)
    specs: dict[float | None, Path] = {}
    for loss in _LOSSES:
        file = folder / f"exit_rule-{loss:g}.yaml"
        rule: dict[str, Any] = {"measure": _MEASURE, "loss": loss, "confidence": _CONFIDENCE}
        find_exit_rule(network, held_out, "accuracy", _MEASURE, Bound(loss, _CONFIDENCE)).write(file)
        specs[loss] = write_changed(
            read_spec(base), folder / f"loss-{loss:g}.yaml", exit_rule=rule | {"file": file.name}
        )
    return specs | {None: base}


if __name__ == "__main__":
    run(main)
