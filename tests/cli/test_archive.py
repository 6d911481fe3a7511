"""``edgent archive``: which archives it builds, and what TorchServe needs beside them."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from edgent.core.probe import PROBE
from edgent.edge.manifest import read_store
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
    version = Network.open(read_spec(PIPELINES / "lenet.yaml"), tmp_path / "cache").graph.sha256[:12]
    names = {path.name for path in (tmp_path / "store").iterdir()}
    assert {
        "manifest.json",
        "config.properties",
        "log4j2.xml",
        f"lenet-p01-{version}.mar",
        f"lenet-{version}.mar",
        "edgent-probe.mar",
    } <= names
    assert "answers for any of its 100 windows" in done.output
    assert "torchserve --start" in done.output
    assert "without an archive" not in done.output


def test_only_archives_for_a_server_that_runs_already(edgent: Run, tiny_spec: Path, tmp_path: Path) -> None:
    """No configuration, but what the server needs, and a command for each archive."""
    management = ("--management-address", "http://127.0.0.1:9081")
    done = edgent("archive", tiny_spec, "--only-archives", *management, "--store", tmp_path / "store")
    assert done.code == 0, done.errors
    archives = {path.name for path in (tmp_path / "store").glob("*.mar")}
    assert {path.name for path in (tmp_path / "store").iterdir()} == archives | {"manifest.json"}
    assert "pip install 'numpy>=1.26' 'onnxruntime>=1.21'" in done.output
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


def test_a_second_server_on_the_machine(edgent: Run, tiny_spec: Path, tmp_path: Path) -> None:
    """Its fifth port follows from the four, and what it needs beside them is said; not of the first one."""
    ports = ["--management-address", "http://127.0.0.1:9081", "--metrics-address", "http://127.0.0.1:9082"]
    ports += ["--inference-address", "http://127.0.0.1:9080", "--grpc-address", "grpc://127.0.0.1:9070"]
    done = edgent("archive", tiny_spec, *ports, "--store", tmp_path / "store")
    assert done.code == 0, done.errors
    properties = (tmp_path / "store" / "config.properties").read_text(encoding="utf-8")
    assert "grpc_inference_port=9070\ngrpc_management_port=9071\n" in properties
    assert f"--model-store {tmp_path / 'store'} " in done.output
    assert "start it in a folder of its own" in done.output
    assert "beside another" not in edgent("archive", tiny_spec, "--store", tmp_path / "first").output


def _archived(store: Path, *, warm: bool = False) -> set[str]:
    """What has an archive, or a worker."""
    return {model.name for model in read_store(store) if model.workers or not warm}


@pytest.mark.parametrize("name", ["lenet", "alexnet", "flowers"])
def test_archives_take_twice_the_network_at_most(edgent: Run, name: str, tmp_path: Path) -> None:
    """The pipeline's answers for all heads that have none of their own, and it is said for how many."""
    store = tmp_path / "store"
    done = edgent("archive", name, "--store", store)
    assert done.code == 0, done.errors
    sizes = [path.stat().st_size for path in store.glob(f"{name}-*.mar")]
    network_bytes = (PIPELINES / name / "network.onnx").stat().st_size
    assert network_bytes < sum(sizes) <= 2 * network_bytes
    every = len(Network.open(read_spec(PIPELINES / f"{name}.yaml"), tmp_path / "cache").graph.heads())
    assert f"{name} answers for {every + 1 - len(sizes)} heads without an archive of their own" in done.output
    assert "--all builds them" in done.output


def test_a_named_plan_has_its_archive_whatever_it_takes(edgent: Run, tmp_path: Path) -> None:
    """LeNet's longest head does not fit beside the pipeline's archive."""
    store = tmp_path / "store"
    edgent("archive", "lenet", "--store", store)
    assert _archived(store) == {"lenet", PROBE}
    done = edgent("archive", "lenet", "--store", store, "--warm", "exit2:p12", "--warm", "exit1:p3")
    assert done.code == 0, done.errors
    assert _archived(store, warm=True) == {"lenet", PROBE, "lenet-exit2-p12", "lenet-p03"}


def test_an_inner_window_is_loaded_from_the_start(edgent: Run, tmp_path: Path) -> None:
    """It has no archive of its own; the pipeline's names it by its two tensors."""
    network = Network.open(read_spec(PIPELINES / "lenet.yaml"), tmp_path / "cache")
    path = network.graph.path_of("exit2")
    done = edgent("archive", "lenet", "--store", tmp_path / "store", "--warm", "exit2:p2-p9")
    assert done.code == 0, done.errors
    assert "2 of them loaded from the start" in done.output
    models = {model.name: model for model in read_store(tmp_path / "store")}
    with zipfile.ZipFile(models["lenet"].mar.path) as archive:
        warm = yaml.safe_load(archive.read("model-config.yaml"))["edgent"]["warm"]
    assert warm[0] == [path.cut_tensor(2), path.cut_tensor(9)]


def test_another_version_stays_until_it_is_replaced(
    edgent: Run, tiny_spec: Path, retrained_spec: Path, tmp_path: Path
) -> None:
    """Its archives are served beside the new ones, and it is said how large they are and what drops them."""
    store = tmp_path / "store"
    edgent("archive", tiny_spec, "--store", store)
    old = _versions(store)
    done = edgent("archive", retrained_spec, "--store", store)
    assert done.code == 0, done.errors
    new = Network.open(read_spec(retrained_spec), tmp_path / "cache").graph.sha256[:12]
    assert _versions(store) == [new, *old]
    assert f"tiny {old[0]} of an earlier build is served, too: 0.1 MB" in done.output
    assert "this command once more, with --replace" in done.output
    assert f"/models/tiny/{new}/set-default" in done.output
    assert (
        f'curl -X DELETE -H "Authorization: Bearer $TOKEN" "http://127.0.0.1:8081/models/tiny/{old[0]}"'
        in (done.output)
    )
    done = edgent("archive", retrained_spec, "--store", store, "--replace")
    assert _versions(store) == [new]
    assert "of an earlier build" not in done.output
    assert {path.name for path in store.glob("tiny*.mar")} == {f"tiny-{new}.mar"}


def test_a_server_that_runs_gets_the_new_version_first(
    edgent: Run, tiny_spec: Path, retrained_spec: Path, tmp_path: Path
) -> None:
    """Whoever runs the printed commands from the first to the last refuses no device."""
    for spec in (tiny_spec, retrained_spec):
        done = edgent("archive", spec, "--only-archives", "--store", tmp_path / "store")
    assert done.code == 0, done.errors
    methods = [line.split()[2] for line in done.output.splitlines() if line.startswith("curl -X")]
    assert methods == sorted(methods, key=["POST", "DELETE"].index)
    assert set(methods) == {"POST", "DELETE"}


def _versions(store: Path) -> list[str]:
    return [model.version for model in read_store(store) if model.name == "tiny"]


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
