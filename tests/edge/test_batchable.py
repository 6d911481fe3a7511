"""Networks that mix the inputs of a batch are not served in batches."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from onnx import TensorProto

from edgent.edge.batchable import check_batchable
from edgent.edge.store import build_store
from edgent.errors import ModelError
from edgent.network import Network
from edgent.spec import read_spec
from tests.networks import CHANNELS, CLASSES, NetworkBuilder, chain, one_output

if TYPE_CHECKING:
    from pathlib import Path


def _network(model: Path, exits: tuple[str, ...], dtype: str, size: int, batch_size: int = 4) -> Network:
    labels = ", ".join(map(str, range(CLASSES)))
    named = ", ".join(f"{{name: {name}}}" for name in exits)
    spec = model.with_name("net.yaml")
    spec.write_text(
        f"version: 1\nname: net\nmodel: {{file: {model.name}}}\n"
        f"input: {{shape: [{CHANNELS}, {size}, {size}], dtype: {dtype}, labels: [{labels}]}}\n"
        f"exits: [{named}]\nedge: {{batch_size: {batch_size}}}\n"
    )
    return Network.open(read_spec(spec), model.parent / "cache")


def _mean_of_batch(path: Path) -> Path:
    """Every input less the mean of its batch, as of a normalisation that was exported while it trained."""
    net = NetworkBuilder(seed=3)
    mean = net.node("ReduceMean", "image", axes=[0], keepdims=1)
    trunk = net.node("Relu", net.conv(net.node("Sub", "image", mean), CHANNELS, 4))
    net.classifier(trunk, 4 * 8 * 8, "logits")
    return net.save(path, ("logits",), (CHANNELS, 8, 8), TensorProto.FLOAT)


def test_a_network_that_answers_nothing_but_nan_is_not_served_in_batches(tmp_path: Path) -> None:
    """Its answers compare with nothing; the message says so, and what to set."""
    model = tmp_path / "n.onnx"
    net = NetworkBuilder()
    net.classifier(net.node("Sqrt", net.node("Neg", net.node("Abs", "image"))), CHANNELS * 8 * 8, "logits")
    network = _network(
        net.save(model, ("logits",), (CHANNELS, 8, 8), TensorProto.FLOAT), ("logits",), "float32", 8
    )
    with pytest.raises(
        ModelError, match=r"what logits answers to random inputs is NaN or infinite.* to 1 in"
    ):
        check_batchable(network)


def _with_classes_left_out(path: Path, *, mixes: bool) -> Network:
    """The logits of its first three classes are minus infinity."""
    net = NetworkBuilder(seed=3)
    mean = net.node("ReduceMean", "image", axes=[0], keepdims=1)
    image = net.node("Sub", "image", mean) if mixes else "image"
    net.classifier(net.node("Relu", image), CHANNELS * 8 * 8, "all")
    left_out = np.where(np.arange(CLASSES) < 3, -np.inf, 0).astype(np.float32)
    net.node("Add", "all", net.constant(left_out), output="logits")
    return _network(
        net.save(path, ("logits",), (CHANNELS, 8, 8), TensorProto.FLOAT), ("logits",), "float32", 8
    )


def test_classes_that_are_left_out_do_not_hide_a_batch_that_mixes(tmp_path: Path) -> None:
    """They are answered alike alone and together; the others are compared."""
    (tmp_path / "mixing").mkdir()
    check_batchable(_with_classes_left_out(tmp_path / "n.onnx", mixes=False))
    with pytest.raises(ModelError, match="what logits answers to an input depends on others"):
        check_batchable(_with_classes_left_out(tmp_path / "mixing" / "n.onnx", mixes=True))


def test_networks_that_answer_each_input_by_itself(tmp_path: Path) -> None:
    """Of pixels and of floats, with one exit and with two."""
    (tmp_path / "a").mkdir()
    check_batchable(_network(chain(tmp_path / "n.onnx"), ("exit1", "exit2"), "uint8", 8))
    check_batchable(_network(one_output(tmp_path / "a" / "n.onnx"), ("logits",), "float32", 16))


def test_a_network_that_mixes_its_batch_is_served_one_by_one(tmp_path: Path) -> None:
    """With batches it is refused before anything is written; the message says what to set."""
    model = _mean_of_batch(tmp_path / "n.onnx")
    mixing = _network(model, ("logits",), "float32", 8)
    with pytest.raises(ModelError, match=r"what logits answers .* others of its batch.*set it to 1 in"):
        build_store(tmp_path / "store", [], warm=[(mixing, ())])
    assert not (tmp_path / "store").exists()
    build_store(tmp_path / "store", [], warm=[(_network(model, ("logits",), "float32", 8, 1), ())])
