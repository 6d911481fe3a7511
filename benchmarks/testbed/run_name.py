"""The name of one run of the testbed, which says whose it is.

Namespaces, control groups and processes carry it, so that everything a dead run left can be found by
looking, without a state file that could be stale itself.
"""

import itertools
import os
import re
from dataclasses import dataclass
from pathlib import Path

PREFIX = "edgent-testbed"
VARIABLE = "EDGENT_TESTBED_RUN"
"""Environment variable that marks every process of a run, and whatever it starts."""

_PATTERN = re.compile(PREFIX + r"-(\d+)-(\d+)-(\d+)-(\d+)")
_numbers = itertools.count(1)


@dataclass(frozen=True)
class RunName:
    """Who owns a run of the testbed.

    Attributes:
        pid_namespace: Inode of the owner's PID namespace; in another one its PID means nothing.
        owner_pid: The process that built the testbed.
        owner_start: Its start in clock ticks after boot; a later process with the same PID differs.
        number: Counts the testbeds of one process.
    """

    pid_namespace: int
    owner_pid: int
    owner_start: int
    number: int

    def __str__(self) -> str:
        return f"{PREFIX}-{self.pid_namespace}-{self.owner_pid}-{self.owner_start}-{self.number}"

    @classmethod
    def claim(cls) -> "RunName":
        """A name that nobody else has."""
        pid = os.getpid()
        start = process_start(pid)
        assert start is not None, "this process runs"
        return cls(_pid_namespace(), pid, start, next(_numbers))

    @classmethod
    def parse(cls, text: str) -> "RunName | None":
        """The run that a name belongs to, or None where the name is not a run's."""
        match = _PATTERN.fullmatch(text)
        return cls(*map(int, match.groups())) if match else None

    @property
    def is_orphaned(self) -> bool:
        """Whether the owner is gone for certain."""
        return self.pid_namespace == _pid_namespace() and process_start(self.owner_pid) != self.owner_start


def process_start(pid: int) -> int | None:
    """When a process started, in clock ticks after boot; None where it is gone or only a zombie."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The name in brackets may hold anything; what follows the last bracket is state, parent, ..., start.
    fields = status.rpartition(")")[2].split()
    return None if fields[0] in "ZX" else int(fields[19])


def _pid_namespace() -> int:
    return Path("/proc/self/ns/pid").stat().st_ino
