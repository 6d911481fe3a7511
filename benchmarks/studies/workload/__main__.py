"""Command line: `python -m benchmarks.studies.workload [--quick]`."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import typer

from benchmarks.studies.study import LABORATORY, PIPELINES, Docs, Out, Quick, Report, Study, run
from benchmarks.studies.workload.agreement import LEVELS, read_levels
from benchmarks.studies.workload.conditions import (
    QUICK_REQUIREMENTS_S,
    REQUIREMENTS_S,
    Condition,
    conditions,
    quick_conditions,
)
from benchmarks.studies.workload.devices import write_ours
from benchmarks.studies.workload.digests import digests
from benchmarks.studies.workload.kept import read_kept
from benchmarks.studies.workload.measure import Effort
from benchmarks.studies.workload.page import write_page
from benchmarks.studies.workload.provenance import provenance
from benchmarks.studies.workload.report import report
from benchmarks.studies.workload.running import Running
from benchmarks.studies.workload.verdict import unusable
from benchmarks.testbed.errors import TestbedError
from benchmarks.testbed.trial import open_trial, trial_folder
from edgent.spec import read_spec

_EFFORT = Effort(REQUIREMENTS_S, learning=2, rounds=2, counted=3, limit_answers=15, is_thorough=True)
_QUICK_EFFORT = Effort(QUICK_REQUIREMENTS_S, learning=2, rounds=1, counted=3, limit_answers=3)

_LEVELS = LABORATORY / "benchmarks" / f"{LEVELS}.csv"
"""Of the run that the documentation shows; a new one is compared with it."""
_PAGE = LABORATORY / "workload.md"


def main(quick: Quick = False, out: Out = None, docs: Docs = False) -> None:
    """Compare edgent with what a practitioner does today: flowers, slow devices, many links.

    A run that was stopped goes on where it was, if it is begun again with the same folder of results. It
    measures anew what was measured with other sources, effort or profiles, or while the machine was faster or
    slower than usual. With --quick the folder is runs/workload-quick when none is given.
    """
    if quick and docs:
        raise typer.BadParameter("a quick run ranks nothing, so it is not published: leave one of them out")
    name = "workload-quick" if quick else "workload"
    study, pipeline = Study("workload", out or Path("runs", name)), read_spec(PIPELINES / "flowers.yaml")
    links = quick_conditions() if quick else conditions()
    effort = _QUICK_EFFORT if quick else _EFFORT
    study.folder.mkdir(parents=True, exist_ok=True)
    with trial_folder(name, pipeline) as folder:
        ours = write_ours(pipeline, folder)
        kept = read_kept(study.folder, links, digests(effort, pipeline, ours))
        if kept.refusal:
            study.console.print(f"kept, and measured anew: {kept.refusal}", highlight=False)
        left = kept.left(links)
        if left or not kept.limits:
            made_with = Running(study, pipeline, ours, effort, links).measure(left, limits=not kept.limits)
            kept = read_kept(study.folder, links, made_with)
        network = open_trial(ours)
    all_measured = [*kept.measured.values()]
    written = report(all_measured, kept.limits, network, read_levels(_LEVELS), ranks=effort.is_thorough)
    source = provenance(study.folder, all_measured, left)
    circumstances = f"{_circumstances(effort, links)} {source}"
    is_usable = not (effort.is_thorough and unusable(all_measured))
    _write(study, written, circumstances, is_usable=is_usable, docs=docs)


def _write(study: Study, written: Report, circumstances: str, *, is_usable: bool, docs: bool) -> None:
    """Write and show a report; into the documentation only where the run can be used.

    Raises:
        TestbedError: It cannot.
    """
    publishes = docs and is_usable
    study.write(written, circumstances, _PAGE if publishes else None)
    if publishes:
        shutil.copy(study.folder / _LEVELS.name, _LEVELS)
    study.show(written)
    study.console.print(circumstances, highlight=False)
    write_page(study.folder / "report.html", written, circumstances)
    if not is_usable:
        left_alone = f"; {_PAGE} stays as it was" if docs else ""
        raise TestbedError(f"this run cannot be used: {study.folder / 'report.md'} says why{left_alone}")


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
