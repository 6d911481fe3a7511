"""The page on files of one's own: what they change is there, by the names that the generated files have."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from edgent.deploy.compose import SECRET_FILES
from edgent.deploy.haproxy import ADDRESS_VARIABLE
from edgent.deploy.owned_folder import OWN_CHANGES
from tests.tutorials.page import blocks

PAGE = Path(__file__).parents[2] / OWN_CHANGES


def _files(name: str) -> list[dict[str, Any]]:
    """The content of each block that shows a file of this name."""
    shown = [block.text for block in blocks(PAGE) if block.language == "yaml"]
    return [yaml.safe_load(text) for text in shown if text.startswith(f"# {name}\n")]


def test_an_override_changes_what_is_there(composed: Path) -> None:
    """Its services, their networks, and the place of the proxy's configuration; Prometheus is the user's."""
    generated = yaml.safe_load((composed / "compose.yaml").read_text(encoding="utf-8"))
    first, with_proxy = _files("deploy/compose.override.yaml")
    assert set(first["services"]) - set(generated["services"]) == {"prometheus"}
    assert set(first["services"]["prometheus"]["networks"]) <= set(generated["networks"])
    mounted = [one.split(":")[1] for one in generated["services"]["proxy"]["volumes"]]
    assert [one.split(":")[1] for one in with_proxy["services"]["proxy"]["volumes"]] == mounted
    assert (composed / "monitoring" / "prometheus.yaml").is_file()
    assert first["services"]["proxy"]["ports"][0].split(":")[1] in generated["services"]["proxy"]["ports"][0]


def _manifests(clustered: Path) -> dict[tuple[str, str], dict[str, Any]]:
    files = (clustered / "manifests").glob("*.yaml")
    read = [yaml.safe_load(file.read_text(encoding="utf-8")) for file in files]
    return {(one["kind"], one["metadata"]["name"]): one for one in read if "metadata" in one}


def test_an_overlay_changes_what_is_there(clustered: Path) -> None:
    """Each patch has a manifest, and each value that it replaces is in it."""
    manifests = _manifests(clustered)
    overlay, from_git = _files("production/kustomization.yaml")
    assert overlay["resources"] == ["../cluster"]
    assert from_git["resources"] == ["../cluster/manifests", "secret.yaml"]
    for one in overlay["patches"]:
        manifest = manifests[one["target"]["kind"], one["target"]["name"]]
        patch = yaml.safe_load(one["patch"])
        for change in patch if isinstance(patch, list) else []:
            *parents, last = change["path"].strip("/").split("/")
            place = manifest
            for parent in parents:
                place = place[parent]
            assert (last in place) is (change["op"] == "replace")
        if isinstance(patch, dict):
            pod = patch["spec"]["template"]["spec"]
            containers = manifest["spec"]["template"]["spec"]["containers"]
            assert {one["name"] for one in pod["containers"]} <= {one["name"] for one in containers}
            variables = {variable["name"] for one in pod["containers"] for variable in one.get("env", ())}
            assert variables == {ADDRESS_VARIABLE}


def test_a_secret_by_the_name_that_pods_wait_for(clustered: Path) -> None:
    """With the keys that the proxy reads, in a copy from a vault and in one that is sealed."""
    (external,) = _files("production/secret.yaml")
    volumes = _manifests(clustered)["Deployment", "edgent-lenet"]["spec"]["template"]["spec"]["volumes"]
    (waited_for,) = (volume["secret"]["secretName"] for volume in volumes if "secret" in volume)
    assert external["spec"]["target"]["name"] == external["metadata"]["name"] == waited_for
    assert [one["secretKey"] for one in external["spec"]["data"]] == [*SECRET_FILES]
    text = PAGE.read_text(encoding="utf-8")
    for key, file in SECRET_FILES.items():
        assert f"--from-file {key}=cluster/{file}" in text
        assert f"`{file}`" in text


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not installed")
def test_kubectl_builds_the_overlays(clustered: Path, tmp_path: Path) -> None:
    """With the secrets in files, and with one from elsewhere, by the name that the pods have."""
    shutil.copytree(clustered, tmp_path / "cluster")
    for number, overlay in enumerate(_files("production/kustomization.yaml")):
        folder = tmp_path / f"production{number}"
        folder.mkdir()
        (folder / "kustomization.yaml").write_text(yaml.safe_dump(overlay), encoding="utf-8")
        (secret,) = _files("production/secret.yaml")
        (folder / "secret.yaml").write_text(yaml.safe_dump(secret), encoding="utf-8")
        done = subprocess.run(
            ["kubectl", "kustomize", str(folder)], check=True, capture_output=True, text=True, timeout=60
        )
        built = {one["kind"]: one for one in yaml.safe_load_all(done.stdout)}
        assert built["Deployment"]["metadata"]["namespace"] == "edge"
        volumes = built["Deployment"]["spec"]["template"]["spec"]["volumes"]
        (named,) = (volume["secret"]["secretName"] for volume in volumes if "secret" in volume)
        assert named == built["Secret" if number == 0 else "ExternalSecret"]["metadata"]["name"]
        assert built["ScaledObject"]["spec"]["maxReplicaCount"] == (60 if number == 0 else 20)
