"""Command line: `python -m benchmarks.studies.scale [NETWORK ...]`."""

import os
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.studies.scale.measure import link_photos, measure
from benchmarks.studies.scale.networks import NETWORKS
from benchmarks.studies.scale.report import report
from benchmarks.studies.study import LABORATORY, Docs, Out, Study, run
from benchmarks.testbed.errors import TestbedError
from benchmarks.testbed.progress import Tell

_DATA = "EDGENT_DATA_DIR"


def main(
    networks: Annotated[list[str] | None, typer.Argument(help="Networks; all unless given.")] = None,
    out: Out = None,
    docs: Docs = False,
) -> None:
    """Make a pipeline of each network, from photos of flowers, and time what edgent does with it.

    Networks that the folder of the results has already are not measured again.
    """
    flowers = Path(os.environ.get(_DATA, "data"), "flowers").resolve()
    if not flowers.is_dir():
        raise TestbedError(f"{flowers}: no photos of flowers; name the folder that holds them in {_DATA}")
    study = Study("scale", out)
    folder = study.folder.resolve()
    photos = link_photos(flowers, folder / "photos")
    chosen, rows = networks or list(NETWORKS), []
    with study.bar("scale") as tell:
        for number, name in enumerate(chosen):
            share = number / len(chosen)
            rows.append(measure(name, folder, photos, partial(_tell_step, tell, name, share)))
    measured = report(rows)
    study.write(measured, page=LABORATORY / "scale.md" if docs else None)
    study.show(measured)


def _tell_step(tell: Tell, network: str, share: float, step: str) -> None:
    tell(f"{network}, {step}", share)


if __name__ == "__main__":
    run(main)
