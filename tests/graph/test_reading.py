"""Paths, layers, heads: the networks of tests/networks.py and what must not be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto

from edgent.errors import ModelError, PlanError
from edgent.graph.reading import read_branchy_graph

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import ModuleType

    from edgent.graph.branchy_graph import BranchyGraph


def kinds(graph: BranchyGraph, exit_name: str) -> list[str]:
    """The kinds along a path."""
    return [layer.kind for layer in graph.path_of(exit_name).layers]


def changed(source: Path, target: Path, change: Callable[[onnx.ModelProto], object]) -> Path:
    """A copy of a model with a change applied."""
    model = onnx.load(source)
    change(model)
    onnx.save(model, target)
    return target


def test_chain_layers(chain_network: Path) -> None:
    """Normalisation joins the first conv, Flatten its fc, and LRN's five nodes are one layer."""
    graph = read_branchy_graph(chain_network)
    assert graph.exit_names == ("exit1", "exit2")
    assert (graph.input_name, graph.input_shape, graph.input_dtype) == ("image", (3, 8, 8), "uint8")
    assert kinds(graph, "exit1") == ["conv", "relu", "maxpool", "conv", "relu", "fc"]
    assert kinds(graph, "exit2") == ["conv", "relu", "maxpool", "lrn", "conv", "relu", "maxpool", "fc"]
    assert [path.leaves_after for path in graph.paths] == [3, 8]


def test_residual_block_is_one_layer(residual_network: Path) -> None:
    """Inside a block two tensors cross, so there is no partition point."""
    graph = read_branchy_graph(residual_network)
    assert kinds(graph, "exit2") == ["conv", "relu", "residual", "relu", "residual", "relu", "fc"]
    assert graph.paths[0].leaves_after == 4


def test_bytes_parameters_macs(chain_network: Path) -> None:
    """Counted by hand: conv 3-4 3x3 on 8x8, fc 64-10."""
    conv, *_, fc = read_branchy_graph(chain_network).paths[0].layers
    assert (conv.output_bytes, conv.parameters, conv.macs) == (4 * 8 * 8 * 4, 3 * 4 * 9 + 4, 3 * 4 * 9 * 64)
    assert (fc.output_bytes, fc.parameters, fc.macs) == (10 * 4, 64 * 10 + 10, 64 * 10)


def test_kernels_and_strides(chain_network: Path) -> None:
    """A conv's kernel is its weight's where the node says nothing, an LRN's is one pixel, an fc has none."""
    layers = read_branchy_graph(chain_network).paths[1].layers
    slid = {layer.kind: (layer.kernel, layer.stride) for layer in layers}
    assert slid["conv"] == ((3, 3), (1, 1))
    assert slid["maxpool"] == ((2, 2), (2, 2))
    assert slid["lrn"] == ((1, 1), (1, 1))
    assert slid["fc"] == slid["relu"] == ((), ())


def test_grouped_convolution_counts_its_groups(networks: ModuleType, tmp_path: Path) -> None:
    """A depthwise 3x3 conv on 4 channels multiplies 9 weights per output element, not 36."""
    net = networks.NetworkBuilder()
    depthwise = net.node("Conv", "image", net.weight(4, 1, 3, 3), pads=[1, 1, 1, 1], group=4)
    net.classifier(depthwise, 4 * 64, "exit1")
    graph = read_branchy_graph(net.save(tmp_path / "n.onnx", ("exit1",), (4, 8, 8), TensorProto.FLOAT))
    assert graph.paths[0].layers[0].macs == 9 * 4 * 64
    assert graph.paths[0].layers[0].parameters == 36


def test_cut_tensor_at_both_ends(chain_network: Path) -> None:
    """Partition point 0 is the graph's input, N the exit's output, and nothing lies beyond."""
    path = read_branchy_graph(chain_network).paths[0]
    assert path.cut_tensor(0) == "image"
    assert path.cut_tensor(6) == "exit1"
    assert path.cut(0).size_bytes == 3 * 8 * 8
    with pytest.raises(PlanError, match=r"no partition point 7.*0 .* to 6"):
        path.cut(7)
    with pytest.raises(PlanError, match="no partition point -1"):
        path.cut(-1)


