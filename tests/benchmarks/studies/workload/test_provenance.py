"""Where figures come from, in a sentence."""

import os
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

from benchmarks.studies.workload.answered import Measured
from benchmarks.studies.workload.conditions import conditions
from benchmarks.studies.workload.provenance import made_with, provenance


def test_links_that_were_kept_are_told(measured: Measured, tmp_path: Path) -> None:
    """With the times of their files; what was measured with another edgent stands apart."""
    every = [
        replace(measured, condition=condition, made_with=made)
        for condition, made in zip(conditions()[:3], ("edgent 1", "edgent 1", ""), strict=True)
    ]
    for hour, one in enumerate(every):
        file = tmp_path / one.condition.file_name
        one.write(file)
        seconds = datetime(2026, 1, 2, hour, tzinfo=timezone.utc).timestamp()
        os.utime(file, (seconds, seconds))
    said = provenance(tmp_path, every, [every[0].condition])
    assert said.startswith(
        "1 of 3 links were measured in this run; 2 are kept from before, measured from 2026-01-02 01:00 to "
        "2026-01-02 02:00 UTC (remove"
    )
    assert said.endswith("Measured with edgent 1 (2 links) / an edgent that was not noted (1 links).")


def test_a_run_that_measured_everything_keeps_nothing(measured: Measured, tmp_path: Path) -> None:
    """And names what it measured with once."""
    said = provenance(tmp_path, [replace(measured, made_with=made_with())], [measured.condition])
    assert said == f"1 of 1 links were measured in this run. Measured with {made_with()}."
