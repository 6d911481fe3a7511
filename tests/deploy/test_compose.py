"""compose.yaml: a proxy that alone is reached, before edges that alone compute."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def content(composed: Path) -> dict[str, Any]:
    """The file as Docker reads it."""
    read: dict[str, Any] = yaml.safe_load((composed / "compose.yaml").read_text(encoding="utf-8"))
    return read


def test_only_the_proxy_is_reached(content: dict[str, Any]) -> None:
    """Edges are on a network of their own, from which nothing leads out; metrics stay on this machine."""
    assert content["name"] == "edgent-lenet"
    services = content["services"]
    assert set(services) == {"proxy", "edge1", "edge2"}
    for edge in ("edge1", "edge2"):
        assert "ports" not in services[edge]
        assert services[edge]["networks"] == ["edges"]
    assert content["networks"]["edges"] == {"internal": True}
    assert services["proxy"]["ports"] == ["8443:8443", "8470:8470", "127.0.0.1:8405:8405"]


def test_everything_is_confined(content: dict[str, Any]) -> None:
    """Read-only images without capabilities, and a bound of memory."""
    for service in content["services"].values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert int(service["mem_limit"].removesuffix("m")) > 100


def test_the_files_are_there(content: dict[str, Any], composed: Path) -> None:
    """Secrets by the names that the proxy's configuration has, and that configuration."""
    proxy = content["services"]["proxy"]
    assert (composed / proxy["volumes"][0].partition(":")[0]).is_file()
    configuration = (composed / "haproxy.cfg").read_text(encoding="utf-8")
    for secret in proxy["secrets"]:
        assert (composed / content["secrets"][secret["source"]]["file"]).is_file()
    assert "crt /etc/edgent/tls.crt" in configuration
    assert "-f /etc/edgent/tokens" in configuration
    assert {secret["target"] for secret in proxy["secrets"]} == {
        f"/etc/edgent/{name}" for name in ("tls.crt", "tls.key", "tokens")
    }
    for edge in ("edge1", "edge2"):
        assert f"server {edge} {edge}:8080" in configuration


def test_an_edge_listens_for_the_proxy(composed: Path) -> None:
    """Inference on every address, without tokens, which the proxy asks for; management on loopback."""
    lines = (composed / "archives" / "config.properties").read_text(encoding="utf-8").splitlines()
    said = dict(line.split("=", 1) for line in lines)
    assert said["inference_address"] == "http://0.0.0.0:8080"
    assert said["management_address"].startswith("http://127.0.0.1:")
    assert said["metrics_address"] == "http://0.0.0.0:8082"  # for a Prometheus in the edges' own network
    assert said["grpc_management_address"] == "127.0.0.1"
    assert said["disable_token_authorization"] == "true"
    assert said["enable_model_api"] == "false"
    assert said["model_store"] == "/srv/edgent/archives"
