"""A CPU quota in slices short enough for a computation of a millisecond.

The kernel's own quota cannot be used for this: its least quota is 1 ms of every period, an idle group gets
it anew, and it is enforced at the scheduler's tick, so that a computation of up to 2 ms after a pause runs
at full speed (docs/laboratory/testbed.md). Here the group is thawed for a slice of every period and frozen
for the rest, and pays for what it used beyond its share with the next slices.

Run as a module, this file is the process that does so: `python -m benchmarks.testbed.quota.quota RUN DUTY`.
"""

import os
import signal
import sys
import time
from collections.abc import Mapping

from benchmarks.testbed.conversation import Conversation, say, start
from benchmarks.testbed.quota.group import CpuGroup, group_of
from benchmarks.testbed.run_name import RunName

SLICE_S = 0.0001
"""CPU time that one period grants: short against the computations, long against a freeze (30 µs)."""
DEVICE_PRIORITY = 1
"""Real-time priority of what runs in the group: nothing else on this machine may take its slices from it."""


class CpuQuota:
    """Holds a group to a share of one core."""

    def __init__(self, run: RunName, environment: Mapping[str, str]) -> None:
        self._run = run
        self._environment = environment
        self._enforcer: Conversation | None = None

    def set_duty(self, duty: float) -> None:
        """Grant this share of one core from now on; 1 is full speed."""
        self.close()
        if duty < 1:
            self._enforcer = start("quota.quota", str(self._run), repr(duty), environment=self._environment)
            self._enforcer.read()  # it says when it is at work

    def close(self) -> None:
        """Full speed again."""
        if self._enforcer is not None:
            self._enforcer.end()
            self._enforcer = None


def enforce(group: CpuGroup, duty: float) -> None:
    """Freeze and thaw until this process is told to end or its parent is gone; then leave it thawed."""
    parent = os.getppid()
    period_s = SLICE_S / duty
    state = os.open(group.state_file, os.O_WRONLY)
    usage = os.open(group.usage_file, os.O_RDONLY)
    used_s = group.usage_s(os.pread(usage, 4096, 0))
    credit_s = 0.0
    next_s = time.monotonic()
    try:
        while os.getppid() == parent:
            # What an idle device did not use is lost; what it used too much it still owes.
            credit_s = min(credit_s + SLICE_S, SLICE_S)
            if credit_s > 0:
                os.pwrite(state, group.thawed, 0)
                time.sleep(credit_s)
                os.pwrite(state, group.frozen, 0)
                before_s, used_s = used_s, group.usage_s(os.pread(usage, 4096, 0))
                credit_s -= used_s - before_s
            next_s = max(next_s + period_s, time.monotonic() - period_s)
            time.sleep(max(0.0, next_s - time.monotonic()))
    finally:
        os.pwrite(state, group.thawed, 0)


def main(run_name: str, duty: str) -> None:
    """Enforce until SIGTERM."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(DEVICE_PRIORITY + 1))
    run = RunName.parse(run_name)
    group = group_of(run) if run else None
    if group is None:
        sys.exit(f"no control group belongs to {run_name}")
    say(ready=True)
    enforce(group, float(duty))


if __name__ == "__main__":
    main(*sys.argv[1:])
