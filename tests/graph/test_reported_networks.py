"""Networks as public reports describe them: their names, shapes, versions and operators."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from edgent.errors import ModelError
from edgent.graph.reading import read_branchy_graph
from edgent.graph.segments import Segments
from tests.graph.runs import check_every_cut
from tests.networks import NetworkBuilder, before_version_4

if TYPE_CHECKING:
    from pathlib import Path

FLOAT = TensorProto.FLOAT
IMAGE = (3, 8, 8)


def kinds(path: Path) -> list[list[str]]:
    """The kinds along each path of a file."""
    return [[layer.kind for layer in exit_path.layers] for exit_path in read_branchy_graph(path).paths]


def scoped(net: NetworkBuilder, *scopes: str) -> None:
    """Name the nodes as torch does, each for its module."""
    for node, scope in zip(net.nodes, scopes, strict=True):
        node.name = f"{scope}/{node.op_type}"


def two_exits(net: NetworkBuilder, path: Path) -> Path:
    """Write a network whose exits are exit1 and exit2."""
    return net.save(path, ("exit1", "exit2"), IMAGE, FLOAT)


def branchy(net: NetworkBuilder, path: Path, convolution: str = "Conv", **attributes: Any) -> Path:
    """A convolution and an exit, another convolution and another exit."""
    first = net.node(convolution, "image", net.weight(4, 3, 3, 3), output="first", **attributes)
    relu = net.node("Relu", first)
    net.classifier(relu, 4 * 6 * 6, "exit1")
    second = net.node("Relu", net.node("Conv", relu, net.weight(4, 4, 3, 3)))
    net.classifier(second, 4 * 4 * 4, "exit2")
    return two_exits(net, path)


BRANCHY = [["conv", "relu", "fc"], ["conv", "relu", "conv", "relu", "fc"]]


@pytest.mark.parametrize("named", [True, False])
def test_a_residual_in_the_root_module(tmp_path: Path, named: bool) -> None:
    """The block's nodes share no scope but the root's: the layers are those of the graph without names."""
    net = NetworkBuilder()
    relu = net.node("Relu", "image")
    net.node("Flatten", net.node("Add", relu, net.conv(relu, 3, 3)), output="exit1")
    if named:
        scoped(net, "", "/c2", "", "")
    file = net.save(tmp_path / "n.onnx", ("exit1",), IMAGE, FLOAT)
    graph = read_branchy_graph(file)
    assert [(layer.name, layer.kind) for layer in graph.paths[0].layers] == [
        ("relu1", "relu"),
        ("residual1", "residual"),
    ]


def test_a_layer_across_two_modules(tmp_path: Path) -> None:
    """Two scales cross from one module to the next; what they have in common names the layer."""
    net = NetworkBuilder()
    stem = net.node("Relu", "image")
    fine, coarse = net.conv(stem, 3, 3), net.conv(stem, 3, 3)
    joined = net.node("Concat", net.node("Relu", fine), net.node("Relu", coarse), axis=1)
    net.classifier(joined, 6 * 64, "exit1")
    scoped(
        net,
        "/stem",
        "/blocks.0/fine",
        "/blocks.0/coarse",
        "/blocks.1/a",
        "/blocks.1/b",
        "/blocks.1",
        "",
        "/fc",
    )
    (layers,) = [
        path.layers
        for path in read_branchy_graph(net.save(tmp_path / "n.onnx", ("exit1",), IMAGE, FLOAT)).paths
    ]
    assert [(layer.name, layer.kind) for layer in layers] == [
        ("stem", "relu"),
        ("concat1", "concat"),
        ("fc", "fc"),
    ]


@pytest.mark.parametrize("reader", ["Shape", "Shape of a slice", "Size"])
def test_a_batch_that_is_read_from_the_image(tmp_path: Path, reader: str) -> None:
    """Shapes do not cross: every layer is there, and each side works the batch out from what reaches it."""
    net = NetworkBuilder()
    if reader == "Size":
        sample = net.constant(np.array([3 * 8 * 8]))
        size = net.node("Reshape", net.node("Size", "image"), net.constant(np.array([1])))
        batch = net.node("Div", size, sample)
    elif reader == "Shape":
        batch = net.node("Gather", net.node("Shape", "image"), net.constant(np.array([0])))
    else:
        batch = net.node("Shape", "image", start=0, end=1)
    target = net.node("Concat", batch, net.constant(np.array([-1])), axis=0)
    features = "image"
    for exit_name, channels in (("exit1", 3), ("exit2", 4)):
        features = net.node("Relu", net.conv(features, channels, 4))
        flat = net.node("Reshape", features, target)
        net.node("Gemm", flat, net.weight(4 * 64, 10), net.weight(10), output=exit_name)
    file = two_exits(net, tmp_path / "n.onnx")
    assert kinds(file) == BRANCHY
    check_every_cut(read_branchy_graph(file), tmp_path, (1, 3))


def test_weights_that_are_inputs_too(tmp_path: Path) -> None:
    """IR version 3 lists them so; segments are of a later version, in which they need not be."""
    file = before_version_4(branchy(NetworkBuilder(), tmp_path / "new.onnx"), tmp_path / "n.onnx")
    graph = read_branchy_graph(file)
    assert kinds(file) == BRANCHY
    check_every_cut(graph, tmp_path, (1, 3))
    head = onnx.load(Segments(graph, tmp_path).head(0, 1))
    assert head.ir_version == 4
    assert [value.name for value in head.graph.input] == ["image"]


def test_a_reshape_to_batch_one(tmp_path: Path) -> None:
    """The file says that its batch is dynamic, a Reshape says 1: the network is one for batch 1."""
    net = NetworkBuilder()
    relu = net.node("Relu", net.conv("image", 3, 4))
    flat = net.node("Reshape", relu, net.constant(np.array([1, 256])))
    net.node("Gemm", flat, net.weight(256, 10), output="exit1")
    file = net.save(tmp_path / "n.onnx", ("exit1",), IMAGE, FLOAT)
    graph = read_branchy_graph(file)
    assert kinds(file) == [["conv", "relu", "fc"]]
    check_every_cut(graph, tmp_path, (1,))
    head = onnx.load(Segments(graph, tmp_path).head(0, 1))
    assert head.graph.input[0].type.tensor_type.shape.dim[0].dim_value == 1


def with_fused_convolution(path: Path) -> onnx.ModelProto:
    """The first convolution is an operator of onnxruntime's own."""
    options = {"domain": "com.microsoft", "name": "fused", "activation": "Relu"}
    model = onnx.load(branchy(NetworkBuilder(), path, "FusedConv", **options))
    model.opset_import.append(helper.make_opsetid("com.microsoft", 1))
    return model


