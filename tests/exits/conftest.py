"""A classifier with one output, and its pipeline."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from edgent.spec import Pipeline, read_spec
from tests.networks import one_output

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def bare(tmp_path: Path) -> Pipeline:
    """The spec of a network with one output of ten classes, which takes pixels as floats."""
    one_output(tmp_path / "network.onnx")
    names = ", ".join(f"class{number}" for number in range(10))
    (tmp_path / "bare.yaml").write_text(
        "version: 1\nname: bare\nmodel: {file: network.onnx}\n"
        f"input: {{shape: [3, 16, 16], dtype: float32, labels: [{names}],\n"
        "  preprocessing: {resize: cover, mean: 127.5, scale: 127.5}}\n"
        "exits:\n  - {name: logits}\n"
    )
    return read_spec(tmp_path / "bare.yaml")
