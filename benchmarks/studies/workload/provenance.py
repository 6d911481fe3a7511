"""Where figures come from: how many links are kept from an earlier run, and with what they were measured."""

from collections.abc import Collection, Sequence
from datetime import datetime, timezone
from pathlib import Path

import edgent
from benchmarks.studies.workload.answered import Measured
from benchmarks.studies.workload.conditions import Condition
from benchmarks.testbed.testbed import usual_kind


def made_with() -> str:
    """The version of edgent that is installed, and what stands for the link."""
    link = "network namespaces" if usual_kind() == "namespaces" else "a relay in user space"
    return f"edgent {edgent.__version__} and {link} for a link"


def provenance(folder: Path, measured: Sequence[Measured], now: Collection[Condition]) -> str:
    """Say how many links are kept from before, when they were measured, and with what.

    Args:
        folder: Where each link's file is.
        measured: Everything that is reported.
        now: The links that were measured in this run.
    """
    kept = [one.condition for one in measured if one.condition not in now]
    said = f"{len(measured) - len(kept)} of {len(measured)} links were measured in this run"
    if kept:
        times_s = sorted((folder / one.file_name).stat().st_mtime for one in kept)
        first, last = (_in_words(time_s) for time_s in (times_s[0], times_s[-1]))
        when = f"at {first}" if first == last else f"from {first} to {last}"
        said += (
            f"; {len(kept)} are kept from before, measured {when} UTC (remove the folder of results to "
            "measure them anew)"
        )
    return f"{said}. Measured with {' / '.join(_counted(measured))}."


def _counted(measured: Sequence[Measured]) -> list[str]:
    """With what links were measured; how many of them each time, where it differs."""
    names = [one.made_with or "an edgent that was not noted" for one in measured]
    distinct = list(dict.fromkeys(names))
    return distinct if len(distinct) == 1 else [f"{name} ({names.count(name)} links)" for name in distinct]


def _in_words(time_s: float) -> str:
    return f"{datetime.fromtimestamp(time_s, timezone.utc):%Y-%m-%d %H:%M}"
