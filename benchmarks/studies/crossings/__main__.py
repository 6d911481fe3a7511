"""Command line: `python -m benchmarks.studies.crossings [--quick]`."""

from benchmarks.studies.crossings.crossings import LEAST_ACCURACY, SLOWDOWN, Effort, measure_link
from benchmarks.studies.crossings.crossings_report import report
from benchmarks.studies.study import LABORATORY, PIPELINES, Docs, Out, Quick, Study, run
from benchmarks.testbed.rig import Rig, Slowness
from benchmarks.testbed.trial import (
    listed_codecs,
    trial_folder,
    trial_inputs,
    write_changed,
    write_trial_spec,
)
from edgent.spec import read_spec

_EFFORT, _QUICK_EFFORT = Effort((100e3, 250e3, 500e3), 24), Effort((250e3,), 8)
_PROFILE_S, _QUICK_PROFILE_S = 24.0, 8.0


def main(quick: Quick = False, out: Out = None, docs: Docs = False) -> None:
    """Compare learned crossings with every other way of answering as accurately; needs root.

    The flowers' pipeline on the testbed, with the codecs that it ships.
    """
    study, effort = Study("crossings", out), _QUICK_EFFORT if quick else _EFFORT
    pipeline = read_spec(PIPELINES / "flowers.yaml")
    slowness = Slowness(dilation=SLOWDOWN)
    with trial_folder("crossings", pipeline) as folder:
        spec = write_trial_spec(pipeline, folder, windows=True, codecs=listed_codecs(pipeline))
        wish = {"objective": "latency", "least_accuracy": LEAST_ACCURACY}
        links = {"bandwidth_kbps": [rate / 1e3 for rate in (min(effort.rates_bps), max(effort.rates_bps))]}
        chooses = write_changed(read_spec(spec), folder / "quickest.yaml", range=links, **wish)
        rig = Rig(spec, trial_inputs(pipeline), slowness, study.console)
        with rig:
            rig.profile(_QUICK_PROFILE_S if quick else _PROFILE_S, [chooses])
            rig.serve(())
            rig.start_device()
            rig.warm_up((), 0)
            rig.slow_down()
            with study.bar("crossings") as tell:
                links_measured = [
                    measure_link(rig, chooses, rate_bps, effort.requests, tell)
                    for rate_bps in effort.rates_bps
                ]
    measured = report(
        [one for quickest, _ in links_measured for one in quickest], [own for _, own in links_measured]
    )
    study.write(measured, page=LABORATORY / "crossings.md" if docs else None)
    study.show(measured)


if __name__ == "__main__":
    run(main)