def test_heads_are_shared_in_the_trunk(chain_network: Path) -> None:
    """Both exits use one head up to where exit 1 leaves; from there each has its own."""
    graph = read_branchy_graph(chain_network)
    assert graph.head(0, 3) == graph.head(1, 3)
    assert graph.head_name("net", 0, 3) == "net-p03"
    assert graph.head_name("net", 0, 4) == "net-exit1-p04"
    assert graph.head_name("net", 1, 4) == "net-exit2-p04"
    names = [head.name("net") for head in graph.heads()]
    assert len(names) == len(set(names)) == 3 + 3 + 5
    with pytest.raises(PlanError, match="device-only and has no head"):
        graph.head(0, 0)


def test_every_head_belongs_to_the_exits_it_lists(residual_network: Path) -> None:
    """A head's tensor is the cut of each exit it names, at the partition point in its name."""
    graph = read_branchy_graph(residual_network)
    for head in graph.heads():
        for exit_index in head.exits:
            assert graph.paths[exit_index].cut(head.partition_point) == head.tensor


def test_exits_are_chosen_by_name(chain_network: Path) -> None:
    """One declared exit gives one path, and its trunk is shared with nobody."""
    graph = read_branchy_graph(chain_network, ["exit2"])
    assert graph.exit_names == ("exit2",)
    assert graph.head_name("net", 0, 1) == "net-exit1-p01"
    with pytest.raises(PlanError, match=r"no exit 'exit3'; did you mean 'exit2'"):
        graph.path_of("exit3")


def test_names_come_from_module_scopes(networks: ModuleType, tmp_path: Path) -> None:
    """Scopes of torch name layers; the nodes of one leaf module are one layer, wherever they could be cut."""
    net = networks.NetworkBuilder()
    hidden = net.node("Relu", net.node("MatMul", net.node("Flatten", "image"), net.weight(192, 8)))
    hidden = net.node("Sigmoid", net.node("Sqrt", net.node("Relu", hidden)))
    net.node("MatMul", hidden, net.weight(8, 10), output="exit1")
    scopes = ["/flat", "/trunk/trunk.0", "/trunk/trunk.1", "/act", "/act", "/act", ""]
    for node, scope in zip(net.nodes, scopes, strict=True):
        node.name = f"{scope}/{node.op_type}"
    graph = read_branchy_graph(net.save(tmp_path / "n.onnx", ("exit1",), (3, 8, 8), TensorProto.FLOAT))
    names = [(layer.name, layer.kind) for layer in graph.paths[0].layers]
    assert names == [("trunk.0", "fc"), ("trunk.1", "relu"), ("act", "relu"), ("fc1", "fc")]


def test_bias_and_trailing_moves_join_the_layer_before(networks: ModuleType, tmp_path: Path) -> None:
    """MatMul, a bias and a final Identity are one fc; its output is the exit's."""
    net = networks.NetworkBuilder()
    product = net.node("MatMul", net.node("Flatten", "image"), net.weight(192, 10))
    net.node("Identity", net.node("Add", product, net.weight(10)), output="exit1")
    graph = read_branchy_graph(net.save(tmp_path / "n.onnx", ("exit1",), (3, 8, 8), TensorProto.FLOAT))
    (fc,) = graph.paths[0].layers
    assert (fc.kind, fc.output, fc.parameters, fc.macs) == ("fc", "exit1", 1930, 1920)


