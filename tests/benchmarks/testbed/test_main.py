"""The command line: exit statuses, placeholders, and leaving on a signal."""

import signal
import subprocess
import sys

import pytest

from benchmarks.testbed import __main__ as command_line
from benchmarks.testbed import leftovers
from benchmarks.testbed.host import environment_of
from benchmarks.testbed.run_name import VARIABLE, RunName
from benchmarks.testbed.self_test import Check


@pytest.fixture
def good_self_test(monkeypatch: pytest.MonkeyPatch) -> None:
    """The self-test has tests of its own; here it takes no time."""
    monkeypatch.setattr(command_line, "self_test", lambda _: [Check("a", "s", 1.0, 1.0)])


@pytest.fixture(autouse=True)
def own_signals() -> object:
    """The command line installs handlers; pytest's come back afterwards."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.getsignal(number) for number in numbers}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("good_self_test")
@pytest.mark.parametrize(("script", "status"), [("exit 0", 0), ("exit 7", 7), ("kill -KILL $$", 137)])
def test_the_commands_exit_status_is_passed_on(script: str, status: int) -> None:
    """Also where a signal ended it, as a shell would say it."""
    assert command_line.main(["--rate-kbps", "1000", "--relay", "--", "sh", "-c", script]) == status


@pytest.mark.usefixtures("good_self_test")
def test_the_command_learns_the_edges_address(capfd: pytest.CaptureFixture[str]) -> None:
    """{edge} becomes host and port of the relay."""
    command_line.main(["--rate-kbps", "1000", "--relay", "--", "echo", "http://{edge}/x"])
    host, _, port = capfd.readouterr().out.removeprefix("http://").removesuffix("/x\n").partition(":")
    assert host == "127.0.0.1"
    assert 0 < int(port) < 65536


@pytest.mark.usefixtures("good_self_test")
def test_a_command_that_does_not_exist_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    """As one line, not as a traceback."""
    status = command_line.main(["--rate-kbps", "1000", "--relay", "--", "no-such-program"])
    assert status == command_line.EXIT_NOT_FOUND
    assert "no-such-program" in capsys.readouterr().err


def test_a_testbed_that_is_off_runs_no_command(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """The figures of a wrong testbed would be wrong."""
    monkeypatch.setattr(command_line, "self_test", lambda _: [Check("a", "s", 1.0, 1.2)])
    status = command_line.main(["--rate-kbps", "1000", "--relay", "--", "echo", "ran"])
    assert status == command_line.EXIT_SELF_TEST
    assert "ran" not in capfd.readouterr().out


def test_a_mistake_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    """With the value and the limits."""
    status = command_line.main(["--rate-kbps", "0.001", "--relay", "--self-test-only"])
    assert status == command_line.EXIT_TESTBED
    assert "rate in kbps must be from 8 to 1,000,000, not 0.001" in capsys.readouterr().err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.slow
def test_a_signal_leaves_nothing(number: signal.Signals) -> None:
    """Ctrl-C and SIGTERM end the command and everything else, and the exit status says so."""
    script = f"import os; print(os.environ['{VARIABLE}'], flush=True); import time; time.sleep(1000)"
    environment = {key: value for key, value in environment_of(RunName.claim()).items() if key != VARIABLE}
    options = ["--rate-kbps", "200", "--relay"]  # slow enough for any machine
    owner = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.testbed", *options, "--", sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment,
    )
    assert owner.stdout is not None
    run = RunName.parse(owner.stdout.readline().strip())
    assert run is not None
    owner.send_signal(number)
    owner.communicate(timeout=30)
    assert owner.returncode == 128 + number
    assert leftovers.processes(run) == set()
