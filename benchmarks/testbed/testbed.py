"""The testbed: an edge and a device, the link between them, and the device's slowness."""

from contextlib import ExitStack
from dataclasses import dataclass
from typing import ClassVar, Literal
from urllib.parse import urlsplit

from benchmarks.testbed import leftovers, namespaces
from benchmarks.testbed.conversation import Conversation
from benchmarks.testbed.errors import TestbedError
from benchmarks.testbed.host import Host, environment_of
from benchmarks.testbed.link.serial_line import TUN_DEVICE
from benchmarks.testbed.link.trace_follower import LEAST_RATE_BPS, TraceFollower
from benchmarks.testbed.quota.group import CpuGroup, group_of
from benchmarks.testbed.quota.quota import DEVICE_PRIORITY, CpuQuota
from benchmarks.testbed.run_name import RunName
from edgent.bandwidth.traces import BandwidthTrace

Kind = Literal["namespaces", "tbf", "relay"]
_MOST_RATE_BPS = 1e9
_MOST_SLOWDOWN = 200.0
_MOST_ROUND_TRIP_S = 10.0
_UNSHAPED_BPS = 1e12
_USUAL_OVERHEAD = 1.15
"""What thawing and cold caches add to a computation cut into slices; the self-test corrects it."""


def usual_kind() -> Kind:
    """Namespaces as root, else the relay."""
    return "namespaces" if namespaces.is_root() else "relay"


@dataclass(frozen=True)
class TestbedConfig:
    """What link and what device to stand for.

    Attributes:
        rate_bps: Bits per second of the link up, from the device to the edge, headers included.
        slowdown: How many times slower than one core of this machine the device is; 1 leaves it alone.
        round_trip_s: Delay added to the link, both directions together.
        kind: `namespaces` (root) joined by a serial line, `tbf` (root) for namespaces joined by a veth pair
            that the kernel shapes, or `relay` (user space, over loopback).
        down_bps: Bits per second of the link down; as up where None.

    Raises:
        TestbedError: A value is out of range.
    """

    __test__: ClassVar[bool] = False  # the name is no test's

    rate_bps: float = 1e6
    slowdown: float = 1.0
    round_trip_s: float = 0.0
    kind: Kind = "namespaces"
    down_bps: float | None = None

    @property
    def rates_bps(self) -> tuple[float, float]:
        """Up and down."""
        return self.rate_bps, self.rate_bps if self.down_bps is None else self.down_bps

    @property
    def burst_bytes(self) -> int:
        """What an idle link passes at once: a serial line nothing, the kernel's shaper a frame."""
        return namespaces.BURST_BYTES if self.kind == "tbf" else 0

    def __post_init__(self) -> None:
        """Check the ranges."""
        for rate_bps in self.rates_bps:
            _require("rate in kbps", rate_bps / 1e3, LEAST_RATE_BPS / 1e3, _MOST_RATE_BPS / 1e3)
        _require("slowdown", self.slowdown, 1.0, _MOST_SLOWDOWN)
        _require("round trip in ms", self.round_trip_s * 1e3, 0.0, _MOST_ROUND_TRIP_S * 1e3)


