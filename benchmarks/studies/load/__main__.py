"""Command line: `python -m benchmarks.studies.load [--quick]`."""

import logging
import tempfile
from pathlib import Path

from benchmarks.studies.load.measure import HEAD_S, METHODS, REQUIREMENT_S, measure
from benchmarks.studies.load.report import report
from benchmarks.studies.load.slow_edge import slow_edge
from benchmarks.studies.study import DOCS, PIPELINES, Docs, Out, Quick, Study, run
from edgent.network import Network
from edgent.spec import read_spec

_DEVICES, _QUICK_DEVICES = (1, 2, 4, 8, 16, 32, 64), (8, 64)
_AT_FULL_LOAD = 32
"""So many devices ask for as much together as the head can compute; twice as many for twice as much."""
_SECONDS, _QUICK_SECONDS = 15.0, 5.0


def main(quick: Quick = False, out: Out = None, docs: Docs = False) -> None:
    """Let more and more devices ask one slow head, with deadlines that the edge keeps and without."""
    study = Study("load", out)
    logging.getLogger("device_runtime").setLevel(logging.ERROR)  # each device of before would say so
    devices, seconds = (_QUICK_DEVICES, _QUICK_SECONDS) if quick else (_DEVICES, _SECONDS)
    cells = []
    with tempfile.TemporaryDirectory(prefix="edgent-load-") as name, study.bar("devices") as tell:
        network = Network.open(read_spec(PIPELINES / "lenet.yaml"))
        with slow_edge(network, Path(name), HEAD_S) as edge:
            for count in devices:
                for method in METHODS:
                    cells.append(measure(edge, method, count, count / _AT_FULL_LOAD, seconds))
                    tell(f"{count}", len(cells) / (len(devices) * len(METHODS)))
    measured = report(cells)
    circumstances = (
        f"One TorchServe, one worker, a head of {HEAD_S * 1e3:g} ms that takes no core. Each device asks at "
        f"random times, as often as the others, and needs its answer within {REQUIREMENT_S * 1e3:g} ms; "
        f"{seconds:g} s a row."
    )
    study.write(measured, circumstances, page=DOCS / "deadlines.md" if docs else None)
    study.show(measured)


if __name__ == "__main__":
    run(main)
