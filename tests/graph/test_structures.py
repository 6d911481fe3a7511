"""Structures of well-known networks by both of torch's exporters: the same layers, and every cut exact."""

from __future__ import annotations

import logging
import warnings
from typing import TYPE_CHECKING, Any

import pytest

from edgent.graph.reading import read_branchy_graph
from tests.graph.runs import check_every_cut

if TYPE_CHECKING:
    from pathlib import Path

torch = pytest.importorskip("torch")
structures = pytest.importorskip("tests.graph.structures")
STEM, SE = ["conv", "relu"], ["conv", "activation", "conv", "activation", "gate", "conv"]
END = ["avgpool", "fc"]
KINDS = {
    "residual": [*STEM, *["residual", "relu"] * 2, *END],
    "dense": [*STEM, *["concat", "concat", "conv", "avgpool"] * 2, *END],
    "inception": [*STEM, "concat", "concat", *END],
    "squeeze-excite": [*STEM, *SE * 2, *END],
    "depthwise": [*STEM, *["conv", "clip", "conv", "clip"] * 2, *END],
    "reads the batch": [*["conv", "relu", "maxpool"] * 2, "fc"],
    "transformer": ["conv", "concat", *["residual"] * 4, "layernorm", "gather", "fc"],
}
SHALLOW = {
    "residual": 6,
    "dense": 8,
    "inception": 5,
    "squeeze-excite": 10,
    "depthwise": 8,
    "reads the batch": 4,
    "transformer": 7,
}
FAST = {("legacy", 9, False), ("legacy", 17, True), ("dynamo", 20, True)}
TRANSFORMERS_FROM = 14  # the first opset in which torch's legacy exporter writes its attention
CASES = [
    pytest.param(
        name,
        exporter,
        opset,
        dynamic,
        id=f"{name}-{exporter}-{opset}-{'dynamic' if dynamic else 'fixed'}",
        marks=() if (exporter, opset, dynamic) in FAST else pytest.mark.full,
    )
    for name in structures.STRUCTURES
    for exporter, opsets in (("legacy", (9, 11, 13, 15, 17, 20)), ("dynamo", (18, 20, 23)))
    for opset in opsets
    for dynamic in (False, True)
    if name != "transformer" or opset >= TRANSFORMERS_FROM
]


def export(path: Path, name: str, exporter: str, opset: int, *, dynamic: bool) -> None:
    """Write a structure as ONNX."""
    torch.manual_seed(0)
    network = structures.STRUCTURES[name]().eval()
    image = torch.rand(2 if dynamic else 1, 3, structures.SIZE, structures.SIZE)
    names = ["image", "exit1", "exit2"]
    options: dict[str, Any] = {"dynamo": False}
    if exporter == "dynamo":
        options = {"dynamo": True, "external_data": False, "verbose": False}
    if dynamic and exporter == "dynamo":
        options["dynamic_shapes"] = ({0: torch.export.Dim("batch")},)
    elif dynamic:
        options["dynamic_axes"] = {name: {0: "batch"} for name in names}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's own, about its exporters and its insides
        torch.onnx.export(
            network,
            (image,),
            path,
            input_names=names[:1],
            output_names=names[1:],
            opset_version=opset,
            **options,
        )


@pytest.mark.parametrize(("name", "exporter", "opset", "dynamic"), CASES)
def test_every_cut_head_then_tail_is_the_whole(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, name: str, exporter: str, opset: int, dynamic: bool
) -> None:
    """The layers do not depend on how the network was exported, and cuts change no bit of an answer."""
    caplog.set_level(logging.ERROR)
    model = tmp_path / "network.onnx"
    export(model, name, exporter, opset, dynamic=dynamic)
    graph = read_branchy_graph(model)
    kinds = ["activation" if layer.kind == "hardswish" else layer.kind for layer in graph.paths[1].layers]
    assert kinds == KINDS[name]
    assert len(graph.paths[0].layers) == SHALLOW[name]
    check_every_cut(graph, tmp_path, (1, 3) if dynamic else (1,))
