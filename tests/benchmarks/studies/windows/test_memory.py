"""What a process keeps in memory."""

import os
from mmap import mmap
from pathlib import Path

import pytest

from benchmarks.studies.windows.memory import Memory

ROLLUP = """\
00400000-7ffe000 ---p 00000000 00:00 0                          [rollup]
Rss:              300000 kB
Pss:              200000 kB
Shared_Clean:     150000 kB
Private_Clean:     10000 kB
Private_Dirty:    140000 kB
"""


def test_a_rollup_is_read() -> None:
    """Pages of its own are clean or dirty; all in bytes."""
    assert Memory.parse(ROLLUP) == Memory(300_000 * 1024, 200_000 * 1024, 150_000 * 1024)


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="Linux says it so")
def test_of_this_process() -> None:
    """Its own pages are fewer than all, and 50 MB more are seen."""
    before = Memory.of(os.getpid())
    with mmap(-1, 50_000_000) as more:  # pages of its own: none that the process freed before are taken again
        more.write(b"2" * 50_000_000)
        after = Memory.of(os.getpid())
    assert before.own_bytes <= before.proportional_bytes <= before.resident_bytes
    assert after.resident_bytes - before.resident_bytes > 0.9 * 50_000_000
