"""Which onnxruntime is here."""

from __future__ import annotations

from importlib import metadata
from typing import TYPE_CHECKING

import onnxruntime

from edgent.doctor.runtimes import installed_runtimes

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_what_is_imported_is_named() -> None:
    """By its own words, with the providers that it has."""
    seen = installed_runtimes()
    assert seen.imported in seen.installed
    assert seen.imported.endswith(f" {onnxruntime.__version__}")
    assert "CPUExecutionProvider" in seen.providers


def test_a_second_distribution_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """onnxruntime-gpu brings the same module under another name."""
    information = tmp_path / "onnxruntime_gpu-1.31.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: onnxruntime-gpu\nVersion: 1.31.0\n")
    (information / "top_level.txt").write_text("onnxruntime\n")
    monkeypatch.syspath_prepend(tmp_path)
    names = [entry.partition(" ")[0] for entry in installed_runtimes().installed]
    assert names == ["onnxruntime", "onnxruntime-gpu"]
    assert metadata.version("onnxruntime-gpu") == "1.31.0"
