"""Exit codes are the same for every command, and the docs list them."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from edgent.cli import application
from edgent.extras import is_installed

if TYPE_CHECKING:
    from tests.command_fixtures import Run

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "command-line.md"
COMMANDS = sorted(str(command.name) for command in application.registered_commands)
OF_A_SPEC = {
    "archive": (),
    "bundle": ("--out", "out"),
    "capacity": (),
    "compress": ("--auto",),
    "deploy": (),
    "doctor": (),
    "evaluate": (),
    "exits": (),
    "map": (),
    "plan": (),
    "profile": ("--node", "device"),
    "replay": (),
    "show": (),
    "token": (),
    "train": (),
}
"""Commands that begin with a spec, and what else they cannot do without."""


def test_the_docs_list_them() -> None:
    """Each once."""
    codes = re.findall(r"^\| (\d+) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert codes == ["0", "1", "2", "129", "130", "143"]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_mistake_in_the_command_line(edgent: Run, command: str) -> None:
    """Code 2; stdout stays empty, and nothing is coloured where there is no terminal."""
    done = edgent(command, "--no-such-option")
    assert (done.code, done.output) == (2, "")
    assert "No such option: --no-such-option" in done.errors
    assert "\x1b" not in done.errors


@pytest.mark.parametrize("command", OF_A_SPEC)
def test_a_spec_that_is_not_there(edgent: Run, command: str) -> None:
    """Code 2 and one line, which names it."""
    if command in {"compress", "train"} and not is_installed("torch"):  # they look for it before they read
        pytest.skip("torch is not here")
    first = ("compose",) if command == "deploy" else ()
    done = edgent(command, *first, "missing.yaml", *OF_A_SPEC[command])
    assert (done.code, done.output) == (2, "")
    assert "missing.yaml" in done.errors


@pytest.mark.parametrize(
    ("command", "option", "said"),
    [
        ((), "--live", "'80x' is no whole number: give one"),
        ((), "--fps", "'80x' is no number: give one"),
        (("plan", "lenet"), "--bandwidth-kbps", "'80x' is no number: give one"),
        (("capacity", "lenet"), "--workers", "'80x' is no whole number: give one"),
    ],
)
def test_what_is_no_number_is_told(
    edgent: Run, edgent_device: Run, command: tuple[str, ...], option: str, said: str
) -> None:
    """With the value, and in our own words."""
    run = edgent if command else edgent_device
    done = run(*(command or ("--pipeline", "lenet")), option, "80x")
    assert done.code == 2
    assert f"Invalid value for '{option}': {said}" in " ".join(done.errors.replace("│", " ").split())


FULL = Path("/dev/full")
PRINTS = """
import typer
from edgent.command_line import add_command, run

application = typer.Typer()

def prints() -> None:
    "Print a line."
    typer.echo("a line")

add_command(application, prints, "prints")
run(application)
"""


@pytest.mark.skipif(not FULL.exists(), reason="this system has no device that is always full")
def test_a_full_disk_behind_stdout() -> None:
    """Code 2 and one line; Python says nothing more when it ends."""
    with FULL.open("w", encoding="utf-8") as full:
        done = subprocess.run(
            [sys.executable, "-c", PRINTS],
            check=False,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            cwd=PAGE.parents[2],
        )
    said = (
        "error: the output cannot be written: No space left on device; make room there, or write elsewhere\n"
    )
    assert (done.returncode, done.stderr) == (2, said)


@pytest.mark.parametrize("value", ["nan", "inf"])
@pytest.mark.parametrize(
    ("command", "option"),
    [
        (("capacity", "lenet"), "--rate"),
        (("traces",), "--scale"),
        (("replay", "lenet"), "--slowdown"),
        (("plan", "lenet"), "--round-trip-ms"),
        (("plan", "lenet"), "--bandwidth-kbps"),
        (("evaluate", "lenet.yaml"), "--budget-s"),
        (("train", "lenet.yaml"), "--minutes"),
    ],
    ids=lambda value: value if isinstance(value, str) else value[0],
)
def test_numbers_are_finite(edgent: Run, command: tuple[str, ...], option: str, value: str) -> None:
    """Whatever the option, and its bounds."""
    done = edgent(*command, option, value)
    assert done.code == 2
    said = " ".join(done.errors.replace("│", " ").split())
    assert f"Invalid value for '{option}': " in said
    assert re.search(rf"give a number (greater|less) than|{value} is not finite: give a number", said)