def test_shape_arithmetic_is_no_layer(networks: ModuleType, tmp_path: Path) -> None:
    """Reshape by Shape, Gather and Concat belongs to the fc behind it."""
    net = networks.NetworkBuilder()
    relu = net.node("Relu", "image")
    batch = net.node("Gather", net.node("Shape", relu), net.constant(np.array([0])))
    flat = net.node("Reshape", relu, net.node("Concat", batch, net.constant(np.array([192])), axis=0))
    net.node("Gemm", flat, net.weight(192, 10), output="exit1")
    graph = read_branchy_graph(net.save(tmp_path / "n.onnx", ("exit1",), (3, 8, 8), TensorProto.FLOAT))
    assert kinds(graph, "exit1") == ["relu", "fc"]


def test_missing_file(tmp_path: Path) -> None:
    """The path is named, and where it comes from."""
    with pytest.raises(ModelError, match=r"cannot read the model .*none\.onnx: No such file.*model\.file"):
        read_branchy_graph(tmp_path / "none.onnx")


@pytest.mark.parametrize("content", [b"", b"no network", b"\x08\x08"])
def test_not_onnx(tmp_path: Path, content: bytes) -> None:
    """Text, an empty file and an empty protobuf are refused."""
    (tmp_path / "n.onnx").write_bytes(content)
    with pytest.raises(ModelError, match=r"no valid ONNX file|holds no graph"):
        read_branchy_graph(tmp_path / "n.onnx")


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_truncated(chain_network: Path, tmp_path: Path, share: float) -> None:
    """A file cut short anywhere is refused."""
    content = chain_network.read_bytes()
    (tmp_path / "n.onnx").write_bytes(content[: int(len(content) * share)])
    with pytest.raises(ModelError, match="no valid ONNX file"):
        read_branchy_graph(tmp_path / "n.onnx")


def test_undeclared_exit(chain_network: Path) -> None:
    """The nearest output is proposed."""
    with pytest.raises(ModelError, match=r"no output 'exti2' \(did you mean 'exit2'\?\)"):
        read_branchy_graph(chain_network, ["exit1", "exti2"])
    with pytest.raises(ModelError, match="only once"):
        read_branchy_graph(chain_network, ["exit1", "exit1"])


def test_an_ir_version_from_the_future(chain_network: Path, tmp_path: Path) -> None:
    """What to upgrade is said."""

    def change(model: onnx.ModelProto) -> None:
        model.ir_version = 99

    with pytest.raises(ModelError, match=r"has IR version 99, onnx .* at most: upgrade onnx"):
        read_branchy_graph(changed(chain_network, tmp_path / "n.onnx", change))


def test_no_output(chain_network: Path, tmp_path: Path) -> None:
    """A valid ONNX file may have none; a network has one exit at least."""

    def change(model: onnx.ModelProto) -> None:
        del model.graph.output[:]

    path = changed(chain_network, tmp_path / "n.onnx", change)
    for exits in (None, ["exit1"]):
        with pytest.raises(ModelError, match="has no output; export it with one for each exit"):
            read_branchy_graph(path, exits)


def test_exits_that_are_no_tensors(networks: ModuleType, tmp_path: Path) -> None:
    """A sequence, as of scikit-learn's classifiers: its type and the way out are said; others are read."""
    net = networks.NetworkBuilder()
    net.node("SequenceConstruct", net.classifier("image", 192, "scores"), output="several")
    path = net.save(tmp_path / "n.onnx", ("scores", "several"), (3, 8, 8), TensorProto.FLOAT)
    several = onnx.helper.make_tensor_sequence_value_info("several", TensorProto.FLOAT, None)
    changed(path, path, lambda model: model.graph.output[1].CopyFrom(several))
    with pytest.raises(ModelError, match=r"exit 'several' is no tensor \(sequence_type\).*zipmap"):
        read_branchy_graph(path)
    assert kinds(read_branchy_graph(path, ["scores"]), "scores") == ["fc"]


