"""``edgent-device --metrics-port``: Prometheus is answered while inputs are, and no longer."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import URLError
from urllib.request import urlopen

import pytest

if TYPE_CHECKING:
    from tests.command_fixtures import Run

LENET = Path(__file__).parents[2] / "pipelines" / "lenet.yaml"
ALONE = ("--pipeline", LENET, "--plan", "exit1:p0")
PATIENCE_S = 60.0


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def test_it_counts_while_it_answers(tmp_path: Path) -> None:
    """Another process is told of more answers each time that it asks."""
    port = _free_port()
    program = "from device_runtime.cli import main; main()"
    options = [*ALONE, "--repeat", 1_000_000, "--metrics-port", port]
    command = [sys.executable, "-c", program, *map(str, options)]
    with subprocess.Popen(command, env={"XDG_CACHE_HOME": str(tmp_path)}, cwd=LENET.parents[1]) as process:
        try:
            first = _answers(port, 0.0, process)
            assert _answers(port, first, process) > first
        finally:
            process.kill()


def _answers(port: int, more_than: float, process: subprocess.Popen[bytes]) -> float:
    """How many answers it tells of, once there are more than so many."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        assert process.poll() is None, "it ended"
        try:
            with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
                lines = answer.read().decode().splitlines()
        except (URLError, ConnectionError):  # it does not listen yet
            lines = []
        counts = [line for line in lines if line.startswith('edgent_device_answered_total{by="device"}')]
        told = [float(line.split()[1]) for line in counts]
        if told and told[0] > more_than:
            return told[0]
        time.sleep(0.05)
    raise AssertionError("it told of no more answers")


def test_a_port_that_is_taken(edgent_device: Run) -> None:
    """Is said before anything is answered."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = edgent_device(*ALONE, "--count", 1, "--metrics-port", port)
    assert done.code == 2
    assert f"127.0.0.1:{port}" in done.errors
    assert "name another port" in " ".join(done.errors.split())
    assert done.output == ""


@pytest.mark.parametrize("port", [0, 65536])
def test_a_port_that_is_none(edgent_device: Run, port: int) -> None:
    """Is refused as an option."""
    assert edgent_device(*ALONE, "--metrics-port", port).code == 2


@pytest.mark.parametrize(
    ("option", "needed"), [("--metrics-host", "--metrics-port"), ("--live-host", "--live")]
)
def test_an_address_without_a_port_is_refused(edgent_device: Run, option: str, needed: str) -> None:
    """Nothing would be served there."""
    done = edgent_device(*ALONE, "--count", 1, option, "0.0.0.0")
    assert (done.code, done.output) == (2, "")
    assert done.errors.startswith(f"error: {option}: this is for ")
    assert done.errors.endswith(f" with {needed}\n")


def test_the_port_is_free_afterwards(edgent_device: Run) -> None:
    """The command ends with its inputs, and with it the answers to Prometheus."""
    port = _free_port()
    assert edgent_device(*ALONE, "--count", 1, "--metrics-port", port).code == 0
    with socket.create_server(("127.0.0.1", port)):
        pass
