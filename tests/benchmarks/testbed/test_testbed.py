"""Testbeds as a whole: what they make is theirs, and gone afterwards."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.testbed import leftovers, namespaces
from benchmarks.testbed.errors import TestbedError
from benchmarks.testbed.host import environment_of
from benchmarks.testbed.quota import group
from benchmarks.testbed.run_name import RunName
from benchmarks.testbed.testbed import Testbed, TestbedConfig

# A testbed with a program on either side, in a process that can be killed.
OWNER = """
import sys
from benchmarks.testbed.testbed import Testbed, TestbedConfig
with Testbed(TestbedConfig(kind=sys.argv[1], slowdown=float(sys.argv[2]))) as testbed:
    testbed.edge.popen(["sleep", "1000"])
    testbed.device.popen(["sleep", "1000"])
    testbed.edge_address(9)
    print(testbed.run, flush=True)
    sys.stdin.read()
"""


def traces_of(run: RunName) -> list[str]:
    """Everything on this machine that belongs to a run."""
    found = [f"process {pid}" for pid in leftovers.processes(run)]
    if run in namespaces.runs_with_namespaces():
        found.append("namespace")
    if run in group.runs_with_groups():
        found.append("group")
    return found


def start_owner(kind: str, slowdown: float) -> tuple["subprocess.Popen[str]", RunName]:
    """A process with a testbed, ready."""
    environment = {
        key: value for key, value in environment_of(RunName.claim()).items() if "TESTBED" not in key
    }
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, kind, str(slowdown)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )
    assert owner.stdout is not None
    run = RunName.parse(owner.stdout.readline().strip())
    assert run is not None
    return owner, run


def kill(owner: "subprocess.Popen[str]") -> None:
    """Kill -9 and wait; what it started lives on."""
    owner.kill()
    owner.wait(30)
    for pipe in (owner.stdin, owner.stdout):
        assert pipe is not None
        pipe.close()


@pytest.fixture
def foreign_namespace() -> Iterator[str]:
    """A namespace that is not ours, with a name that resembles ours."""
    name = f"edgent-testbed-of-somebody-else-{os.getpid()}"
    subprocess.run(["ip", "netns", "add", name], check=True)
    yield name
    subprocess.run(["ip", "netns", "delete", name], check=True)


@pytest.mark.parametrize(
    ("rate_bps", "slowdown", "round_trip_s", "match"),
    [
        (0.0, 1.0, 0.0, "rate"),
        (1e6, 0.5, 0.0, "slowdown"),
        (1e6, 1.0, -1.0, "round trip"),
        (1e6, 1e4, 0, "200"),
    ],
)
def test_values_out_of_range_are_refused(
    rate_bps: float, slowdown: float, round_trip_s: float, match: str
) -> None:
    """The message names the value and the limits."""
    with pytest.raises(TestbedError, match=match):
        TestbedConfig(rate_bps, slowdown, round_trip_s)


def test_a_rate_down_out_of_range_is_refused() -> None:
    """As the rate up is."""
    with pytest.raises(TestbedError, match=r"rate in kbps must be from 8 to 1,000,000, not 0.01"):
        TestbedConfig(1e6, down_bps=10)


def test_a_round_trip_that_cannot_be_is_refused_while_it_runs() -> None:
    """Out of range, or where only the kernel carries, which delays nothing."""
    with Testbed(TestbedConfig(kind="relay")) as testbed, pytest.raises(TestbedError, match="not -1"):
        testbed.set_round_trip(-1)
    with pytest.raises(TestbedError, match="above 0 s"):
        Testbed(TestbedConfig(kind="tbf")).set_round_trip(0.1)


def test_a_missing_tool_is_named_with_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without iproute2 the testbed says what to install."""
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(TestbedError, match=r"`tc` is missing; install iproute2.*--relay"):
        Testbed(TestbedConfig()).__enter__()


def test_a_device_that_began_fast_cannot_be_slowed_down() -> None:
    """It would not be in the group that is slowed down."""
    with Testbed(TestbedConfig(kind="relay")) as testbed, pytest.raises(TestbedError, match="largest"):
        testbed.set_slowdown(2)