@pytest.mark.parametrize("batch", ["batch", "N", None])
def test_a_stated_shape_behind_an_unknown_operator(tmp_path: Path, batch: str | None) -> None:
    """It is used, whatever the batch in front is called there."""
    file = tmp_path / "n.onnx"
    model = with_fused_convolution(file)
    model.graph.value_info.append(helper.make_tensor_value_info("first", FLOAT, [batch, 4, 6, 6]))
    onnx.save(model, file)
    assert kinds(file) == [["fusedconv", *names[1:]] for names in BRANCHY]
    graph = read_branchy_graph(file)
    assert graph.lost == ()
    check_every_cut(graph, tmp_path, (1, 3))


def test_no_stated_shape_behind_an_unknown_operator(tmp_path: Path) -> None:
    """The operator is named: where cuts are lost, or in the error where no exit has a stated shape."""
    file = tmp_path / "n.onnx"
    model = with_fused_convolution(file)
    onnx.save(model, file)
    graph = read_branchy_graph(file)
    check_every_cut(graph, tmp_path, (1, 3))
    named = "the shape of 'first' behind the operator FusedConv of com.microsoft (fused)"
    assert {lost.layer for lost in graph.lost if named in lost.reason} == {"conv1", "fc1"}
    for output in model.graph.output:
        output.type.tensor_type.shape.dim[1].dim_param = "classes"
    onnx.save(model, file)
    with pytest.raises(
        ModelError, match=r"'exit1' is unknown.* 'first' behind the operator FusedConv of com"
    ):
        read_branchy_graph(file)


def test_exits_stacked_in_one_output(tmp_path: Path) -> None:
    """Their shape is shown with its batch, and what edgent needs."""
    net = NetworkBuilder()
    stacked = []
    for exit_name in ("a", "b"):
        logits = net.classifier("image", 192, exit_name)
        stacked.append(net.node("Unsqueeze", logits, net.constant(np.array([0]))))
    net.node("Concat", *stacked, axis=0, output="exit")
    file = net.save(tmp_path / "n.onnx", ("exit",), IMAGE, FLOAT)
    with pytest.raises(ModelError, match=r"shape \(2, batch, 10\).*one named output for each exit"):
        read_branchy_graph(file)
    with pytest.raises(ModelError, match=r"no output 'a'.*one named output for each exit"):
        read_branchy_graph(file, ["a", "b"])


