"""Ctrl-C, as a terminal sends it, to a command at work and to its processes: a line is left, no halves."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.command_fixtures import HEARS_CTRL_C
from tests.compression.conftest import write_spec
from tests.networks import one_output
from tests.photos import labelled
from tests.recorded import ANSWER, DESCRIPTION

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
INTERRUPTED_AT = """
import importlib, os, signal, sys, threading
place, after_s, command, *words = sys.argv[1:]
module, _, name = place.partition(":")
owner = importlib.import_module(module)
*within, name = name.split(".")
for part in within:
    owner = getattr(owner, part)
original = getattr(owner, name)

def interrupted(*arguments, **options):
    setattr(owner, name, original)
    threading.Timer(float(after_s), os.killpg, (0, signal.SIGINT)).start()
    if float(after_s) == 0.0:
        signal.pause()
    return original(*arguments, **options)

setattr(owner, name, interrupted)
sys.argv = [command, *words]
importlib.import_module({"edgent": "edgent.cli", "edgent-device": "device_runtime.cli"}[command]).main()
"""
"""Runs a command whose process group gets SIGINT once a function is called, some seconds later."""


@dataclass(frozen=True)
class Left:
    """What a command left behind.

    Attributes:
        code: its exit code.
        errors: what it wrote on stderr.
        processes: whether any of its group is still there.
    """

    code: int
    errors: str
    processes: bool


def _interrupted(folder: Path, place: str, *words: object, after_s: float = 0.0) -> Left:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("EDGENT_")}
    with subprocess.Popen(
        [*HEARS_CTRL_C, sys.executable, "-c", INTERRUPTED_AT, place, str(after_s), *map(str, words)],
        cwd=folder,
        env=environment | {"XDG_CACHE_HOME": str(folder / "cache"), "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        _, errors = process.communicate(timeout=120)
    return Left(process.returncode, errors, _are_left(process.pid))


def _are_left(group: int) -> bool:
    """Whether processes of a group are there, after some seconds in which they may end."""
    until_s = time.monotonic() + 10
    while time.monotonic() < until_s:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return False
        threading.Event().wait(0.05)  # there is nothing to wait for: they are no children of ours
    os.killpg(group, signal.SIGKILL)
    return True


def _is_clean(left: Left, folder: Path) -> None:
    assert left.code == 130, left.errors
    assert "Traceback" not in left.errors
    assert left.errors.splitlines()[-1] == "interrupted"
    assert not left.processes
    names = [path.name for path in folder.rglob("*")]
    halves = {name for name in names if name.startswith(".") or name.endswith(".unfinished")}
    assert halves <= {".edgent-deploy.json", ".gitignore"}, "no more than what a deployment has"


@pytest.fixture
def at(tmp_path: Path, lenet: Path) -> Callable[..., Left]:
    """Interrupts a command in LeNet's folder, and sees that spec and profiles stay as they were."""

    def interrupt(place: str, *words: object, after_s: float = 0.0) -> Left:
        kept = [lenet, lenet.parent / "lenet" / "device.yaml", lenet.parent / "lenet" / "edge.yaml"]
        before = [file.read_bytes() for file in kept]
        left = _interrupted(tmp_path, place, *words, after_s=after_s)
        assert [file.read_bytes() for file in kept] == before
        _is_clean(left, tmp_path)
        return left

    return interrupt


@pytest.mark.slow
def test_archive(at: Callable[..., Left], tmp_path: Path) -> None:
    """Before its first archive stands."""
    at("edgent.edge.store:build_pipeline", "edgent", "archive", "lenet.yaml", "--store", "store")
    assert list((tmp_path / "store").iterdir()) == []


@pytest.mark.slow
def test_profile(at: Callable[..., Left]) -> None:
    """While layers are timed."""
    at("edgent.latency.profiling:_run", "edgent", "profile", "lenet.yaml", "--node", "device")


