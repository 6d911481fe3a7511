"""What both commands have in common: version, log, completion, help, and a device without its edge."""

from __future__ import annotations

import json
import logging
import os
import re
import shlex
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import typer

import edgent as package
from edgent.cli import application
from edgent.command_line import add_command, run
from edgent.shipped import shipped_pipelines
from edgent.spec.completion import complete_spec
from tests.command_fixtures import HEARS_CTRL_C, process_as_it_was

if TYPE_CHECKING:
    from tests.command_fixtures import Run

ROOT = Path(__file__).parents[2]
COMMANDS = sorted(str(command.name) for command in application.registered_commands)


def test_the_version_of_both(edgent: Run, edgent_device: Run) -> None:
    """Both print that of the package, and do nothing else."""
    line = f"edgent {package.__version__}\n"
    for command in (edgent, edgent_device):
        done = command("--version")
        assert (done.code, done.output, done.errors) == (0, line, "")


def test_the_log_is_silent_until_it_is_asked_for(edgent: Run, lenet: Path) -> None:
    """Nothing by default, what the command does with -v, details with -vv, and always on stderr."""
    plain = edgent("plan", lenet)
    assert (plain.code, plain.errors) == (0, "")
    told = edgent("plan", lenet, "-v")
    assert told.output == plain.output
    assert "INFO" in told.errors
    assert "pipeline lenet, exits exit1, exit2" in told.errors
    assert "network.onnx: sha256 97d4c5e41a09935a" in told.errors
    assert "DEBUG" not in told.errors
    detailed = edgent("plan", lenet, "-vv")
    assert "DEBUG" in detailed.errors
    assert "device.yaml, which `edgent profile" in detailed.errors
    assert edgent("plan", lenet, "--verbose").errors.count("INFO") == told.errors.count("INFO")
    assert edgent("plan", lenet).errors == ""


def test_an_event_is_a_line_where_no_terminal_is(edgent: Run, lenet: Path) -> None:
    """With its date: a journal's lines are for programs, however wide a terminal may be elsewhere."""
    lines = edgent("plan", lenet, "-v", COLUMNS="40").errors.splitlines()
    assert lines
    assert all(re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} INFO \S", line) for line in lines)


def test_a_logger_with_a_level_of_its_own_is_no_louder(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """A worker's metrics, which it logs for TorchServe, are nothing for whoever runs a command."""
    metrics = logging.getLogger("edgent.core.torchserve_metrics")
    caplog.set_level(logging.INFO, metrics.name)
    tells = typer.Typer()

    def start() -> None:
        """Log a line for TorchServe, and one for everybody."""
        metrics.info("a line for TorchServe")
        metrics.warning("a line for everybody")

    add_command(tells, start, "start")
    with process_as_it_was():
        tells([], standalone_mode=False)
    told = capsys.readouterr().err
    assert "a line for everybody" in told
    assert "TorchServe" not in told


def test_archives_and_segments_are_logged(edgent: Run, lenet: Path, tmp_path: Path) -> None:
    """With -v every segment that is cut and every archive that is built is a line."""
    done = edgent("archive", lenet, "--all", "--store", tmp_path / "store", "-v")
    assert done.code == 0, done.errors
    heads = list((tmp_path / "store").glob("lenet-*p??-*.mar"))
    assert done.errors.count("built ") == len(heads) + 1
    assert done.errors.count("cutting layers") == 2 * len(heads) - 1  # and each layer; the first is a head
    again = edgent("archive", lenet, "--all", "--store", tmp_path / "store", "-v")
    assert "cutting layers" not in again.errors


WITHOUT_A_UNIT = re.compile("<int|<float|INTEGER|FLOAT")
"""What typer calls a number that no metavar names."""


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_sentences_and_an_example(edgent: Run, command: str) -> None:
    """Its first line is a sentence; the example below runs the command, and --verbose is there."""
    done = edgent(command, "--help")
    lines = [line.strip() for line in done.output.splitlines() if line.strip()]
    assert lines[1].endswith(".")
    examples = lines[next(n for n, line in enumerate(lines) if line.startswith("Example")) + 1 :]
    assert examples
    assert all(line.startswith(f"edgent {command}") for line in examples)
    assert "--verbose" in done.output
    assert not WITHOUT_A_UNIT.search(done.output)


@pytest.mark.parametrize("command", COMMANDS)
def test_examples_are_command_lines(edgent: Run, command: str) -> None:
    """Every option in an example exists: with --help in front of them, the help is printed."""
    lines = [line.strip() for line in edgent(command, "--help", COLUMNS="300").output.splitlines()]
    for line in lines:
        if line.startswith("edgent "):
            _, name, *words = shlex.split(line.partition(">")[0])
            done = edgent(name, "--help", *words)
            assert (done.code, done.errors) == (0, ""), line
    assert edgent(command, "--help", "--no-such-option").code == 2


def test_examples_of_the_device_are_command_lines(edgent_device: Run) -> None:
    """The same; one of them is fed by a pipe."""
    lines = [line.strip() for line in edgent_device("--help", COLUMNS="300").output.splitlines()]
    assert not any(WITHOUT_A_UNIT.search(line) for line in lines)
    examples = [line.rpartition("edgent-device ")[2] for line in lines if "edgent-device --pipeline" in line]
    assert len(examples) >= 5
    for words in examples:
        done = edgent_device("--help", *shlex.split(words))
        assert (done.code, done.errors) == (0, ""), words


def test_the_example_of_a_new_pipeline_has_a_new_name(edgent: Run) -> None:
    """Not that of a shipped one, which other commands would take for the shipped one."""
    examples = re.findall(r"edgent new (\w+)", edgent("new", "--help").output)
    assert examples
    assert not {*examples} & {*shipped_pipelines()}


def test_specs_are_completed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Specs here and one folder below, by the beginning of their path; generated YAML is none."""
    monkeypatch.chdir(tmp_path)
    for name in ("pipelines/lenet.yaml", "pipelines/alexnet.yml", "own.yaml"):
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_text("# a spec\nversion: 1\n", encoding="utf-8")
    Path("pipelines/device.yaml").write_text("holds: profile\nformat: 1\n", encoding="utf-8")
    Path("pipelines/lenet.txt").write_text("version: 1\n", encoding="utf-8")
    Path("pipelines/folder.yaml").mkdir()
    assert complete_spec("") == ["own.yaml", "pipelines/alexnet.yml", "pipelines/lenet.yaml"]
    assert complete_spec("pip") == ["pipelines/alexnet.yml", "pipelines/lenet.yaml"]
    assert complete_spec("pipelines/l") == ["pipelines/lenet.yaml"]
    assert complete_spec("./o") == ["./own.yaml"]
    assert complete_spec(f"{tmp_path}/o") == [f"{tmp_path}/own.yaml"]
    assert complete_spec("nowhere/x") == []
    assert complete_spec("*") == []


@pytest.mark.parametrize(
    ("module", "program", "words"),
    [
        ("edgent.cli", "edgent", "edgent plan pipelines/l"),
        ("edgent.cli", "edgent", "edgent archive pipelines/l"),
        ("device_runtime.cli", "edgent-device", "edgent-device --pipeline pipelines/l"),
    ],
)
def test_a_shell_completes_specs(module: str, program: str, words: str) -> None:
    """By the protocol of bash's completion, as the installed script speaks it."""
    environment = os.environ | {
        f"_{program.replace('-', '_').upper()}_COMPLETE": "complete_bash",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split()) - 1),
    }
    code = f"import sys, {module}; sys.argv[0] = {program!r}; {module}.main()"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout.split() == ["pipelines/lenet.yaml"], done.stderr