def test_a_thousand_chained_nodes(tmp_path: Path) -> None:
    """No walk through the graph is bounded by Python's recursion."""
    net = NetworkBuilder()
    values = "image"
    for _ in range(1200):
        values = net.node("Relu", values)
    net.classifier(values, 192, "exit1")
    graph = read_branchy_graph(net.save(tmp_path / "n.onnx", ("exit1",), IMAGE, FLOAT))
    assert len(graph.paths[0].layers) == 1201
    assert len(onnx.load(Segments(graph, tmp_path).tail(0, 600)).graph.node) == 602


def test_where_cuts_are_lost_is_said(tmp_path: Path) -> None:
    """Tensors whose batch is not in front, several that cross, and operations of one module; no others."""
    net = NetworkBuilder()
    relu = net.node("Relu", "image")
    turned = net.node("Sigmoid", net.node("Transpose", relu, perm=[1, 0, 2, 3]), output="turned")
    back = net.node("Transpose", net.node("Tanh", turned), perm=[1, 0, 2, 3])
    joined = net.node("Add", net.conv(back, 3, 3), back)
    exit_module = net.node("Exp", net.node("Softplus", joined))
    net.classifier(exit_module, 192, "exit1")
    scoped(net, "/a", "/b", "/b", "/c", "/b", "/d", "/e", "/m", "/m", "/f", "/g")
    graph = read_branchy_graph(net.save(tmp_path / "n.onnx", ("exit1",), IMAGE, FLOAT))
    assert [(lost.layer, lost.operations, lost.reason) for lost in graph.lost] == [
        (
            "sigmoid1",
            2,
            "'turned', which crosses there, has shape (3, batch, 8, 8): the batch is not in front",
        ),
        ("residual1", 2, "two tensors or more cross everywhere inside"),
        ("m", 2, "the exporter wrote its operations as one module without submodules"),
    ]


def test_a_network_in_one_module(tmp_path: Path) -> None:
    """Functions called in one module's forward: a layer ends before the next convolution or product."""
    net = NetworkBuilder()
    values = "image"
    for channels in (3, 4):
        values = net.node("Relu", net.conv(values, channels, 4))
    net.classifier(values, 256, "exit1")
    scoped(net, *["/net"] * len(net.nodes))
    graph = read_branchy_graph(net.save(tmp_path / "n.onnx", ("exit1",), IMAGE, FLOAT))
    assert [(layer.name, layer.kind) for layer in graph.paths[0].layers] == [
        ("net", "conv"),
        ("net_2", "conv"),
        ("net_3", "fc"),
    ]
    reason = "the exporter wrote its operations as one module without submodules"
    assert [(lost.layer, lost.reason) for lost in graph.lost] == [("net", reason), ("net_2", reason)]


def test_work_is_counted_whatever_the_layout(tmp_path: Path) -> None:
    """A product counts where the batch is not in front, as in attention: 64 tokens of 3, times 3x5."""
    net = NetworkBuilder()
    tokens = net.node("Reshape", "image", net.constant(np.array([-1, 3, 64])))
    product = net.node("MatMul", net.node("Transpose", tokens, perm=[2, 0, 1]), net.weight(3, 5))
    net.classifier(net.node("Transpose", product, perm=[1, 0, 2]), 64 * 5, "exit1")
    graph = read_branchy_graph(net.save(tmp_path / "n.onnx", ("exit1",), IMAGE, FLOAT))
    assert graph.paths[0].macs == 64 * 3 * 5 + 64 * 5 * 10


def test_an_operator_of_another_domain_with_a_known_name(tmp_path: Path) -> None:
    """A Shape that is not ONNX's carries the sample, and a Conv without weights is no reason to fail."""
    net = NetworkBuilder()
    shape = net.node("Shape", "image", domain="org.example")
    values = net.node("Conv", shape, domain="org.example")
    net.node("Relu", values, output="exit1")
    file = net.save(tmp_path / "n.onnx", ("exit1",), IMAGE, FLOAT)
    model = onnx.load(file)
    model.opset_import.append(helper.make_opsetid("org.example", 1))
    onnx.save(model, file)
    graph = read_branchy_graph(file)
    assert len(graph.paths[0].layers) == 1
    assert "org.example" in graph.lost[0].reason