@pytest.mark.slow
def test_replay_in_processes(at: Callable[..., Left], tmp_path: Path, traces: Path) -> None:
    """Which are at work, and hear it, too."""
    for number in range(40):
        shutil.copytree(traces, tmp_path / "many" / str(number))
    words = ("replay", "lenet.yaml", "--traces", "many", "--jobs", 2)
    at("edgent.replay.parallel:Parallel", "edgent", *words, after_s=1.5)


@pytest.mark.slow
def test_a_device(at: Callable[..., Left], tmp_path: Path) -> None:
    """At its first answer; what was recorded so far is there in whole lines."""
    words = ("--pipeline", "lenet.yaml", "--plan", "exit1:p0", "--record", "run.jsonl")
    at("device_runtime.runtime:DeviceRuntime.infer", "edgent-device", *words)
    assert (tmp_path / "run.jsonl").read_text(encoding="utf-8").endswith("}\n")


@pytest.mark.full
@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("edgent.accuracy.evaluation:_exit_accuracies", ("evaluate", "lenet.yaml")),
        ("edgent.capacity.need:simulate", ("capacity", "lenet.yaml", "--devices", 5000)),
        ("edgent.planning.paper.map_building:map_from_traces", ("map", "lenet.yaml")),
        ("edgent.bundle.folder:write_wheel", ("bundle", "lenet.yaml", "--out", "device")),
        ("edgent.edge.store:build_pipeline", ("deploy", "systemd", "lenet.yaml")),
        ("edgent.datasets.cifar10_download:_fetch", ("data", "data")),
        ("edgent.training.joint_training:_step", ("train", "lenet.yaml")),
        ("edgent.doctor.observe:_connect", ("doctor", "lenet.yaml")),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_the_other_commands(at: Callable[..., Left], place: str, words: tuple[object, ...]) -> None:
    """In the midst of their work."""
    at(place, "edgent", *words)


@pytest.mark.full
def test_capacity_in_processes(at: Callable[..., Left]) -> None:
    """Two questions, each in a process of its own."""
    words = ("capacity", "lenet.yaml", "--devices", "20000,30000", "--jobs", 2)
    at("edgent.capacity.sweep:Parallel", "edgent", *words, after_s=1.5)


@pytest.mark.full
def test_a_page_of_a_device(at: Callable[..., Left]) -> None:
    """Its server ends, too."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    words = ("--pipeline", "lenet.yaml", "--plan", "exit1:p0", "--live", port)
    at("device_runtime.runtime:DeviceRuntime.infer", "edgent-device", *words)


@pytest.mark.full
def test_compress(tmp_path: Path) -> None:
    """In its first step."""
    spec = write_spec(tmp_path)
    words = ("compress", spec, "--at", "exit2:p4", "--channels", 3, "--minutes", 1)
    left = _interrupted(tmp_path, "edgent.compression.codec_training:CodecTraining._step", "edgent", *words)
    _is_clean(left, tmp_path)


@pytest.mark.full
@pytest.mark.parametrize("place", ["edgent.new_pipeline.finding_out:find_out", "edgent.exits.making:_attach"])
def test_new(tmp_path: Path, place: str) -> None:
    """While pixels are tried, and while exits are attached: --resume goes on."""
    one_output(tmp_path / "net.onnx")
    labelled(tmp_path / "photos", 16)
    words = ("new", "own", "--model", "net.onnx", "--photos", "photos", "--exits", 3)
    _is_clean(_interrupted(tmp_path, place, "edgent", *words), tmp_path)


@pytest.mark.full
def test_report(tmp_path: Path) -> None:
    """There is no page."""
    lines = (json.dumps(asdict(one)) for one in (DESCRIPTION, ANSWER))
    (tmp_path / "run.jsonl").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    left = _interrupted(tmp_path, "edgent.page.report:report_page", "edgent", "report", "run.jsonl")
    _is_clean(left, tmp_path)
    assert not (tmp_path / "run.html").exists()
