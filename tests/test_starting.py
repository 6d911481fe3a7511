"""A command that is still being loaded."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.command_fixtures import HEARS_CTRL_C

ROOT = Path(__file__).parents[1]
INTERRUPTED_WHILE_LOADING = """
import importlib, os, signal, sys
loaded, start, *words = sys.argv[1:]
sys.argv = ["command", *words]

class Interrupts:
    def find_spec(self, name, path=None, target=None):
        if name == loaded:
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Interrupts())
module, name = start.split(":")
getattr(importlib.import_module(module), name)()
"""
STARTS = {
    "edgent": ("edgent.starting:edgent", "edgent.cli"),
    "edgent-device": ("edgent.starting:edgent_device", "device_runtime.cli"),
}
"""By the command's name, what starts it, and what that loads."""


def _run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*HEARS_CTRL_C, sys.executable, "-c", INTERRUPTED_WHILE_LOADING, *words],
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize("command", STARTS)
def test_ctrl_c_while_it_is_loaded(command: str) -> None:
    """It ends at once and without a word, by the signal, as shells expect: their code is 130."""
    start, loaded = STARTS[command]
    assert f'\n{command} = "{start}"\n' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    done = _run(loaded, start)
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, "", "")


GARBAGE_WHEN_IT_RUNS = """
import gc, importlib, sys
module, name = sys.argv[1].split(":")
starting = importlib.import_module(module)
load = starting.import_module

class Loaded:
    @staticmethod
    def main():
        print(collected, gc.isenabled(), gc.get_freeze_count() > 100_000)

def load_and_tell(name):
    global collected
    collected = gc.isenabled()
    load(name)
    return Loaded

starting.import_module = load_and_tell
getattr(starting, name)()
"""


def test_garbage_is_collected_once_it_is_loaded() -> None:
    """Not before, and what was loaded is not looked through again."""
    done = subprocess.run(
        [sys.executable, "-c", GARBAGE_WHEN_IT_RUNS, STARTS["edgent-device"][0]],
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout == "False True True\n"


@pytest.mark.parametrize(("command", "word"), [("edgent", "COMMAND"), ("edgent-device", "--pipeline")])
def test_it_starts_the_command(command: str, word: str) -> None:
    """With its words."""
    done = _run("nothing", STARTS[command][0], "--help")
    assert done.returncode == 0, done.stderr
    assert word in done.stdout
