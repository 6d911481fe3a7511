"""The folder of a deployment, by its command: what it holds, what a second run keeps, what is refused."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import stat
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import yaml

from edgent.deploy.folder import Deployment
from edgent.deploy.image_name import ImageName
from edgent.deploy.owned_folder import RECORD, recorded_options
from edgent.deploy.resources import resources
from edgent.deploy.served_store import ServedStore
from edgent.edge.manifest import read_store
from edgent.latency.loading import load_cost_table
from edgent.network import Network
from edgent.planning.policies.registry import POLICIES
from edgent.spec import read_spec

if TYPE_CHECKING:
    from pathlib import Path

    from tests.command_fixtures import Run
    from tests.package_fixtures import MadeUpPackage

POLICY = """
from edgent.planning.policies.hedged import Hedged
from edgent.planning.policies.registry import PolicyEntry
MINE = PolicyEntry("as another one", lambda setting: Hedged())
"""


def test_a_device_has_all_that_it_needs(composed: Path) -> None:
    """The copied spec opens, with its segments and its profiles, without the network's own file."""
    network = Network.open(read_spec(composed / "pipeline" / "lenet.yaml"))
    assert load_cost_table(network)
    assert not network.graph.path.exists()


def test_secrets_stay(edgent: Run, tmp_path: Path) -> None:
    """A second run renews the rest; nobody else enters their folder, and no command prints them."""
    first = edgent("deploy", "compose", "lenet", "--out", tmp_path / "out", "--edges", 3)
    assert first.code == 0, first.errors
    assert "edgent tls" in first.output
    tokens = tmp_path / "out" / "secrets" / "tokens"
    token = tokens.read_text(encoding="ascii")
    assert len(token.strip()) >= 40
    assert stat.S_IMODE(tokens.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(tokens.stat().st_mode) == 0o600
    assert (tokens.parent / ".gitignore").read_text(encoding="ascii") == "*\n"
    (tmp_path / "out" / "haproxy.cfg").unlink()
    assert edgent("deploy", "compose", "lenet", "--out", tmp_path / "out", "--edges", 1).code == 0
    assert tokens.read_text(encoding="ascii") == token
    assert token.strip() not in first.output
    assert "edge3" not in (tmp_path / "out" / "haproxy.cfg").read_text(encoding="utf-8")


def test_options_of_the_run_before_stay(edgent: Run, tmp_path: Path) -> None:
    """Those that are not given anew, which is said; an empty one takes it back. What is done is not said."""
    out = tmp_path / "out"
    command = ("deploy", "compose", "lenet", "--out", out)
    first = edgent(*command, "--host", "edge.local", "--image", "registry.local:5000/edge:1", "--edges", 2)
    assert "as in the run before" not in first.errors
    before = {name: (out / name).read_bytes() for name in ("Dockerfile.device", "compose.yaml")}
    (out / "secrets" / "server.pem").touch()
    again = edgent(*command)
    assert "edgent tls" in first.output
    assert "edgent tls" not in again.output
    assert "--edges 2 --host edge.local --image registry.local:5000/edge:1; give another" in again.errors
    assert before == {name: (out / name).read_bytes() for name in before}
    other = edgent(*command, "--host", "", "--edges", 1)
    assert "edgent tls" in other.output  # the certificate is for another host
    assert "as in the run before: --image registry.local:5000/edge:1; give" in other.errors
    assert b"edge.local" not in (out / "Dockerfile.device").read_bytes()
    assert b"edge2" not in (out / "compose.yaml").read_bytes()
    last = edgent(*command, "--image", "")
    assert "as in the run before" not in last.errors
    assert "registry.local" not in (out / "compose.yaml").read_text(encoding="utf-8")


def _workers(out: Path) -> dict[str, int]:
    """How many TorchServe starts of each archive, by the configuration that it reads."""
    lines = (out / "archives" / "config.properties").read_text(encoding="utf-8").splitlines()
    snapshot = json.loads(dict(line.split("=", 1) for line in lines)["model_snapshot"])
    versions = {name: [*models.values()] for name, models in snapshot["models"].items()}
    return {name: models[0]["minWorkers"] for name, models in versions.items()}


def test_workers_of_each_edge(tiny_network: Network, tmp_path: Path) -> None:
    """Of the pipeline's own archive, whatever the target."""
    for target in ("compose", "kubernetes", "systemd"):
        deployment = Deployment(tiny_network, tmp_path / target, workers=4)
        if target == "compose":
            deployment.write_compose(1)
        elif target == "kubernetes":
            deployment.write_kubernetes()
        else:
            deployment.write_systemd()
        workers = _workers(tmp_path / target)
        assert workers["tiny"] == 4
        assert {model.name: model.workers for model in read_store(tmp_path / target / "archives")} == workers


def test_workers_of_the_run_before_stay(edgent: Run, tmp_path: Path) -> None:
    """Until another number is given; 1 is what there is at first, and needs no word."""
    out = tmp_path / "out"
    command = ("deploy", "compose", "lenet", "--out", out)
    assert edgent(*command, "--workers", 4).code == 0
    assert "as in the run before: --workers 4; give another" in edgent(*command).errors
    assert _workers(out)["lenet"] == 4
    assert "as in the run before" not in edgent(*command, "--workers", 1).errors
    assert _workers(out)["lenet"] == 1
    assert recorded_options(out, "compose") == {}


def test_no_tag_is_told_before_the_wheel_is_there(edgent: Run, tmp_path: Path) -> None:
    """It would be another one afterwards; a tag of the user's own stays what it is."""
    out = tmp_path / "out"
    first = edgent("deploy", "kubernetes", "lenet", "--out", out)
    assert f"\nedgent deploy kubernetes lenet --out {out}\n" in first.output
    assert "docker" not in first.output
    assert "docker build" in edgent("deploy", "kubernetes", "lenet", "--out", out, "--image", "edge:1").output
    (out / "wheels" / "edgent-1.whl").touch()
    again = edgent("deploy", "kubernetes", "lenet", "--out", out, "--image", "")
    assert "pip wheel" in first.output
    assert "pip wheel" not in again.output
    assert re.search(r"docker push edgent-edge-lenet:[0-9a-f]{12}-[0-9a-f]{12}\n", again.output)


@pytest.mark.parametrize("said", ["two", "0", "1001", pytest.param("9" * 5000, id="many digits"), "\\u0000"])
def test_a_record_that_was_edited_is_refused(said: str, edgent: Run, tmp_path: Path) -> None:
    """Its numbers are checked as the options are."""
    out = tmp_path / "out"
    assert edgent("deploy", "systemd", "lenet", "--out", out, "--workers", 2).code == 0
    record = out / RECORD
    record.write_text(record.read_text().replace('"workers": "2"', f'"workers": "{said}"'))
    done = edgent("deploy", "systemd", "lenet", "--out", out)
    assert done.code == 2
    shown = {"9" * 5000: f"{'9' * 40}…", "\\u0000": "\\x00"}.get(said, said)
    assert f"says workers '{shown}', not 1 to 1000: give --workers" in " ".join(done.errors.split())


def test_another_image_has_another_tag(tiny_network: Network, tmp_path: Path) -> None:
    """Whatever changed in it; without a change it is the same, in any folder and for any number of edges."""
    usual = Deployment(tiny_network, tmp_path / "one", ImageName.parse("registry.local:5000/edge"))
    first = usual.write_compose(1).image
    assert first is not None
    assert first.name == "registry.local:5000/edge"
    assert re.fullmatch(r"[0-9a-f]{12}-[0-9a-f]{12}", first.tag)
    assert replace(usual, folder=tmp_path / "two", host="edge.local").write_compose(2).image == first
    with_workers = replace(usual, workers=2).write_compose(1).image
    (tmp_path / "two" / "wheels" / "edgent-1.whl").touch()
    with_a_wheel = replace(usual, folder=tmp_path / "two").write_compose(2).image
    assert len({first, with_workers, with_a_wheel}) == 3
    services = yaml.safe_load((tmp_path / "two" / "compose.yaml").read_text(encoding="utf-8"))["services"]
    assert {services[name]["image"] for name in ("edge1", "edge2")} == {str(with_a_wheel)}
    given = replace(usual, image=ImageName.parse("edge:1")).write_compose(1).image
    assert str(given) == "edge:1"


@pytest.mark.parametrize(
    ("target", "remedy"),
    [("compose", "in an image of your own, FROM the device's"), ("systemd", "into /opt/edgent")],
)
def test_packages_that_devices_need_are_named(
    edgent: Run, tiny_spec: Path, tmp_path: Path, made_up_package: MadeUpPackage, target: str, remedy: str
) -> None:
    """Nothing of a deployment brings them."""
    made_up_package(POLICIES, "mine = made_up:MINE", POLICY)
    shutil.copytree(tiny_spec.parent, tmp_path / "spec")
    spec = tmp_path / "spec" / tiny_spec.name
    spec.write_text(f"{spec.read_text()}bandwidth: {{environment: dynamic, policy: mine}}\n")
    done = edgent("deploy", target, spec, "--out", tmp_path / "out")
    assert done.code == 0, done.errors
    said = f"devices need made-up 1.0, too, which declares policy 'mine': install it {remedy}\n"
    assert said in done.errors


@pytest.mark.parametrize(("user", "is_said"), [(0, True), (1000, False)])
def test_who_deploys_as_root_is_told(
    edgent: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, user: int, is_said: bool
) -> None:
    """The proxy runs as whoever owns the secrets."""
    monkeypatch.setattr("os.getuid", lambda: user)
    done = edgent("deploy", "compose", "lenet", "--out", tmp_path / "out")
    assert ("the proxy will run as root" in done.errors) == is_said


def test_versions_stand_side_by_side(tiny_network: Network, retrained_spec: Path, tmp_path: Path) -> None:
    """The archives of the network before stay until they are replaced, and memory is counted for both."""
    before = Deployment(tiny_network, tmp_path).write_compose(1).served
    network = Network.open(read_spec(retrained_spec), tmp_path / "cache")
    both = Deployment(network, tmp_path).write_compose(1).served
    versions = {model.version for model in both.models if model.pipeline}
    assert versions == {before.version, both.version}
    assert resources(both).memory_mib > resources(before).memory_mib + 300
    assert both.questions[0].endpoint == f"tiny/{both.version}"
    alone = Deployment(network, tmp_path, replace=True).write_compose(1).served
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
    three = [replace(model, workers=3) if model.name == model.pipeline else model for model in served.models]
    more = resources(ServedStore(lenet_network, tuple(three), served.questions))
    added_mib = more.memory_mib - least.memory_mib
    assert 2 * 300 < added_mib < 2 * 310  # with the archive's own size
    assert more.most_memory_mib == least.most_memory_mib + added_mib + 2 * 64
    assert more.millicpu == least.millicpu + 2000


def test_whose_silence_alerts(composed: Path, in_units: tuple[Path, ServedStore]) -> None:
    """What devices connect to: the proxy, or the edge itself where there is none."""
    for folder, job in ((composed, "edgent-proxy"), (in_units[0], "edgent-edges")):
        (group,) = yaml.safe_load((folder / "monitoring" / "rules.yaml").read_text(encoding="utf-8"))[
            "groups"
        ]
        (silent,) = (rule["expr"] for rule in group["rules"] if rule["alert"] == "EdgentSilent")
        assert silent == f'up{{job="{job}"}} == 0 or absent(up{{job="{job}"}})'
        text = (folder / "monitoring" / "prometheus.yaml").read_text(encoding="utf-8")
        assert job in {job["job_name"] for job in yaml.safe_load(text)["scrape_configs"]}


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
        (("compose", "lenet", "--image", "Edge"), "write NAME, NAME:TAG"),
        (("compose", "lenet", "--image", "host:5000/half-a-tag:"), "write NAME, NAME:TAG"),
        (("compose", "lenet", "--workers", 0), "Invalid value for '--workers'"),
        (("compose", "lenet", "--image", f"edge@sha256:{'0' * 64}"), "without a digest"),
        (("systemd", "lenet", "--image", "edge:1"), "for compose or kubernetes"),
        (("systemd", "lenet", "--host", "https://edge.local:8443"), "write a host name or an IP address"),
        (("systemd", "lenet", "--host", "fe80::1%$(x)"), "write a host name or an IP address"),
        (("swarm", "lenet"), "swarm"),
        (("compose", "lenet", "--out", "/proc/nowhere"), "cannot write /proc/nowhere"),
    ],
)
def test_what_is_refused(edgent: Run, arguments: tuple[object, ...], said: str) -> None:
    """Before anything is built."""
    done = edgent("deploy", *arguments)
    assert done.code == 2
    assert said in " ".join(done.errors.replace("│", " ").split())


