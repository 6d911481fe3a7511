"""The manifests are what their kinds' schemas say, and what one names another has."""

from __future__ import annotations

import copy
import re
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import jsonschema
import kubernetes_validate
import pytest
import yaml

from edgent.deploy.image_name import ImageName
from edgent.deploy.kubernetes.kustomization import kustomization
from edgent.deploy.kubernetes.names import Names
from tests.deploy.kubernetes.schemas import SCHEMAS

if TYPE_CHECKING:
    from pathlib import Path

VERSIONS = ("1.29", "1.33", "1.37")


@pytest.fixture(scope="session")
def manifests(clustered: Path) -> dict[str, dict[str, Any]]:
    """Each manifest by the name of its file."""
    files = (clustered / "manifests").glob("*.yaml")
    return {file.name: yaml.safe_load(file.read_text(encoding="utf-8")) for file in files}


def check(manifest: dict[str, Any], version: str = VERSIONS[-1]) -> None:
    """Check a manifest against its kind's schema; what the schema does not know is wrong."""
    if manifest["kind"] in SCHEMAS:
        jsonschema.validate(manifest, SCHEMAS[manifest["kind"]])
    else:
        kubernetes_validate.validate(manifest, version, strict=True)


@pytest.mark.parametrize("version", VERSIONS)
def test_each_is_of_its_kind(manifests: dict[str, dict[str, Any]], version: str) -> None:
    """One kind in each file, in clusters old and new."""
    kinds = []
    for name, manifest in manifests.items():
        if name != "kustomization.yaml":
            check(manifest, version)
            kinds.append(manifest["kind"])
    assert sorted(kinds) == [
        "Deployment",
        "NetworkPolicy",
        "PodDisruptionBudget",
        "PrometheusRule",
        "ScaledObject",
        "Service",
        "Service",
        "ServiceMonitor",
    ]


@pytest.mark.parametrize(
    ("file", "path", "value"),
    [
        ("deployment.yaml", ("spec", "template", "spec", "containers", 0, "readynessProbe"), {}),
        (
            "deployment.yaml",
            ("spec", "template", "spec", "containers", 1, "ports", 0, "containerPort"),
            "8443",
        ),
        ("deployment.yaml", ("spec", "selector"), None),
        ("service.yaml", ("spec", "ports"), {"port": 1}),
        ("pod-disruption-budget.yaml", ("spec", "maxUnavailable"), [1]),
        ("network-policy.yaml", ("spec", "ingress", 0, "ports", 0, "port"), {}),
        ("network-policy.yaml", ("spec", "egres"), []),
        ("scaled-object.yaml", ("spec", "triggers", 0, "metadata", "threshold"), 1),
        ("scaled-object.yaml", ("spec", "triggers", 1, "metricType"), "Mean"),
        ("scaled-object.yaml", ("spec", "minReplicas"), 2),
        ("service-monitor.yaml", ("spec", "endpoints", 0, "interval"), 15),
        ("prometheus-rule.yaml", ("spec", "groups", 0, "rules", 0, "for"), 60),
    ],
)
def test_a_wrong_one_is_found(
    manifests: dict[str, dict[str, Any]], file: str, path: tuple[str | int, ...], value: object
) -> None:
    """Misspelt keys, values of another type, what is missing."""
    wrong = copy.deepcopy(manifests[file])
    place: Any = wrong
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    if value is None:
        del place[path[-1]]
    with pytest.raises((jsonschema.ValidationError, kubernetes_validate.ValidationError)):
        check(wrong)


