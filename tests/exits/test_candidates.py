"""Where exits are tried: along the network, and along it on smaller pictures."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import onnx
import pytest
from onnx import TensorProto

from edgent.errors import ModelError
from edgent.exits.candidates import Candidates, candidates
from edgent.graph.onnx_file import load
from edgent.graph.reading import read_branchy_graph
from tests.networks import CHANNELS, CLASSES, NetworkBuilder, one_output

if TYPE_CHECKING:
    from pathlib import Path


def _found(path: Path) -> Candidates:
    return candidates(load(path)[0], read_branchy_graph(path), "CHW")


def test_all_sizes_by_rising_work(tmp_path: Path) -> None:
    """Places on smaller pictures take their share of the whole network's work."""
    found = _found(one_output(tmp_path / "n.onnx"))
    assert found.whole_only == ""
    assert [candidate.name for candidate in found.places] == [
        "p4@8x8",
        "p4@12x12",
        "p7@8x8",
        "p10@8x8",
        "p3",
        "p7@12x12",
        "p10@12x12",
        "p6",
        "p9",
    ]
    assert found.shares == sorted(found.shares)
    shares = dict(zip((candidate.name for candidate in found.places), found.shares, strict=True))
    assert shares["p10@8x8"] == pytest.approx(shares["p9"] / 4)
    features = found.reader().read(np.zeros((1, 3, 16, 16), np.float32))
    assert len(features.places) == len(found.places)
    assert features.answers.shape == (1, CLASSES)


def test_an_exit_that_the_spec_calls_otherwise_than_its_output(tmp_path: Path) -> None:
    """As `edgent new` writes it: the exit's name is none of the network's."""
    path = one_output(tmp_path / "n.onnx")
    graph = read_branchy_graph(path)
    renamed = replace(graph, paths=(replace(graph.paths[0], exit_name="exit1"),))
    found = candidates(load(path)[0], renamed, "CHW")
    assert found.whole_only == ""
    assert [candidate.name for candidate in found.places] == [
        candidate.name for candidate in _found(path).places
    ]


def test_a_network_of_one_size_gets_exits_on_whole_pictures(tmp_path: Path) -> None:
    """A classifier of all pixels of an activation, or a table added to each of them."""
    flat = NetworkBuilder()
    flat.classifier(flat.pool(flat.node("Relu", flat.conv("image", CHANNELS, 4))), 4 * 8 * 8, "logits")
    table = NetworkBuilder()
    where = table.node("Add", table.node("Relu", table.conv("image", CHANNELS, 4)), table.weight(4, 16, 16))
    table.classifier(table.node("GlobalAveragePool", where), 4, "logits")
    for net in (flat, table):
        path = net.save(tmp_path / "n.onnx", ("logits",), (CHANNELS, 16, 16), TensorProto.FLOAT)
        found = _found(path)
        assert found.whole_only.startswith("its layers take pictures of one size alone")
        assert found.places
        assert all(candidate.size is None for candidate in found.places)
        assert found.model == load(path)[0]


def test_operators_that_cannot_resize(tmp_path: Path) -> None:
    """Resize of an older opset does not say where a pixel's centre lies."""
    model = onnx.load(one_output(tmp_path / "n.onnx"))
    model.opset_import[0].version = 10
    onnx.save(model, tmp_path / "old.onnx")
    found = _found(tmp_path / "old.onnx")
    assert found.whole_only == "its operators are of opset 10, and pictures are resized from 11 on"
    assert all(candidate.size is None for candidate in found.places)


def test_a_fault_of_our_own_is_no_reason_to_try_whole_pictures_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only what the network is refused for makes smaller pictures impossible."""

    def mistaken(*_: object) -> None:
        raise TypeError("a mistake")

    monkeypatch.setattr("edgent.exits.candidates.with_smaller_pictures", mistaken)
    with pytest.raises(TypeError, match="a mistake"):
        _found(one_output(tmp_path / "n.onnx"))


def test_what_onnxruntime_cannot_run_is_an_error_of_the_model(tmp_path: Path) -> None:
    """Some networks fail only while they run."""
    reader = _found(one_output(tmp_path / "n.onnx")).reader()
    with pytest.raises(ModelError, match=r"onnxruntime cannot run this network: .*image"):
        reader.read(np.zeros((1, 3, 5, 5), np.float32))