@pytest.mark.parametrize(
    ("target", "next_"), [("kubernetes", "kubectl apply --kustomize"), ("systemd", "edgent tls")]
)
def test_the_other_ways(edgent: Run, tmp_path: Path, target: str, next_: str) -> None:
    """Each says what comes next, in commands that a shell takes, and where the edge is on a device."""
    out = tmp_path / "my deployments"
    (out / "wheels").mkdir(parents=True)
    (out / "wheels" / "edgent-1.whl").touch()
    done = edgent("deploy", target, "lenet", "--out", out, "--host", "edge.local")
    assert done.code == 0, done.errors
    assert next_ in done.output
    (certificate,) = (line for line in done.output.splitlines() if line.startswith("edgent tls"))
    assert shlex.split(certificate) == ["edgent", "tls", str(out / "secrets"), "--host", "edge.local"]
    device = {"kubernetes": "Dockerfile.device", "systemd": "edgent-device.service"}[target]
    assert "EDGENT_INFERENCE_URL=https://edge.local:8443" in (out / device).read_text(encoding="utf-8")


def test_another_deployment_stays(edgent: Run, tmp_path: Path) -> None:
    """Another target's or pipeline's, and a folder of something else, before anything is built."""
    out = tmp_path / "out"
    assert edgent("deploy", "systemd", "lenet", "--out", out).code == 0
    before = {file: file.read_bytes() for file in out.rglob("*") if file.is_file()}
    for words in (("compose", "lenet"), ("systemd", "alexnet")):
        refused = edgent("deploy", *words, "--out", out)
        assert refused.code == 2
        assert "holds what deploys lenet by systemd" in refused.errors
    assert {file: file.read_bytes() for file in out.rglob("*") if file.is_file()} == before
