"""Who has a worker that lives, told by locks that the kernel frees."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from fcntl import LOCK_NB, flock
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import IO

import pytest

from edgent.core.presence import announce, has_worker, models_folder

ENDPOINT = "tiny-p02/1.0"
WORKER = """
import sys
from types import SimpleNamespace
from edgent.core.presence import announce
manifest = {"model": {"modelName": "tiny-p02", "modelVersion": "1.0"}}
assert announce(SimpleNamespace(system_properties={"model_dir": sys.argv[1]}, manifest=manifest))
print("here", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def model_dir(tmp_path: Path) -> Path:
    """Where TorchServe unpacked the archive."""
    folder = tmp_path / "models" / "0123"
    folder.mkdir(parents=True)
    return folder


def _worker(model_dir: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", WORKER, str(model_dir)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "here\n"
    return process


def test_workers_come_and_go(model_dir: Path) -> None:
    """Two of one endpoint; one is killed, then the other."""
    models = model_dir.parent
    assert has_worker(models, ENDPOINT) is False
    first, second = _worker(model_dir), _worker(model_dir)
    try:
        assert has_worker(models, ENDPOINT) is True
        assert has_worker(models, "tiny-p03/1.0") is False
        first.send_signal(signal.SIGKILL)
        first.wait(10)
        assert has_worker(models, ENDPOINT) is True
        second.send_signal(signal.SIGKILL)
        second.wait(10)
        assert has_worker(models, ENDPOINT) is False
    finally:
        for process in (first, second):
            process.kill()
            process.communicate()


def test_two_probes_at_once_are_no_worker(model_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One looks while the other holds the lock, whose worker is gone."""
    models = model_dir.parent
    worker = _worker(model_dir)
    worker.kill()
    worker.communicate()
    told: list[bool | None] = []
    second = Thread(target=lambda: told.append(has_worker(models, ENDPOINT)))

    def slow_lock(file: IO[bytes], operation: int) -> None:
        flock(file, operation)
        if operation & LOCK_NB and second.ident is None:
            second.start()
            second.join(0.1)

    monkeypatch.setattr("edgent.core.presence.flock", slow_lock)
    told.append(has_worker(models, ENDPOINT))
    second.join(10)
    assert told == [False, False]


def _no_locks(_descriptor: int, _operation: int) -> None:
    raise OSError(errno.ENOLCK, "No locks available")


def test_where_nothing_can_be_told(model_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No folder to write into, a disk or a system without locks: nobody is taken to be absent for that."""
    manifest = {"model": {"modelName": "tiny-p02", "modelVersion": "1.0"}}
    context = SimpleNamespace(system_properties={"model_dir": str(model_dir)}, manifest=manifest)
    nowhere = SimpleNamespace(system_properties={"model_dir": "/nonexistent/models/0"}, manifest=manifest)
    assert models_folder(context) == model_dir.parent.resolve()
    assert announce(nowhere) is None
    opened = len(list(Path("/proc/self/fd").iterdir()))
    with monkeypatch.context() as patched:
        patched.setattr("edgent.core.presence.flock", _no_locks)
        assert announce(context) is None
    assert len(list(Path("/proc/self/fd").iterdir())) == opened
    monkeypatch.setattr("edgent.core.presence._HAS_LOCKS", False)
    assert announce(context) is None
    assert has_worker(model_dir.parent, ENDPOINT) is None
