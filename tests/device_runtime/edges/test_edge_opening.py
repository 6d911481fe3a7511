"""What a runtime needs to ask an edge, and what it says of where its token goes."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from device_runtime import DeviceRuntime
from edgent.errors import EdgeUnreachableError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.command_fixtures import Run

PLAN = "exit2:p8"


@pytest.fixture(autouse=True)
def _no_token_around(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EDGENT_TOKEN", raising=False)


def _warnings(
    caplog: pytest.LogCaptureFixture, spec: Path, url: str, token_file: Path | None, cache: Path
) -> list[str]:
    caplog.clear()
    with (
        caplog.at_level(logging.WARNING),
        DeviceRuntime.open(spec, plan=PLAN, inference_url=url, token_file=token_file, cache=cache),
    ):
        pass
    return [record.getMessage() for record in caplog.records]


def test_a_token_in_the_clear_is_said(
    tiny_spec: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once for each address, with what to do, and without the token; not where nobody else can read it."""
    token = tmp_path / "token"
    token.write_text("secret", encoding="ascii")
    far, near = "http://edge.local:8080", "http://127.0.0.1:8080"
    (said,) = _warnings(caplog, tiny_spec, far, token, tmp_path / "cache")
    assert said.startswith(f"{far}: token and inputs go there without TLS")
    assert "https://" in said
    assert "secret" not in said
    assert _warnings(caplog, tiny_spec, near, token, tmp_path / "cache") == []
    assert _warnings(caplog, tiny_spec, "https://edge.local:8443", token, tmp_path / "cache") == []
    assert _warnings(caplog, tiny_spec, far, None, tmp_path / "cache") == []
    monkeypatch.setenv("EDGENT_TOKEN", "secret")
    assert len(_warnings(caplog, tiny_spec, far, None, tmp_path / "cache")) == 1


def test_an_authority_in_place_of_the_specs(tiny_spec: Path, tmp_path: Path) -> None:
    """What is given goes before the spec's, and is read when the edge is opened."""
    (tmp_path / "network.onnx").write_bytes((tiny_spec.parent / "network.onnx").read_bytes())
    spec, given = tmp_path / "tiny.yaml", tmp_path / "given.pem"
    spec.write_text(
        f"{tiny_spec.read_text(encoding='utf-8')}edge: {{ca_file: declared.pem}}\n", encoding="utf-8"
    )
    for ca_file, named in ((None, r"declared\.pem"), (given, r"given\.pem")):
        with pytest.raises(EdgeUnreachableError, match=f"{named}: no certificate authority in PEM"):
            DeviceRuntime.open(
                spec,
                plan=PLAN,
                inference_url="https://edge.local:8443",
                ca_file=ca_file,
                cache=tmp_path / "cache",
            )


def test_an_authority_of_the_environment(edgent_device: Run, tiny_spec: Path, tmp_path: Path) -> None:
    """As for the token; an empty one is none."""
    words = (
        "--pipeline",
        tiny_spec,
        "--plan",
        PLAN,
        "--url",
        "https://127.0.0.1:1",
        "--input",
        tmp_path / "none",
    )
    refused = edgent_device(*words, EDGENT_CA_FILE=str(tmp_path / "given.pem"))
    assert (refused.code, "given.pem: no certificate authority" in refused.errors) == (2, True)
    assert "certificate authority" not in edgent_device(*words, EDGENT_CA_FILE="").errors
