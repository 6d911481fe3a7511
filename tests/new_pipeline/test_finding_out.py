"""What is found out of a network and inputs before anything is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from edgent.new_pipeline.finding_out import find_out
from edgent.new_pipeline.request import Request
from tests.networks import one_output

if TYPE_CHECKING:
    from pathlib import Path


def test_arrays_are_taken_as_they_are(tmp_path: Path) -> None:
    """In class folders: the network keeps its input of floats."""
    one_output(tmp_path / "net.onnx")
    random = np.random.default_rng(0)
    for label in ("a", "b"):
        (tmp_path / "arrays" / label).mkdir(parents=True)
        for number in range(12):
            array = random.normal(label == "b", 1, (3, 16, 16)).astype(np.float32)
            np.save(tmp_path / "arrays" / label / f"{number}.npy", array)
    request = Request("x", tmp_path, tmp_path / "net.onnx", tmp_path / "arrays", None, (), 3, "auto", 0, 1.0)
    findings = find_out(request)
    assert findings.pixels.normalisation is None
    assert findings.gets_exits
