"""Every command without the extras: it runs, or ends in a sentence that says which extra to install.

The environment is a real one: a virtual environment that holds the requirements of edgent's core and of what
cuts networks, and what those require, linked from the environment of the tests, and nothing else.
"""

from __future__ import annotations

import ast
import importlib
import os
import subprocess
import sys
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from edgent.cli import application
from edgent.extras import EXTRA_OF
from edgent.spec import read_spec
from releasing.linked_environment import closure, linked_environment
from tests.torchserve_fixtures import write_tiny_spec

if TYPE_CHECKING:
    from collections.abc import Callable

    Run = Callable[..., subprocess.CompletedProcess[str]]

ROOT = Path(__file__).parents[2]
MAIN = {"edgent": "edgent.cli", "edgent-device": "device_runtime.cli"}


def _project() -> dict[str, Any]:
    """The project as it describes itself."""
    toml = importlib.import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
    project: dict[str, Any] = toml.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return project


@pytest.fixture(scope="session")
def core_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment that holds edgent's core, what cuts networks, and nothing else."""
    project = _project()
    required = [*project["dependencies"], *project["optional-dependencies"]["cut"]]
    python, site = linked_environment(tmp_path_factory.mktemp("core"), closure(required))
    information = next(Path(str(metadata.distribution("edgent").locate_file(""))).glob("edgent-*.dist-info"))
    (site / information.name).symlink_to(information)
    return python


@pytest.fixture
def run(core_python: Path, tmp_path: Path) -> Run:
    """Runs a command in the core's environment, with no Java, no data and no network around."""
    environment = {
        "PYTHONPATH": str(ROOT),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "EDGENT_DATA_DIR": str(tmp_path / "data"),
        "HTTPS_PROXY": "http://127.0.0.1:1",
        "https_proxy": "http://127.0.0.1:1",
        "PATH": str(tmp_path),
        "HOME": str(tmp_path),
        "COLUMNS": "200",
    }

    def start(command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [core_python, "-c", f"import {MAIN[command]} as command; command.main()", *arguments],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=240,
        )

    return start


@dataclass(frozen=True)
class Case:
    """A command line and how it ends in the core's environment.

    Attributes:
        line: words; LENET is the shipped pipeline, NETWORK its network, STORE an empty store of archives,
            PROGRAM one that is there.
        missing: the module or program that it says to be missing; None where it runs.
        extra: what installs that.
        code: its exit code where it runs.
    """

    line: str
    missing: str | None = None
    extra: str = "workbench"
    code: int = 0

    def __str__(self) -> str:
        return self.line


CASES = (
    Case("edgent --version"),
    Case("edgent new --example lenet --out mine"),
    Case("edgent new mine --model NETWORK"),
    Case("edgent new mine --model NETWORK --photos photos", "scipy"),
    Case("edgent exits LENET", "scipy"),
    Case("edgent compress LENET --at exit2:p3", "torch"),
    Case("edgent show LENET"),
    Case("edgent train LENET", "torch"),
    Case("edgent evaluate LENET", "sklearn"),
    Case("edgent profile LENET --node device --report", "scipy"),
    Case("edgent profile LENET --node device --plot times.png", "matplotlib"),
    Case("edgent plan LENET"),
    Case("edgent capacity LENET", "joblib"),
    Case("edgent plan LENET --bandwidth-kbps 500 --explain --json"),
    Case("edgent plan LENET --plot plans.png", "matplotlib"),
    Case("edgent archive LENET"),
    Case("edgent archive LENET --certificate a.pem --private-key b.pem", "cryptography", "edge"),
    Case("edgent serve --store STORE PROGRAM", "TorchServe", "edge"),
    Case("edgent bundle LENET --out device"),
    Case("edgent deploy compose LENET"),
    Case("edgent data", code=2),  # there is no network
    Case("edgent schema"),
    Case("edgent traces --write traces"),
    Case("edgent traces --plot traces.png", "matplotlib"),
    Case("edgent map LENET", "scipy"),
    Case("edgent replay LENET --policies expected --jobs 1", "joblib"),
    Case("edgent replay LENET --plot replay.png", "matplotlib"),
    Case("edgent report run.jsonl", "bokeh", "live"),
    Case("edgent tls tls", "cryptography", "edge"),
    Case("edgent token LENET --key-file nowhere.json", code=2),
    Case("edgent doctor LENET", code=1),  # there is no server
    Case("edgent-device --pipeline LENET --json"),
    Case("edgent-device --pipeline LENET --plan exit1:p0"),
    Case(
        "edgent-device --pipeline LENET --plan exit1:p0 --metrics-port 9100", "prometheus_client", "metrics"
    ),
    Case("edgent-device --pipeline LENET --plan exit1:p0 --record run.jsonl"),
    Case("edgent-device --pipeline LENET --plan exit1:p0 --live 8090", "bokeh", "live"),
    Case("edgent-device --pipeline LENET --input test --plan exit1:p0", "sklearn"),
)


