"""Pipelines that ship: known by name, copied out of an installed edgent, and the user's from then on."""

from __future__ import annotations

import importlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from device_runtime import DeviceRuntime
from edgent.errors import SpecError, StaleFileError, UnknownNameError
from edgent.latency.loading import load_map
from edgent.network import Network
from edgent.shipped import copy_pipeline, own_spec_path, shipped_pipelines, spec_path, spec_word
from edgent.spec import read_spec
from edgent.spec.edit import write_values

if TYPE_CHECKING:
    from tests.command_fixtures import Run

ROOT = Path(__file__).parents[1]


def test_names_of_specs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of the user's comes before a shipped pipeline; a folder is no file; others stay as they are."""
    monkeypatch.chdir(tmp_path)
    assert {"alexnet", "lenet"} <= set(shipped_pipelines())
    assert spec_path(Path("lenet")) == ROOT / "pipelines" / "lenet.yaml"
    assert spec_path(Path("nowhere")) == Path("nowhere")
    assert spec_path(Path("pipelines/lenet")) == Path("pipelines/lenet")
    (tmp_path / "lenet").mkdir()
    assert spec_path(Path("lenet")) == ROOT / "pipelines" / "lenet.yaml"
    (tmp_path / "alexnet").write_text("version: 1\n")
    assert spec_path(Path("alexnet")) == Path("alexnet")


def test_a_name_is_no_spec_to_write_beside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is said how to have a copy, or where that lies; other paths stay as they are."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SpecError, match=r"copy it with `edgent new --example lenet` and name the copy"):
        own_spec_path(Path("lenet"))
    copy_pipeline("lenet", Path("pipelines"))
    with pytest.raises(SpecError, match=r"beside its spec: name the copy, pipelines/lenet.yaml"):
        own_spec_path(Path("lenet"))
    for path in (Path("pipelines/lenet.yaml"), Path("nowhere.yaml")):
        assert own_spec_path(path) == path


@pytest.mark.parametrize("words", [("train",), ("evaluate",), ("map",), ("profile", "--node", "device")])
def test_commands_that_write_say_so(edgent: Run, words: tuple[str, ...]) -> None:
    """In place of a file that is not there."""
    command, *options = words
    done = edgent(command, "lenet", *options)
    assert done.code == 2
    assert "edgent new --example lenet" in " ".join(done.errors.split())


def test_a_spec_as_a_command_takes_it() -> None:
    """What a user wrote, whichever of the two that was."""
    for word in ("lenet", "mine/lenet.yaml", "nowhere"):
        assert spec_word(spec_path(Path(word))) == word


@pytest.mark.parametrize("name", list(shipped_pipelines()))
def test_a_copy_is_whole(name: str, tmp_path: Path) -> None:
    """Every file of it, so that the network opens; and it stands alone."""
    spec = copy_pipeline(name, tmp_path / "mine")
    assert spec == tmp_path / "mine" / f"{name}.yaml"
    assert Network.open(read_spec(spec), tmp_path / "cache").spec.name == name
    ours, theirs = (
        {file.relative_to(folder) for file in (folder / name).rglob("*")}
        for folder in (ROOT / "pipelines", tmp_path / "mine")
    )
    assert ours == theirs


@pytest.mark.parametrize("name", list(shipped_pipelines()))
def test_it_declares_a_link_that_moves_with_a_map(name: str) -> None:
    """The map is of this network, of the spec's requirements, of demo traces and a slow device."""
    network = Network.open(read_spec(shipped_pipelines()[name]))
    assert network.spec.bandwidth.environment == "dynamic"
    configuration_map = load_map(network)
    assert configuration_map is not None
    assert configuration_map.made_by.command.startswith(f"edgent map {name}.yaml --seed 0")
    assert "--slowdown 30 --reward accuracy" in configuration_map.made_by.command


def test_the_users_own_requirement_stops_no_device(tmp_path: Path) -> None:
    """The map was made for others, but a device that plans by a forecast does without it."""
    spec = copy_pipeline("lenet", tmp_path)
    write_values(spec, {("latency_requirement_ms",): 3333.0})
    with DeviceRuntime.open(spec, inference_url="http://127.0.0.1:9", cache=tmp_path / "cache") as runtime:
        assert runtime.infer(np.zeros((1, 28, 28), np.uint8)).met_requirement
    write_values(spec, {("bandwidth", "policy"): "paper"})
    with pytest.raises(
        StaleFileError, match=r"made for latency requirements of .* run `edgent map .*lenet.yaml`"
    ):
        DeviceRuntime.open(spec, inference_url="http://127.0.0.1:9", cache=tmp_path / "cache")


@pytest.mark.parametrize("there", ["lenet.yaml", "lenet"])
def test_nothing_is_overwritten(there: str, tmp_path: Path) -> None:
    """Neither a spec nor a folder, and no half of a pipeline is left beside it."""
    (tmp_path / there).mkdir()
    with pytest.raises(SpecError, match=f"{there} exists and is not overwritten"):
        copy_pipeline("lenet", tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == [there]


def test_what_cannot_be_copied(tmp_path: Path) -> None:
    """A name that does not ship, and a folder that is none."""
    with pytest.raises(UnknownNameError, match=r"no pipeline 'lennet' ships .* did you mean 'lenet'"):
        copy_pipeline("lennet", tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(SpecError, match="cannot write"):
        copy_pipeline("lenet", tmp_path / "file" / "folder")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the wheel unpacks, put together as pyproject.toml says."""
    toml = importlib.import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
    project = toml.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wheel, site = project["tool"]["hatch"]["build"]["targets"]["wheel"], tmp_path_factory.mktemp("site")
    for package in wheel["packages"]:
        shutil.copytree(ROOT / package, site / package)
    for source, target in wheel["force-include"].items():
        shutil.copytree(ROOT / source, site / target)
    return site


def test_an_installed_edgent_brings_its_pipelines(installed: Path, tmp_path: Path) -> None:
    """Far from a checkout: a name is enough to plan and to answer, and a copy is the user's own."""
    environment = os.environ | {"PYTHONPATH": str(installed), "XDG_CACHE_HOME": str(tmp_path / "cache")}

    def run(module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        code = f"import {module} as command; print(command.__file__); command.main()"
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=240,
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith(str(installed))
        return done

    assert "exit2" in run("edgent.cli", "plan", "lenet").stdout
    answered = run("device_runtime.cli", "--pipeline", "lenet", "--plan", "exit2:p0", "--count", "2")
    assert "2 of 2 right" in answered.stdout
    assert "edgent show pipelines/lenet.yaml" in run("edgent.cli", "new", "--example", "lenet").stdout
    run("edgent.cli", "show", "pipelines/lenet.yaml")
    assert (tmp_path / "pipelines" / "lenet" / "network.onnx").is_file()