class Testbed:
    """Two hosts on this machine, made on entering and gone without trace on leaving.

    Example::

        with Testbed(TestbedConfig(rate_bps=500e3, slowdown=30)) as testbed:
            testbed.edge.popen(["my-server", "--bind", testbed.edge_host, "--port", "8080"])
            host, port = testbed.edge_address(8080)
            testbed.device.run(["my-client", f"http://{host}:{port}"])

    Attributes:
        edge: Where servers run, at full speed.
        device: Where clients run, slowed down.
        edge_host: The address that servers on the edge bind to.
    """

    __test__: ClassVar[bool] = False  # the name is no test's

    def __init__(self, config: TestbedConfig) -> None:
        self.config = config
        self.run = RunName.claim()
        self._environment = environment_of(self.run)
        self._with_namespaces = config.kind != "relay"
        self._rates_bps = config.rates_bps
        self._round_trip_s = config.round_trip_s
        self._line: Conversation | None = None
        self._relays: dict[int, tuple[Conversation, int]] = {}
        self._quota = CpuQuota(self.run, self._environment)
        self._overhead = _USUAL_OVERHEAD
        self.edge_host = namespaces.ADDRESS["edge"] if self._with_namespaces else "127.0.0.1"
        self.group: CpuGroup | None = group_of(self.run) if config.slowdown > 1 else None
        self.edge = Host(self._enter("edge"), self._environment)
        self.device_at_full_speed = Host(self._enter("device"), self._environment)
        self.device = Host((*self._enter("device"), *self._join()), self._environment)

    def __enter__(self) -> "Testbed":
        leftovers.clean()
        problems = self._missing()
        if problems:
            raise TestbedError("the testbed cannot be built: " + "; ".join(problems))
        with ExitStack() as undo:
            undo.callback(self.close)
            if self._with_namespaces:
                self._join_namespaces()
            if self.group:
                self.group.create()
            self.set_rate(*self._rates_bps)
            self.set_slowdown(self.config.slowdown)
            undo.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End every process of the testbed and remove what it made."""
        self._quota.close()
        leftovers.remove(self.run)
        for program in self._links():
            program.close()
        self._line = None
        self._relays.clear()

    def edge_address(self, port: int) -> tuple[str, int]:
        """Host and port at which the device reaches the server that listens on `port` of the edge."""
        if self.config.kind == "namespaces" or (self.config.kind == "tbf" and not self.config.round_trip_s):
            return self.edge_host, port
        if port not in self._relays:
            self._relays[port] = self._start_relay(port)
        return self.edge_host, self._relays[port][1]

    def reached_at(self, url: str) -> str:
        """The URL at which the device reaches a server whose URL on the edge is this."""
        parts = urlsplit(url)
        assert parts.port is not None, "servers on the edge say their port"
        host, port = self.edge_address(parts.port)
        return f"{parts.scheme}://{host}:{port}"

    def set_rate(self, up_bps: float, down_bps: float) -> None:
        """Change the rates of the link, also while something is being sent."""
        self._rates_bps = (up_bps, down_bps)
        if self.config.kind == "tbf":
            namespaces.shape(self.run, "device", up_bps)
            namespaces.shape(self.run, "edge", down_bps)
            return
        for program in self._links():
            program.tell(up_bps=up_bps, down_bps=down_bps)

    def set_round_trip(self, round_trip_s: float) -> None:
        """Change the delay of the link for all that is sent from now on.

        Raises:
            TestbedError: It is out of range, or the kernel alone carries.
        """
        _require("round trip in ms", round_trip_s * 1e3, 0.0, _MOST_ROUND_TRIP_S * 1e3)
        if self.config.kind == "tbf" and not self.config.round_trip_s:
            raise TestbedError("this testbed was made with tbf and no round trip; make it with one above 0 s")
        self._round_trip_s = round_trip_s
        for program in self._links():
            program.tell(round_trip_s=round_trip_s)

    @property
    def cpu_share(self) -> float:
        """The share of a core that the device is granted at its configured slowdown."""
        return min(1.0, self._overhead / self.config.slowdown) if self.group else 1.0

    def set_slowdown(self, slowdown: float) -> None:
        """Change how slow the device is from now on, 1 for full speed; only where it began slow."""
        if slowdown > 1 and self.group is None:
            raise TestbedError("this testbed was made with slowdown 1; make it with the largest one needed")
        if self.group:
            self._quota.set_duty(min(1.0, self._overhead / slowdown))

    def correct_slowdown(self, measured: float) -> None:
        """Grant more or less CPU time, where `measured` is what a fixed computation was slowed down by."""
        # Not all the way: a single measurement on a busy machine is not to be trusted entirely.
        self._overhead *= (measured / self.config.slowdown) ** 0.8
        self.set_slowdown(self.config.slowdown)

    def follow(self, trace: BandwidthTrace) -> TraceFollower:
        """A context in which the rates follow a trace, round and round."""
        return TraceFollower(trace, self.set_rate)

    def _missing(self) -> list[str]:
        problems = namespaces.missing() if self._with_namespaces else []
        if self.config.kind == "namespaces" and not TUN_DEVICE.exists():
            problems.append(f"{TUN_DEVICE} is missing, so there is no serial line; --tbf is the kernel's")
        if problems:
            problems.append("or use the relay (--relay)")
        if self.config.slowdown > 1 and self.group is None:
            problems.append(
                "a slowdown needs cgroup v1 (freezer and cpuacct) or v2, mounted under /sys/fs/cgroup"
            )
        if self.config.slowdown > 1 and not namespaces.is_root():
            problems.append("a slowdown needs root; leave it at 1")
        return problems

    def _enter(self, side: namespaces.Side) -> tuple[str, ...]:
        return namespaces.enter(self.run, side) if self._with_namespaces else ()

    def _join(self) -> tuple[str, ...]:
        """A command prefix: a shell that joins the slow group and becomes the command.

        A device is a machine of its own: nothing here may take its short slices from it.
        """
        if self.group is None:
            return ()
        joining = "".join(f'echo $$ >"{folder}/cgroup.procs"; ' for folder in self.group.folders)
        return ("sh", "-c", f'{joining}exec chrt --rr {DEVICE_PRIORITY} "$@"', "sh")

    def _links(self) -> list[Conversation]:
        """The programs that stand for the link and take orders."""
        return [*([self._line] if self._line else []), *(relay for relay, _ in self._relays.values())]

    def _join_namespaces(self) -> None:
        namespaces.create(self.run)
        if self.config.kind == "tbf":
            namespaces.join(self.run)
        else:
            settings = (*self._rates_bps, self._round_trip_s)
            here = Host((), self._environment)
            self._line = here.start("link.serial_line", str(self.run), *map(str, settings))
            self._line.read()
        namespaces.connect(self.run)

    def _start_relay(self, port: int) -> tuple[Conversation, int]:
        # Between namespaces tc shapes the link, and the relay only delays.
        rates_bps = (_UNSHAPED_BPS, _UNSHAPED_BPS) if self._with_namespaces else self._rates_bps
        settings = (*rates_bps, self._round_trip_s)
        relay = self.edge.start("link.relay", self.edge_host, self.edge_host, str(port), *map(str, settings))
        return relay, int(relay.read()["port"])


def _require(what: str, value: float, least: float, most: float) -> None:
    if not least <= value <= most:
        raise TestbedError(f"the {what} must be from {least:,.10g} to {most:,.10g}, not {value:,.10g}")
