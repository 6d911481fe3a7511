"""``edgent archive``: which archives it builds, and what TorchServe needs beside them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from edgent.network import Network
from edgent.spec import read_spec

if TYPE_CHECKING:
    from tests.command_fixtures import Outcome, Run

PIPELINES = Path(__file__).parents[2] / "pipelines"


def _is_one_clear_error(done: Outcome, *words: str) -> None:
    assert (done.code, done.output) == (2, "")
    for word in words:
        assert word in done.errors


def test_archive_builds_what_torchserve_needs(edgent: Run, tmp_path: Path) -> None:
    """All archives, the configuration, and the command that serves them."""
    done = edgent("archive", PIPELINES / "lenet.yaml", "--all", "--store", tmp_path / "store")
    assert done.code == 0, done.errors
    names = {path.name for path in (tmp_path / "store").iterdir()}
    assert {
        "manifest.json",
        "config.properties",
        "log4j2.xml",
        "lenet-p01.mar",
        "lenet.mar",
        "edgent-probe.mar",
    } <= names
    assert "answers for any of its 100 windows" in done.output
    assert "torchserve --start" in done.output
    assert "left out" not in done.output


def test_only_archives_for_a_server_that_runs_already(edgent: Run, tiny_spec: Path, tmp_path: Path) -> None:
    """No configuration, but what the server needs, and a command for each archive."""
    management = ("--management-address", "http://127.0.0.1:9081")
    done = edgent("archive", tiny_spec, "--only-archives", *management, "--store", tmp_path / "store")
    assert done.code == 0, done.errors
    archives = {path.name for path in (tmp_path / "store").glob("*.mar")}
    assert {path.name for path in (tmp_path / "store").iterdir()} == archives | {"manifest.json"}
    assert "pip install 'numpy>=1.26' 'onnxruntime>=1.20'" in done.output
    assert "enable_model_api=true" in done.output
    commands = [line for line in done.output.splitlines() if line.startswith("curl -X POST")]
    assert len(commands) == len(archives)
    assert all("http://127.0.0.1:9081/models?url=" in command for command in commands)


def test_ports_of_management_and_metrics(edgent: Run, tiny_spec: Path, tmp_path: Path) -> None:
    """They are the user's, and stay on loopback."""
    ports = ["--management-address", "http://127.0.0.1:9081", "--metrics-address", "http://127.0.0.1:9082"]
    done = edgent("archive", tiny_spec, *ports, "--store", tmp_path / "store")
    assert done.code == 0, done.errors
    properties = (tmp_path / "store" / "config.properties").read_text(encoding="utf-8")
    assert "management_address=http://127.0.0.1:9081\nmetrics_address=http://127.0.0.1:9082\n" in properties
    ports[1] = "http://0.0.0.0:9081"
    done = edgent("archive", tiny_spec, *ports, "--store", tmp_path / "store")
    _is_one_clear_error(done, "management address http://0.0.0.0:9081", "must stay on loopback")


def test_heads_that_no_plan_chooses_are_left_out(edgent: Run, tmp_path: Path) -> None:
    """It is said how many, and what builds them; the head of a plan that the user names is built, too."""
    spec, store = PIPELINES / "lenet.yaml", tmp_path / "store"
    done = edgent("archive", spec, "--store", store)
    assert done.code == 0, done.errors
    heads = {path.stem for path in store.glob("lenet-*.mar")}
    every = len(Network.open(read_spec(spec), tmp_path / "cache").graph.heads())
    assert 0 < len(heads) < every
    assert f"{every - len(heads)} heads are left out" in done.output
    assert "--all builds them" in done.output
    edgent("archive", spec, "--store", store, "--warm", "exit1:p3")
    assert {path.stem for path in store.glob("lenet-*.mar")} == heads | {"lenet-p03"}


def test_without_profiles_every_head_is_built(edgent: Run, tiny_spec: Path, tmp_path: Path) -> None:
    """There are no plans to choose by."""
    done = edgent("archive", tiny_spec, "--store", tmp_path / "store")
    assert done.code == 0, done.errors
    heads = Network.open(read_spec(tiny_spec), tmp_path / "cache").graph.heads()
    assert len(list((tmp_path / "store").glob("tiny-*.mar"))) == len(heads)
    assert "left out" not in done.output


def test_warm_plans_of_several_pipelines(edgent: Run, tmp_path: Path) -> None:
    """A plan goes to the pipeline that has it; where both have it, both get a worker and it is said."""
    specs, store = [PIPELINES / "lenet.yaml", PIPELINES / "alexnet.yaml"], tmp_path / "store"
    done = edgent("archive", *specs, "--store", store, "--warm", "exit5:p20", "--warm", "exit1:p3")
    assert done.code == 0, done.errors
    manifest = json.loads((store / "manifest.json").read_text())
    warm = {entry["name"] for entry in manifest["archives"] if entry["workers"]}
    assert warm == {"alexnet-exit5-p20", "lenet-p03", "alexnet-p03", "lenet", "alexnet", "edgent-probe"}
    assert done.output.count("for exit1:p3, which lenet and alexnet have") == 2


def test_a_warm_plan_that_no_pipeline_has(edgent: Run, tmp_path: Path) -> None:
    """Each pipeline says why it has none."""
    specs = [PIPELINES / "lenet.yaml", PIPELINES / "alexnet.yaml"]
    done = edgent("archive", *specs, "--store", tmp_path / "store", "--warm", "exit9:p20")
    _is_one_clear_error(done, "lenet: no exit 'exit9'", "alexnet: no exit 'exit9'")