def test_an_exception_leaves_nothing() -> None:
    """Programs, relays and all."""

    class Crash(Exception):  # noqa: N818 it is no error
        """Something in the middle."""

    testbed = Testbed(TestbedConfig(kind="relay"))
    with pytest.raises(Crash), testbed:  # noqa: PT012 the crash comes after programs have started
        server = testbed.edge.popen(["sleep", "1000"])
        testbed.edge_address(9)
        raise Crash
    assert traces_of(testbed.run) == []
    assert server.wait() == -signal.SIGTERM


def test_a_program_that_ignores_sigterm_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Politeness ends after a while."""
    monkeypatch.setattr(leftovers, "_POLITE_S", 0.1)
    with Testbed(TestbedConfig(kind="relay")) as testbed:
        stubborn = testbed.edge.popen(
            ["sh", "-c", "trap '' TERM; echo; while :; do sleep 1; done"], stdout=-1
        )
        assert stubborn.stdout is not None
        stubborn.stdout.readline()
    assert stubborn.wait() == -signal.SIGKILL
    stubborn.stdout.close()


def test_what_a_killed_relay_testbed_left_is_cleaned_and_nothing_else() -> None:
    """After kill -9 the next start ends the dead run's programs; a live testbed keeps its own."""
    dead, dead_run = start_owner("relay", 1)
    alive, alive_run = start_owner("relay", 1)
    kill(dead)
    assert traces_of(dead_run)
    with Testbed(TestbedConfig(kind="relay")):
        assert traces_of(dead_run) == []
        assert traces_of(alive_run)
    alive.communicate("")
    assert alive.returncode == 0
    assert traces_of(alive_run) == []


@pytest.mark.root
@pytest.mark.usefixtures("can_make_namespaces", "can_slow_down")
def test_what_a_killed_testbed_left_is_cleaned_and_nothing_else(foreign_namespace: str) -> None:
    """Namespaces, group and frozen programs go; a live testbed's and a stranger's stay."""
    dead, dead_run = start_owner("namespaces", 100)
    alive, alive_run = start_owner("namespaces", 100)
    kill(dead)
    assert {"namespace", "group"} <= set(traces_of(dead_run))
    cleaned = leftovers.clean()
    assert dead_run in cleaned
    assert alive_run not in cleaned
    assert traces_of(dead_run) == []
    assert {"namespace", "group"} <= set(traces_of(alive_run))
    assert Path("/run/netns", foreign_namespace).exists()
    alive.communicate("")
    assert traces_of(alive_run) == []


@pytest.mark.root
@pytest.mark.usefixtures("can_make_namespaces", "can_slow_down")
def test_two_testbeds_run_side_by_side() -> None:
    """Same addresses, same ports, different edges; the device reaches its own."""
    serve = (
        "import socket, sys; server = socket.create_server((sys.argv[1], 8080)); print(flush=True); "
        "server.accept()[0].sendall(sys.argv[2].encode())"
    )
    fetch = (
        "import socket, sys; connection = socket.create_connection((sys.argv[1], int(sys.argv[2])), 30); "
        "print(connection.recv(9).decode())"
    )
    with (
        Testbed(TestbedConfig(slowdown=2)) as first,
        Testbed(TestbedConfig(round_trip_s=0.01, slowdown=2)) as second,
    ):
        answers = []
        for name, testbed in (("first", first), ("second", second)):
            command = [sys.executable, "-c", serve, testbed.edge_host, name]
            server = testbed.edge.popen(command, stdout=subprocess.PIPE)
            assert server.stdout is not None
            server.stdout.readline()
            host, port = testbed.edge_address(8080)
            answer = testbed.device.run([sys.executable, "-c", fetch, host, str(port)], capture_output=True)
            answers.append(answer.stdout)
            server.communicate()
    assert answers == [b"first\n", b"second\n"]
    assert traces_of(first.run) == traces_of(second.run) == []
