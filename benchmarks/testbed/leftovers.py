"""Removing a run of the testbed: this process's own at the end, and what a dead process left."""

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.testbed import namespaces
from benchmarks.testbed.errors import TestbedError
from benchmarks.testbed.quota.group import CpuGroup, group_of, runs_with_groups
from benchmarks.testbed.run_name import VARIABLE, RunName, process_start

_POLITE_S = 3.0
_LONGEST_S = 10.0


def clean() -> list[RunName]:
    """Remove every run whose owner is dead; live testbeds and anything else are left alone."""
    known = set(_marked_processes().values())
    if namespaces.is_root():
        known |= namespaces.runs_with_namespaces() | runs_with_groups()
    # A testbed started inside a dead one's command must not end itself.
    own = os.environ.get(VARIABLE)
    orphans = sorted((run for run in known if run.is_orphaned and str(run) != own), key=str)
    for run in orphans:
        remove(run)
    return orphans


def remove(run: RunName) -> None:
    """End every process of a run, then remove its control group and its namespaces.

    Raises:
        TestbedError: Something would not go.
    """
    group = group_of(run) if namespaces.is_root() else None
    if group:
        group.thaw()  # a frozen process does not hear a signal
    _end_processes(run, group)
    if group:
        group.remove()
    if namespaces.is_root():
        namespaces.remove(run)


def processes(run: RunName, group: CpuGroup | None = None) -> set[int]:
    """The live processes of a run: marked, in its namespaces, or in its group."""
    marked = {pid for pid, owner in _marked_processes().items() if owner == run}
    inside = namespaces.pids(run) if namespaces.is_root() else set()
    pids = marked | inside | (group.pids() if group else set())
    return {pid for pid in pids if process_start(pid) is not None}


def _end_processes(run: RunName, group: CpuGroup | None) -> None:
    started = time.monotonic()
    asked: set[int] = set()
    while remaining := processes(run, group):
        waited = time.monotonic() - started
        if waited > _LONGEST_S:
            raise TestbedError(f"processes {sorted(remaining)} of {run} do not end, even by SIGKILL")
        for pid in remaining:
            with contextlib.suppress(ProcessLookupError):
                if waited > _POLITE_S:
                    os.kill(pid, signal.SIGKILL)
                elif pid not in asked:
                    os.kill(pid, signal.SIGTERM)
        asked |= remaining
        time.sleep(0.02)


def _marked_processes() -> dict[int, RunName]:
    """Every process that carries the mark of a run in its environment."""
    return dict(_scan())


def _scan() -> Iterator[tuple[int, RunName]]:
    mark = f"{VARIABLE}=".encode()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                environment = (entry / "environ").read_bytes()
            except OSError:  # it ended just now, or is another user's
                continue
            for variable in environment.split(b"\0"):
                if variable.startswith(mark):
                    run = RunName.parse(variable[len(mark) :].decode(errors="replace"))
                    if run:
                        yield int(entry.name), run
