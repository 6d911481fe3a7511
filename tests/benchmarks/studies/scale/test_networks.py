"""The networks of the study of scale are those that their papers describe."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from edgent.graph.reading import read_branchy_graph

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(("name", "billion_macs"), [("resnet18", 1.8), ("resnet50", 4.1)])
def test_a_resnet_has_its_work(name: str, billion_macs: float, tmp_path: Path) -> None:
    """He et al., table 1, but that ResNet-50 strides in its 3x3 convolutions; it is cut at every block."""
    pytest.importorskip("torch", reason="torch exports the network")
    from benchmarks.studies.scale.networks import write_network  # noqa: PLC0415  imports torch

    write_network(name, tmp_path / "network.onnx")
    (path,) = read_branchy_graph(tmp_path / "network.onnx", ("scores",)).paths
    assert path.macs == pytest.approx(billion_macs * 1e9, rel=0.02)
    assert path.source.shape == (3, 224, 224)
    assert len(path.layers) > 15