def test_an_exit_of_one_number_for_each_input(networks: ModuleType, tmp_path: Path) -> None:
    """The class alone: it has no dimension beside the batch, and is not taken for exits in a stack."""
    net = networks.NetworkBuilder()
    net.node("ArgMax", net.classifier("image", 192, "scores"), axis=1, keepdims=0, output="class")
    path = net.save(tmp_path / "n.onnx", ("class",), (3, 8, 8), TensorProto.INT64)

    def change(model: onnx.ModelProto) -> None:
        model.graph.input[0].type.tensor_type.elem_type = TensorProto.FLOAT
        model.graph.output[0].CopyFrom(
            onnx.helper.make_tensor_value_info("class", TensorProto.INT64, ["batch"])
        )

    with pytest.raises(
        ModelError, match=r"has shape \(batch\), but .*before an ArgMax, or .* as \(batch, 1\)"
    ):
        read_branchy_graph(changed(path, path, change))


def test_two_inputs(chain_network: Path, tmp_path: Path) -> None:
    """A network must have exactly one input."""
    second = onnx.helper.make_tensor_value_info("mask", TensorProto.FLOAT, ["batch", 3])
    path = changed(chain_network, tmp_path / "n.onnx", lambda model: model.graph.input.append(second))
    with pytest.raises(ModelError, match=r"2 inputs \(image, mask\).*export it with the others as constants"):
        read_branchy_graph(path)


@pytest.mark.parametrize(("axis", "message"), [(0, "batch is fixed at 4"), (2, "only the first dimension")])
def test_wrong_dims(chain_network: Path, tmp_path: Path, axis: int, message: str) -> None:
    """A batch fixed at 4 and a dynamic height are refused."""

    def change(model: onnx.ModelProto) -> None:
        dim = model.graph.input[0].type.tensor_type.shape.dim[axis]
        if axis == 0:
            dim.dim_value = 4
        else:
            dim.dim_param = "height"

    with pytest.raises(ModelError, match=message):
        read_branchy_graph(changed(chain_network, tmp_path / "n.onnx", change))


def test_control_flow_is_refused_until_folded(networks: ModuleType, tmp_path: Path) -> None:
    """Torch writes an If into its LRN; what the message advises makes such a file readable."""
    net = networks.NetworkBuilder()
    branches = {
        f"{name}_branch": onnx.helper.make_graph(
            [onnx.helper.make_node(operation, ["image"], [name])],
            name,
            [],
            [onnx.helper.make_tensor_value_info(name, TensorProto.FLOAT, None)],
        )
        for name, operation in {"then": "Relu", "else": "Identity"}.items()
    }
    chosen = net.node("If", net.constant(np.array(True)), **branches)
    net.classifier(chosen, 192, "exit1")
    path = net.save(tmp_path / "n.onnx", ("exit1",), (3, 8, 8), TensorProto.FLOAT)
    with pytest.raises(ModelError, match=r"holds control flow .If.*optimized_model_filepath"):
        read_branchy_graph(path)
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.optimized_model_filepath = str(tmp_path / "folded.onnx")
    onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    assert kinds(read_branchy_graph(tmp_path / "folded.onnx"), "exit1") == ["relu", "fc"]


def test_exit_that_ignores_the_input(networks: ModuleType, tmp_path: Path) -> None:
    """An output made of constants is no exit."""
    net = networks.NetworkBuilder()
    net.node("Relu", net.weight(1, 10), output="exit1")
    path = net.save(tmp_path / "n.onnx", ("exit1",), (3, 8, 8), TensorProto.FLOAT)
    with pytest.raises(ModelError, match="'exit1' does not depend on the input"):
        read_branchy_graph(path)


def test_shapes_that_do_not_fit(networks: ModuleType, tmp_path: Path) -> None:
    """A fully connected layer with too few weights."""
    net = networks.NetworkBuilder()
    net.classifier("image", 100, "exit1")
    path = net.save(tmp_path / "n.onnx", ("exit1",), (3, 8, 8), TensorProto.FLOAT)
    with pytest.raises(ModelError, match="shapes do not fit together"):
        read_branchy_graph(path)
