"""Two network namespaces; what joins them is a serial line, or a veth pair that `tc tbf` shapes."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Literal

from benchmarks.testbed.errors import TestbedError
from benchmarks.testbed.run_name import RunName

Side = Literal["edge", "device"]

# RFC 2544 sets 198.18.0.0/15 aside for benchmarks; no two namespaces share it, so every run uses the same.
ADDRESS: dict[Side, str] = {"edge": "198.18.0.1", "device": "198.18.0.2"}
BURST_BYTES = 1600
"""The bucket of `tbf`: one frame of a 1500-byte MTU. What an idle link passes at once."""
INTERFACE = "line0"
"""In both namespaces."""
_NETWORK = "198.18.0.0/30"
_TCP = {
    # Allowed in every namespace, and as deterministic as the usual cubic; BBR would probe for the rate.
    "tcp_congestion_control": "reno",
    # No tail loss probes, for the same reason as rto_min.
    "tcp_early_retrans": "0",
}
_QUEUE_S = 2.0


def missing() -> list[str]:
    """What stands in the way of namespaces here, each with what to do about it."""
    problems = []
    if not is_root():
        problems.append("network namespaces need root")
    problems += [
        f"`{tool}` is missing; install {package}"
        for tool, package in (
            ("ip", "iproute2"),
            ("tc", "iproute2"),
            ("nsenter", "util-linux"),
            ("chrt", "util-linux"),
        )
        if shutil.which(tool) is None
    ]
    return problems


def is_root() -> bool:
    """Only root makes namespaces and control groups, and only root may remove them."""
    return os.geteuid() == 0


def name_of(run: RunName, side: Side) -> str:
    """The namespace of one side of a run."""
    return f"{run}-{side}"


def enter(run: RunName, side: Side) -> tuple[str, ...]:
    """The command prefix that runs a program in a namespace."""
    return ("nsenter", f"--net=/run/netns/{name_of(run, side)}", "--")


def create(run: RunName) -> None:
    """Make both namespaces, without a link between them.

    Raises:
        TestbedError: The kernel or the tools refuse.
    """
    for side in ADDRESS:
        _execute("ip", "netns", "add", name_of(run, side))


def join(run: RunName) -> None:
    """Make a veth pair between the namespaces, unshaped.

    Raises:
        TestbedError: The kernel or the tools refuse.
    """
    edge, device = name_of(run, "edge"), name_of(run, "device")
    link = ("link", "add", INTERFACE, "netns", edge, "type", "veth", "peer", "name", INTERFACE)
    _execute("ip", *link, "netns", device)


def connect(run: RunName) -> None:
    """Give the interfaces in both namespaces their addresses, and TCP what it would know of a slow link.

    Raises:
        TestbedError: The kernel or the tools refuse.
    """
    for side, address in ADDRESS.items():
        ip = ("ip", "-n", name_of(run, side))
        _execute(*ip, "address", "add", f"{address}/30", "dev", INTERFACE)
        _execute(*ip, "link", "set", "lo", "up")
        _execute(*ip, "link", "set", INTERFACE, "up")
        # The handshake takes no time here, so TCP would take the queue of a slow link for loss and send a
        # frame twice; on a real slow link it knows better.
        _execute(*ip, "route", "replace", _NETWORK, "dev", INTERFACE, "rto_min", "1s")
        for setting, value in _TCP.items():
            file = f"/proc/sys/net/ipv4/{setting}"
            _execute(*enter(run, side), "sh", "-c", f"echo {value} >{file}")


def shape(run: RunName, side: Side, rate_bps: float) -> None:
    """Limit what one side sends, now or anew while it is sending."""
    tbf = (
        "tbf",
        "rate",
        f"{rate_bps:.0f}bit",
        "burst",
        str(BURST_BYTES),
        "latency",
        f"{_QUEUE_S * 1000:.0f}ms",
    )
    _execute("tc", "-n", name_of(run, side), "qdisc", "replace", "dev", INTERFACE, "root", *tbf)


def pids(run: RunName) -> set[int]:
    """The processes in both namespaces of a run."""
    existing = [name_of(run, side) for side in ADDRESS if path_of(run, side).exists()]
    return {int(pid) for name in existing for pid in _execute("ip", "netns", "pids", name).split()}


def remove(run: RunName) -> None:
    """Remove both namespaces and with them the link; nothing happens where they are gone."""
    for side in ADDRESS:
        try:
            if path_of(run, side).exists():
                _execute("ip", "netns", "delete", name_of(run, side))
        except TestbedError:
            if path_of(run, side).exists():  # else another testbed was cleaning up at the same time
                raise


def runs_with_namespaces() -> set[RunName]:
    """Every run that has a namespace."""
    folder = Path("/run/netns")
    if not folder.is_dir():
        return set()
    names = (RunName.parse(path.name.rpartition("-")[0]) for path in folder.iterdir())
    return {name for name in names if name}


def path_of(run: RunName, side: Side) -> Path:
    """The file that stands for a namespace."""
    return Path("/run/netns") / name_of(run, side)


def _execute(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise TestbedError(
            f"`{' '.join(command)}` failed: {done.stderr.strip() or f'exit status {done.returncode}'}; "
            "use the relay (--relay) where the kernel has no network namespaces, veth or tbf"
        )
    return done.stdout