def test_a_module_that_no_extra_brings_is_no_users_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing module of our own is a bug: its traceback is shown."""
    broken = typer.Typer()

    @broken.command()
    def start() -> None:
        raise ModuleNotFoundError("No module named 'edgent.nowhere'", name="edgent.nowhere")

    monkeypatch.setattr(sys, "argv", ["broken"])
    with pytest.raises(ModuleNotFoundError), process_as_it_was():
        run(broken)


def test_no_folder_for_temporary_files_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As on a file system that is read-only: in a line, by the code of a mistake."""
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setattr(tempfile, "_candidate_tempdir_list", list)
    application = typer.Typer()

    @application.command()
    def start() -> None:
        tempfile.mkdtemp()

    monkeypatch.setattr(sys, "argv", ["command"])
    with pytest.raises(SystemExit) as ended, process_as_it_was():
        run(application)
    assert ended.value.code == 2
    said = "No usable temporary directory found in []: set TMPDIR to a folder that can be written"
    assert capsys.readouterr().err == f"error: {said}\n"


WAITS = """
import signal, typer
from edgent.command_line import run

application = typer.Typer()

def parsed(word: str) -> str:
    if word == "parsing":
        wait()
    return word

def wait() -> None:
    print("waits", flush=True)
    signal.pause()

@application.command()
def command(word: str = typer.Argument(callback=parsed)) -> None:
    try:
        wait()
    finally:
        print("cleaned up")

run(application)
"""


@pytest.mark.parametrize(("word", "output"), [("running", "waits\ncleaned up\n"), ("parsing", "waits\n")])
@pytest.mark.parametrize(
    ("sent", "code", "said"), [(signal.SIGINT, 130, "interrupted\n"), (signal.SIGTERM, 143, "terminated\n")]
)
def test_signals(word: str, output: str, sent: signal.Signals, code: int, said: str) -> None:
    """Whatever the command is at, it tidies up, and ends with one line and the shells' exit code.

    That it hears SIGTERM is what ends it where it is the first process of a container.
    """
    with subprocess.Popen(
        [*HEARS_CTRL_C, sys.executable, "-c", WAITS, word],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        bufsize=1,
    ) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        process.send_signal(sent)
        rest, errors = process.communicate(timeout=60)
    assert (process.returncode, first + rest, errors) == (code, output, said)


def test_a_device_that_starts_without_its_edge_says_so(edgent_device: Run, lenet: Path) -> None:
    """One line on stderr with the address, the reason and what to run next; every input is answered."""
    options = ("--url", "http://127.0.0.1:1", "--count", 2, "--json")
    done = edgent_device("--pipeline", lenet, *options, EDGENT_TOKEN="a-token")
    assert done.code == 0, done.errors
    assert len([json.loads(line) for line in done.output.splitlines()]) == 2
    lines = done.errors.splitlines()
    assert lines[0].startswith("warning: the edge at http://127.0.0.1:1 does not answer")
    for word in ("refused", f"edgent doctor {lenet} --url "):
        assert word in lines[0]
    assert sum("does not answer" in line for line in lines) == 1