@pytest.fixture
def places(lenet: Path, tmp_path: Path) -> dict[str, str]:
    """What the words in capitals stand for."""
    store = tmp_path / "store"
    store.mkdir()
    (store / "manifest.json").write_text('{"archives": []}', encoding="utf-8")
    network = lenet.parent / "lenet" / "network.onnx"
    program = sys.executable
    return {"LENET": str(lenet), "NETWORK": str(network), "STORE": str(store), "PROGRAM": program}


def _missing(module: str, extra: str, python: Path) -> str:
    """What is said where an environment has no pip of its own, as this and a bundle's."""
    command = f"python3 -m pip --python {python} install 'edgent[{extra}]'"
    return f"{module} is not installed here: run `{command}`"


@pytest.mark.parametrize("case", CASES, ids=str)
@pytest.mark.slow
def test_each_command(run: Run, core_python: Path, places: dict[str, str], case: Case) -> None:
    """It does its work, or says in a sentence which extra it needs, before it has printed anything."""
    command, *arguments = (places.get(word, word) for word in case.line.split())
    done = run(command, *arguments)
    assert "Traceback" not in done.stderr, done.stderr
    if case.missing is None:
        assert done.returncode == case.code, done.stderr
        assert "install 'edgent[" not in done.stderr
    else:
        sentence = _missing(case.missing, case.extra, core_python)
        assert (done.returncode, done.stdout, done.stderr) == (2, "", f"error: {sentence}\n")


def test_every_command_is_among_them() -> None:
    """A new command has to say how it ends."""
    names = {str(command.name) for command in application.registered_commands}
    assert {case.line.split()[1] for case in CASES if case.line.startswith("edgent ")} - {
        "--version"
    } == names


@pytest.mark.slow
def test_what_is_measured_is_written_into_the_spec(
    run: Run, core_python: Path, chain_network: Path, tmp_path: Path
) -> None:
    """The library that edits specs belongs to the core: a profile's files are named in the spec."""
    spec, inputs = write_tiny_spec(tmp_path / "pipeline", chain_network), tmp_path / "inputs.npy"
    np.save(inputs, np.random.default_rng(0).integers(0, 256, (3, 3, 8, 8), np.uint8))
    assert read_spec(spec).regressors is None
    done = run(
        "edgent", "profile", str(spec), "--node", "edge", "--budget-s", "0.1", "--samples", str(inputs)
    )
    assert done.returncode == 0, done.stderr
    sentence = f"The regressors are not fitted: {_missing('scipy', 'workbench', core_python)}"
    assert sentence in done.stdout.splitlines()
    regressors = read_spec(spec).regressors
    assert regressors is not None
    assert (spec.parent / regressors.edge).exists()


def test_the_environment_is_what_it_says(core_python: Path) -> None:
    """No module of an extra can be imported there: else the tests above would show nothing."""
    code = "import importlib.util as u, sys; print(*[name for name in sys.argv[1:] if u.find_spec(name)])"
    done = subprocess.run(
        [core_python, "-c", code, *EXTRA_OF, "ruamel.yaml"],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
        env={key: value for key, value in os.environ.items() if key != "PYTHONPATH"},
    )
    assert done.stdout.split() == ["onnx", "ruamel.yaml"]


def test_every_import_is_of_the_core_or_of_an_extra() -> None:
    """A module that nothing installs, or whose extra no message could name, is not imported anywhere."""
    imported = set()
    for file in [*(ROOT / "edgent").rglob("*.py"), *(ROOT / "device_runtime").rglob("*.py")]:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported.add(str(node.module))
    modules = {name.partition(".")[0] for name in imported} - set(sys.stdlib_module_names)
    distributions, core = metadata.packages_distributions(), closure(_project()["dependencies"])
    of_extras = {
        name
        for name in modules - {"edgent", "device_runtime", "compression"}  # Python's own from 3.14 on
        if not core & {canonicalize_name(distribution) for distribution in distributions[name]}
    }
    assert of_extras == set(EXTRA_OF)


def test_the_extras_are_those_of_the_project() -> None:
    """A module's extra, as its message names it, requires the distribution that brings the module."""
    project = _project()
    distributions = metadata.packages_distributions()
    for module, extra in EXTRA_OF.items():
        required = {
            canonicalize_name(Requirement(line).name) for line in project["optional-dependencies"][extra]
        }
        assert required & {canonicalize_name(name) for name in distributions[module]}, module
