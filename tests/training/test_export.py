"""A network as an ONNX graph."""

from pathlib import Path
from types import ModuleType

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from torch import nn

from edgent.errors import ModelError, OutputError
from edgent.training import alexnet, lenet
from edgent.training.export import exported, write_network
from edgent.training.layers import BranchyNetwork, ConvLayer, DenseLayer

FULL = Path("/dev/full")


def _used(module: ModuleType) -> BranchyNetwork:
    """A network whose batch normalisation is not the identity, as after training."""
    torch.manual_seed(0)
    network: BranchyNetwork = module.build()
    for layer in network.modules():
        if isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d):
            for tensor in (layer.weight, layer.running_var):
                assert tensor is not None
                tensor.data.uniform_(0.5, 2.0)
            for tensor in (layer.bias, layer.running_mean):
                assert tensor is not None
                tensor.data.normal_()
    return network.eval()


@pytest.mark.parametrize("module", [lenet, alexnet])
@pytest.mark.parametrize("count", [1, 7])
def test_graph_computes_what_the_network_computes(module: ModuleType, count: int, tmp_path: Path) -> None:
    """Any number of images, every exit, to 1e-5; black images show that padding is right."""
    network = _used(module)
    write_network(exported(network, "net"), tmp_path / "network.onnx")
    images = np.random.default_rng(1).integers(0, 256, (count, *network.input_shape), dtype=np.uint8)
    images[0] = 0
    session = onnxruntime.InferenceSession(tmp_path / "network.onnx")
    answers = session.run(list(network.exit_names), {"image": images})
    with torch.no_grad():
        expected = network(torch.from_numpy(images))
    for answer, logits in zip(answers, expected, strict=True):
        np.testing.assert_allclose(answer, logits.numpy(), rtol=1e-5, atol=1e-5)


def test_interface_of_the_graph(tmp_path: Path) -> None:
    """Input ``image`` in uint8 with any batch, one float output per exit, origin in the metadata."""
    write_network(exported(_used(alexnet), "alexnet"), tmp_path / "network.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "network.onnx")
    (image,) = session.get_inputs()
    assert (image.name, image.type, image.shape) == ("image", "tensor(uint8)", ["N", 3, 32, 32])
    assert [(output.name, output.shape) for output in session.get_outputs()] == [
        (f"exit{i}", ["N", 10]) for i in range(1, 6)
    ]
    model = onnx.load(tmp_path / "network.onnx")
    assert {entry.key: entry.value for entry in model.metadata_props} == {
        "producer": "edgent",
        "network": "alexnet",
    }


def test_layers_have_their_names_and_nothing_is_left_over(tmp_path: Path) -> None:
    """A layer's last tensor is named after it; no normalisation, dropout or identity remains."""
    write_network(exported(_used(alexnet), "alexnet"), tmp_path / "network.onnx")
    graph = onnx.load(tmp_path / "network.onnx").graph
    tensors = {name for node in graph.node for name in node.output}
    assert {"trunk.conv1", "trunk.lrn2", "trunk.fc2", "exit3.fc1", "exit5"} <= tensors
    kinds = {node.op_type for node in graph.node}
    assert kinds == {
        "Cast", "Sub", "Conv", "Relu", "MaxPool", "Mul", "Sqrt", "Div", "Flatten", "Gemm"
    }  # fmt: skip
    names = [node.name for node in graph.node]
    assert len(set(names)) == len(names)


def test_same_weights_give_the_same_bytes(tmp_path: Path) -> None:
    """The file's digest stands for the weights; its folder is made."""
    for folder in ("first", "second"):
        write_network(exported(_used(lenet), "lenet"), tmp_path / folder / "network.onnx")
    first, second = ((tmp_path / folder / "network.onnx").read_bytes() for folder in ("first", "second"))
    assert first == second


def test_a_layer_that_cannot_be_written_is_named() -> None:
    """An unknown kind of layer has a clear answer."""
    trunk = {
        "conv1": ConvLayer(1, 2, 3),
        "odd": nn.Softsign(),
        "fc": DenseLayer((2, 4, 4), 3, classifier=True),
    }
    network = BranchyNetwork((1, 4, 4), (0.0,), (1.0,), trunk, ())
    with pytest.raises(ModelError, match=r"trunk\.odd is a Softsign"):
        exported(network, "net")


@pytest.mark.skipif(not FULL.exists(), reason="this system has no device that is always full")
def test_a_full_disk_leaves_the_network_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told in a sentence, with what brings the new one without another training."""
    (tmp_path / "network.onnx").write_bytes(b"before")
    monkeypatch.setattr("edgent.whole_file.token_hex", lambda _: "0")
    (tmp_path / ".network.0.onnx").symlink_to(FULL)
    with pytest.raises(
        OutputError, match=r"network\.onnx cannot be written: No space .*; make room .*--resume"
    ):
        write_network(exported(_used(lenet), "lenet"), tmp_path / "network.onnx")
    assert [file.read_bytes() for file in tmp_path.iterdir()] == [b"before"]


def test_a_wrong_graph_is_refused() -> None:
    """The exported graph is compared with the network: a network that changes under way is caught."""

    class Doubled(nn.ReLU):
        """A ReLU by name that doubles."""

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return 2 * super().forward(x)

    trunk = {"conv1": ConvLayer(1, 2, 3), "relu": Doubled(), "fc": DenseLayer((2, 4, 4), 3, classifier=True)}
    network = BranchyNetwork((1, 4, 4), (0.0,), (1.0,), trunk, ())
    with pytest.raises(ModelError, match="exit1 of the exported graph differs"):
        exported(network, "net")
