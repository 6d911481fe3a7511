"""Command line: `python -m benchmarks.studies.workload [--quick]`."""

import shutil
from collections.abc import Sequence

import typer

from benchmarks.studies.study import LABORATORY, PIPELINES, Docs, Out, Quick, Study, run
from benchmarks.studies.workload.agreement import LEVELS, read_levels
from benchmarks.studies.workload.conditions import (
    QUICK_REQUIREMENTS_S,
    REQUIREMENTS_S,
    Condition,
    conditions,
    quick_conditions,
)
from benchmarks.studies.workload.devices import write_ours
from benchmarks.studies.workload.limit import kept_limits
from benchmarks.studies.workload.measure import Effort, kept, left_to_measure
from benchmarks.studies.workload.page import write_page
from benchmarks.studies.workload.provenance import provenance
from benchmarks.studies.workload.report import report
from benchmarks.studies.workload.running import Running
from benchmarks.studies.workload.verdict import unusable
from benchmarks.testbed.trial import open_trial, trial_folder
from edgent.spec import read_spec

_EFFORT = Effort(REQUIREMENTS_S, learning=2, rounds=2, counted=3, limit_answers=15, is_thorough=True)
_QUICK_EFFORT = Effort(QUICK_REQUIREMENTS_S, learning=2, rounds=1, counted=3, limit_answers=3)

_LEVELS = LABORATORY / "benchmarks" / f"{LEVELS}.csv"
"""Of the run that the documentation shows; a new one is compared with it."""


def main(quick: Quick = False, out: Out = None, docs: Docs = False) -> None:
    """Compare edgent with what a practitioner does today: flowers, slow devices, many links.

    A run that was stopped goes on where it was, if it is begun again with the same folder of results, and
    measures anew what was measured while the machine was faster or slower than usual.
    """
    study, pipeline = Study("workload", out), read_spec(PIPELINES / "flowers.yaml")
    links = quick_conditions() if quick else conditions()
    effort = _QUICK_EFFORT if quick else _EFFORT
    study.folder.mkdir(parents=True, exist_ok=True)
    with trial_folder("workload-quick" if quick else "workload", pipeline) as folder:
        ours = write_ours(pipeline, folder)
        left = left_to_measure(study.folder, links)
        if left or not kept_limits(study.folder):
            Running(study, pipeline, ours, effort, links).measure(left)
        network = open_trial(ours)
    all_measured = [*kept(study.folder, links).values()]
    written = report(
        all_measured, kept_limits(study.folder), network, read_levels(_LEVELS), ranks=effort.is_thorough
    )
    source = provenance(study.folder, all_measured, left)
    circumstances = f"{_circumstances(effort, links)} {source}"
    study.write(written, circumstances, LABORATORY / "workload.md" if docs else None)
    if docs:
        shutil.copy(study.folder / _LEVELS.name, _LEVELS)
    study.show(written)
    study.console.print(circumstances, highlight=False)
    write_page(study.folder / "report.html", written, circumstances)
    if unusable(all_measured):
        raise typer.Exit(1)


def _circumstances(effort: Effort, links: Sequence[Condition]) -> str:
    """What was run, in words."""
    slower = " and ".join(f"{each:g}" for each in dict.fromkeys(link.slowdown for link in links))
    shipped = (
        "Profiles are as shipped, not of this machine: ours calibrates itself while it runs; the plans of "
        "the paper's Edgent and of Neurosurgeon, and T*, are computed from them as they are."
    )
    said = (
        f"{effort.counted_photos} held-out photos of each link count, other ones on each; devices compute "
        f"{slower} times slower."
    )
    return said if effort.is_thorough else f"{said} {shipped}"


if __name__ == "__main__":
    run(main)
