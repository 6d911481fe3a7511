"""What a deployed device is told: where the edge is, and whom it trusts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from edgent.deploy.device_settings import device_settings, names_edges
from edgent.spec import read_spec

if TYPE_CHECKING:
    from pathlib import Path

    from edgent.spec import Pipeline

HERE = "{inference_url: 'http://127.0.0.1:8080', ca_file: mine.pem}"
ELSEWHERE = "{inference_url: 'https://edge.local:8443', ca_file: mine.pem}"


def _spec(tiny_spec: Path, folder: Path, edge: str) -> Pipeline:
    (folder / "network.onnx").write_bytes((tiny_spec.parent / "network.onnx").read_bytes())
    (folder / "tiny.yaml").write_text(
        f"{tiny_spec.read_text(encoding='utf-8')}edge: {edge}\n", encoding="utf-8"
    )
    return read_spec(folder / "tiny.yaml")


@pytest.mark.parametrize("edge", [HERE, ELSEWHERE])
def test_a_host_goes_before_the_spec(tiny_spec: Path, tmp_path: Path, edge: str) -> None:
    """The device asks the edge that was deployed, and trusts the authority that is handed over for that."""
    assert device_settings(_spec(tiny_spec, tmp_path, edge), "fe80::1", "/etc/edgent") == {
        "EDGENT_TOKEN_FILE": "/etc/edgent/tokens",
        "EDGENT_CA_FILE": "/etc/edgent/ca.pem",
        "EDGENT_INFERENCE_URL": "https://[fe80::1]:8443",
        "EDGENT_GRPC_URL": "grpcs://[fe80::1]:8470",
    }


def test_a_spec_that_names_edges(tiny_spec: Path, tmp_path: Path) -> None:
    """They are asked, and their own authorities trusted; one on loopback names none."""
    spec = _spec(tiny_spec, tmp_path, ELSEWHERE)
    assert names_edges(spec)
    assert device_settings(spec, "", "%d") == {"EDGENT_TOKEN_FILE": "%d/tokens"}
    spec = _spec(tiny_spec, tmp_path, HERE)
    assert not names_edges(spec)
    assert device_settings(spec, "", "%d") == {
        "EDGENT_TOKEN_FILE": "%d/tokens",
        "EDGENT_CA_FILE": "%d/ca.pem",
    }
