"""What is found out of a network and inputs before anything is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from edgent.errors import ModelError, SpecError
from edgent.new_pipeline.finding_out import find_out
from edgent.new_pipeline.request import Request
from tests.networks import one_output
from tests.photos import labelled

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


def test_a_network_that_answers_with_no_numbers(tmp_path: Path) -> None:
    """As of a training that went wrong: no exit and no accuracy is made of it."""
    model = onnx.load(one_output(tmp_path / "net.onnx"))
    last = model.graph.initializer[-1]
    last.CopyFrom(numpy_helper.from_array(np.full_like(numpy_helper.to_array(last), np.nan), last.name))
    onnx.save(model, tmp_path / "net.onnx")
    photos = labelled(tmp_path / "photos", 10)
    request = Request("x", tmp_path, tmp_path / "net.onnx", photos, None, (), 3, "auto", 0, 1.0)
    with pytest.raises(ModelError, match=r"net\.onnx answers photos with NaN or infinity, however"):
        find_out(request)


def test_names_of_classes_that_cannot_be_read(tmp_path: Path) -> None:
    """The file and the reason, and nothing of Python's."""
    one_output(tmp_path / "net.onnx")
    (tmp_path / "latin.txt").write_bytes("Gänseblümchen\n".encode("latin-1"))
    for name, reason in (
        ("none.txt", "No such file or directory"),
        ("latin.txt", "not a text file in UTF-8"),
    ):
        request = Request("x", tmp_path, tmp_path / "net.onnx", None, tmp_path / name, (), 3, "auto", 0, 1.0)
        with pytest.raises(SpecError, match=rf"{name}: cannot be read: {reason}$"):
            find_out(request)
