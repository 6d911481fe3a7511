"""``edgent serve``: what signals do to the command, to the server and to the exit code."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from edgent.edge.store import build_store
from tests.command_fixtures import HEARS_CTRL_C

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from edgent.network import Network
    from tests.command_fixtures import Run

pytestmark = pytest.mark.torchserve

COMMAND = """
import os, sys, time
try:
    print(os.environ["EDGENT_INFERENCE_URL"], flush=True)
    time.sleep(100)
except KeyboardInterrupt:
    time.sleep(1)  # more than the quarter of a second that Python's subprocess waits by itself
    print("tidied up", flush=True)
    sys.exit(3)
"""


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """`edgent serve` of the probe, in a group of its own, as a terminal has it, with a command that waits."""
    build_store(tmp_path / "store", ())
    edgent = [sys.executable, "-c", "from edgent.cli import main; main()"]
    with subprocess.Popen(
        [*HEARS_CTRL_C, *edgent, "serve", "--store", str(tmp_path / "store"), sys.executable, "-c", COMMAND],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        yield process
        process.kill()


def _url(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def _is_gone(url: str) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", int(url.rpartition(":")[2]))) != 0


def test_ctrl_c_lets_the_command_tidy_up(serving: subprocess.Popen[str]) -> None:
    """Its exit code is ours, and the server is gone."""
    url = _url(serving)
    os.killpg(serving.pid, signal.SIGINT)
    rest, _ = serving.communicate(timeout=60)
    assert (rest, serving.returncode) == ("tidied up\n", 3)
    assert _is_gone(url)


@pytest.mark.parametrize(
    ("sent", "code"), [(signal.SIGTERM, 143), pytest.param(signal.SIGHUP, 129, marks=pytest.mark.full)]
)
def test_a_terminated_serve_leaves_no_server(
    serving: subprocess.Popen[str], sent: signal.Signals, code: int
) -> None:
    """The command ends, the server too: SIGHUP comes where its terminal is closed."""
    url = _url(serving)
    serving.send_signal(sent)
    rest, _ = serving.communicate(timeout=60)
    assert (rest, serving.returncode) == ("", code)
    assert _is_gone(url)


@pytest.mark.parametrize(("before", "code"), [("SIG_DFL", 129), ("SIG_IGN", 0)])
def test_a_terminal_that_is_closed(before: str, code: int) -> None:
    """It ends the command, which then stops the server; by `nohup` the command was told not to hear of it."""
    program = f"""
import os, signal
from edgent.cli.serve import end_by_signals
signal.signal(signal.SIGHUP, signal.{before})
end_by_signals()
os.kill(os.getpid(), signal.SIGHUP)
"""
    done = subprocess.run([sys.executable, "-c", program], check=False, timeout=60)
    assert done.returncode == code


@pytest.mark.parametrize("content", [b"no longer what was built", None])
def test_an_archive_that_is_not_what_was_built_is_named(
    content: bytes | None, edgent: Run, tiny_network: Network, tmp_path: Path
) -> None:
    """Before TorchServe starts, which would complain of another one."""
    models = build_store(tmp_path / "store", (), warm=[(tiny_network, ())])
    file = models[-1].mar.path
    if content is None:
        file.unlink()
    else:
        file.write_bytes(content)
    done = edgent("serve", "--store", tmp_path / "store", sys.executable, "-V")
    assert done.code == 2
    assert str(file) in done.errors.replace("\n", "")
    assert "edgent archive SPEC" in done.errors.replace("\n", " ")
