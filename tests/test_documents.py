"""What README and docs show works: doctests and Python run, commands are understood, the cheap ones run, too.

Sybil finds the blocks and runs the Python; what needs a server or takes minutes is parsed and no more.
"""

from __future__ import annotations

import doctest
import importlib
import itertools
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import typer
from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser

from device_runtime.cli import application as device_application
from edgent.bandwidth.generator import demo_traces
from edgent.bandwidth.trace_writing import trace_text
from edgent.cli import application as edgent_application
from edgent.network import Network
from edgent.plan_check import check_plan
from edgent.planning.plan import Plan
from edgent.shipped import shipped_pipelines
from edgent.spec import read_spec
from tests.tutorials.page import Block, blocks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sybil import Example

    from tests.command_fixtures import Run

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
TUTORIALS = sorted((DOCS / "tutorials").glob("*.md"))
RECIPES = sorted((DOCS / "contributing").glob("*.md"))
"""Tests of their own follow tutorials and recipes from top to bottom: tests/tutorials, tests/contributing."""
PAGES = [ROOT / "README.md", *sorted({*DOCS.rglob("*.md")} - {*TUTORIALS, *RECIPES})]
INSTRUCTIONS = [ROOT / "README.md", *sorted((DOCS / "how-to").glob("*.md"))]
"""Pages from which a reader pastes."""
SHELL = ("sh", "console")
CHEAP = ("edgent plan ", "edgent-device --pipeline pipelines/lenet.yaml")
NOT_RUN = {"testbed.md": "a testbed and made-up servers"}


def _modules_with_doctests() -> Iterator[str]:
    for part in ("edgent", "device_runtime"):
        for file in sorted((ROOT / part).rglob("*.py")):
            lines = file.read_text(encoding="utf-8").splitlines()
            if any(">>> " in line and "+SKIP" not in line for line in lines):
                yield file.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".")


@pytest.mark.parametrize("name", [*_modules_with_doctests()])
def test_doctests(name: str) -> None:
    """Examples in docstrings print what they say."""
    failed, attempted = doctest.testmod(importlib.import_module(name))
    assert attempted
    assert not failed


def _examples() -> Iterator[Example]:
    for page in PAGES:
        yield from Sybil([PythonCodeBlockParser()]).parse(page).examples()


def _place(example: Example) -> str:
    return f"{Path(example.path).name}:{example.line}"


@pytest.mark.parametrize("example", [*_examples()], ids=_place)
def test_python(example: Example, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the names that the text around it speaks of."""
    page = Path(example.path).name
    if page in NOT_RUN:
        compile(example.parsed, page, "exec")
        return
    (tmp_path / "traces").mkdir()
    for number, trace in enumerate(demo_traces(2, samples=60)):
        (tmp_path / "traces" / f"trace{number}.txt").write_text(trace_text(trace), encoding="utf-8")
    (tmp_path / "pipelines").symlink_to(ROOT / "pipelines")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    example.namespace["image"] = np.zeros((3, 32, 32), np.uint8)
    example.evaluate()


def _commands_of(block: Block) -> Iterator[str]:
    """The commands of a shell block, without comments, line breaks, and where their output goes."""
    for step in block.steps():
        for line in step.code.replace("\\\n", " ").splitlines():
            command = re.split(r"#| [|>&]| 2>", line)[0].replace(".venv/bin/", "")
            if command.strip():
                yield " ".join(command.split())


def _shell_blocks(pages: Iterable[Path] = PAGES) -> Iterator[Block]:
    return (block for page in pages for block in blocks(page) if block.language in SHELL)


def _commands(shells: Iterable[Block]) -> list[str]:
    """Each command once."""
    return list(dict.fromkeys(command for block in shells for command in _commands_of(block)))


@pytest.mark.parametrize(
    "block", [block for page in INSTRUCTIONS for block in blocks(page)], ids=lambda block: block.place
)
def test_each_block_is_run_or_says_why_not(block: Block) -> None:
    """Python and cheap commands are run; `<!-- not run: reason -->` stands before any other."""
    assert block.language, f"{block.place}: name its language, such as sh, console, yaml or text"
    if block.language in SHELL and not all(line.startswith(CHEAP) for line in _commands_of(block)):
        assert len((block.not_run or "").split()) > 2, f"{block.place}: say why it is not run"


@pytest.mark.parametrize(
    "line",
    [line for line in _commands(_shell_blocks([*PAGES, *TUTORIALS])) if line.startswith("edgent")],
)
def test_commands_are_understood(line: str) -> None:
    """There is such a command, with such options and arguments."""
    name, *arguments = shlex.split(line)
    command = typer.main.get_command(device_application if name == "edgent-device" else edgent_application)
    if name == "edgent":
        command = command.commands[arguments.pop(0)]  # type: ignore[attr-defined]  # a group
    command.make_context(name, arguments)


@pytest.mark.parametrize(
    "line",
    [
        line
        for line in _commands(block for block in _shell_blocks() if block.is_run)
        if line.startswith(CHEAP)
    ],
)
def test_cheap_commands_run(
    line: str, edgent: Run, edgent_device: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the checkout's folder, as README has it; without an edge the device answers alone."""
    name, *arguments = shlex.split(line)
    monkeypatch.chdir(ROOT)
    done = (edgent_device if name == "edgent-device" else edgent)(*arguments)
    assert done.code == 0, done.errors
    assert done.output


def test_there_are_such_make_targets() -> None:
    """Every `make TARGET` can be planned; variables may follow the target."""
    lines = [line for line in _commands(_shell_blocks()) if line.startswith("make ")]
    assert {"make demo", "make test", "make archive", "make serve", "make stop"} <= set(lines)
    for line in lines:
        subprocess.run(
            [*shlex.split(line), "--dry-run", f"PYTHON={sys.executable}"],
            cwd=ROOT,
            check=True,
            capture_output=True,
        )


@pytest.mark.parametrize(
    "line",
    [line for line in _commands(_shell_blocks()) if line.startswith("edgent-device") and " --plan " in line],
)
def test_plans_in_commands_exist(line: str) -> None:
    """A plan that is shown is one of its pipeline's, which is a shipped one: it works when it is pasted."""
    words = shlex.split(line)
    options = list(itertools.pairwise(words))
    pipeline = Path(dict(options)["--pipeline"]).stem
    network = Network.open(read_spec(shipped_pipelines()[pipeline]))
    for plan in (value for option, value in options if option == "--plan"):
        check_plan(network, Plan.parse(plan))
