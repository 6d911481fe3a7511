"""The folder of a deployment, by its command: what it holds, what a second run keeps, what is refused."""

from __future__ import annotations

import stat
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import yaml

from edgent.deploy.folder import Deployment
from edgent.deploy.pipeline_files import copy_pipeline_files
from edgent.deploy.resources import resources
from edgent.deploy.served_store import ServedStore
from edgent.edge.manifest import read_store
from edgent.errors import ArchiveError
from edgent.latency.loading import load_cost_table
from edgent.network import Network
from edgent.shipped import shipped_pipelines
from edgent.spec import read_spec

if TYPE_CHECKING:
    from pathlib import Path

    from tests.command_fixtures import Run


def test_a_device_has_all_that_it_needs(composed: Path, tmp_path: Path) -> None:
    """The copied spec opens, with its network and its profiles."""
    network = Network.open(read_spec(composed / "pipeline" / "lenet.yaml"), tmp_path)
    assert load_cost_table(network)


def test_learned_codecs_are_copied(tmp_path: Path) -> None:
    """Records with their encoders and decoders; held-out photos stay where they are."""
    copy_pipeline_files(read_spec(shipped_pipelines()["flowers"]), tmp_path / "pipeline")
    network = Network.open(read_spec(tmp_path / "pipeline" / "flowers.yaml"), tmp_path / "cache")
    assert len(network.feature_codecs) == 4


def test_files_outside_are_not_copied(tmp_path: Path, tiny_spec: Path) -> None:
    """An image cannot hold them where the spec looks for them."""
    (tmp_path / "inside").mkdir()
    text = tiny_spec.read_text(encoding="utf-8").replace("network.onnx", "../network.onnx")
    (tmp_path / "inside" / "tiny.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "network.onnx").write_bytes((tiny_spec.parent / "network.onnx").read_bytes())
    with pytest.raises(ArchiveError, match="outside its own folder"):
        copy_pipeline_files(read_spec(tmp_path / "inside" / "tiny.yaml"), tmp_path / "pipeline")


def test_secrets_stay(edgent: Run, tmp_path: Path) -> None:
    """A second run renews the rest; nobody else enters their folder, and no command prints them."""
    first = edgent("deploy", "compose", "lenet", "--out", tmp_path / "out", "--edges", 3)
    assert first.code == 0, first.errors
    assert "edgent tls" in first.output
    tokens = tmp_path / "out" / "secrets" / "tokens"
    token = tokens.read_text(encoding="ascii")
    assert len(token.strip()) >= 40
    assert stat.S_IMODE(tokens.parent.stat().st_mode) == 0o700
    assert (tokens.parent / ".gitignore").read_text(encoding="ascii") == "*\n"
    (tmp_path / "out" / "haproxy.cfg").unlink()
    assert edgent("deploy", "compose", "lenet", "--out", tmp_path / "out").code == 0
    assert tokens.read_text(encoding="ascii") == token
    assert token.strip() not in first.output
    assert "edge3" not in (tmp_path / "out" / "haproxy.cfg").read_text(encoding="utf-8")


def test_versions_stand_side_by_side(tiny_network: Network, retrained_spec: Path, tmp_path: Path) -> None:
    """The archives of the network before stay until they are replaced, and memory is counted for both."""
    before = Deployment(tiny_network, tmp_path).write_compose(1)
    network = Network.open(read_spec(retrained_spec), tmp_path / "cache")
    both = Deployment(network, tmp_path).write_compose(1)
    versions = {model.version for model in both.models if model.pipeline}
    assert versions == {before.version, both.version}
    assert resources(both).memory_mib > resources(before).memory_mib + 300
    assert both.questions[0].endpoint == f"tiny/{both.version}"
    alone = Deployment(network, tmp_path, replace=True).write_compose(1)
    assert {model.version for model in alone.models if model.pipeline} == {both.version}
    assert {model.mar.path for model in read_store(tmp_path / "archives")} == {
        model.mar.path for model in alone.models
    }


def test_memory_follows_the_archives(lenet_network: Network, in_units: tuple[Path, ServedStore]) -> None:
    """Each worker and each archive's bytes count, the windows that may be loaded, Java's heap twice."""
    served = in_units[1]
    least = resources(served)
    heavier = [replace(model, mar=replace(model.mar, size_bytes=100 << 20)) for model in served.models]
    most = resources(ServedStore(lenet_network, tuple(heavier), served.questions))
    workers = sum(model.workers for model in served.models)
    assert most.memory_mib == 256 + 300 * workers + 100 * workers
    assert most.most_memory_mib == most.memory_mib + 200 + 2 * 512
    assert least.most_memory_mib == least.memory_mib + 64 + 2 * 512
    assert least.millicpu == 500 + 1000 * (workers - 1)  # the probe computes nothing


def test_what_prometheus_asks_is_where_it_is_served(composed: Path, clustered: Path) -> None:
    """Every edge of the compose file at the port that its TorchServe has; a cluster has objects for that."""
    configuration = yaml.safe_load((composed / "monitoring" / "prometheus.yaml").read_text(encoding="utf-8"))
    asked = {job["job_name"]: job["static_configs"][0]["targets"] for job in configuration["scrape_configs"]}
    properties = (composed / "archives" / "config.properties").read_text(encoding="utf-8")
    assert "\nmetrics_address=http://0.0.0.0:8082\n" in properties
    assert asked["edgent-edges"] == ["edge1:8082", "edge2:8082"]
    assert asked["edgent-proxy"] == ["proxy:8405"]
    services = yaml.safe_load((composed / "compose.yaml").read_text(encoding="utf-8"))["services"]
    assert set(services) == {"proxy", "edge1", "edge2"}
    assert (composed / "monitoring" / "rules.yaml").is_file()
    assert {file.name for file in (clustered / "monitoring").iterdir()} == {"dashboard.json"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("kubernetes", "lenet", "--edges", 2), "--edges is for compose alone"),
        (("compose", "lenet", "--image", "no-tag"), "write NAME:TAG"),
        (("compose", "lenet", "--image", "host:5000/no-tag"), "write NAME:TAG"),
        (("systemd", "lenet", "--image", "edge:1"), "for compose or kubernetes"),
        (("swarm", "lenet"), "swarm"),
        (("compose", "lenet", "--out", "/proc/nowhere"), "cannot write /proc/nowhere"),
    ],
)
def test_what_is_refused(edgent: Run, arguments: tuple[object, ...], said: str) -> None:
    """Before anything is built."""
    done = edgent("deploy", *arguments)
    assert done.code == 2
    assert said in " ".join(done.errors.replace("│", " ").split())


@pytest.mark.parametrize("target", ["kubernetes", "systemd"])
def test_the_other_ways(edgent: Run, tmp_path: Path, target: str) -> None:
    """Each says what comes next."""
    done = edgent("deploy", target, "lenet", "--out", tmp_path / "out")
    assert done.code == 0, done.errors
    next_ = {"kubernetes": "kubectl apply --kustomize", "systemd": "docs/deploying.md"}
    assert next_[target] in done.output