def test_they_find_each_other(manifests: dict[str, dict[str, Any]]) -> None:
    """Every selector matches the pods, every port has the name of one, every volume its source."""
    spec = manifests["deployment.yaml"]["spec"]
    pod, labels = spec["template"]["spec"], spec["template"]["metadata"]["labels"]
    selectors = [
        spec["selector"]["matchLabels"],
        manifests["service.yaml"]["spec"]["selector"],
        manifests["headless-service.yaml"]["spec"]["selector"],
        manifests["pod-disruption-budget.yaml"]["spec"]["selector"]["matchLabels"],
        manifests["network-policy.yaml"]["spec"]["podSelector"]["matchLabels"],
    ]
    assert all(selector.items() <= labels.items() for selector in selectors)
    ports = {port["name"]: port["containerPort"] for port in pod["containers"][1]["ports"]}
    for name in ("service.yaml", "headless-service.yaml"):
        for port in manifests[name]["spec"]["ports"]:
            assert ports[port["targetPort"]] == port["port"]
    monitor, headless = manifests["service-monitor.yaml"], manifests["headless-service.yaml"]
    wanted = monitor["spec"]["selector"]["matchLabels"].items()
    assert wanted <= headless["metadata"]["labels"].items()
    assert not wanted <= manifests["service.yaml"]["metadata"]["labels"].items()  # or all counts twice
    named = {port["name"] for port in headless["spec"]["ports"]}
    assert {endpoint["port"] for endpoint in monitor["spec"]["endpoints"]} <= named
    assert manifests["scaled-object.yaml"]["spec"]["scaleTargetRef"]["name"] == "edgent-lenet"
    queries = [
        trigger["metadata"]["query"] for trigger in manifests["scaled-object.yaml"]["spec"]["triggers"]
    ]
    assert all(f'service="{headless["metadata"]["name"]}"' in query for query in queries)
    volumes = {volume["name"] for volume in pod["volumes"]}
    assert {mount["name"] for one in pod["containers"] for mount in one["volumeMounts"]} == volumes


def test_nothing_is_more_than_it_needs_to_be(manifests: dict[str, dict[str, Any]]) -> None:
    """No root, no capability, no writable image, no token of the cluster, no way out."""
    pod = manifests["deployment.yaml"]["spec"]["template"]["spec"]
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    for container in pod["containers"]:
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
        assert set(container["resources"]["limits"]) == {"memory"}  # fewer processors would be late answers
    assert manifests["network-policy.yaml"]["spec"]["egress"] == []


def test_a_pod_drains(manifests: dict[str, dict[str, Any]], clustered: Path) -> None:
    """First no new connections, then the proxy ends those that are there, then TorchServe goes."""
    pod = manifests["deployment.yaml"]["spec"]["template"]["spec"]
    torchserve_s, proxy_s = (
        int(container["lifecycle"]["preStop"]["exec"]["command"][1]) for container in pod["containers"]
    )
    configuration = (clustered / "manifests" / "haproxy.cfg").read_text(encoding="utf-8")
    hard_stop_s = int(configuration.partition("hard-stop-after ")[2].partition("s")[0])
    assert 0 < proxy_s < proxy_s + hard_stop_s < torchserve_s < pod["terminationGracePeriodSeconds"]


def test_it_scales_down_as_well(manifests: dict[str, dict[str, Any]]) -> None:
    """Both figures are low when nothing waits, so nothing keeps pods that nobody needs."""
    spec = manifests["scaled-object.yaml"]["spec"]
    assert spec["minReplicaCount"] < spec["maxReplicaCount"]
    down = spec["advanced"]["horizontalPodAutoscalerConfig"]["behavior"]["scaleDown"]
    assert down["policies"] == [{"type": "Pods", "value": 1, "periodSeconds": 60}]
    late = spec["triggers"][1]["metadata"]["query"]
    assert late.endswith("or on() vector(0)")
    assert "replicas" not in manifests["deployment.yaml"]["spec"]  # or each apply would reset their number


def test_the_lists_are_whole(manifests: dict[str, dict[str, Any]], clustered: Path) -> None:
    """Every file is listed, and every file that a list names is there."""
    listed = manifests["kustomization.yaml"]
    assert {*listed["resources"], "kustomization.yaml"} == set(manifests)
    assert (clustered / "manifests" / listed["configMapGenerator"][0]["files"][0]).is_file()
    above = yaml.safe_load((clustered / "kustomization.yaml").read_text(encoding="utf-8"))
    assert above["resources"] == ["manifests"]
    sources = above["secretGenerator"][0]["files"]
    assert all((clustered / source.rpartition("=")[2]).is_file() for source in sources)


