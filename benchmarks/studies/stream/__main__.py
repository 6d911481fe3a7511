"""Command line: `python -m benchmarks.studies.stream [--quick]`."""

from benchmarks.studies.stream.frames import write_video
from benchmarks.studies.stream.measure import RATES_BPS, SLOWDOWN, measure
from benchmarks.studies.stream.report import report
from benchmarks.studies.study import LABORATORY, PIPELINES, Docs, Out, Quick, Study, run
from benchmarks.testbed.rig import Rig, Slowness
from benchmarks.testbed.trial import listed_codecs, trial_folder, write_trial_spec
from edgent.inputs.folder import folder_files
from edgent.inputs.labelled import held_out_data, held_out_path
from edgent.spec import read_spec

_PHOTOS, _QUICK_PHOTOS = 200, 60
_PROFILE_S, _QUICK_PROFILE_S = 12.0, 6.0


def main(quick: Quick = False, out: Out = None, docs: Docs = False) -> None:
    """Answer a video and photos that come into a folder, frames overlapped and one by one; needs root.

    The flowers' pipeline on the testbed, on a slow link and on a quick one.
    """
    study = Study("stream", out)
    pipeline = read_spec(PIPELINES / "flowers.yaml")
    with trial_folder("stream", pipeline) as folder:
        path = held_out_path(pipeline)
        assert path is not None, "the pipeline names photos"
        photos = [file.path for file in folder_files(path, pipeline)]
        photos = photos[:: max(len(photos) // _PHOTOS, 1)][: _QUICK_PHOTOS if quick else _PHOTOS]
        frames = 90 if quick else 300
        sources = {"video": [write_video(folder / "flowers.mp4", photos, frames)], "folder": photos}
        spec = write_trial_spec(
            pipeline, folder, windows=True, codecs=listed_codecs(pipeline), device={"hedge": True}
        )
        held_out = held_out_data(pipeline, use_labels=False)
        images = next(iter(held_out.batches(64, held_out.order(0)))).images
        with Rig(spec, images, Slowness(dilation=SLOWDOWN), study.console) as rig:
            rig.profile(_QUICK_PROFILE_S if quick else _PROFILE_S)
            rig.serve(())
            rig.start_device()
            rig.warm_up((), 0)
            rig.slow_down()
            with study.bar("streams") as tell:
                measured = report(list(measure(rig, sources, RATES_BPS, tell)))
    study.write(measured, page=LABORATORY / "streams.md" if docs else None)
    study.show(measured)


if __name__ == "__main__":
    run(main)
