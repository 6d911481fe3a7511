"""A control group that can be frozen and whose CPU time is counted (cgroup v1 or v2)."""

import contextlib
from dataclasses import dataclass
from pathlib import Path

from benchmarks.testbed.errors import TestbedError
from benchmarks.testbed.run_name import RunName

_MEMBER = "device"
_ANCHOR = "anchor"


@dataclass(frozen=True)
class CpuGroup:
    """The processes of a slow device.

    With v1, an empty sibling stays frozen as long as the group exists: the kernel patches its own code
    whenever the number of frozen groups leaves or reaches zero, which would cost more than a time slice.

    Attributes:
        version: 1 or 2.
        freezer: Folder of the group in the hierarchy that freezes.
        accounting: Its folder in the hierarchy that counts; with v2 the same.
    """

    version: int
    freezer: Path
    accounting: Path

    @property
    def state_file(self) -> Path:
        """Writing `frozen` or `thawed` here takes effect at once."""
        return self.freezer / ("freezer.state" if self.version == 1 else "cgroup.freeze")

    @property
    def frozen(self) -> bytes:
        """What to write to freeze."""
        return b"FROZEN" if self.version == 1 else b"1"

    @property
    def thawed(self) -> bytes:
        """What to write to thaw."""
        return b"THAWED" if self.version == 1 else b"0"

    @property
    def usage_file(self) -> Path:
        """Holds the CPU time used so far; `usage_s` reads it."""
        return self.accounting / ("cpuacct.usage" if self.version == 1 else "cpu.stat")

    def usage_s(self, content: bytes) -> float:
        """CPU seconds used so far, from the content of `usage_file`."""
        if self.version == 1:
            return int(content) * 1e-9
        return int(content.split()[1]) * 1e-6  # the first line is "usage_usec N"

    @property
    def folders(self) -> tuple[Path, ...]:
        """A process that is a member of each of these belongs to the group."""
        return tuple(dict.fromkeys((self.freezer, self.accounting)))

    def create(self) -> None:
        """Make the group, empty and thawed."""
        try:
            for folder in self.folders:
                folder.mkdir(parents=True)
            if self.version == 1:
                anchor = self.freezer.with_name(_ANCHOR)
                anchor.mkdir()
                (anchor / "freezer.state").write_bytes(self.frozen)
        except OSError as error:
            raise TestbedError(f"cannot make the control group {self.freezer}: {error.strerror}") from error

    def thaw(self) -> None:
        """Let every process run; nothing happens where the group is gone."""
        with contextlib.suppress(FileNotFoundError):
            self.state_file.write_bytes(self.thawed)

    def pids(self) -> set[int]:
        """The processes in the group; none where it is gone."""
        try:
            return {
                int(pid) for folder in self.folders for pid in (folder / "cgroup.procs").read_text().split()
            }
        except FileNotFoundError:
            return set()

    def remove(self) -> None:
        """Remove the group, which must be empty of processes; nothing happens where it is gone."""
        for root in (folder.parent for folder in self.folders):
            for folder in (root / _MEMBER, root / _ANCHOR, root):
                with contextlib.suppress(FileNotFoundError):
                    folder.rmdir()


def group_of(run: RunName) -> CpuGroup | None:
    """The group of a run, made or not; None where no hierarchy can freeze and count.

    v1 is preferred where both are mounted: it leaves sleeping threads asleep, where v2 wakes each of them
    on every thaw.
    """
    roots = _hierarchies()
    if "freezer" in roots and "cpuacct" in roots:
        return CpuGroup(1, roots["freezer"] / str(run) / _MEMBER, roots["cpuacct"] / str(run) / _MEMBER)
    if "cgroup2" in roots:
        folder = roots["cgroup2"] / str(run) / _MEMBER
        return CpuGroup(2, folder, folder)
    return None


def runs_with_groups() -> set[RunName]:
    """Every run that has a control group."""
    roots = set(_hierarchies().values())
    names = (RunName.parse(folder.name) for root in roots for folder in root.iterdir())
    return {name for name in names if name}


def _hierarchies() -> dict[str, Path]:
    """Where the hierarchies that matter here are mounted: freezer and cpuacct (v1), cgroup2."""
    roots: dict[str, Path] = {}
    for line in Path("/proc/mounts").read_text().splitlines():
        _, folder, kind, options, *_ = line.split()
        if kind == "cgroup2":
            roots.setdefault("cgroup2", Path(folder))
        elif kind == "cgroup":
            for controller in {"freezer", "cpuacct"} & set(options.split(",")):
                roots.setdefault(controller, Path(folder))
    return roots
