"""Command line: `python -m benchmarks.studies.rescue [--quick]`."""

import tempfile
from pathlib import Path

from benchmarks.studies.rescue.devices import LINK, SLOWDOWN
from benchmarks.studies.rescue.measure import Cell, measure
from benchmarks.studies.rescue.report import report
from benchmarks.studies.rescue.splitting import measure_splitting
from benchmarks.studies.study import LABORATORY, PIPELINES, Docs, Out, Quick, Study, run
from edgent.network import Network
from edgent.spec import read_spec

_SPEC = PIPELINES / "flowers.yaml"
_SPLIT = [PIPELINES / f"{name}.yaml" for name in ("flowers", "alexnet", "lenet")]
_RUNS, _QUICK_RUNS = 300, 20
_PHOTOS, _QUICK_PHOTOS = 1000, 20
_CELLS = (
    *(Cell(requirement_s, "input sent") for requirement_s in (0.06, 0.08, 0.1, 0.15)),
    *(Cell(requirement_s, "device first") for requirement_s in (0.1, 0.15)),
)


def main(quick: Quick = False, out: Out = None, docs: Docs = False) -> None:
    """Let the link of every request die, and compare what the device still answers."""
    study = Study("rescue", out)
    with tempfile.TemporaryDirectory(prefix="edgent-rescue-") as name, study.bar("photos") as tell:
        cache = Path(name)
        network = Network.open(read_spec(_SPEC), cache)
        for path in network.graph.paths:  # cut once, before several processes ask for them
            network.segments.segment(path.index, 0, len(path.layers))
        splits = []
        for spec in _SPLIT:
            splits += measure_splitting(Network.open(read_spec(spec), cache), _QUICK_RUNS if quick else _RUNS)
        answers = []
        for done, of_cell in enumerate(measure(_SPEC, _CELLS, _QUICK_PHOTOS if quick else _PHOTOS, cache)):
            answers += of_cell
            tell("", (done + 1) / len(_CELLS))
    measured = report(answers, splits)
    circumstances = (
        f"Link of {LINK.upload_bps / 1e6:g} Mbps and {LINK.round_trip_s * 1e3:g} ms round trip until it "
        f"dies; device {SLOWDOWN:g}x slower in its layers, within one process, in real time."
    )
    study.write(measured, circumstances, page=LABORATORY / "rescue.md" if docs else None)
    study.show(measured)


if __name__ == "__main__":
    run(main)
