"""What a process keeps in memory, as Linux counts it."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Memory:
    """Of one process, in bytes.

    Attributes:
        resident_bytes: All of its pages that are in memory (RSS).
        proportional_bytes: A page that n processes share counts 1/n (PSS).
        own_bytes: Pages that no other process has (USS).
    """

    resident_bytes: int
    proportional_bytes: int
    own_bytes: int

    @classmethod
    def of(cls, pid: int) -> "Memory":
        """Of a process as it is now."""
        return cls.parse(Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii"))

    @classmethod
    def parse(cls, rollup: str) -> "Memory":
        """Of the text of a smaps_rollup file."""
        lines = (line.split() for line in rollup.splitlines()[1:])
        of = {name.rstrip(":"): int(kilobytes) * 1024 for name, kilobytes, _ in lines}
        return cls(of["Rss"], of["Pss"], of["Private_Clean"] + of["Private_Dirty"])