def test_the_manifests_need_no_secret_to_be_built(
    manifests: dict[str, dict[str, Any]], clustered: Path
) -> None:
    """The pods name one Secret, which the list above makes of files, or else somebody by that name."""
    assert "secretGenerator" not in manifests["kustomization.yaml"]
    assert not [file for file in (clustered / "manifests").rglob("*") if file.is_dir()]
    volumes = manifests["deployment.yaml"]["spec"]["template"]["spec"]["volumes"]
    named = [volume["secret"]["secretName"] for volume in volumes if "secret" in volume]
    above = yaml.safe_load((clustered / "kustomization.yaml").read_text(encoding="utf-8"))
    assert named == [above["secretGenerator"][0]["name"]] == ["edgent-lenet"]


def test_a_cluster_without_a_pod_is_noticed(manifests: dict[str, dict[str, Any]]) -> None:
    """By figures of this pipeline's pods, whatever other pods tell."""
    (group,) = manifests["prometheus-rule.yaml"]["spec"]["groups"]
    (silent,) = (rule["expr"] for rule in group["rules"] if rule["alert"] == "EdgentSilent")
    pods = manifests["headless-service.yaml"]["metadata"]["name"]
    assert silent == f'absent(haproxy_server_status{{service="{pods}",proxy="edges"}})'


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not installed")
def test_kubectl_builds_it(clustered: Path) -> None:
    """Names of what is made of files end with a digest everywhere, and the image gets its tag."""
    done = subprocess.run(
        ["kubectl", "kustomize", str(clustered)], check=True, capture_output=True, text=True, timeout=60
    )
    built = {(one["kind"], one["metadata"]["name"]): one for one in yaml.safe_load_all(done.stdout)}
    for one in built.values():
        check(one)
    (secret,) = (name for kind, name in built if kind == "Secret")
    (proxy,) = (name for kind, name in built if kind == "ConfigMap")
    assert secret.startswith("edgent-lenet-")
    pod = built["Deployment", "edgent-lenet"]["spec"]["template"]["spec"]
    assert [volume.get("secret", {}).get("secretName") for volume in pod["volumes"]][-1] == secret
    assert pod["volumes"][1]["configMap"]["name"] == proxy
    assert set(built["Secret", secret]["data"]) == {"tls.crt", "tls.key", "tokens"}
    assert pod["containers"][0]["image"].startswith("edgent-edge-lenet:97d4c5e41a09-")


@pytest.mark.parametrize("pipeline", ["lenet", "My_Net", "a-", "A" * 64, "a" + "_" * 63])
def test_names_are_those_of_kubernetes(pipeline: str) -> None:
    """A service's name and a label's value: small letters, digits and hyphens, 63 at most."""
    names = Names(pipeline)
    assert re.fullmatch(r"[a-z]([a-z0-9-]*[a-z0-9])?", names.base)
    assert len(names.pods) <= 63
    check(names.manifest("v1", "Service", {"ports": [{"port": 1}]}, names.pods))


@pytest.mark.parametrize(
    ("image", "meant"),
    [
        ("registry.local:5000/a/edge:1", {"newName": "registry.local:5000/a/edge", "newTag": "1"}),
        (f"edge@sha256:{'0' * 64}", {"newName": "edge", "digest": f"sha256:{'0' * 64}"}),
    ],
)
def test_an_image_of_any_registry(image: str, meant: dict[str, str]) -> None:
    """The list of manifests says its name, and its tag or its digest."""
    listed = kustomization(Names("net"), [], ImageName.parse(image))
    assert listed["images"] == [{"name": meant["newName"], **meant}]
